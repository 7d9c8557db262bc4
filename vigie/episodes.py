"""The life of alerts, decided: a pure function from evaluations and past episodes to what changes.

An episode is one stretch of time during which a rule stayed above calm for one entity. The history
of closed periods is recomputed at every build, so a revision can erase an episode; a reading of the
moment (a countdown, a silence) is remembered, since no later build reads that day again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

NAMESPACE = uuid5(NAMESPACE_URL, "https://github.com/vigie/alerts")

State = Literal["actif", "résolu", "annulé (révision)"]
Occasion = Literal["ouverture", "aggravation", "reprise", "levée", "annulation", "après coup"]


@dataclass(frozen=True)
class Evaluation:
    """One rule on one entity for one period, as `alert_evaluations` has it."""

    rule: str
    rule_version: str
    entity: str
    indicator: str
    ref_area: str
    breakdown: str
    methodology: str
    freq: str
    period: datetime
    is_closed: bool
    unit: str
    value: float | None
    lower: float | None
    upper: float | None
    value_class: str
    obs_status: str
    origin: str
    level: int
    missing_reason: str | None
    known_at: datetime | None
    receipt_id: str


@dataclass(frozen=True)
class Episode:
    """An alert and where it stands. `told` counts its messages, `told_level` is the worst degree told since it opened."""

    alert_id: str
    rule: str
    rule_version: str
    entity: str
    state: State
    level: int
    told: int
    told_level: int
    opened_on: datetime
    last_on: datetime
    closed_on: datetime | None
    is_missing: bool
    reading: Evaluation
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    told_at: datetime | None


@dataclass(frozen=True)
class Change:
    """An episode as it now stands and, when people must hear of it, why."""

    episode: Episode
    occasion: Occasion | None


@dataclass(frozen=True)
class Spell:
    """A stretch above calm in the history as it is now computed; `closing` is the reading that ended it."""

    readings: tuple[Evaluation, ...]
    closing: Evaluation | None

    @property
    def opened_on(self) -> datetime:
        return self.readings[0].period

    @property
    def last(self) -> Evaluation:
        return self.readings[-1]

    def meets(self, episode: Episode) -> bool:
        """True when the two share a moment."""
        return self.opened_on <= episode.last_on and episode.opened_on <= self.last.period

    def reading(self) -> Evaluation:
        """What to show: the closing reading, else the last that was not missing."""
        known = [reading for reading in self.readings if reading.missing_reason is None]
        return self.closing or (known[-1] if known else self.last)


def decide(
    evaluations: Iterable[Evaluation],
    episodes: Iterable[Episode],
    now: datetime,
    watched: Collection[tuple[str, str, str]],
) -> list[Change]:
    """What changes; `watched` holds the (rule, version, entity) seen before.

    An entity seen for the first time has its past episodes recorded without a word.
    """
    lines: dict[tuple[str, str], list[Evaluation]] = defaultdict(list)
    for evaluation in evaluations:
        lines[evaluation.rule, evaluation.entity].append(evaluation)
    pasts: dict[tuple[str, str], list[Episode]] = defaultdict(list)
    for episode in episodes:
        pasts[episode.rule, episode.entity].append(episode)
    changes = []
    for key in sorted(lines.keys() | pasts.keys()):
        line = sorted(lines.get(key, ()), key=lambda e: e.period)
        past = sorted(pasts.get(key, ()), key=lambda e: (e.opened_on, e.opened_at))
        is_new = bool(line) and (line[-1].rule, line[-1].rule_version, line[-1].entity) not in watched
        changes += _follow_entity(line, past, now, is_new)
    return changes


def _follow_entity(line: Sequence[Evaluation], past: Sequence[Episode], now: datetime, is_new: bool) -> list[Change]:
    alive = [episode for episode in past if episode.state != "annulé (révision)"]
    unclaimed = spells(_with_memory(line, alive))
    taken = {episode.alert_id for episode in past}
    changes = []
    for episode in alive:
        spell = next((s for s in unclaimed if s.meets(episode)), None)
        if spell:
            unclaimed.remove(spell)
            followed = _follow(episode, spell, now)
        elif line and not episode.reading.is_closed:
            followed = _end(episode, line[-1], now)
        else:
            followed = _annul(episode, now)
        if followed.episode != episode:
            changes.append(replace(followed, episode=replace(followed.episode, updated_at=now)))
    for spell in unclaimed:
        changes.append(_open(spell, now, taken, is_silent=is_new and spell.closing is not None))
    return changes


def spells(line: Iterable[Evaluation]) -> list[Spell]:
    """The stretches above calm, in order; a missing reading carries its level and ends nothing."""
    found: list[Spell] = []
    current: list[Evaluation] = []
    for reading in line:
        if reading.level:
            current.append(reading)
        elif current:
            found.append(Spell(tuple(current), reading))
            current = []
    if current:
        found.append(Spell(tuple(current), None))
    return found


def _with_memory(line: Sequence[Evaluation], episodes: Iterable[Episode]) -> list[Evaluation]:
    if not line:
        return []
    read = {reading.period for reading in line}
    remembered = {
        moment: replace(episode.reading, period=moment, level=level, missing_reason=None)
        for episode in episodes
        if not episode.reading.is_closed
        for moment, level in ((episode.opened_on, episode.level), (episode.last_on, episode.level), (episode.closed_on, 0))
        if moment is not None and moment not in read
    }
    return sorted([*line, *remembered.values()], key=lambda e: e.period)


def _open(spell: Spell, now: datetime, taken: Collection[str], *, is_silent: bool) -> Change:
    last = spell.last
    # an episode keeps its name when a revision moves its first day, so another may bear that day's first name
    names = (str(uuid5(NAMESPACE, f"{last.rule}|{last.entity}|{spell.opened_on:%Y-%m-%d}|{number}")) for number in count())
    is_over = spell.closing is not None
    episode = Episode(
        alert_id=next(name for name in names if name not in taken),
        rule=last.rule, rule_version=last.rule_version, entity=last.entity,
        state="résolu" if is_over else "actif", level=last.level,
        told=0 if is_silent else 1, told_level=0 if is_over else last.level,
        opened_on=spell.opened_on, last_on=last.period, closed_on=spell.closing.period if spell.closing else None,
        is_missing=last.missing_reason is not None, reading=spell.reading(),
        opened_at=now, updated_at=now, closed_at=now if is_over else None, told_at=None if is_silent else now,
    )  # fmt: skip
    if is_silent:
        return Change(episode, None)
    return Change(episode, "après coup" if is_over else "ouverture")


def _follow(episode: Episode, spell: Spell, now: datetime) -> Change:
    if spell.closing:
        known = replace(
            episode, rule_version=spell.last.rule_version, opened_on=spell.opened_on, level=spell.last.level,
            last_on=spell.last.period,
        )  # fmt: skip
        return _end(known, spell.closing, now)
    last = spell.last
    occasion: Occasion | None = None
    if last.level > episode.told_level:
        occasion = "aggravation" if episode.told_level else "reprise" if episode.told else "ouverture"
    kept = replace(
        episode, state="actif", rule_version=last.rule_version, level=last.level, closed_on=None, closed_at=None,
        told_level=max(episode.told_level, last.level), opened_on=spell.opened_on, last_on=last.period,
        is_missing=last.missing_reason is not None, reading=spell.reading(),
    )  # fmt: skip
    return Change(_told(kept, occasion, now), occasion)


def _end(episode: Episode, closing: Evaluation, now: datetime) -> Change:
    if episode.state == "résolu":
        if not closing.is_closed:
            return Change(episode, None)
        return Change(replace(episode, closed_on=closing.period, reading=closing), None)
    occasion: Occasion | None = "levée" if episode.told else None
    ended = replace(
        episode, state="résolu", told_level=0, closed_on=closing.period, closed_at=now, is_missing=False, reading=closing
    )
    return Change(_told(ended, occasion, now), occasion)


def _annul(episode: Episode, now: datetime) -> Change:
    occasion: Occasion | None = "annulation" if episode.told else None
    annulled = replace(episode, state="annulé (révision)", told_level=0, closed_at=now)
    return Change(_told(annulled, occasion, now), occasion)


def _told(episode: Episode, occasion: Occasion | None, now: datetime) -> Episode:
    return replace(episode, told=episode.told + 1, told_at=now) if occasion else episode


def message_id(episode: Episode) -> str:
    """The stable name of an episode's latest message: the same decision always makes the same one."""
    return str(uuid5(UUID(episode.alert_id), str(episode.told)))
