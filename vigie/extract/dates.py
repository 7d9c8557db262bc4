"""The dates that a text names: days, months, quarters, half-years and years, in the precision that it gives.

A day or a month without its year is of the year of publication, of the year before (« fin décembre », said in January) or,
when the text speaks of what is to come, of the next. Days that share one month
(« les 7 et 8 octobre », « du 6 au 11 février ») are dated by the last of them. « fin 2024 » is December.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from vigie.extract.folding import fold
from vigie.readers.dates import ABROAD, MONTHS


def _folded_months() -> dict[str, int]:
    known = {**MONTHS, **ABROAD}
    english = (
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    )  # fmt: skip
    known |= {name: number for number, name in enumerate(english, start=1)}
    return {fold(name): number for name, number in known.items()}


MONTH_NUMBERS = _folded_months()
SHORT = frozenset({
    "janv", "fevr", "fev", "avr", "juil", "sept", "dec", "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct",
    "nov", "dic", "jan", "apr", "aug",
})  # fmt: skip
"""Names that are a month beside a day or a year only."""
WITH_DAY = frozenset(["sept", "juil", "janv", "fevr", "may", "oct", "nov", "dec"])
LONG = frozenset(MONTH_NUMBERS) - SHORT - {"mai", "mars", "march", "ماي", "مارس"} | {"mai", "mars"}
NAME = r"(?P<month>" + "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True)) + r")\b\.?"
ALONE = r"(?P<month>" + "|".join(sorted((LONG | {"may", "march", "ماي", "مارس"} | WITH_DAY), key=len, reverse=True)) + r")\b"
YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
DAY = r"(?P<day>[0-3]?\d)(?:er|º|st|nd|rd|th)?"
OF = r"(?: de | del | of |,? |-)"
PART = {
    "premier": 1, "premiere": 1, "1er": 1, "1ere": 1, "1re": 1, "second": 2, "seconde": 2, "deuxieme": 2, "2e": 2, "2eme": 2,
    "2nd": 2,    "troisieme": 3, "3e": 3, "3eme": 3, "quatrieme": 4, "4e": 4, "4eme": 4, "dernier": 4,
    "primer": 1, "1º": 1, "segundo": 2, "2º": 2, "tercer": 3, "3º": 3, "cuarto": 4, "4º": 4, "first": 1, "1st": 1,
    "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "الاول": 1, "الثاني": 2, "الثالث": 3, "الرابع": 4,
}  # fmt: skip
NTH = r"(?P<part>" + "|".join(sorted(map(re.escape, PART), key=len, reverse=True)) + ")"
HALF = r"(?:semestre|half|النصف)"
QUARTER = r"(?:trimestre|quarter|الربع)"
LINK = r"(?: (?:de l'annee|de l'exercice|de|del|of|of the year|من سنه|من عام|من|لسنه|لعام)| d'|,)? ?"
ENDS = r"(?:fin(?: (?:de l'annee|decembre))?|finales? de|fines de|final de|end of|late|نهايه(?: سنه| عام)?|متم(?: سنه)?)"


NEAR_DAYS = 230
COMING = re.compile(
    r"prochain|d'ici|\bdes\b|a partir|a compter|prev[ou]|\bsera\b|seront|\w{3}(?:era|ira|eront|iront)\b|a venir|proximo"
    r"|a partir de|next|\bby\b|\bwill\b|ابتداء|المقبل"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A date in ISO precision (`2025`, `2025-05`, `2025-05-08`, `2025-S1`, `2025-Q3`) and where it stands."""

    value: str
    start: int
    end: int


Resolve = Callable[[re.Match[str], date], str | None]


def dates(text: str, published: date) -> list[Mention]:
    """The dates of a text in their order, none inside another; each value once."""
    folded = fold(text)
    taken: list[tuple[int, int]] = []
    found: list[Mention] = []
    seen = {clue for clue, pattern in CLUES.items() if pattern.search(folded)}
    for pattern, needed, resolve in PATTERNS:
        if not needed <= seen:
            continue
        for match in pattern.finditer(folded):
            start, end = match.span()
            if any(start < b and a < end for a, b in taken):
                continue
            value = resolve(match, published)
            if value is None:
                continue
            taken.append((start, end))
            found.append(Mention(value, start, end))
    return sorted(found, key=lambda mention: mention.start)


def _year_of(match: re.Match[str]) -> int | None:
    year = match.groupdict().get("year")
    return int(year) if year else None


def _iso(year: int, month: int, day: int | None = None) -> str | None:
    try:
        return f"{date(year, month, day or 1):%Y-%m-%d}" if day else f"{date(year, month, 1):%Y-%m}"
    except ValueError:
        return None


def _nearest(match: re.Match[str], published: date, month: int, day: int | None) -> int:
    """The year where none is written: that of the publication, unless this is too far from it to go without saying."""
    after = match.string[match.end() : match.end() + 22]
    if re.match(r"\s?(?:dernier|passe|ecoule|pasado|ultimo|last|المنصرم|الماضي)", after):
        return published.year if (month, day or 1) <= (published.month, published.day) else published.year - 1
    if re.match(r"\s?(?:prochain|proximo|next|المقبل|القادم)", after):
        return published.year if (month, day or 28) >= (published.month, published.day) else published.year + 1

    away = (date(published.year, month, min(day or 15, 28)) - published).days
    if abs(away) <= NEAR_DAYS:
        return published.year
    is_coming = COMING.search(match.string[max(0, match.start() - 40) : match.end() + 22])
    if away < 0:
        return published.year + 1 if is_coming else published.year
    return published.year if is_coming else published.year - 1


def _day(match: re.Match[str], published: date) -> str | None:
    month, day = MONTH_NUMBERS[match["month"]], int(match["day"])
    if not 1 <= day <= 31:
        return None
    year = _year_of(match)
    if year is None and match["month"] in SHORT and match["month"] not in WITH_DAY:
        return None
    return _iso(year or _nearest(match, published, month, day), month, day)


def _month(match: re.Match[str], published: date) -> str | None:
    month = MONTH_NUMBERS[match["month"]]
    return _iso(_year_of(match) or _nearest(match, published, month, None), month)


def _numeric(match: re.Match[str], published: date) -> str | None:
    del published
    return _iso(int(match["year"]), int(match["number"]), int(match["day"]))


def _part(letter: str, most: int) -> Resolve:
    def resolve(match: re.Match[str], published: date) -> str | None:
        written = match["part"]
        part = int(written) if written.isdecimal() else PART[written]
        year = _year_of(match)
        if part > most:
            return None
        return f"{year or published.year}-{letter}{part}"

    return resolve


def _end_of_year(match: re.Match[str], published: date) -> str | None:
    return f"{_year_of(match) or published.year}-12"


def _year(match: re.Match[str], published: date) -> str | None:
    del published
    return match["year"] if 1950 <= int(match["year"]) <= 2100 else None


COUNTED = (
    r"(?! ?(?:emploi|poste|salarie|employe|personne|agent|collaborateur|position|jeune|euro|dirham|dh\b|mdh|%|m2|m²|ha\b"
    r"|puesto|emplead"
    r"|jobs|workers|people|منصب|شخص|درهم|million|milliard|teleconseill|teleoperat|teleopera|recrutement|embauche"
    r"|entreprise|societe))"
)
LAW = r"(?<!n°)(?<!n° )(?<!n º)(?<!no )(?<![\d/.,-])"
CLUES = {
    "digit": re.compile(r"\d"),
    "year": re.compile(r"(?:19|20)\d\d"),
    "month": re.compile(r"(?<!\w)[بل]?(?:" + "|".join(MONTH_NUMBERS) + r")\b"),
    "part": re.compile(rf"{HALF}|{QUARTER}"),
}
"""What a text must hold for a pattern to be worth trying: most sentences hold no date."""


def _needed(pattern: str) -> frozenset[str]:
    year = {"year"} if "(?P<year>" in pattern else set()
    digit = {"digit"} if "(?P<day>" in pattern else set()
    month = {"month"} if "(?P<month>" in pattern else set()
    part = {"part"} if HALF in pattern or QUARTER in pattern else set()
    return frozenset(year | digit | month | part)


PATTERNS: tuple[tuple[re.Pattern[str], frozenset[str], Resolve], ...] = tuple(
    (re.compile(pattern), _needed(pattern), resolve)
    for pattern, resolve in (
        (rf"(?<!\d){YEAR}-(?P<number>[01]\d)-(?P<day>[0-3]\d)(?!\d)", _numeric),
        (rf"(?<![\d/.-])(?P<day>[0-3]?\d) ?(?:-|/|\.) ?(?P<number>[01]?\d) ?(?:-|/|\.) ?{YEAR}", _numeric),
        (rf"(?<![\d.,/]){DAY}{OF}(?:mois de )?{NAME}{OF}(?:l'annee )?{YEAR}", _day),
        (rf"(?<!\w){NAME} {DAY},? {YEAR}", _day),
        (rf"(?<![\d.,/])(?:{DAY}(?: de| of|-|\b)) ?{ALONE}", _day),
        (rf"(?<!\w)(?:on |to |the |by |since |from )?(?P<month>january|february|march|april|may|june|july|august"
         rf"|september|october|november|december)"
         rf" {DAY}(?![\d,.]\d|\d| ?%)", _day),
        (rf"(?<!\w){NTH} {HALF}{LINK}{YEAR}", _part("S", 2)),
        (rf"(?<!\w){HALF} {NTH}{LINK}{YEAR}", _part("S", 2)),
        (rf"(?<!\w)[sh](?P<part>[12])[ -]?{YEAR}", _part("S", 2)),
        (rf"(?<!\w){NTH} {QUARTER}{LINK}{YEAR}", _part("Q", 4)),
        (rf"(?<!\w){QUARTER} {NTH}{LINK}{YEAR}", _part("Q", 4)),
        (rf"(?<!\w)[tq](?P<part>[1-4])[ -]?{YEAR}", _part("Q", 4)),
        (rf"(?<!\w){YEAR}[ -]?[tq](?P<part>[1-4])(?!\w)", _part("Q", 4)),
        (rf"(?<!\w)(?:au |du |le |el |the |during the |in the |in |خلال )(?:cours du )?{NTH} {HALF}(?! de (?:la|l')|\w)",
         _part("S", 2)),
        (rf"(?<!\w)(?:au |du |le |el |the |during the |in the |in |خلال )(?:cours du )?{NTH} {QUARTER}(?! de (?:la|l')"
         rf"|\w)", _part("Q", 4)),
        (rf"(?<!\w){NAME}{OF}(?:l'annee )?{YEAR}", _month),
        (rf"(?<!\w)(?:fin |debut |mi-|en |de |des |depuis |d'ici |ici |a |pour |au mois de |avant |apres |le mois de "
         rf"|jusqu'en |jusqu'a |courant "
         rf"|a la fin |finales de |principios de |mediados de |a partir de |desde |hasta |para |in |by |since |from "
         rf"|until |late |early |mid-|last |next |of "
         rf"|في |شهر |خلال |منذ |من |ل|ب|متم |نهايه |بدايه |ابتداء من )(?:fin |debut |mi-|the end of )?{ALONE}(?! \d| ?%)",
         _month),
        (rf"(?<!\w){ENDS} {YEAR}", _end_of_year),
        (r"(?<!\w)(?:la fin de l'annee|fin d'annee|fin de l'annee|finales de ano|the end of the year|year-end"
         r"|نهايه السنه)(?! (?:derniere|precedente|(?:19|20)\d\d|scolaire|prochaine))", _end_of_year),
        (rf"{LAW}{YEAR}(?!-\d{{1,2}}\b(?!\d)|-\d{{3}}\b|-(?!20|19)\d{{4}}|[.,]\d| ?\d{{3}}\b){COUNTED}", _year),
        (rf"(?<=(?:19|20)\d\d[-/]){YEAR}{COUNTED}", _year),
    )
)  # fmt: skip
