"""robots.txt (RFC 9309): fetched once per host and day, kept beside the polls, never larger than 500 KB."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

from protego import Protego
from yarl import URL

from vigie.client import AGENT, ExchangeError, Reply
from vigie.feed import Request
from vigie.lake import to_json, write_atomically

MOST_BYTES = 500_000
UNUSED_DAYS = 30
REDIRECTS = 5
"""RFC 9309 asks crawlers to follow that many for this file."""

Fetch = Callable[[Request], Awaitable[Reply]]


@dataclass(frozen=True)
class Rules:
    """What a host asks of us; `refusal` says in French why nothing there may be asked for now."""

    parsed: Protego | None = None
    refusal: str = ""

    def allow(self, url: URL) -> bool:
        return self.parsed is None or self.parsed.can_fetch(str(url), AGENT)

    @property
    def delay(self) -> float:
        """Seconds between two questions that the host asks for; 0 when it says nothing."""
        if self.parsed is None:
            return 0.0
        rate = self.parsed.request_rate(AGENT)
        return max(self.parsed.crawl_delay(AGENT) or 0.0, rate.seconds / rate.requests if rate and rate.requests else 0.0)


class Robots:
    """The rules of every host met on one day; `folder` holds them from one poll to the next."""

    def __init__(self, folder: Path, on: date) -> None:
        self._folder, self._on = folder, on
        self._known: dict[URL, Rules] = {}

    def known(self, url: URL) -> bool:
        """True when this host's rules need no question to it."""
        origin = url.origin()
        if origin not in self._known:
            kept = self._kept(origin)
            if kept is not None:
                self._known[origin] = kept
        return origin in self._known

    async def rules(self, url: URL, fetch: Fetch) -> Rules:
        """The rules for the host of `url`, asked for with `fetch` when not known.

        `fetch` cuts what is longer than `MOST_BYTES`, as RFC 9309 allows. The caller asks one
        question at a time to a host. ExchangeError when the host does not answer or the guard refuses it.
        """
        if not self.known(url):
            self._known[url.origin()] = await self._asked(url.origin(), fetch)
        return self._known[url.origin()]

    async def _asked(self, origin: URL, fetch: Fetch) -> Rules:
        address = str(origin / "robots.txt")
        try:
            reply = await fetch(Request(address, success=(200,)))
        except ExchangeError as error:
            if error.is_refusal:
                raise
            said = f"robots.txt injoignable ({error}) : rien n'est demandé, à réessayer"
            raise type(error)(said, is_passing=error.is_passing) from None
        if reply.status >= 500 or reply.status == 429:
            return Rules(refusal=f"robots.txt répond {reply.status} : rien n'est demandé, à réessayer")
        text = reply.content.decode(errors="replace") if reply.status == 200 else ""
        write_atomically(self._path(origin), to_json({"on": self._on, "text": text}) + "\n")
        self._forget_unused()
        return await asyncio.to_thread(_parsed, text)

    def _kept(self, origin: URL) -> Rules | None:
        try:
            kept = json.loads(self._path(origin).read_text())
            return _parsed(kept["text"]) if kept["on"] == self._on.isoformat() else None
        except (OSError, ValueError, KeyError, TypeError):
            return None  # asked anew

    def _path(self, origin: URL) -> Path:
        return self._folder / f"{quote(str(origin), safe='')}.json"

    def _forget_unused(self) -> None:
        limit = self._on - timedelta(days=UNUSED_DAYS)
        for path in self._folder.glob("[!.]*.json"):
            if date.fromtimestamp(path.stat().st_mtime) < limit:
                path.unlink(missing_ok=True)


def _parsed(text: str) -> Rules:
    return Rules(Protego.parse(text) if text else None)
