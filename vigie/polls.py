"""What polling a feed left behind: conditional state per address, coverage per source and day.

One file per feed, `<data>/polls/<feed>.json`. A source is an address that the feed declares; its
pages are the further addresses that its answers raise. The coverage of a day answers: looked and
found, looked and nothing, blocked, failed, switched off; no line means that nobody looked.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from vigie.lake import LakeError, to_json, write_atomically

Kind = Literal["found", "nothing", "blocked", "failed", "off"]
Role = Literal["source", "pages"]

DAYS_KEPT = 400
UNSEEN_DAYS = 90
"""How long a page that its source no longer links to is remembered."""
MOST_TRIES = 5
"""Polls in which a page may fail before it is given up."""
SENTENCE = 300


@dataclass(frozen=True)
class Outcome:
    """How one question ended; `is_final` says that asking again would give the same, and `was_asked`
    that it was sent at all.

    `digest` is the SHA-256 of the answer's bytes; `next_allowed` (naive UTC) the publisher's or our
    own date before which the address is not asked again; `moved_to` a permanent redirect.
    """

    kind: Kind
    sentence: str
    digest: str = ""
    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""
    next_allowed: datetime | None = None
    is_final: bool = True
    was_asked: bool = True


@dataclass
class Memory:
    """What is remembered of one address; a page is `pending` until it was answered once and for all."""

    digest: str = ""
    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""
    next_allowed: datetime | None = None
    asked_at: datetime | None = None
    seen_on: date | None = None
    is_pending: bool = False
    tries: int = 0

    @classmethod
    def parse(cls, values: dict[str, Any]) -> "Memory":
        for name in ("next_allowed", "asked_at"):
            values[name] = datetime.fromisoformat(values[name]) if name in values else None
        values["seen_on"] = date.fromisoformat(values["seen_on"]) if "seen_on" in values else None
        return cls(**values)

    def learn(self, outcome: Outcome, now: datetime) -> None:
        self.asked_at = now
        self.next_allowed = outcome.next_allowed
        self.moved_to = "" if outcome.kind == "failed" else outcome.moved_to or self.moved_to
        # a 304 may leave its validators out, and a failure says nothing of the bytes that we hold
        self.digest = outcome.digest or self.digest
        if outcome.digest:
            self.etag, self.last_modified = outcome.etag, outcome.last_modified
        self.tries = 0 if outcome.is_final else self.tries + 1
        self.is_pending = self.is_pending and not outcome.is_final and self.tries < MOST_TRIES


@dataclass
class Tally:
    """How the questions of one day ended, and the last one's sentence."""

    found: int = 0
    nothing: int = 0
    blocked: int = 0
    failed: int = 0
    off: int = 0
    last: Kind | None = None
    sentence: str = ""
    at: datetime | None = None

    def add(self, outcome: Outcome, now: datetime) -> None:
        setattr(self, outcome.kind, getattr(self, outcome.kind) + 1)
        self.last, self.sentence, self.at = outcome.kind, outcome.sentence[:SENTENCE], now


@dataclass(frozen=True)
class Coverage:
    """One line of coverage: a source (or all the pages it raised) on one day."""

    feed: str
    address: str
    role: Role
    day: date
    found: int
    nothing: int
    blocked: int
    failed: int
    off: int
    last: Kind
    sentence: str
    at: datetime


@dataclass
class Source:
    """A declared address, the pages it raised, and its days; `days` maps day → role → tally."""

    memory: Memory = field(default_factory=Memory)
    pages: dict[str, Memory] = field(default_factory=dict)
    days: dict[date, dict[Role, Tally]] = field(default_factory=dict)

    @property
    def has_pending_pages(self) -> bool:
        return any(page.is_pending for page in self.pages.values())


@dataclass
class PollState:
    """The polls of one feed; `this_poll` holds the outcomes noted since it was opened, in order."""

    path: Path
    feed: str
    sources: dict[str, Source] = field(default_factory=dict)
    this_poll: list[tuple[str, Outcome]] = field(default_factory=list)

    @classmethod
    def open(cls, root: Path, feed: str) -> "PollState":
        """The state kept in the data folder `root`; empty before the first poll, LakeError when unreadable."""
        path = root / "polls" / f"{feed}.json"
        if not path.exists():
            return cls(path, feed)
        try:
            written = json.loads(path.read_text())["sources"]
            return cls(path, feed, {address: _source(values) for address, values in written.items()})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LakeError(
                f"{path} est illisible ({error}) : l'effacer ; les adresses seront redemandées, leur couverture passée perdue"
            ) from error

    def source(self, address: str) -> Source:
        return self.sources.setdefault(address, Source())

    def memory(self, source: str, page: str | None = None) -> Memory:
        """What is remembered of a source or of one of its pages; an empty memory when it is new."""
        known = self.sources.get(source, Source())
        return known.memory if page is None else known.pages.get(page, Memory())

    def note(self, source: str, outcome: Outcome, now: datetime, page: str | None = None) -> None:
        """Remembers how a question ended and counts it in the day's coverage."""
        kept = self.source(source)
        memory = kept.memory if page is None else kept.pages.setdefault(page, Memory())
        if outcome.was_asked:
            memory.learn(outcome, now)
        role: Role = "source" if page is None else "pages"
        kept.days.setdefault(now.date(), {}).setdefault(role, Tally()).add(outcome, now)
        self.this_poll.append((page or source, outcome))

    def link(self, source: str, pages: Iterable[str], on: date) -> None:
        """Says which pages a new answer of `source` raises: unknown ones become pending, long unseen ones go."""
        kept = self.source(source)
        for page in pages:
            memory = kept.pages.setdefault(page, Memory(is_pending=True))
            memory.seen_on = on
        limit = on - timedelta(days=UNSEEN_DAYS)
        kept.pages = {page: memory for page, memory in kept.pages.items() if (memory.seen_on or on) >= limit}

    def sentences(self, *kinds: Kind) -> list[str]:
        """What this poll says of the questions that ended so, each said once."""
        return list(dict.fromkeys(outcome.sentence for _, outcome in self.this_poll if outcome.kind in kinds))

    def coverage(self) -> Iterator[Coverage]:
        """Every line of coverage, by address and day."""
        for address, source in sorted(self.sources.items()):
            for day, roles in sorted(source.days.items()):
                for role, tally in sorted(roles.items()):
                    yield Coverage(self.feed, address, role, day, **asdict(tally))

    def save(self, on: date) -> None:
        """Writes the state, without the days and sources that are too old to keep."""
        limit = on - timedelta(days=DAYS_KEPT)
        for address, source in list(self.sources.items()):
            source.days = {day: roles for day, roles in source.days.items() if day >= limit}
            if not source.days:
                del self.sources[address]
        written = {address: _plain(source) for address, source in self.sources.items()}
        write_atomically(self.path, to_json({"feed": self.feed, "sources": written}, indent=1) + "\n")


def coverage(root: Path) -> Iterator[Coverage]:
    """The coverage of every feed ever polled into the data folder `root`."""
    for path in sorted((root / "polls").glob("[!.]*.json")):
        yield from PollState.open(root, path.stem).coverage()


def _plain(source: Source) -> dict[str, Any]:
    return {
        "memory": _given(source.memory),
        "pages": {address: _given(memory) for address, memory in source.pages.items()},
        "days": {
            day.isoformat(): {role: _given(tally) for role, tally in roles.items()} for day, roles in source.days.items()
        },
    }  # fmt: skip


def _given(value: Memory | Tally) -> dict[str, Any]:
    """Only what is set: thousands of pages have nothing but a digest."""
    return {name: content for name, content in vars(value).items() if content}


def _source(values: dict[str, Any]) -> Source:
    return Source(
        Memory.parse(values["memory"]),
        {address: Memory.parse(memory) for address, memory in values["pages"].items()},
        {
            date.fromisoformat(day): {role: _tally(tally) for role, tally in roles.items() if role in get_args(Role)}
            for day, roles in values["days"].items()
        },
    )


def _tally(values: dict[str, Any]) -> Tally:
    return Tally(**{**values, "at": datetime.fromisoformat(values["at"])})
