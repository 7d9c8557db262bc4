"""When a clause of law starts to bind: absolute days, and formulas that count from a publication.

Each formula gives a day, or says that it cannot: working days, a decree to come, an event that is not the text's own
publication. French, Spanish and English; the text is folded (`vigie.extract.folding`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from vigie.extract.dates import MONTH_NUMBERS, NAME
from vigie.extract.lengths import (
    ARABIC_SPAN,
    COUNT,
    MONTHS_IN,
    NUMERAL,
    ORDINAL,
    ORDINALS,
    SPAN,
    later,
    months_later,
    number,
)
from vigie.extract.publications import OWN, OWN_ARABIC, OWN_FORCE

SENTINEL_YEAR = 2900
"""Gazettes write 2999-01-01, or 2998-12-31 in another time zone, for « unknown »."""

WORKING = (
    r"(?: (?P<working>ouvrables?|ouvres|francs|habiles|working|business))?(?: naturales| calendaires| calendar"
    r"| completos| pleins| jour pour jour| de date a date)?"
)
FROM = (
    r"(?: (?:a compter du lendemain(?: du jour)? de|(?:a contar |contados )?(?:desde el|a partir del)"
    r" dia siguiente al?(?: de)?|apres|a compter d[eu]|a partir d[eu]|suivant|qui suivent|qui suit|courant a compter de"
    r"|de|del|desde"
    r"|despues de|a contar desde|a contar de|"
    r"contados? (?:a partir de|desde)|contados? desde el dia siguiente al? de|siguientes? a|a partir del|after|from"
    r"|following|beginning with|tras)|,)+"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day that a formula gives (None: it cannot say), on what basis, and where the formula stands."""

    day: date | None
    basis: str
    confidence: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Anchors:
    """The days that formulas count from; None when unknown."""

    published: date | None
    in_force: date | None = None
    jurisdiction: str = ""


Resolve = Callable[[re.Match[str], Anchors], tuple[date | None, str]]


def _count(match: re.Match[str]) -> int | None:
    written = match.groupdict().get("count")
    return number(written) if written else 1


def _after(anchor: Callable[[Anchors], date | None], confidence: str) -> Resolve:
    def resolve(match: re.Match[str], anchors: Anchors) -> tuple[date | None, str]:
        if match.groupdict().get("working"):
            return None, "none"
        return later(anchor(anchors), _count(match), match["span"]), confidence

    return resolve


def _years_and(match: re.Match[str], anchors: Anchors) -> tuple[date | None, str]:
    """« Un an et six mois après sa publication »."""
    years = number(match["years"]) if match["years"] else 1
    return later(later(anchors.published, years, "ans"), _count(match), match["span"]), "high"


def _ordinal(match: re.Match[str]) -> int:
    written = match.groupdict().get("nth")
    if not written:
        return 1
    digits = re.match(r"\d+", written)
    return int(digits[0]) if digits else ORDINALS[written]


def _nth_day(match: re.Match[str], anchors: Anchors) -> tuple[date | None, str]:
    return (anchors.published + timedelta(days=_ordinal(match)) if anchors.published else None), "high"


def _days(count: int) -> Resolve:
    def resolve(match: re.Match[str], anchors: Anchors) -> tuple[date | None, str]:
        del match
        return (anchors.published + timedelta(days=count) if anchors.published else None), "high"

    return resolve


def _first_of(match: re.Match[str], anchors: Anchors) -> tuple[date | None, str]:
    """« Le premier jour du troisième mois suivant… », after a delay when there is one."""
    start = anchors.published
    if match.groupdict().get("count"):
        start = later(start, _count(match), match["span"])
    if start is None:
        return None, "none"
    size = next(size for name, size in MONTHS_IN.items() if match["period"].startswith(name))
    first = date(start.year, (start.month - 1) // size * size + 1, 1)
    return months_later(first, _ordinal(match) * size), "high"


def _next_year(match: re.Match[str], anchors: Anchors) -> tuple[date | None, str]:
    if anchors.published is None:
        return None, "none"
    return date(anchors.published.year + 1, MONTH_NUMBERS[match["month"]], _day_of(match)), "high"


def _day_of(match: re.Match[str]) -> int:
    written = match["day"]
    return 1 if written in ("premier", "primero", "uno", "فاتح") else int(re.match(r"\d+", written)[0])  # type: ignore[index]


def _spelled(match: re.Match[str], anchors: Anchors) -> tuple[date | None, str]:
    """« Le quinze mars deux mille vingt-six »."""
    del anchors
    day, year = ORDINALS.get(match["day_words"]) or number(match["day_words"]), number(match["year_words"])
    try:
        return (date(year, MONTH_NUMBERS[match["month"]], day) if day and year else None), "high"
    except ValueError:
        return None, "none"


def _absolute(match: re.Match[str], anchors: Anchors) -> tuple[date | None, str]:
    del anchors
    year = int(match["year"])
    if year >= SENTINEL_YEAR:
        return None, "none"
    try:
        return date(year, MONTH_NUMBERS[match["month"]], _day_of(match)), "high"
    except ValueError:
        return None, "none"


def _first_of_span(match: re.Match[str], anchors: Anchors) -> tuple[date | None, str]:
    """« Du 1er juillet au 31 décembre 2025 »: the year is that of the last day, or the one before it."""
    del anchors
    first, last, year = MONTH_NUMBERS[match["month"]], MONTH_NUMBERS[match["last"]], int(match["year"])
    try:
        return date(year - (first > last), first, _day_of(match)), "high"
    except ValueError:
        return None, "none"


def _numeric(match: re.Match[str], anchors: Anchors) -> tuple[date | None, str]:
    del anchors
    if int(match["year"]) >= SENTINEL_YEAR:
        return None, "none"
    try:
        return date(int(match["year"]), int(match["number"]), int(match["day"])), "high"
    except ValueError:
        return None, "none"


def _coming(match: re.Match[str], anchors: Anchors) -> tuple[date | None, str]:
    """« Le 1er septembre prochain »: the first after publication."""
    if anchors.published is None:
        return None, "none"
    month, day = MONTH_NUMBERS[match["month"]], _day_of(match)
    try:
        this = date(anchors.published.year, month, day)
        return (this if this > anchors.published else date(this.year + 1, month, day)), "medium"
    except ValueError:
        return None, "none"


def _never(match: re.Match[str], anchors: Anchors) -> tuple[date | None, str]:
    del match, anchors
    return None, "none"


PERIOD = r"(?P<period>mois|trimestre|semestre|annee|mes|ano|month|quarter|year)(?: civile?| calendaire| natural)?"
FIRST = (
    rf"(?:premier jour|1er|first day|primer dia|1er jour|dia 1|dia primero) (?:du|de la|del|of the)"
    rf"(?: {ORDINAL})? {PERIOD}(?: (?:suivant|qui suit|siguiente|following|posterior|after))?"
)
DAY = r"(?P<day>\d{1,2}(?:er|º|st|nd|rd|th)?|premier|primero|فاتح)"
RUN = rf"{NUMERAL}(?:[ -](?:et[ -]|y )?{NUMERAL})*"
DELAY = (
    r"(?:l'expiration |l'echeance |la expiracion |the end )?(?:d'un |du |de un |del |of the |un |le |el )?(?:delai"
    r"|plazo|period) (?:d'|de |of )"
)
YEARS_AND = rf"\b(?:(?P<years>{NUMERAL}|\d{{1,2}})|al|d'un) (?:ans?|anos?|years?) (?:et|y|and) (?:de |d')?"
DURING = (
    r"(?:\b(?:pendant|durant|durante|pour|por|sur)(?: une?| un| la| el)?(?: (?:duree|periode|periodo|plazo|delai|tiempo))?"
    r"|\b(?:duree|vigencia|duracion))(?: (?:maximale|maxima|maximo|initiale|inicial))?(?: d'| de)? ?"
)
FORMULAS: tuple[tuple[str, re.Pattern[str], Resolve], ...] = tuple(
    (basis, re.compile(pattern), resolve)
    for basis, pattern, resolve in (
        # « pendant deux ans à compter de sa publication »: the delay is how long, not how late
        ("publication", rf"{DURING}{COUNT} {SPAN}{WORKING}{FROM}{OWN}", _days(0)),
        ("publication", rf"{FIRST} (?:de )?{DELAY}{COUNT} {SPAN}{WORKING}{FROM}{OWN}", _first_of),
        ("publication", rf"{FIRST}(?: (?:a|de|del|al|la|celui|celle))*{OWN}", _first_of),
        ("publication", rf"{DAY} (?:de )?{NAME} (?:de l'annee|del ano|of the year) (?:suivant|qui suit|siguiente"
                        rf"|following)(?: celle)?", _next_year),
        ("stated", rf"\b(?:du|del|desde el|de) {DAY}(?: de)? {NAME}(?= (?:inclus )?(?:au|al|hasta el|jusqu'au) \d{{1,2}}(?:er)?"
                   rf"(?: de)? {NAME.replace('month', 'last')}(?: de| del)? (?P<year>20\d\d))", _first_of_span),
        ("stated", rf"(?<![\d/-]){DAY}(?: de| del mes de| of|/| من شهر| من)? ?{NAME}(?: de| del(?: ano)?|,| سنه| من سنه"
                   rf"| عام)? (?P<year>(?:19"
                   rf"|2[09])\d\d)(?!\d)", _absolute),
        ("stated", rf"(?<!\w)(?P<day_words>premier|primero|[0-3]?\d(?:er)?|{RUN}) (?:de )?{NAME} (?:de "
                   rf"|del ano )?(?P<year_words>(?:deux mille|dos"
                   rf" mil|two thousand)(?:[ -](?:et[ -]|y |and )?{NUMERAL})*)(?! ?mil)", _spelled),
        ("stated", r"(?<![\d/-])(?P<day>[0-3]?\d) ?[/.] ?(?P<number>[01]?\d) ?[/.] ?(?P<year>(?:19"
                   r"|2[09])\d\d)(?!\d)", _numeric),
        ("stated", r"(?<![\d/-])(?P<year>(?:19|2[09])\d\d)-(?P<number>[01]\d)-(?P<day>[0-3]\d)(?!\d)",
         _numeric),
        ("stated", rf"(?<![\d/-]){DAY}(?: de)? {NAME} (?:prochain|proximo|next)", _coming),
        ("publication", rf"{DELAY}{COUNT} {SPAN}{WORKING}{FROM}{OWN}", _after(lambda a: a.published, "medium")),
        ("publication", rf"{ORDINAL} (?:jour|dia|day)(?: (?:suivant|qui suit|siguiente|following|after|posterior))"
                        rf"(?: (?:a|al|to))?{OWN}", _nth_day),
        ("publication", rf"surlendemain (?:de |du jour de )?{OWN}", _days(2)),
        ("publication", rf"{YEARS_AND}{COUNT} {SPAN}{FROM}{OWN}", _years_and),
        ("publication", rf"\b(?:al |un |d'un )(?P<count>)(?P<span>mes|ano|mois|an){FROM}{OWN}",
         _after(lambda a: a.published, "high")),
        ("publication", rf"(?<![a-z-]){COUNT} {SPAN}{WORKING}{FROM}{OWN}", _after(lambda a: a.published, "high")),
        ("publication", rf"(?:a los|al cabo de|au bout de|transcurridos) {COUNT} {SPAN}(?=[.,;]|$)",
         _after(lambda a: a.published, "medium")),
        # « …, sauf l'article 4, six mois après »: after the publication that the sentence has just named
        ("publication", rf"{COUNT} {SPAN} (?:apres|plus tard|despues|mas tarde|later|afterwards)(?=[.,;]|$)",
         _after(lambda a: a.published, "medium")),
        ("publication", rf"(?:lendemain|\bjour (?:suivant|qui suit)|dia (?:inmediatamente )?(?:siguiente|posterior)"
                        rf"|day (?:following"
                        rf"|after))(?: (?:a"
                        rf"|al|del|de|du))*{OWN}", _days(1)),
        ("publication", rf"(?<!\w)(?:le jour(?: meme)? de|a (?:la date|compter) (?:du jour )?de|des|du jour de"
                        rf"|mismo dia de|dia de|dia en que se produzca|on the day of|a partir de(?:l dia)?(?: de)?"
         rf"|desde(?: el dia de| la fecha de)?|en la fecha de|en el momento de){OWN}", _days(0)),
        ("own_commencement", rf"{COUNT} {SPAN}{WORKING}{FROM}{OWN_FORCE}", _after(lambda a: a.in_force, "medium")),
        ("publication", rf"{ARABIC_SPAN} (?:بعد|من|ابتداء من|تحتسب من|تبتدئ من|يبتدئ من|تسري من) {OWN_ARABIC}",
         _after(lambda a: a.published, "medium")),
        ("publication", rf"(?:الموالي|التالي) (?:ل(?:تاريخ|يوم) |ل){OWN_ARABIC}", _days(1)),
        ("publication", rf"(?:من|في|منذ|ب) ?{OWN_ARABIC}", _days(0)),
        ("publication", r"(?:al dia siguiente|le lendemain)(?=[.,;]|$)", _days(1)),
        ("publication", r"immediatement|(?:application|effet) immediate?|(?:aplicacion|efectos?) inmediat[ao]s?"
                        r"|des maintenant|sans delai|inmediatamente(?! siguiente)|de inmediato|immediately"
                        r"|with immediate effect", _days(0)),
    )
)  # fmt: skip
LASTING = re.compile(rf"{DURING}{COUNT} {SPAN}\b[^.;,]{{0,40}}$")
"""« Pour une durée de cinq ans à compter du… »: how long from the day that follows."""
MONTH = re.compile(
    rf"(?<!\w)(?:en|courant|au cours du mois d[e']|au mois d[e']|en el mes de|durante el mes de|during|in|في شهر"
    rf"|خلال شهر) ?{NAME}"
    r"(?: de| del| سنه)? (?P<year>(?:19|2[09])\d\d)(?!\d)"
)
DELAYED = re.compile(rf"{COUNT} {SPAN}\b(?! ?[.,;])[^.;,]{{0,40}}$")
"""A delay that counts from the formula after it: the day of this formula is not the day sought."""
DECREE = re.compile(
    r"(?:date|fecha|dates) (?:qui (?:sera|est) )?(?:fixee?s?|que se fije|que fije|fijada|determinee?|prevue|precisee)"
    r"|fixee?s? par (?:un |voie de )?(?:decret|arrete|ordonnance)"
    r"|par (?:un |voie de )?decret|par (?:un )?arrete|se fijara|se determinara|por orden ministerial|reglamentariamente"
    r"|(?:secretary of state"
    r"|minister|treasury)[\w ]* may|appointed day|by (?:order|regulations) appoint"
)
LATEST = re.compile(
    r"(?:au plus tard|no mas tarde d[e']?l?|a mas tardar|como maximo|not? later than|by)(?: a compter du| a partir del?| le"
    r"| el| al| on)? ?$"
    r"|(?:antes del|avant le|before) ?$|(?:a defaut|en su defecto),? (?:le|el)? ?$|(?:ne (?:peut|pourra|saurait) etre"
    r"|no podra ser) (?:posterieure?|posterior) (?:au|al?)(?: la| le)? ?$|(?:في اجل اقصاه|قبل) ?$"
)


def moments(clause: str, anchors: Anchors) -> list[Moment]:
    """The moments that a folded clause names, in its order, none inside another."""
    taken: list[Moment] = []
    for basis, pattern, resolve in FORMULAS:
        for match in pattern.finditer(clause):
            start, end = match.span()
            if any(start < other.end and other.start < end for other in taken):
                continue
            day, confidence = resolve(match, anchors)
            taken.append(Moment(day, basis, confidence if day else "none", start, end))
    return sorted(taken, key=lambda moment: moment.start)


def month_named(clause: str, start: int) -> date | None:
    """The first day of the month that a folded clause names without its day, after `start`."""
    named = MONTH.search(clause, start)
    return date(int(named["year"]), MONTH_NUMBERS[named["month"]], 1) if named and int(named["year"]) < SENTINEL_YEAR else None
