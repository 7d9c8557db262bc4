"""A number as the note says it: with its class, its interval, its origin and its receipt, or with the reason it is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vigie.receipt_words import UNITS
from vigie.wording import THIN, number

DECIMALS = {"MAD_BN": 2, "MAD_MN": 0, "PS": 0, "PS_PER_YEAR": 0, "NB": 0, "COUNT": 0, "DAYS": 0, "HOURS": 0, "PCT": 1, "PC": 1}
"""Digits after the comma that a reader of the note needs; other units by their size."""


@dataclass(frozen=True)
class Figure:
    """One figure in words and in numbers; `value` and bounds in `unit`, all null when it is unknown, `text` then says why."""

    text: str
    nature: str
    origin: str | None
    receipts: tuple[str, ...]
    unit: str = ""
    value: float | None = None
    lower: float | None = None
    upper: float | None = None

    @property
    def is_known(self) -> bool:
        return any(part is not None for part in (self.value, self.lower, self.upper))

    @property
    def short(self) -> str:
        """The text without its unit, for a chart that has it on its scale."""
        return _text(self.value, self.lower, self.upper, "", self.nature, self.unit)

    @property
    def middle(self) -> float | None:
        """Where a change is measured from: the value, or the middle of its bounds; never shown."""
        if self.value is not None or self.lower is None or self.upper is None:
            return self.value
        return (self.lower + self.upper) / 2


def figure(row: Mapping[str, Any], missing: str | None = None) -> Figure:
    """The figure of a published row with `value`, `lower`, `upper`, `unit`, `class`, `origin`, `receipt_id`."""
    value, lower, upper, unit = row.get("value"), row.get("lower"), row.get("upper"), str(row.get("unit") or "")
    nature = row.get("class") or "unknown"
    receipt = row.get("receipt_id")
    told = (str(receipt),) if receipt else ()
    origin = row.get("origin") or None
    if value is None and lower is None and upper is None:
        return Figure(f"inconnu ({missing or 'motif non précisé'})", "unknown", origin, told, unit)
    return Figure(_text(value, lower, upper, unit, nature), nature, origin, told, unit, value, lower, upper)


def _text(value: float | None, lower: float | None, upper: float | None, unit: str, nature: str, scale: str = "") -> str:
    """In words, with `unit`; where that is empty, as numbers of the `scale`."""
    measure = unit or scale
    low = None if lower is None else spoken(lower, measure)
    high = None if upper is None else spoken(upper, measure)
    if value is not None:
        if low is not None and high is not None and lower != upper:
            return f"{with_unit(spoken(value, measure), unit)} (de {low} à {high})"
        # a calculation whose band nobody computed must not pass for a count
        return with_unit(spoken(value, measure), unit) + (" (intervalle non calculé)" if nature == "modelled" else "")
    if low is not None and high is not None:
        return f"de {low} à {with_unit(high, unit)}"
    return f"au moins {with_unit(low, unit)}" if low is not None else f"au plus {with_unit(str(high), unit)}"


def spoken(value: float, unit: str) -> str:
    """The number in French without its unit; what is not zero is never rounded to zero."""
    shown = 100 * value if unit == "RATIO" else value
    decimals = DECIMALS.get("PCT" if unit == "RATIO" else unit, 3 if abs(shown) < 10 else 1)
    text = number(shown, decimals)
    if text == "0" and shown:
        least = number(10.0**-decimals, decimals)
        return f"moins de {least}" if shown > 0 else f"entre −{least} et 0"
    return text


def with_unit(text: str, unit: str) -> str:
    """Parts are said as percentages."""
    word = "%" if unit == "RATIO" else UNITS.get(unit, unit)
    return f"{text}{THIN if word == '%' else ' '}{word}" if word else text
