"""Polling a feed: its requests, politely and safely, then the pages that its answers raise.

Questions are asked from a thread of their own, so that a caller who takes long over a document
makes no publisher wait and no question time out.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from queue import SimpleQueue
from time import monotonic
from types import TracebackType

from vigie.ask import Asker
from vigie.client import Client, Guard, Limits
from vigie.credentials import Credentials
from vigie.feed import DocumentError, Feed, Request
from vigie.pacing import Hosts, PutOff
from vigie.polls import Memory, Outcome, PollState
from vigie.robots import Robots
from vigie.settings import Settings

log = logging.getLogger("vigie")

ROOM = 8
"""Answers that may wait for the caller."""
MOST_PAGES = 5000
"""Pages of one answer that are followed; no sane listing links to more."""
LONGEST_ADDRESS = 2000
PAGE_REST = timedelta(hours=1)
"""A page found is not asked again sooner, even conditionally; one that gave nothing, not before `FRUITLESS_REST`."""
FRUITLESS_REST = timedelta(days=7)
SAVE_SECONDS = 5
MOST_SAID = 5
"""Addresses without a document that a poll names to whoever runs it; the state names them all."""


Follow = Callable[[bytes], Iterable[Request]]


class FetchError(Exception):
    """No source of the feed answered; the work stays due."""


@dataclass(frozen=True)
class Answer:
    """New bytes of one address.

    `address` is the declared one (never a redirect's target, never a key; a POST's or a range's
    carries a digest after `#`): it names the stream. `collected_at` is naive UTC.
    """

    address: str
    content: bytes
    collected_at: datetime
    status: int


def poll(
    declared: Feed, state: PollState, now: datetime, settings: Settings, limits: Limits | None = None,
    follow: Follow | None = None,
) -> Iterator[Answer]:  # fmt: skip
    """Asks what the feed requests on that day and yields each new document, once.

    An answer is remembered when the caller asks for the next one, that is once it has been dealt
    with: a run killed meanwhile asks again. "Nothing new" (304, the same bytes, an `empty` status)
    yields nothing. One address that fails, is blocked or reserved stops no other; `state` says how
    each ended (`state.this_poll`, `state.sentences(...)`, `state.coverage()`) and is saved here.
    A feed whose key is not set yields nothing and is noted `off`. FetchError when questions were
    asked and no source answered. `follow` reads the links of an answer in the feed's place (in a
    child process, say).
    """
    first = requests(declared, now)
    credentials = Credentials(declared.key)
    try:
        if credentials.missing:
            said = f"éteint : clé {', '.join(credentials.missing)} absente"
            for request in first:
                state.note(identity(request), Outcome("off", f"{request.address} : {said}", was_asked=False), now)
            log.info("  %s : %s", state.feed, said)
            return
        errand = _Errand(declared, first, credentials, state, now, settings, limits or Limits(), follow)
        saved_at = monotonic()
        with errand:
            for event in errand:
                if event.answer:
                    yield event.answer
                if event.links is not None:
                    state.link(event.source, event.links, now.date())
                state.note(event.source, event.outcome, now, event.page)
                errand.dealt_with(event)
                if monotonic() - saved_at > SAVE_SECONDS:
                    state.save(now.date())
                    saved_at = monotonic()
    finally:
        if first:
            state.save(now.date())
    sources = {identity(request) for request in first}
    asked = [outcome for address, outcome in state.this_poll if address in sources and outcome.was_asked]
    if asked and not any(outcome.kind in ("found", "nothing") for outcome in asked):
        raise FetchError(" ; ".join(dict.fromkeys(outcome.sentence for outcome in asked)))
    without = state.sentences("blocked", "failed")
    for sentence in without[:MOST_SAID]:
        log.warning("  %s", sentence)
    if len(without) > MOST_SAID:
        log.warning("  %s : et %d autres adresses sans document", state.feed, len(without) - MOST_SAID)


def requests(declared: Feed, now: datetime) -> list[Request]:
    """The first questions of a poll, each once; none for a feed without an address."""
    if declared.requests:
        asked = list(declared.requests(now.date()))
    else:
        asked = [Request(declared.address)] if declared.address else []
    return list({identity(request): request for request in asked}.values())


def identity(request: Request) -> str:
    """What names a question among all others: its address, with a digest of what else it says."""
    told = request.body if request.body is not None else b""
    told += b"".join(value.encode() for key, value in sorted(request.headers.items()) if key.lower() == "range")
    return f"{request.address}#{sha256(told).hexdigest()[:12]}" if told or request.body is not None else request.address


@dataclass(frozen=True)
class _Event:
    """A question that ended; `links` are the pages that a new answer of a source raises."""

    source: str
    page: str | None
    outcome: Outcome
    answer: Answer | None
    links: tuple[str, ...] | None = None


class _Errand:
    """The questions of one poll, asked in a thread; iterating gives how each ended. It only reads the state."""

    def __init__(
        self, declared: Feed, first: list[Request], credentials: Credentials, state: PollState,
        now: datetime, settings: Settings, limits: Limits, follow: Follow | None,
    ) -> None:  # fmt: skip
        self._declared, self._first, self._credentials = declared, first, credentials
        self._state, self._began, self._settings, self._limits = state, now, settings, limits
        self._follow = (follow or declared.follow) if declared.follow else None
        self._started = monotonic()
        self._events: SimpleQueue[_Event | BaseException | None] = SimpleQueue()
        self._known = {identity(request) for request in first}
        self._thread = threading.Thread(target=self._work, name=f"poll-{state.feed}", daemon=True)
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._has_left = False

    def __enter__(self) -> "_Errand":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._call(self._leave)
        self._thread.join()

    def __iter__(self) -> Iterator[_Event]:
        while (event := self._events.get()) is not None:
            if isinstance(event, BaseException):
                raise event
            yield event

    def dealt_with(self, event: _Event) -> None:
        """Makes room for another answer."""
        if event.answer:
            self._call(self._room.release)

    def _call(self, callback: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # the thread is done, and its loop closed
            self._loop.call_soon_threadsafe(callback)

    def _now(self) -> datetime:
        return self._began + timedelta(seconds=int(monotonic() - self._started))

    def _leave(self) -> None:
        self._has_left = True
        if self._task:
            self._task.cancel()

    def _work(self) -> None:
        """The thread: runs the questions on its own loop and says when it is over, whatever happened."""
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._ask_all())
        except asyncio.CancelledError:
            pass  # the caller left
        except BaseException as error:
            self._events.put(error)
        finally:
            self._events.put(None)

    async def _ask_all(self) -> None:
        self._task, self._room = asyncio.current_task(), asyncio.Semaphore(ROOM)
        if self._has_left:
            return
        async with Client(Guard(self._settings.allowed_hosts), self._settings.contact, self._limits) as client:
            rules = Robots(self._state.path.parent / "robots", self._began.date())
            hosts = Hosts(client, rules, self._declared.pace_seconds, self._limits)
            self._asker = Asker(self._declared, client, hosts, self._credentials, self._limits, self._now, self._first)
            try:
                async with asyncio.timeout(self._limits.poll), asyncio.TaskGroup() as self._questions:
                    for request in self._first:
                        self._questions.create_task(self._source(request))
            except TimeoutError:
                log.warning("  %s : relève arrêtée après %g s, la suite à la prochaine", self._state.feed, self._limits.poll)

    async def _source(self, request: Request) -> None:
        """Asks one of the feed's own questions, then the pages that a new answer raises or that still wait."""
        source = identity(request)
        known = self._state.sources.get(source)
        waiting = {page for page, memory in known.pages.items() if memory.is_pending} if known else set()
        memory = known.memory if known else Memory()
        try:
            outcome, reply = await self._asker.ask(request, memory, whole=bool(waiting))
        except PutOff:
            return
        pages: list[Request] = []
        links = answer = None
        if reply and self._follow:
            try:
                pages = await asyncio.to_thread(self._linked, reply.content)
            except DocumentError as error:
                # a listing that lists nothing is no answer; another document is for the reader to judge
                if self._declared.is_listing:
                    outcome = replace(outcome, kind="failed", sentence=f"{request.address} : {error}", digest="")
            links = tuple(identity(page) for page in pages) if outcome.kind == "found" else None
        if reply and outcome.kind == "found" and not self._declared.is_listing:
            answer = Answer(source, reply.content, self._now(), reply.status)
        chosen = [page for page in pages if self._is_due(source, page, outcome.kind == "found", waiting)]
        await self._tell(_Event(source, None, outcome, answer, links))
        for page in chosen:
            self._known.add(identity(page))
            self._questions.create_task(self._page(source, page))

    async def _page(self, source: str, request: Request) -> None:
        page = identity(request)
        try:
            outcome, reply = await self._asker.ask(request, self._state.memory(source, page))
        except PutOff:
            return
        answer = Answer(page, reply.content, self._now(), reply.status) if reply and outcome.kind == "found" else None
        await self._tell(_Event(source, page, outcome, answer))

    def _linked(self, content: bytes) -> list[Request]:
        """The pages that an answer raises, each once; DocumentError when it cannot be read."""
        assert self._follow
        found: dict[str, Request] = {}
        try:
            linked = list(islice(self._follow(content), MOST_PAGES))
        except DocumentError:
            raise
        except Exception as error:
            # one hostile listing must stop neither the other sources nor the feed
            raise DocumentError(f"ses liens n'ont pu être lus ({type(error).__name__}) ; le signaler") from error
        for request in linked:
            if len(request.address) <= LONGEST_ADDRESS and request.address.isprintable():
                found.setdefault(identity(request), request)
        return list(found.values())

    def _is_due(self, source: str, request: Request, is_new: bool, waiting: set[str]) -> bool:
        """Whether a linked page is to be asked now: it waits, or a new answer links to it and it has rested."""
        page = identity(request)
        memory = self._state.memory(source, page)
        if page in self._known or (memory.next_allowed and memory.next_allowed > self._began):
            return False
        if page in waiting:
            return True
        if not is_new or memory.asked_at is None:
            return is_new
        if memory.digest:
            return not self._declared.is_listing and memory.asked_at <= self._began - PAGE_REST
        return memory.asked_at <= self._began - FRUITLESS_REST

    async def _tell(self, event: _Event) -> None:
        if event.answer:
            await self._room.acquire()
        self._events.put(event)
