"""An alert rule put to the test: what it said when it could be said, against the episodes that came after.

Nothing is fitted: the thresholds are those of the rule. A judgement whose horizon is not over has no outcome yet and is
left out (embargo), and so is one made in the quarter of an episode or in the two after it, when a signal warns of nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from vigie.science import early_warning
from vigie.science.composite import SEED

if TYPE_CHECKING:
    import pyarrow

AFTERMATH_MONTHS = 8
"""The quarter in which an episode starts and the two after it, whatever the days of a quarter."""
LEAST_JUDGED = 8
"""Fewer judgements with an outcome than this say nothing of a rule, whatever the episodes."""
RESAMPLES = 1_000


@dataclass(frozen=True)
class Judgement:
    """What a rule said of an entity on the day that a period could first be judged; `reach` grows with alarm."""

    entity: str
    said_on: date
    is_on: bool
    reach: float | None


@dataclass(frozen=True)
class Episode:
    """An episode of crisis: where and when it starts, and within how many months before it a warning serves."""

    ref_area: str
    starts_on: date
    horizon_months: int

    def is_of(self, judgement: Judgement) -> bool:
        """A judgement of the country speaks of each of its cities; that of a city speaks of its own."""
        judged = judgement.entity.split("/")[0]
        return self.ref_area == judged or self.ref_area.startswith(f"{judged}-")

    def is_soon_after(self, judgement: Judgement) -> bool:
        """Does it start within its horizon after the judgement?"""
        return self.is_of(judgement) and 0 < months_between(judgement.said_on, self.starts_on) <= self.horizon_months

    def is_under_way_at(self, judgement: Judgement) -> bool:
        """Is the judgement made in its quarter or in the two after it?"""
        return self.is_of(judgement) and 0 <= months_between(self.starts_on, judgement.said_on) < AFTERMATH_MONTHS


@dataclass(frozen=True)
class Verdict:
    """Counts of the judgements that have an outcome; rates are missing where nothing can be said.

    `episodes` are those that some kept judgement could have warned of; `known_episodes` all that are known.
    """

    judgements: int
    waiting: int
    aside: int
    known_episodes: int
    episodes: int
    tp: int | None = None
    fp: int | None = None
    fn: int | None = None
    tn: int | None = None
    tpr: float | None = None
    fpr: float | None = None
    nsr: float | None = None
    usefulness: float | None = None
    auroc: float | None = None
    auroc_low: float | None = None
    auroc_high: float | None = None
    lead_months: float | None = None
    false_alarms_a_month: float | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def months_between(earlier: date, later: date) -> float:
    """Months of 30.4 days, a part of one included."""
    return (later - earlier).days / 30.4375


def backtest(judgements: Sequence[Judgement], episodes: Sequence[Episode], embargo_months: int, until: date) -> Verdict:
    """The verdict on what is known on the day `until`.

    A judgement has an outcome once `embargo_months`, the longest horizon of any definition, are over.
    """
    aside = [one for one in judgements if any(episode.is_under_way_at(one) for episode in episodes)]
    others = [one for one in judgements if one not in aside]
    kept = [one for one in others if months_between(one.said_on, until) >= embargo_months]
    coming = [[episode for episode in episodes if episode.is_soon_after(one)] for one in kept]
    met = {episode for near in coming for episode in near}
    told = {
        "judgements": len(kept), "waiting": len(others) - len(kept), "aside": len(aside), "known_episodes": len(set(episodes))
    }  # fmt: skip
    if not met or len(kept) < LEAST_JUDGED:
        return Verdict(**told, episodes=len(met))
    on, events = np.array([one.is_on for one in kept]), np.array([bool(near) for near in coming])
    counts = early_warning.confusion(on.astype(float), events, 0.5)
    first_signals = {
        episode: min((one.said_on for one, near in zip(kept, coming, strict=True) if one.is_on and episode in near), default=None)
        for episode in met
    }
    leads = [months_between(first, episode.starts_on) for episode, first in first_signals.items() if first is not None]
    span = months_between(min(one.said_on for one in kept), max(one.said_on for one in kept))
    area = _area(kept, events, embargo_months)
    return Verdict(
        **told, episodes=len(met), tp=counts.tp, fp=counts.fp, fn=counts.fn, tn=counts.tn, tpr=_said(counts.tpr),
        fpr=_said(counts.fpr), nsr=_said(counts.nsr), usefulness=_said(counts.usefulness(0.5)),
        auroc=area[0], auroc_low=area[1], auroc_high=area[2], lead_months=float(np.median(leads)) if leads else None,
        false_alarms_a_month=counts.fp / span if span > 0 else None,
    )  # fmt: skip


def _said(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _area(kept: Sequence[Judgement], events: np.ndarray, block_months: int) -> tuple[float | None, float | None, float | None]:
    """AUROC and its 95 % interval by a bootstrap of blocks of time of so many months."""
    known = np.array([one.reach is not None for one in kept])
    values, events = np.array([one.reach or 0.0 for one in kept])[known], events[known]
    if events.all() or not events.any():
        return None, None, None
    days = np.array([one.said_on.toordinal() for one in kept])[known]
    block = ((days - days.min()) // (30.4375 * block_months)).astype(int)
    members = [np.flatnonzero(block == number) for number in np.unique(block)]
    random = np.random.default_rng(SEED)
    drawn = []
    for _ in range(RESAMPLES if len(members) > 1 else 0):
        rows = np.concatenate([members[place] for place in random.integers(0, len(members), len(members))])
        if events[rows].any() and not events[rows].all():
            drawn.append(early_warning.auroc(values[rows], events[rows]))
    low, high = np.quantile(drawn, [0.025, 0.975]).tolist() if drawn else (None, None)
    return early_warning.auroc(values, events), low, high


def verdicts(
    judgements: Sequence[tuple[str, Judgement]],
    rules: Sequence[str],
    episodes: Sequence[Episode],
    embargo_months: int,
    until: date,
) -> "pyarrow.Table":
    """The verdict on each rule, as a table; a rule that judged nothing has its row too."""
    import pyarrow as pa

    found = [
        {"rule": rule, **backtest([one for name, one in judgements if name == rule], episodes, embargo_months, until).as_dict()}
        for rule in sorted(rules)
    ]
    whole = {"judgements", "waiting", "aside", "known_episodes", "episodes", "tp", "fp", "fn", "tn"}
    names = [field.name for field in fields(Verdict)]
    schema = [("rule", pa.string()), *((name, pa.int32() if name in whole else pa.float64()) for name in names)]
    return pa.Table.from_pylist(found, schema=pa.schema(schema))
