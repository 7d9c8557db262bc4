"""Guards on the shape of a document beside the one before: its size, its types, its codes, its coverage."""

import re
from typing import Any

import pandas as pd

from vigie.guards.judged import DocumentGuard, listed, past_rows, previous_rows
from vigie.guards.series import SEPARATOR
from vigie.history import History

NUMBER = re.compile(r"[+-]?\d[\d\s.,\u00a0\u202f]*%?")
DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?([T ].*)?")
FILLED = 0.5
ALIKE = 0.9


class ExpectRowCountNotToCollapse(DocumentGuard):
    """The document has at least `min_ratio` of the rows of the one before."""

    min_ratio: float = 0.5

    def finding(self, frame: pd.DataFrame, history: History) -> str:
        before = previous_rows(history, [])
        if before is None or len(frame) >= self.min_ratio * len(before):
            return ""
        return f"{len(frame)} lignes, contre {len(before)} dans le document précédent"


class ExpectColumnTypeNotToFlip(DocumentGuard):
    """A column keeps its nature: numbers, dates or text, and filled if it was."""

    column: str

    def finding(self, frame: pd.DataFrame, history: History) -> str:
        before = previous_rows(history, [self.column])
        was = "vide" if before is None else _nature(before[self.column])
        now = _nature(frame[self.column])
        return "" if was in ("vide", now) else f"colonne « {self.column} » : {was} auparavant, {now} à présent"


def _nature(cells: "pd.Series[Any]") -> str:
    filled = cells.dropna()
    if not len(cells) or len(filled) < FILLED * len(cells):
        return "vide"
    if pd.api.types.is_datetime64_any_dtype(filled):
        return "dates"
    if pd.api.types.is_bool_dtype(filled):
        return "oui ou non"
    if pd.api.types.is_numeric_dtype(filled):
        return "nombres"
    texts = filled.astype(str)
    for nature, pattern in (("dates", DAY), ("nombres", NUMBER)):
        if texts.map(lambda text, pattern=pattern: bool(pattern.fullmatch(text))).mean() >= ALIKE:
            return nature
    return "texte"


class ExpectCodesNotToBeRecoded(DocumentGuard):
    """Codes never vanish while others that nobody knew appear: that is another classification.

    `within` compares only inside groups that were there before; a group that is new is no re-coding.
    """

    column: str
    within: tuple[str, ...] = ()

    def finding(self, frame: pd.DataFrame, history: History) -> str:
        columns = [*self.within, self.column]
        before = previous_rows(history, columns)
        if before is None:
            return ""
        old, known, now = (_codes(rows, columns) for rows in (before, past_rows(history, columns), frame))
        for group in sorted(old.keys() & now.keys()):
            vanished, appeared = sorted(old[group] - now[group]), sorted(now[group] - known[group])
            if vanished and appeared:
                return f"disparus : {listed(vanished)} ; jamais vus : {listed(appeared)}"
        return ""


def _codes(rows: pd.DataFrame, columns: list[str]) -> dict[str, set[str]]:
    codes: dict[str, set[str]] = {}
    for *group, code in rows[columns].dropna(subset=columns[-1]).drop_duplicates().itertuples(index=False):
        codes.setdefault(SEPARATOR.join(map(str, group)), set()).add(str(code))
    return codes


class ExpectCoverageNotToShrink(DocumentGuard):
    """What was covered still is: no more than `max_lost` of the combinations of `column_list` are gone."""

    column_list: list[str]
    max_lost: float = 0.0

    def finding(self, frame: pd.DataFrame, history: History) -> str:
        before = previous_rows(history, self.column_list)
        if before is None:
            return ""
        covered = _combinations(before)
        lost = covered - _combinations(frame[self.column_list])
        return f"absents à présent : {listed(sorted(lost))}" if len(lost) > self.max_lost * len(covered) else ""


def _combinations(rows: pd.DataFrame) -> set[str]:
    return {SEPARATOR.join(map(str, row)) for row in rows.dropna().drop_duplicates().itertuples(index=False)}
