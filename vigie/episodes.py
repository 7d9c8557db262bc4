"""The life of an alert as its figures make it: it opens, worsens, ends, is annulled, resumes.

An episode is one stretch of time during which a rule stayed above calm for one entity. The history
of closed periods is recomputed at every build, so a revision can erase an episode; a reading of the
moment (a countdown, a silence) is remembered, since no later build reads that day again. What is no
longer published ends nothing: the alert goes on, its data missing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from vigie.evaluations import Certainty, Evaluation, Spell, degree_of, rank, spells

NAMESPACE = uuid5(NAMESPACE_URL, "https://github.com/vigie/alerts")

State = Literal["actif", "résolu", "annulé (révision)", "annulé (règle retirée)"]
Occasion = Literal[
    "ouverture", "aggravation", "confirmation", "reprise", "réouverture", "rappel", "fin de silence", "levée", "annulation",
    "retrait", "après coup",
]  # fmt: skip
TRANSITIONS: Mapping[State | None, frozenset[State]] = {
    None: frozenset({"actif", "résolu"}),
    "actif": frozenset({"actif", "résolu", "annulé (révision)", "annulé (règle retirée)"}),
    "résolu": frozenset({"résolu", "actif", "annulé (révision)"}),
    "annulé (révision)": frozenset({"annulé (révision)"}),
    "annulé (règle retirée)": frozenset({"annulé (règle retirée)"}),
}
"""From a state, those that may follow; None is before the alert exists. A crossing that returns after it was annulled is
another alert."""
Hush = Literal["silence", "snooze", "inhibition"]
LIVING: frozenset[State] = frozenset({"actif", "résolu"})


class IllegalTransition(Exception):
    """A defect of this module: an alert would go from one state to another that may not follow."""


@dataclass(frozen=True)
class Episode:
    """An alert and where it stands. `told` counts its messages, `told_rank` is the most told since it opened.

    `hush` and `hushed_by` say why nothing is said of it now, `hushed_rank` how much was noted meanwhile; `armed_at` is when
    it opened or resumed: an acknowledgement before that no longer holds. `reopened_after` is the calm period that somebody
    did not believe.
    """

    alert_id: str
    rule: str
    rule_version: str
    entity: str
    state: State
    level: int
    told: int
    told_rank: int
    opened_on: datetime
    last_on: datetime
    closed_on: datetime | None
    is_missing: bool
    reading: Evaluation
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    told_at: datetime | None
    armed_at: datetime
    certainty: Certainty = "certain"
    acknowledged_by: str | None = None
    economic_note: str | None = None
    annotations: str | None = None
    hush: Hush | None = None
    hushed_by: str | None = None
    hushed_rank: int = 0
    reopened_after: datetime | None = None
    revised: Evaluation | None = None

    @property
    def rank(self) -> int:
        """How much there is to say, as of an evaluation."""
        return rank(self.level, self.certainty)


@dataclass(frozen=True)
class Change:
    """An episode as it now stands and, when there is something to say, why; `is_muted` when it is noted but not said."""

    episode: Episode
    occasion: Occasion | None
    is_muted: bool = False


def follow_entity(
    line: Sequence[Evaluation],
    past: Sequence[Episode],
    now: datetime,
    reopened: Collection[str] = (),
    *,
    is_new: bool,
    is_in_force: bool,
) -> list[tuple[Episode | None, Change]]:
    """What the figures alone make of each episode of an entity, and those that they open.

    Of those that somebody `reopened`, what closed them stays written and is not believed.
    """
    alive = [episode for episode in past if episode.state in LIVING]
    unclaimed = spells(_with_memory(line, alive))
    taken = {episode.alert_id for episode in past}
    found: list[tuple[Episode | None, Change]] = []
    for known in alive:
        episode = _reopen(known, now) if known.alert_id in reopened else known
        spell = next((s for s in unclaimed if s.meets(episode.opened_on, episode.last_on)), None)
        if spell and not _is_undone(episode, spell):
            unclaimed.remove(spell)
            change = _follow(episode, spell, line, now)
        elif not is_in_force:
            change = _withdraw(episode, now)
        elif line and not episode.reading.is_closed:
            change = _end(episode, line[-1], now)
        else:
            change = _revise(episode, line, now)
        if episode is not known and change.occasion is None:
            change = Change(told(change.episode, "réouverture", now), "réouverture")
        found.append((known, change))
    found += [(None, _open(spell, now, taken, is_silent=is_new and spell.closing is not None)) for spell in unclaimed]
    return found


def _is_undone(episode: Episode, spell: Spell) -> bool:
    """True when an alert that was certain rests on periods whose figures, revised, only allow it: what is possible is another."""
    if episode.certainty != "certain" or episode.state != "actif":
        return False
    own = [e for e in spell.readings if episode.opened_on <= e.period <= episode.last_on]
    return bool(own) and all(e.certainty == "possible" and e.is_closed for e in own)


def _with_memory(line: Sequence[Evaluation], episodes: Iterable[Episode]) -> list[Evaluation]:
    if not line:
        return []
    read = {reading.period for reading in line}
    remembered = {
        moment: replace(episode.reading, period=moment, level=level, possible_level=0, missing_reason=None)
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
        state="résolu" if is_over else "actif", level=last.degree,
        told=0 if is_silent else 1, told_rank=0 if is_over else last.rank,
        opened_on=spell.opened_on, last_on=last.period, closed_on=spell.closing.period if spell.closing else None,
        is_missing=last.missing_reason is not None, reading=spell.reading(),
        opened_at=now, updated_at=now, closed_at=now if is_over else None, told_at=None if is_silent else now,
        armed_at=now, certainty=last.certainty,
    )  # fmt: skip
    if is_silent:
        return Change(episode, None)
    return Change(episode, "après coup" if is_over else "ouverture")


def _follow(episode: Episode, spell: Spell, line: Sequence[Evaluation], now: datetime) -> Change:
    last = spell.last
    closing = _believed(episode, spell.closing, line)
    if closing:
        known = replace(
            episode, rule_version=last.rule_version, opened_on=spell.opened_on, level=last.degree, last_on=last.period,
            certainty=last.certainty,
        )  # fmt: skip
        return _end(known, closing, now)
    if spell.closing and episode.state == "actif":
        # somebody reopened it: the calm that closed it is not believed, a later one will be
        return Change(replace(episode, is_missing=line[-1].missing_reason is not None), None)
    occasion: Occasion | None = None
    if last.rank > episode.told_rank:
        if episode.told_rank:
            occasion = "aggravation" if last.degree > degree_of(episode.told_rank) else "confirmation"
        else:
            occasion = "reprise" if episode.told else "ouverture"
    kept = replace(
        episode, state="actif", rule_version=last.rule_version, level=last.degree, closed_on=None, closed_at=None,
        told_rank=max(episode.told_rank, last.rank), opened_on=spell.opened_on, last_on=last.period,
        is_missing=last.missing_reason is not None, reading=spell.reading(), certainty=last.certainty, reopened_after=None,
        armed_at=episode.armed_at if episode.state == "actif" else now,
    )  # fmt: skip
    return Change(told(kept, occasion, now), occasion)


def _reopen(episode: Episode, now: datetime) -> Episode:
    return replace(
        episode, state="actif", reopened_after=episode.closed_on, closed_on=None, closed_at=None, told_rank=episode.rank,
        armed_at=now,
    )  # fmt: skip


def _believed(episode: Episode, closing: Evaluation | None, line: Sequence[Evaluation]) -> Evaluation | None:
    """The calm reading that ends an episode: past the one that somebody did not believe, when it was reopened."""
    if closing is None or episode.reopened_after is None:
        return closing
    latest = line[-1] if line else closing
    return latest if latest.period > episode.reopened_after and not latest.degree and latest.missing_reason is None else None


def _end(episode: Episode, closing: Evaluation, now: datetime) -> Change:
    if episode.state == "résolu":
        if not closing.is_closed:
            return Change(episode, None)
        return Change(replace(episode, closed_on=closing.period, reading=closing), None)
    occasion: Occasion | None = "levée" if episode.told else None
    ended = replace(
        episode, state="résolu", told_rank=0, closed_on=closing.period, closed_at=now, is_missing=False, reading=closing,
        reopened_after=None,
    )  # fmt: skip
    return Change(told(ended, occasion, now), occasion)


def _revise(episode: Episode, line: Sequence[Evaluation], now: datetime) -> Change:
    """An episode that the history no longer bears: annulled by what its periods now say; missing when they say nothing."""
    now_said = [e for e in line if episode.opened_on <= e.period <= episode.last_on and e.missing_reason is None]
    if not now_said:
        if episode.state == "résolu":
            return Change(episode, None)
        return Change(replace(episode, is_missing=True), None)
    occasion: Occasion | None = "annulation" if episode.told else None
    annulled = replace(episode, state="annulé (révision)", told_rank=0, closed_at=now, revised=now_said[-1])
    return Change(told(annulled, occasion, now), occasion)


def _withdraw(episode: Episode, now: datetime) -> Change:
    """An episode of a rule that left the sector file."""
    if episode.state == "résolu":
        return Change(episode, None)
    occasion: Occasion | None = "retrait" if episode.told else None
    withdrawn = replace(episode, state="annulé (règle retirée)", told_rank=0, closed_at=now)
    return Change(told(withdrawn, occasion, now), occasion)


def told(episode: Episode, occasion: Occasion | None, now: datetime) -> Episode:
    """The episode once that occasion, if any, has been said."""
    return replace(episode, told=episode.told + 1, told_at=now) if occasion else episode


def message_id(episode: Episode) -> str:
    """The stable name of an episode's latest message: the same decision always makes the same one."""
    return str(uuid5(UUID(episode.alert_id), str(episode.told)))
