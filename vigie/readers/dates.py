"""Days and periods as French releases and registers write them."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

MONTHS = {
    "janvier": 1, "février": 2, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7,
    "août": 8, "aout": 8, "septembre": 9, "octobre": 10, "novembre": 11, "décembre": 12, "decembre": 12,
}  # fmt: skip
ABROAD = {
    "janv": 1, "févr": 2, "fevr": 2, "fév": 2, "fev": 2, "avr": 4, "juil": 7, "sept": 9, "déc": 12, "dec": 12,
    "enero": 1, "ene": 1, "febrero": 2, "feb": 2, "marzo": 3, "mar": 3, "abril": 4, "abr": 4, "mayo": 5, "may": 5,
    "junio": 6, "jun": 6, "julio": 7, "jul": 7, "agosto": 8, "ago": 8, "septiembre": 9, "setiembre": 9, "sep": 9,
    "octubre": 10, "oct": 10, "noviembre": 11, "nov": 11, "diciembre": 12, "dic": 12, "jan": 1, "apr": 4, "aug": 8,
    "يناير": 1, "فبراير": 2, "مارس": 3, "أبريل": 4, "ابريل": 4, "إبريل": 4, "ماي": 5, "مايو": 5, "يونيو": 6, "يونيه": 6,
    "يوليوز": 7, "يوليو": 7, "غشت": 8, "أغسطس": 8, "شتنبر": 9, "سبتمبر": 9, "أكتوبر": 10, "اكتوبر": 10,
    "نونبر": 11, "نوفمبر": 11, "دجنبر": 12, "ديسمبر": 12,
}  # fmt: skip
"""Months as feeds abbreviate them, in Spanish, and in Arabic as written in Morocco and further east."""
EASTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")
CLOCK = r"(?:\D{1,12}?(?P<hour>[01]?\d|2[0-3])[:hH](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?)?"
WRITTEN = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})(?:er|º)?\s+(?:de\s+)?(?P<month>[^\W\d_]+)\.?,?\s+(?:de\s+)?(?P<year>\d{{4}})(?!\d){CLOCK}"
)
NUMERIC = re.compile(rf"(?<!\d)(?P<day>\d{{1,2}})\s?[-/.]\s?(?P<month>\d{{1,2}})\s?[-/.]\s?(?P<year>\d{{4}})(?!\d){CLOCK}")
EPOCH = re.compile(r"(?P<seconds>\d{10})(?P<thousandths>\d{3})?")
ZONE = re.compile(r"(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)\s*$")
PLAUSIBLE = (datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
"""A press article dated outside of this is misread: an epoch read as a year, a day as a century."""
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


def stamp(printed: str) -> datetime | None:
    """The moment that a feed's date states in French, Spanish or Arabic words, in figures or in seconds of the
    epoch; UTC when it names no zone. None for anything else, and outside of what is plausible."""
    label = SPACES.sub(" ", printed.translate(EASTERN)).strip().lower()
    try:
        if found := EPOCH.fullmatch(label):
            moment = datetime.fromtimestamp(int(found["seconds"]), UTC)
        elif found := WRITTEN.search(label) or NUMERIC.search(label):
            name = found["month"]
            month = int(name) if name.isdecimal() else MONTHS.get(name) or ABROAD.get(name)
            if month is None:
                return None
            hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
            moment = datetime(int(found["year"]), month, int(found["day"]), hour, minute, second, tzinfo=_zone(label))
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return moment if is_plausible(moment) else None


def is_plausible(moment: datetime) -> bool:
    return PLAUSIBLE[0] <= moment < PLAUSIBLE[1]


def _zone(label: str) -> timezone:
    found = ZONE.search(label)
    if not found:
        return UTC
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
    return timezone(-offset if found["sign"] == "-" else offset)


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
