"""Which reports tell one event: many articles, one closure.

Reports are taken in the order in which they were known, each compared with the events before it, and never moved again:
an event has the name of its first report for ever. What a later report changes is told by links: `merge`, when it shows
that two events were one; `split`, when it shows a second event where one could have been seen.
"""

import calendar
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from vigie.extract import life
from vigie.extract.certainty import Certainty
from vigie.extract.life import State

NEAR = timedelta(days=45)
"""Between a report and the nearest other of its event."""
LATER = timedelta(days=730)
"""Between a promise and the report that it was kept, revised or given up."""
TOLD_AGAIN = timedelta(days=180)
"""Between a report that it happened and another that says so."""
SAME_DAY = timedelta(days=10)
"""Two days of one happening, as two reports give it."""
DECISIVE = 5
"""The first parts of a distance: site, number, date, story and place; the others only order."""
SPREAD = {"exact": (0.9, 1.1), "about": (0.75, 1.3), "gt": (1.0, 1.6), "lt": (0.6, 1.0), "max": (0.5, 1.0), "order": (1.0, 10.0)}
"""How far the true number may be from the one that is said, by how it is said."""
FOLLOWS = frozenset[Certainty]({"confirmed", "executed", "removed", "created", "revised", "cancelled", "denied"})


@dataclass(frozen=True, slots=True)
class Told:
    """A report and the article that it stands in, as identity needs them."""

    report: str
    article: str
    rank: int
    """The place of the report in its article."""
    story: str
    day: date
    """When the article came out, else when it was known."""
    family: str
    organisation: str | None
    place: str | None
    site: str | None
    happens_on: str | None
    jobs: float | None
    jobs_max: float | None
    approximation: str | None
    certainty: Certainty
    is_invented: bool
    """Illustrative reports make illustrative events, apart from the others."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A report in its event; `is_sure` is False where it names nobody and several events could be the one it tells."""

    report: str
    event: str
    is_sure: bool
    state: State


@dataclass(frozen=True, slots=True)
class Link:
    """Two events and what a report shows of them; `event` is the one that stays, or that is told apart."""

    kind: Literal["merge", "split"]
    event: str
    other: str
    report: str
    reason: str


@dataclass(slots=True)
class _Event:
    name: str
    family: str
    is_invented: bool
    organisation: str | None = None
    place: str | None = None
    site: str | None = None
    happens_on: str | None = None
    state: State | None = None
    first: date = date.max
    last: date = date.min
    stories: set[str] = field(default_factory=set)
    jobs: list[tuple[float, float]] = field(default_factory=list)
    merged: bool = False


class Events:
    """The events that the reports given so far tell."""

    def __init__(self) -> None:
        self._events: list[_Event] = []
        self._of: dict[tuple[str, bool, str], list[_Event]] = {}
        self.links: list[Link] = []

    def place(self, told: Told) -> Placed:
        """The event of a report: one of those before it, or a new one."""
        near = [event for event in self._candidates(told) if _is_in_time(event, told)]
        fitting = [event for event in near if not _difference(event, told)]
        named = [event for event in fitting if _shares_names(event, told)]
        ours = named or [event for event in fitting if told.story in event.stories] or [e for e in fitting if _may_be(e, told)]
        if not ours:
            return self._opened(told, near)
        ours = sorted(ours, key=lambda one: _distance(one, told))
        event = ours[0]
        # what names nobody, or no place, may be of several: it is counted with the nearest, and decides nothing
        is_sure = len(ours) == 1 or _distance(event, told)[:DECISIVE] < _distance(ours[1], told)[:DECISIVE]
        if is_sure:
            self._absorb(event, told)
            self._merge(event, told, fitting)
        event.first, event.last = min(event.first, told.day), max(event.last, told.day)
        return Placed(told.report, event.name, is_sure, event.state or "announced")

    def _candidates(self, told: Told) -> list[_Event]:
        seen: dict[str, _Event] = {}
        for key in _keys(told.family, told.is_invented, told.organisation, told.place, [told.story]):
            for event in self._of.get(key, ()):
                if not event.merged:
                    seen.setdefault(event.name, event)
        return list(seen.values())

    def _opened(self, told: Told, near: Iterable[_Event]) -> Placed:
        event = _Event(_name(told), told.family, told.is_invented)
        self._events.append(event)
        self._absorb(event, told)
        event.first = event.last = told.day
        for other in near:
            if _shares_names(other, told) and (why := _difference(other, told)):
                self.links.append(Link("split", event.name, other.name, told.report, why))
        return Placed(told.report, event.name, True, event.state or "announced")

    def _absorb(self, event: _Event, told: Told) -> None:
        """What a report adds to its event; what the event already says stays."""
        event.organisation = event.organisation or told.organisation
        event.place = event.place or told.place
        event.site = event.site or told.site
        if told.certainty == "revised" or event.happens_on is None:
            event.happens_on = told.happens_on or event.happens_on
        event.state = life.after(event.state, told.certainty)
        event.stories.add(told.story)
        if told.jobs is not None:
            event.jobs.append(_spread(told))
        for key in _keys(event.family, event.is_invented, event.organisation, event.place, [told.story]):
            held = self._of.setdefault(key, [])
            if event not in held:
                held.append(event)

    def _merge(self, event: _Event, told: Told, fitting: Iterable[_Event]) -> None:
        """A nameless event whose number is this report's was the same one."""
        for other in fitting:
            if other is not event and other.organisation is None and told.organisation and _agrees(other, told):
                stays, goes = sorted((event, other), key=lambda one: self._events.index(one))
                self.links.append(
                    Link("merge", stays.name, goes.name, told.report, "même lieu, même nombre d'emplois, et le nom manquant")
                )
                goes.merged = True
                stays.organisation = stays.organisation or goes.organisation
                stays.happens_on = stays.happens_on or goes.happens_on
                stays.stories |= goes.stories
                stays.jobs += goes.jobs
                stays.first, stays.last = min(stays.first, goes.first), max(stays.last, goes.last)
                for key in _keys(stays.family, stays.is_invented, stays.organisation, stays.place, sorted(stays.stories)):
                    held = self._of.setdefault(key, [])
                    if stays not in held:
                        held.append(stays)
                return


def events(told: Iterable[Told]) -> tuple[list[Placed], list[Link]]:
    """Reports in the order in which they were known → the event of each, and what links the events."""
    placing = Events()
    return [placing.place(one) for one in told], placing.links


def _keys(
    family: str, is_invented: bool, organisation: str | None, place: str | None, stories: list[str]
) -> Iterator[tuple[str, bool, str]]:
    yield from ((family, is_invented, f"story:{story}") for story in stories)
    if organisation:
        yield family, is_invented, f"organisation:{organisation}"
    if place:
        yield family, is_invented, f"place:{place}"


def _name(told: Told) -> str:
    """The name of an event: that of the article that tells it first, and of what it tells beside."""
    parts = [told.article]
    if told.rank:
        parts += [told.family, told.organisation or "", told.place or "", told.site or ""]
    return hashlib.md5("|".join(parts).encode(), usedforsecurity=False).hexdigest()


def _is_in_time(event: _Event, told: Told) -> bool:
    away = max(event.first - told.day, told.day - event.last)
    if away <= NEAR:
        return True
    if told.organisation is None or told.organisation != event.organisation:
        return False
    is_kept = away <= LATER and event.state in life.OPEN and told.certainty in FOLLOWS
    happened = event.state == "executed" and life.SAYS[told.certainty] == "executed"
    return is_kept or (happened and away <= TOLD_AGAIN and _may_agree(event, told))


def _difference(event: _Event, told: Told) -> str | None:
    """Why a report cannot be of an event, in French; None where nothing keeps it apart."""
    for kind, mine, theirs in (
        ("opérateur", told.organisation, event.organisation), ("lieu", told.place, event.place), ("site", told.site, event.site),
    ):  # fmt: skip
        if mine and theirs and mine != theirs:
            return f"{kind} différent : {mine} au lieu de {theirs}"
    is_followed = told.certainty in FOLLOWS and event.state in life.OPEN
    if told.happens_on and event.happens_on and not is_followed and not _may_be_one_day(told.happens_on, event.happens_on):
        return f"date différente : {told.happens_on} au lieu de {event.happens_on}"
    if event.state == "cancelled" and told.certainty not in ("cancelled", "denied", "stated", "announced"):
        return "l'événement d'avant est annulé"
    return None


def _may_be_one_day(one: str, other: str) -> bool:
    (a, b), (c, d) = days(one), days(other)
    return max(a, c) - min(b, d) <= SAME_DAY


def days(value: str) -> tuple[date, date]:
    """First and last day of a date as texts give it: 2026, 2026-S1, 2026-Q3, 2026-03 or 2026-03-30."""
    year, part = int(value[:4]), value[5:]
    if len(part) == len("03-30"):
        return date.fromisoformat(value), date.fromisoformat(value)
    months = {"": 12, "S": 6, "Q": 3}.get(part[:1], 1)
    first = 1 if not part else int(part.lstrip("SQ")) if months == 1 else (int(part[1:]) - 1) * months + 1
    last = first + months - 1
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def _shares_names(event: _Event, told: Told) -> bool:
    """Same operator, and same place where both say one."""
    return bool(told.organisation) and told.organisation == event.organisation


def _may_be(event: _Event, told: Told) -> bool:
    """Same place, one of the two naming nobody, and numbers that agree."""
    is_placed = bool(told.place) and told.place == event.place
    return is_placed and not (told.organisation and event.organisation) and _may_agree(event, told)


def _spread(told: Told) -> tuple[float, float]:
    assert told.jobs is not None
    if told.jobs_max is not None:
        return told.jobs, told.jobs_max
    least, most = SPREAD.get(told.approximation or "exact", SPREAD["exact"])
    return told.jobs * least, told.jobs * most


def _may_agree(event: _Event, told: Told) -> bool:
    """Whether no number stands against the event; one that is not said stands against nothing."""
    return told.jobs is None or not event.jobs or _agrees(event, told)


def _agrees(event: _Event, told: Told) -> bool:
    """Whether both say how many, and may say the same."""
    if told.jobs is None:
        return False
    low, high = _spread(told)
    return any(low <= most and least <= high for least, most in event.jobs)


def _distance(event: _Event, told: Told) -> tuple[object, ...]:
    """Least for the event that a report is most likely of."""
    is_dated = bool(told.happens_on and event.happens_on)
    return (
        not (told.site and told.site == event.site),
        not _agrees(event, told),
        not (is_dated and _may_be_one_day(told.happens_on or "", event.happens_on or "")),
        told.story not in event.stories,
        not (told.place and told.place == event.place),
        abs((told.day - event.last).days),
        event.first,
        event.name,
    )
