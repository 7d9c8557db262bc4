"""Fetching a live document over HTTP: bounded in time and size, with a contact in the user agent."""

import asyncio
from dataclasses import dataclass

import aiohttp

MAX_BYTES = 64 * 1024 * 1024
TOTAL_SECONDS = 120
CHUNK = 1 << 16


class FetchError(Exception):
    """The publisher could not be reached or did not answer with a document; the work stays due."""


@dataclass(frozen=True)
class Answer:
    """The bytes of a 200 answer and the address that gave them."""

    address: str
    content: bytes


def fetch(address: str, contact: str) -> Answer:
    """The document at `address`; FetchError says in French what went wrong."""
    try:
        return asyncio.run(_fetch(address, contact))
    except TimeoutError:
        raise FetchError(f"{address} : pas de réponse complète en {TOTAL_SECONDS} s") from None
    except aiohttp.ClientError as error:
        raise FetchError(f"{address} : {error}") from error


async def _fetch(address: str, contact: str) -> Answer:
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
        return Answer(str(response.url), bytes(content))
