"""Guards on time: a document that claims to be newer than it is."""

from typing import Any

import pandas as pd

from vigie.guards.judged import DocumentGuard, past_rows, previous_rows
from vigie.guards.series import latest, points
from vigie.history import DATED, History, Past


class ExpectPeriodToAdvance(DocumentGuard):
    """The latest period of a document is not before that of the document it takes the place of."""

    column: str

    def finding(self, frame: pd.DataFrame, history: History) -> str:
        before = previous_rows(history, [self.column])
        if before is None:
            return ""
        was, now = (pd.to_datetime(rows[self.column]).max() for rows in (before, frame))
        if pd.isna(was) or pd.isna(now) or now >= was:
            return ""
        return f"dernière période du {now:%Y-%m-%d}, quand le document précédent allait jusqu'au {was:%Y-%m-%d}"


class ExpectDocumentNotToRepeat(DocumentGuard):
    """Last year's document under this year's name: the same figures again, under a later claim.

    The claim is the printed date (`claim`), the document's name, or the period its figures are put under.
    Fewer than `min_values` figures may be alike by chance, and are not compared.
    """

    column: str
    series: list[str]
    period: str
    claim: str | None = None
    min_values: int = 3

    def finding(self, frame: pd.DataFrame, history: History) -> str:
        now = points(frame, self.series, self.period, self.column)
        if len(now) < self.min_values:
            return ""
        columns = [*self.series, self.period, self.column]
        for earlier in history.past:
            rows = earlier.read()
            if set(columns) <= set(rows.columns) and self._claims_later(frame, history, rows, earlier):
                before = points(rows, self.series, self.period, self.column)
                if len(before) == len(now) and set(_facts(before)) == set(_facts(now)):
                    return f"mêmes chiffres et mêmes périodes que « {earlier.name} »"
        known = points(past_rows(history, columns), self.series, self.period, self.column)
        return self._moved(now, known)

    def _claims_later(self, frame: pd.DataFrame, history: History, rows: pd.DataFrame, earlier: Past) -> bool:
        if _dated(history.name) > _dated(earlier.name):
            return True
        if self.claim is None or self.claim not in rows.columns:
            return False
        was, now = (pd.to_datetime(table[self.claim]).max() for table in (rows, frame))
        return bool(pd.notna(was) and pd.notna(now) and now > was)

    def _moved(self, now: pd.DataFrame, known: pd.DataFrame) -> str:
        """A period never seen before whose figures are, one for one, those of an earlier period."""
        fresh = now[~now.set_index(["key", "period"]).index.isin(known.set_index(["key", "period"]).index)]
        figures = [*_by_period(latest(known)).items(), *_by_period(now).items()]
        for period, claimed in sorted(_by_period(fresh).items()):
            for other, stated in figures:
                if len(claimed) >= self.min_values and other < period and claimed.items() <= stated.items():
                    return f"les chiffres du {period:%Y-%m-%d} sont, un par un, ceux du {other:%Y-%m-%d}"
        return ""


def _by_period(table: pd.DataFrame) -> dict[Any, dict[str, float]]:
    return {period: dict(zip(part["key"], part["value"], strict=True)) for period, part in table.groupby("period")}


def _facts(table: pd.DataFrame) -> list[tuple[object, ...]]:
    return list(table.itertuples(index=False, name=None))


def _dated(name: str) -> tuple[str, ...]:
    """The latest date that a name states: year, month, day, as far as they are there."""
    return max((tuple(part for part in found.groups() if part) for found in DATED.finditer(name)), default=())
