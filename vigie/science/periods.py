"""Months, quarters, half-years and years as whole numbers, and how much of each Ramadan takes.

A period is years times periods a year, so that the next one is one more.
"""

import re
from datetime import date
from typing import Literal

from vigie.science import ScienceError

Frequency = Literal["M", "Q", "S", "A"]
PERIODS: dict[str, int] = {"M": 12, "Q": 4, "S": 2, "A": 1}
"""Periods a year."""
UNITS = {"M": ("mois", "mois"), "Q": ("trimestre", "trimestres"), "S": ("semestre", "semestres"), "A": ("année", "années")}
LUNAR_SHARE = 1 / 12
"""Ramadan's part of any long stretch of time: one month in twelve of its own calendar."""


def period(text: str, frequency: Frequency) -> int:
    """The period that `2024-03`, `2024-03-31`, `2024-Q1`, `2024-T1`, `2024-S1` or `2024` names; ScienceError when none."""
    found = re.fullmatch(r"(\d{4})(?:-(?:(\d\d)(?:-\d\d)?|[QT]([1-4])|S([12])))?(?: 00:00:00)?", text)
    length = PERIODS[frequency]
    if found is None:
        raise ScienceError(f"« {text} » ne dit pas une période ; écrire {_WRITTEN[frequency]}")
    year, month, quarter, half = (int(part) if part else 0 for part in found.groups())
    # the month in which the period told begins, and how many months it holds
    start, held = (month, 1) if month else (quarter * 3 - 2, 3) if quarter else (half * 6 - 5, 6) if half else (1, 12)
    if not 1 <= start <= 12 or held > 12 // length:
        raise ScienceError(f"« {text} » ne dit pas une période ; écrire {_WRITTEN[frequency]}")
    return year * length + (start - 1) * length // 12


_WRITTEN = {"M": "AAAA-MM", "Q": "AAAA-Qn ou AAAA-MM", "S": "AAAA-Sn ou AAAA-MM", "A": "AAAA"}


def label(number: int, frequency: Frequency) -> str:
    """A period as SDMX writes it."""
    year, within = divmod(number, PERIODS[frequency])
    return f"{year}-{within + 1:02}" if frequency == "M" else str(year) if frequency == "A" else f"{year}-{frequency}{within + 1}"


def first_day(number: int, frequency: Frequency) -> date:
    """The day on which a period begins."""
    year, within = divmod(number, PERIODS[frequency])
    return date(year, within * 12 // PERIODS[frequency] + 1, 1)


def holding(day: date, frequency: Frequency) -> int:
    """The period that holds a day."""
    return day.year * PERIODS[frequency] + (day.month - 1) * PERIODS[frequency] // 12


def counted(count: int, frequency: Frequency) -> str:
    """So many periods, in French."""
    return f"{count} {UNITS[frequency][count > 1]}"


def ramadan_share(number: int, frequency: Frequency) -> float:
    """Share of a period's days in Ramadan, by the Umm al-Qura calendar: Morocco may begin a day later."""
    from hijridate import Gregorian, Hijri

    first, after = first_day(number, frequency), first_day(number + 1, frequency)
    try:
        years = range(Gregorian.fromdate(first).to_hijri().year, Gregorian.fromdate(after).to_hijri().year + 1)
    except OverflowError:
        told = label(number, frequency)
        raise ScienceError(f"{told} : le calendrier du ramadan n'est connu que de 1925 à 2076 ; mettre ramadan: never") from None
    days = 0
    for year in years:
        month = Hijri(year, 9, 1)
        start = month.to_gregorian().toordinal()
        days += max(0, min(start + month.month_length(), after.toordinal()) - max(start, first.toordinal()))
    return days / (after - first).days
