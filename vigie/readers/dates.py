"""Days and periods as French releases and registers write them."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime

MONTHS = {
    "janvier": 1, "février": 2, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7,
    "août": 8, "aout": 8, "septembre": 9, "octobre": 10, "novembre": 11, "décembre": 12, "decembre": 12,
}  # fmt: skip
FLAG = re.compile(r"\s*(?:\((p|e)\)|\b(p|e)\b|\*)\.?\s*$", re.IGNORECASE)
SPACES = re.compile(r"[\s\u00a0\u202f]+")
YEAR = r"(?P<year>(?:19|20)\d\d)"
PERIODS = (
    ("A", re.compile(rf"(?:année\s*)?{YEAR}(?:\.0)?")),
    ("S", re.compile(rf"(?:[SH](?P<part>[12])|(?P<nth>[12])(?:er|e|ème|nd)\s*semestre)[\s-]*{YEAR}", re.IGNORECASE)),
    ("S", re.compile(rf"{YEAR}[\s-]*[SH](?P<part>[12])", re.IGNORECASE)),
    ("Q", re.compile(rf"(?:[TQ](?P<part>[1-4])|(?P<nth>[1-4])(?:er|e|ème)\s*trimestre)[\s-]*{YEAR}", re.IGNORECASE)),
    ("Q", re.compile(rf"{YEAR}[\s-]*[TQ](?P<part>[1-4])", re.IGNORECASE)),
    ("M", re.compile(rf"{YEAR}(?:-|M)(?P<part>0[1-9]|1[0-2])")),
)
MONTHS_IN = {"A": 12, "S": 6, "Q": 3, "M": 1}


@dataclass(frozen=True)
class Period:
    """A period by its frequency and first day, and the flag printed beside it ('p', 'e' or '')."""

    freq: str
    start: date
    flag: str = ""


def split_flag(printed: str) -> tuple[str, str]:
    """« 26,22 (p) » → (« 26,22 », 'p'); an asterisk marks a preliminary figure too."""
    found = FLAG.search(printed)
    if not found:
        return printed.strip(), ""
    return printed[: found.start()].strip(), (found.group(1) or found.group(2) or "p").lower()


def period(printed: object) -> Period | None:
    """« 2025 », « S1 2025 (p) », « 1er semestre 2025 », « T3 2025 », « 2025-Q3 »; None for anything else."""
    if isinstance(printed, bool) or not isinstance(printed, int | float | str):
        return None
    label, flag = split_flag(SPACES.sub(" ", str(printed)))
    for freq, pattern in PERIODS:
        found = pattern.fullmatch(label)
        if found:
            groups = found.groupdict()
            part = int(groups.get("part") or groups.get("nth") or 1)
            return Period(freq, date(int(groups["year"]), (part - 1) * MONTHS_IN[freq] + 1, 1), flag)
    return None


def day(printed: object) -> date | None:
    """« 20 octobre 2025 », « 1er juin 2016 », « 15 - 07 - 2025 », « 2025-10-20 »; a month alone gives its
    last day, since the document was certainly out by then. None for anything else."""
    if isinstance(printed, datetime):
        return printed.date()
    if isinstance(printed, date):
        return printed
    label = SPACES.sub(" ", str(printed)).strip().lower()
    try:
        if found := re.fullmatch(r"(?:(\d{1,2})(?:er)? )?([a-zéûè]+) (\d{4})", label):
            month = MONTHS.get(found[2])
            if month is None:
                return None
            year = int(found[3])
            return date(year, month, int(found[1]) if found[1] else calendar.monthrange(year, month)[1])
        if found := re.fullmatch(r"(\d{1,2}) ?[-/] ?(\d{1,2}) ?[-/] ?(\d{4})", label):
            return date(int(found[3]), int(found[2]), int(found[1]))
        return last_day(label)
    except ValueError:
        return None


def last_day(partial: str) -> date | None:
    """The last day of « 2025 », « 2025-05 » or « 2025-05-28 »; None for anything else."""
    found = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", partial.strip())
    if not found:
        return None
    year, month = int(found[1]), int(found[2] or 12)
    try:
        return date(year, month, int(found[3]) if found[3] else calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError):
        return None
