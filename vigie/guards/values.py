"""Guards on figures beside those already known: their size, their digits, their currency, their breaks."""

from itertools import combinations
from typing import Any

import pandas as pd
from great_expectations.expectations.core import ExpectColumnValuesToBeInSet

from vigie.guards.judged import RowGuard, figure, numbered, past_rows
from vigie.guards.series import YEAR, before, points, same, years_apart
from vigie.history import History

SIGNIFICANT = 3


class ExpectValueWithinFactorOfPrevious(RowGuard):
    """A figure is within `factor` of its last vintage, or of the period before when it is new.

    Over several years the factor is that of each year. `scale` brings the units of `unit` to one, and the
    powers of ten of `power` are applied. A new figure that `flag` marks as a break (`flags`) has no period
    before it to be compared with.
    """

    column: str
    series: list[str]
    period: str
    factor: float = 2.0
    unit: str | None = None
    scale: dict[str, float] | None = None
    power: str | None = None
    flag: str | None = None
    flags: tuple[str, ...] = ("B",)

    def findings(self, frame: pd.DataFrame, history: History | None) -> dict[int, str]:
        columns = [*self.series, self.period, self.column, *(name for name in (self.unit, self.power) if name)]
        now = self._points(frame[columns])
        known = self._points(past_rows(history, columns))
        again, first = same(now, known), before(now, known)
        if self.flag:
            first = first[~_flagged(frame, self.flag, self.flags).loc[first.index]]
        found = again.where(again["base"].notna(), first.reindex(again.index))
        found = found[(found["value"] > 0) & (found["base"] > 0)]
        ratio = found["value"] / found["base"]
        bound = self.factor ** years_apart(found)
        out = found[(ratio > bound) | (ratio < 1 / bound)]
        return {row: _beside(point) for row, point in numbered(out)}

    def _points(self, rows: pd.DataFrame) -> pd.DataFrame:
        scaled = rows[self.column].astype("float64")
        if self.unit:
            scaled = scaled * rows[self.unit].astype("string").map(self.scale or {}).astype("float64")
        if self.power:
            scaled = scaled * 10.0 ** rows[self.power].astype("Float64").fillna(0).astype("float64")
        return points(rows.assign(**{self.column: scaled}), self.series, self.period, self.column)


class ExpectDigitsNotToSlip(RowGuard):
    """Two statements of one figure do not differ by a slip of the hand.

    A slip is two neighbouring digits exchanged, a zero lost, or the decimal point moved. Sources may
    disagree: only a difference beyond `tolerance` that has the form of a slip is a fault.
    """

    column: str
    series: list[str]
    period: str
    tolerance: float = 0.01

    def findings(self, frame: pd.DataFrame, history: History | None) -> dict[int, str]:
        columns = [*self.series, self.period, self.column]
        now = points(frame, self.series, self.period, self.column)
        known = same(now, points(past_rows(history, columns), self.series, self.period, self.column))
        slips: dict[int, str] = {
            row: f"{figure(point.value)} lu, {figure(point.base)} déjà connu"
            for row, point in numbered(known.dropna(subset="base"))
            if self._is_slip(point.value, point.base)
        }
        stated_twice = now[now.duplicated(["key", "period"], keep=False)]
        for _, statements in stated_twice.groupby(["key", "period"]):
            for (one, a), (other, b) in combinations(zip(statements.index, statements["value"], strict=True), 2):
                if self._is_slip(a, b):
                    slips[one] = slips[other] = f"{figure(a)} et {figure(b)} pour la même grandeur"
        return slips

    def _is_slip(self, one: float, other: float) -> bool:
        if abs(one - other) <= self.tolerance * max(abs(one), abs(other)):
            return False
        a, b = _digits(one), _digits(other)
        if a == b:
            return bool(a)
        return _is_exchange(a, b) or _has_lost_zero(a, b) or _has_lost_zero(b, a)


def _digits(value: float) -> str:
    """The significant digits of a number: 6,860 and 686 000 have the same."""
    return f"{abs(value):.9f}".replace(".", "").strip("0")


def _is_exchange(a: str, b: str) -> bool:
    if len(a) != len(b) or len(a) < SIGNIFICANT:
        return False
    apart = [i for i in range(len(a)) if a[i] != b[i]]
    return len(apart) == 2 and apart[1] == apart[0] + 1 and a[apart[0]] == b[apart[1]] and a[apart[1]] == b[apart[0]]


def _has_lost_zero(short: str, long: str) -> bool:
    if len(short) != len(long) - 1 or len(long) < SIGNIFICANT:
        return False
    return any(long[i] == "0" and long[:i] + long[i + 1 :] == short for i in range(len(long)))


class ExpectBreakFlagBeyond(RowGuard):
    """A figure that leaves ±`limit` of the year before says by its status that the series breaks."""

    column: str
    series: list[str]
    period: str
    flag: str = "obs_status"
    flags: tuple[str, ...] = ("B",)
    limit: float = 0.25

    def findings(self, frame: pd.DataFrame, history: History | None) -> dict[int, str]:
        columns = [*self.series, self.period, self.column]
        now = points(frame, self.series, self.period, self.column)
        known = points(past_rows(history, columns), self.series, self.period, self.column)
        found = before(now, known, YEAR)
        ratio = found["value"] / found["base"].where(found["base"] > 0)
        years = years_apart(found)
        beyond = found[(ratio > (1 + self.limit) ** years) | (ratio < (1 - self.limit) ** years)]
        flagged = _flagged(frame, self.flag, self.flags)
        return {row: _beside(point) for row, point in numbered(beyond) if not flagged[row]}


def _flagged(frame: pd.DataFrame, flag: str, flags: tuple[str, ...]) -> "pd.Series[bool]":
    """Whether each row bears one of the flags, alone or among others."""
    said = frame[flag].astype("string").fillna("").str.upper()
    return said.map(lambda text: bool(set(text) & set(flags))).astype(bool)


def _beside(point: Any) -> str:
    return f"{figure(point.value)} lu, {figure(point.base)} connu au {point.base_period:%Y-%m-%d}"


class ExpectCurrencyInSet(ExpectColumnValuesToBeInSet):  # type: ignore[misc]
    """The unit of a figure names a currency that its source publishes in: `value_set` is closed."""
