"""Whose turn it is: one question at a time to a host, spaced, within its robots.txt, and none to a host in trouble."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from yarl import URL

from vigie import robots
from vigie.client import Client, ExchangeError, Limits, Reply, UnreachableError
from vigie.feed import Request
from vigie.polls import Outcome

JITTER = 0.25


class Ended(ExchangeError):
    """The question ends here, with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.sentence)
        self.outcome = outcome


class PutOff(Exception):
    """This poll has no time left for the address; nothing was asked."""


@dataclass
class Host:
    """`ready_at` is on the loop's clock; `closed` is how every further question of this poll ends."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    insisting: asyncio.Lock = field(default_factory=asyncio.Lock)
    ready_at: float = 0.0
    failures: int = 0
    closed: Outcome | None = None


class Hosts:
    """Every host of one poll, which ends at `limits.poll`; `pace` seconds at least between two questions to one."""

    def __init__(self, client: Client, rules: robots.Robots, pace: float, limits: Limits) -> None:
        self._client, self._robots, self._pace, self._limits = client, rules, pace, limits
        self._hosts: dict[tuple[str | None, int | None], Host] = defaultdict(Host)
        self._ends_at = self._now() + limits.poll

    @asynccontextmanager
    async def turn(self, url: URL) -> AsyncIterator[None]:
        """One hop to `url`. Ended by robots.txt or a closed host, PutOff when there is no time left."""
        host = self._host(url)
        async with host.lock:
            if not self._robots.known(url):
                await self._wait(host)
            rules = await self._robots.rules(url, self._rules_file)
            if rules.refusal:
                raise Ended(Outcome("blocked", rules.refusal, is_final=False))
            if not rules.allow(url):
                raise Ended(Outcome("blocked", "interdit aux robots par le robots.txt de l'hôte"))
            await self._wait(host)
            async with self._paused_after(host, max(self._pace, rules.delay)):
                yield

    async def _rules_file(self, request: Request) -> Reply:
        async with self._paused_after(self._host(URL(request.address)), self._pace):
            return await self._client.send(request, max_bytes=robots.MOST_BYTES, cut=True, redirects=robots.REDIRECTS)

    async def _wait(self, host: Host) -> None:
        if host.closed:
            raise Ended(host.closed)
        if host.ready_at >= self._ends_at:
            raise PutOff
        await asyncio.sleep(host.ready_at - self._now())

    @asynccontextmanager
    async def _paused_after(self, host: Host, seconds: float) -> AsyncIterator[None]:
        """The delay starts when the question ends; one that never reached the host owes it none."""
        try:
            yield
        except UnreachableError:
            seconds = 0.0
            raise
        finally:
            host.ready_at = max(host.ready_at, self._now() + seconds * random.uniform(1, 1 + JITTER))

    def insisting(self, url: URL) -> asyncio.Lock:
        """Held for one question and its retries: a host in trouble is not asked the next one meanwhile."""
        return self._host(url).insisting

    def rest(self, url: URL, seconds: float) -> None:
        """The host asked not to be asked again before that many seconds."""
        host = self._host(url)
        host.ready_at = max(host.ready_at, self._now() + seconds)

    def close(self, url: URL, outcome: Outcome) -> None:
        """No more is asked of this host in this poll: every question to it ends so."""
        self._host(url).closed = outcome

    def answered(self, url: URL) -> None:
        self._host(url).failures = 0

    def failed(self, url: URL, error: ExchangeError) -> None:
        """Counts a failure that its retries did not cure; too many in a row close the host, an unreachable one at once."""
        host = self._host(url)
        host.failures += 1
        if isinstance(error, UnreachableError):
            host.closed = Outcome("failed", str(error), is_final=False)
        elif host.failures >= self._limits.failures:
            said = f"hôte en panne ({host.failures} échecs de suite), laissé jusqu'à la prochaine relève"
            host.closed = Outcome("failed", said, is_final=False)

    def _host(self, url: URL) -> Host:
        return self._hosts[(url.host, url.port)]

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
