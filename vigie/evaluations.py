"""What the rules say of each entity, period after period, and the stretches during which they say more than calm."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

Certainty = Literal["certain", "possible"]


def rank(degree: int, certainty: Certainty) -> int:
    """How much a degree says: what is certain says more than what is possible, then red more than amber."""
    return degree + 2 if degree and certainty == "certain" else degree


def degree_of(rank: int) -> int:
    """The degree that a rank was made of."""
    return rank - 2 if rank > 2 else rank


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
    possible_level: int = 0

    @property
    def degree(self) -> int:
        """The level that is certain, else the one that the interval allows."""
        return self.level or self.possible_level

    @property
    def certainty(self) -> Certainty:
        return "possible" if self.possible_level and not self.level else "certain"

    @property
    def rank(self) -> int:
        """How much there is to say."""
        return rank(self.degree, self.certainty)


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

    def meets(self, first: datetime, last: datetime) -> bool:
        """True when it shares a moment with the stretch between two."""
        return self.opened_on <= last and first <= self.last.period

    def reading(self) -> Evaluation:
        """What to show: the closing reading, else the last that was not missing."""
        known = [reading for reading in self.readings if reading.missing_reason is None]
        return self.closing or (known[-1] if known else self.last)


def spells(line: Iterable[Evaluation]) -> list[Spell]:
    """The stretches above calm, in order; a missing reading carries its level and ends nothing."""
    found: list[Spell] = []
    current: list[Evaluation] = []
    for reading in line:
        if reading.degree:
            current.append(reading)
        elif current:
            found.append(Spell(tuple(current), reading))
            current = []
    if current:
        found.append(Spell(tuple(current), None))
    return found


def compound(evaluations: Iterable[Evaluation], only_with: Mapping[str, str]) -> list[Evaluation]:
    """The same, calm where another rule is asked for (`only_with`, by rule) that was not crossed in the same place by then."""
    known = list(evaluations)
    asked = set(only_with.values())
    others: dict[tuple[str, str], list[Evaluation]] = defaultdict(list)
    for evaluation in sorted(known, key=lambda e: e.period):
        if evaluation.rule in asked:
            others[evaluation.rule, evaluation.ref_area].append(evaluation)

    def is_met(evaluation: Evaluation) -> bool:
        seen: dict[str, int] = {}
        for other in others.get((only_with[evaluation.rule], evaluation.ref_area), ()):
            if other.period <= evaluation.period:
                seen[other.entity] = other.degree
        return any(seen.values())

    return [replace(e, level=0, possible_level=0) if e.degree and e.rule in only_with and not is_met(e) else e for e in known]
