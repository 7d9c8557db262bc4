"""Charts of one form only: a row for each figure, its value as a mark, its interval as a band, its reading beside it.

What can be drawn is what can be told: a row without a figure has no mark at all, only its reason.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vigie.bulletin.figures import Figure, spoken, with_unit

LEFT, PLOT, RIGHT = 250, 300, 230
"""Widths of the labels, of the scale and of the readings, in units of the drawing."""
ROW, HEAD, TOP, FOOT = 22, 24, 6, 34
MOST_TICKS = 5
SHORTEST_BAND = 2.0
"""A band narrower than its own stroke would look like a point."""
LONGEST_LABEL = 40


@dataclass(frozen=True)
class Row:
    """A labelled figure; `note` is what must be read with it."""

    label: str
    figure: Figure
    note: str = ""


@dataclass(frozen=True)
class Group:
    """Rows that may be compared with each other, and with no other group."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Drawn:
    """Where a row is drawn; `None` where there is nothing to draw."""

    row: Row
    y: float
    mark: float | None
    band: tuple[float, float] | None
    is_open: bool
    """The interval has no upper bound: its band ends in an arrow."""


@dataclass(frozen=True)
class Chart:
    """A chart with its twin: the table is made of the same rows. `why` says why there is none."""

    name: str
    unit: str
    groups: Sequence[Group]
    why: str = ""
    is_bar: bool = False
    """Values are amounts, drawn as lengths from zero."""

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]

    @property
    def width(self) -> int:
        return LEFT + PLOT + RIGHT

    @property
    def height(self) -> int:
        return TOP + HEAD * len(self.groups) + ROW * len(self.rows) + FOOT

    @property
    def foot(self) -> int:
        return self.height - FOOT

    @property
    def unit_text(self) -> str:
        return with_unit("", self.unit).strip()

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Where the scale is marked, and with which number."""
        least, most, step = self._scale()
        ranks = range(round(least / step), round(most / step) + 1)
        return [(self.x(step * rank), spoken(step * rank, self.unit)) for rank in ranks]

    @property
    def panels(self) -> list[tuple[str, float, float]]:
        """The title of each group, where its rows begin and where they end."""
        told, y = [], float(TOP)
        for group in self.groups:
            end = y + HEAD + ROW * len(group.rows)
            told.append((group.title, y + HEAD, end))
            y = end
        return told

    @property
    def drawn(self) -> list[Drawn]:
        return [
            self._drawn(row, start + ROW * (rank + 0.5))
            for group, (_, start, _) in zip(self.groups, self.panels, strict=True)
            for rank, row in enumerate(group.rows)
        ]

    def x(self, value: float) -> float:
        """The abscissa of a value, to a tenth of a unit of the drawing."""
        least, most, _ = self._scale()
        return round(LEFT + PLOT * (value - least) / (most - least), 1)

    def _drawn(self, row: Row, y: float) -> Drawn:
        told = row.figure
        mark = None if told.value is None else self.x(told.value)
        is_open = told.lower is not None and told.upper is None
        low = told.lower if told.lower is not None else self._scale()[0] if told.upper is not None else None
        high = told.upper if told.upper is not None else self._scale()[1]
        band = None
        if low is not None:
            start, end = self.x(low), self.x(high)
            band = (start, max(end, start + SHORTEST_BAND))
        return Drawn(row, y, mark, band, is_open)

    def _scale(self) -> tuple[float, float, float]:
        """Both ends of the scale, zero between them, and its step: 1, 2 or 5 times a power of ten."""
        known = [part for row in self.rows for part in (row.figure.value, row.figure.lower, row.figure.upper) if part is not None]
        least, most = min([*known, 0.0]), max([*known, 0.0])
        rough = (most - least) / MOST_TICKS or 1.0
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))
        return step * math.floor(least / step + 1e-9), step * max(math.ceil(most / step - 1e-9), 1), step


def cut(text: str, longest: int = LONGEST_LABEL) -> str:
    """A text as the drawing has room for; its table says it whole."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
