"""Guards on what a source says in words beside a figure: a difference, a growth rate."""

import re
from abc import abstractmethod
from decimal import Decimal
from typing import Any

import pandas as pd

from vigie.guards.judged import RowGuard, figure, numbered, past_rows
from vigie.guards.series import points
from vigie.history import History

NUMBER = r"(\d[\d\s\u00a0\u202f]*(?:,\d+)?)"
SPACES = re.compile(r"[\s\u00a0\u202f]+")
COUNTS = {"un": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5}
MORE_THAN_IN = re.compile(rf"{NUMBER} de (plus|moins) qu'en ((?:19|20)\d\d)")
NET_IN_YEARS = re.compile(rf"{NUMBER} (créations|suppressions) nettes en ({'|'.join(COUNTS)}) ans?")
GROWTH = re.compile(rf"(hausse|baisse) de {NUMBER} % (?:sur un an|par rapport à ((?:19|20)\d\d))")


class StatementGuard(RowGuard):
    """Compares what `wording` says of a figure with the figures stated for the earlier period it speaks of.

    Nothing is said when no figure is known for that period; one that agrees is enough, as sources differ.
    """

    column: str
    wording: str
    series: list[str]
    period: str

    @abstractmethod
    def statement(self, wording: str, year: int) -> tuple[float, float, int] | None:
        """The stated quantity, half of its last printed digit, and the year it compares with."""

    @abstractmethod
    def agrees(self, level: float, base: float, stated: float, half: float) -> bool:
        """Whether the three hold together, each anywhere within its rounding."""

    @abstractmethod
    def said(self, level: float, stated: float, bases: list[float], year: int) -> str:
        """What does not hold together, in French."""

    def findings(self, frame: pd.DataFrame, history: History | None) -> dict[int, str]:
        columns = [*self.series, self.period, self.column]
        now = points(frame, self.series, self.period, self.column)
        known = points(past_rows(history, columns), self.series, self.period, self.column)
        levels = pd.concat([known, now]).drop_duplicates()
        faults: dict[int, str] = {}
        for row, point in numbered(now):
            wording: Any = frame.at[row, self.wording]
            if pd.isna(wording):
                continue
            found = self.statement(SPACES.sub(" ", wording.replace("’", "'")), point.period.year)
            if found is None:
                continue
            stated, half, year = found
            then = point.period - pd.DateOffset(years=point.period.year - year)
            bases = sorted(set(levels.loc[(levels["key"] == point.key) & (levels["period"] == then), "value"]))
            if bases and not any(self.agrees(point.value, base, stated, half) for base in bases):
                faults[row] = self.said(point.value, stated, bases, year)
        return faults


class ExpectLevelAndDifferenceToClose(StatementGuard):
    """« 41 000 de plus qu'en 2021 »: the level less the difference is the level of that year."""

    def statement(self, wording: str, year: int) -> tuple[float, float, int] | None:
        if found := MORE_THAN_IN.search(wording):
            number, sense, base_year = found[1], found[2], int(found[3])
        elif found := NET_IN_YEARS.search(wording):
            number, sense, base_year = found[1], found[2], year - COUNTS[found[3]]
        else:
            return None
        size = _read(number)
        return float(-size if sense in ("moins", "suppressions") else size), half_unit(size), base_year

    def agrees(self, level: float, base: float, stated: float, half: float) -> bool:
        return abs(level - stated - base) <= _half(level) + _half(base) + half

    def said(self, level: float, stated: float, bases: list[float], year: int) -> str:
        known = " ou ".join(map(figure, bases))
        return f"le niveau et l'écart donnent {figure(level - stated)} pour {year}, où l'on connaît {known}"


class ExpectGrowthToRecompute(StatementGuard):
    """« en hausse de 3,5 % sur un an »: the printed rate is within what the two rounded levels allow."""

    def statement(self, wording: str, year: int) -> tuple[float, float, int] | None:
        found = GROWTH.search(wording)
        if not found:
            return None
        size = _read(found[2])
        return float(-size if found[1] == "baisse" else size), half_unit(size), int(found[3] or year - 1)

    def agrees(self, level: float, base: float, stated: float, half: float) -> bool:
        if base <= 0:
            return True
        low, high = growth_interval(level, base)
        return stated + half >= low and stated - half <= high

    def said(self, level: float, stated: float, bases: list[float], year: int) -> str:
        low, high = growth_interval(level, bases[0])
        return f"{figure(stated)} % imprimé, quand les niveaux arrondis donnent entre {low:.1f} et {high:.1f} %".replace(".", ",")


def growth_interval(level: float, base: float) -> tuple[float, float]:
    """The least and the most growth, in per cent, that two rounded levels allow."""
    up, down = _half(level), _half(base)
    return ((level - up) / (base + down) - 1) * 100, ((level + up) / (base - down) - 1) * 100


def half_unit(number: Decimal) -> float:
    """Half of the last digit that counts: 0.05 for 12,9 and 500 for 141 000."""
    exponent = number.normalize().as_tuple().exponent
    return 0.5 * 10.0 ** int(exponent)


def _half(value: float) -> float:
    return half_unit(Decimal(repr(value)))


def _read(printed: str) -> Decimal:
    return Decimal(SPACES.sub("", printed).replace(",", "."))
