"""Polling a feed: its requests, politely and safely, then the pages that its answers raise."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from vigie.feed import Feed
from vigie.polls import PollState
from vigie.settings import Settings

MAX_BYTES = 64 * 1024 * 1024
TOTAL_SECONDS = 120
CHUNK = 1 << 16


class FetchError(Exception):
    """No source of the feed could be asked or none answered; the work stays due."""


@dataclass(frozen=True)
class Answer:
    """New bytes of one address.

    `address` is the declared one (never a redirect's target, never a key; a POST's carries the
    digest of its body after `#`): it names the stream. `collected_at` is naive UTC.
    """

    address: str
    content: bytes
    collected_at: datetime
    status: int


def poll(declared: Feed, name: str, state: PollState, now: datetime, settings: Settings) -> Iterator[Answer]:
    """Asks what the feed requests on that day and yields each new document, once.

    An answer is remembered when the caller asks for the next one, that is once it has been dealt
    with: a run killed meanwhile asks again. "Nothing new" (304, the same bytes, an `empty` status)
    yields nothing. One address that fails, is blocked or reserved stops no other; `state` says how
    each ended (`state.this_poll`, `state.sentences(...)`, `state.coverage()`) and is saved here.
    A feed whose key is not set yields nothing and is noted `off`. FetchError when no source answered.
    """
    first = fetch(declared.address or "", settings.contact)
    yield Answer(first.address, first.content, now, 200)


@dataclass(frozen=True)
class _Fetched:
    address: str
    content: bytes


def fetch(address: str, contact: str) -> _Fetched:
    """The document at `address`; FetchError says in French what went wrong."""
    try:
        return asyncio.run(_fetch(address, contact))
    except TimeoutError:
        raise FetchError(f"{address} : pas de réponse complète en {TOTAL_SECONDS} s") from None
    except aiohttp.ClientError as error:
        raise FetchError(f"{address} : {error}") from error


async def _fetch(address: str, contact: str) -> _Fetched:
    headers = {"User-Agent": f"Vigie/0.1 (observatoire public ; {contact})"}
    timeout = aiohttp.ClientTimeout(total=TOTAL_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
        session.get(address) as response,
    ):
        if response.status != 200:
            raise FetchError(f"{address} : réponse HTTP {response.status} au lieu d'un document")
        content = bytearray()
        async for chunk in response.content.iter_chunked(CHUNK):
            content += chunk
            if len(content) > MAX_BYTES:
                raise FetchError(f"{address} : plus de {MAX_BYTES >> 20} Mio, lecture abandonnée")
        return _Fetched(str(response.url), bytes(content))
