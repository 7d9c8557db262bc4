"""Does a signal warn of events, and from which threshold on?

Alessi and Detken (2011) for usefulness, Sarlin (2013) for usefulness with base rates, Kaminsky and Reinhart
(1999) for noise to signal, Hanley and McNeil (1982) for the area under the curve. A signal is on when its
value is at or above the threshold; turn the sign of an indicator whose fall is the danger.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vigie.science import ScienceError

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Confusion:
    """Hits, false alarms, misses and quiet periods of one threshold."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def tpr(self) -> float:
        """Share of the events that were signalled; NaN without any event."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else float("nan")

    @property
    def fpr(self) -> float:
        """Share of the quiet periods that were signalled; NaN without any."""
        return self.fp / (self.fp + self.tn) if self.fp + self.tn else float("nan")

    @property
    def nsr(self) -> float:
        """Noise to signal: worth keeping below 1."""
        return self.fpr / self.tpr if self.tpr > 0 else float("inf")

    @property
    def precision(self) -> float:
        """Share of the signals that were followed by an event; NaN when nothing was signalled."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else float("nan")

    def usefulness(self, theta: float) -> float:
        """Alessi-Detken: what is gained over ignoring the signal, `theta` being the weight of a miss."""
        return min(theta, 1 - theta) - (theta * (1 - self.tpr) + (1 - theta) * self.fpr)

    def absolute_usefulness(self, mu: float) -> float:
        """Sarlin's Ua, with the base rates of the sample; `mu` is the weight of a miss."""
        total = self.tp + self.fp + self.fn + self.tn
        events, quiet = (self.tp + self.fn) / total, (self.fp + self.tn) / total
        loss = mu * events * (1 - self.tpr) + (1 - mu) * quiet * self.fpr
        return min(mu * events, (1 - mu) * quiet) - loss

    def relative_usefulness(self, mu: float) -> float:
        """Sarlin's Ur: Ua as a share of what a perfect signal would give."""
        total = self.tp + self.fp + self.fn + self.tn
        best = min(mu * (self.tp + self.fn) / total, (1 - mu) * (self.fp + self.tn) / total)
        return self.absolute_usefulness(mu) / best if best else float("nan")


def confusion(values: Values, events: Flags, threshold: float) -> Confusion:
    """Counts of a threshold over periods of equal length, both arrays one value a period."""
    _refuse_unequal(values, events)
    on = values >= threshold
    return Confusion(
        tp=int((on & events).sum()), fp=int((on & ~events).sum()), fn=int((~on & events).sum()), tn=int((~on & ~events).sum())
    )


def auroc(values: Values, events: Flags) -> float:
    """Probability that an event period has a higher value than a quiet one, ties counted by half."""
    # scipy.stats takes longer to load than most commands take to run
    from scipy.stats import rankdata

    _refuse_unequal(values, events)
    positives, negatives = int(events.sum()), int((~events).sum())
    if not positives or not negatives:
        raise ScienceError("l'aire sous la courbe demande au moins un événement et une période calme")
    ranks = rankdata(values)
    return float((ranks[events].sum() - positives * (positives + 1) / 2) / (positives * negatives))


@dataclass(frozen=True)
class Threshold:
    """The threshold that serves best a preference between misses and false alarms, and its counts."""

    value: float
    usefulness: float
    counts: Confusion


def best_threshold(values: Values, events: Flags, theta: float = 0.5, mu: float | None = None) -> Threshold:
    """The observed value whose usefulness is highest, the least firing one among equals.

    By Alessi-Detken with `theta`, by Sarlin's absolute usefulness when `mu` is given.
    """
    _refuse_unequal(values, events)
    if not events.any() or events.all():
        raise ScienceError("un seuil demande au moins un événement et une période calme")
    order = np.argsort(-values, kind="stable")
    hits, alarms = np.cumsum(events[order]), np.cumsum(~events[order])
    ordered = values[order]
    # the last of each run of equal values is where that value's signal is complete
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    positives, negatives = int(events.sum()), int((~events).sum())
    best: Threshold | None = None
    for index in last:
        counts = Confusion(int(hits[index]), int(alarms[index]), positives - int(hits[index]), negatives - int(alarms[index]))
        gain = counts.usefulness(theta) if mu is None else counts.absolute_usefulness(mu)
        if best is None or gain > best.usefulness + 1e-12:
            best = Threshold(float(ordered[index]), gain, counts)
    assert best is not None
    return best


def ahead(starts: Sequence[int], periods: int, horizon: int) -> Flags:
    """For each of `periods`, does an event start within the next `horizon` periods?"""
    flags = np.zeros(periods, dtype=bool)
    for start in starts:
        flags[max(start - horizon, 0) : max(start, 0)] = True
    return flags


def lead_times(values: Values, starts: Sequence[int], kept: Flags, threshold: float, horizon: int) -> list[int | None]:
    """For each event, how many periods before it the first signal of its window came; None without one."""
    leads: list[int | None] = []
    for start in starts:
        window = range(max(start - horizon, 0), start)
        first = next((period for period in window if kept[period] and values[period] >= threshold), None)
        leads.append(None if first is None else start - first)
    return leads


def real_time(
    values: Values, events: Flags, kept: Flags, first: int, horizon: int, theta: float = 0.5, mu: float | None = None
) -> tuple[Confusion, Values]:
    """Signals from `first` on, each by a threshold fitted on periods whose outcome was known by then.

    The threshold serves what `best_threshold` is told to. A label needs `horizon` periods to be known: that is the
    embargo. Gives the counts and the threshold used at each period (NaN where nothing could be fitted, and nothing
    is then counted).
    """
    _refuse_unequal(values, events)
    used = np.full(len(values), np.nan)
    counts = [0, 0, 0, 0]
    for period in range(first, len(values)):
        known = np.flatnonzero(kept[: max(period - horizon + 1, 0)])
        if not kept[period] or not events[known].any() or events[known].all():
            continue
        used[period] = best_threshold(values[known], events[known], theta, mu).value
        on = values[period] >= used[period]
        place = (0 if events[period] else 1) if on else (2 if events[period] else 3)
        counts[place] += 1
    return Confusion(*counts), used


def _refuse_unequal(values: Values, events: Flags) -> None:
    if len(values) != len(events):
        raise ScienceError(f"{len(values)} valeurs pour {len(events)} périodes : il en faut autant")
    if np.isnan(values).any():
        raise ScienceError("une valeur manque : retirer sa période, ou attendre le chiffre")
