"""When a clause of law starts to bind: absolute days, and formulas that count from a publication.

Each formula gives a day, or says that it cannot: working days, a decree to come, an event that is not the text's own
publication. French, Spanish and English; the text is folded (`vigie.extract.folding`).
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import text_to_num

from vigie.extract.dates import MONTH_NUMBERS, NAME
from vigie.extract.numbers import WORDS

SENTINEL_YEAR = 2900
"""Gazettes write 2999-01-01, or 2998-12-31 in another time zone, for « unknown »."""

ORDINALS = {
    "premier": 1, "1er": 1, "deuxieme": 2, "second": 2, "troisieme": 3, "quatrieme": 4, "cinquieme": 5, "sixieme": 6,
    "septieme": 7, "huitieme": 8, "neuvieme": 9, "dixieme": 10, "onzieme": 11, "douzieme": 12, "quinzieme": 15, "vingtieme": 20,
    "trentieme": 30,
    "primer": 1, "primero": 1, "segundo": 2, "tercer": 3, "tercero": 3, "cuarto": 4, "quinto": 5, "sexto": 6, "septimo": 7,
    "octavo": 8, "noveno": 9, "decimo": 10, "duodecimo": 12, "decimoquinto": 15, "vigesimo": 20, "trigesimo": 30,
    "first": 1, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "tenth": 10, "twelfth": 12, "fifteenth": 15,
    "twentieth": 20, "twenty-first": 21, "twenty-eighth": 28, "thirtieth": 30,
}  # fmt: skip
ORDINAL = r"(?P<nth>\d{1,2}(?:er|e|eme|o|º|th|st|nd|rd)|" + "|".join(sorted(ORDINALS, key=len, reverse=True)) + ")"
NUMERAL = "(?:" + "|".join([*" ".join(WORDS.values()).split(), "une?", "uno", "una", "one"]) + ")"
COUNT = rf"(?P<count>(?<!\w)(?:\d{{1,3}}|{NUMERAL}(?:[ -](?:et[ -]|y )?{NUMERAL})*))"
SPAN = (
    r"(?P<span>jours?|semaines?|mois|trimestres?|semestres?|ans?|annees?|dias?|semanas?|mes|meses|anos?|days?|weeks?"
    r"|months?|years?)"
)
MONTHS_IN = {
    "mois": 1,
    "mes": 1,
    "month": 1,
    "trimestre": 3,
    "quarter": 3,
    "semestre": 6,
    "an": 12,
    "annee": 12,
    "ano": 12,
    "year": 12,
}
DAYS_IN = {"jour": 1, "dia": 1, "day": 1, "semaine": 7, "semana": 7, "week": 7}
WORKING = (
    r"(?: (?P<working>ouvrables?|ouvres|francs|habiles|working|business))?(?: naturales| calendaires| calendar"
    r"| completos| pleins)?"
)
FROM = (
    r"(?: (?:a compter du lendemain(?: du jour)? de|(?:a contar |contados )?(?:desde el|a partir del)"
    r" dia siguiente al?(?: de)?|apres|a compter d[eu]|a partir d[eu]|suivant|qui suivent|qui suit|courant a compter de"
    r"|de|del|desde"
    r"|despues de|a contar desde|a contar de|"
    r"contados? (?:a partir de|desde)|contados? desde el dia siguiente al? de|siguientes? a|a partir del|after|from"
    r"|following|beginning with|tras)|,)+"
)
OWN = (
    r" ?(?:(?:la |le |el |the )?(?:date|fecha|jour|dia|day|mois|mes|month)(?: (?:de|del|of)| d')? ?)?(?:celui |celle |al? |that "
    r"|cel(?:le)? )?(?:de |del |of |d')?"
    r"(?:(?:sa|leur|cette|ladite|su|dicha|esta|esa|its|la|l'|the|this) )?(?:date de |completa )?(?:publication"
    r"|publicacion|parution)"
    r"(?! (?:de la loi|du decret|de l'arrete|des decrets|des arretes|de l'ordonnance|de l'acte|du reglement|d'un|d'une"
    r"|des textes|del reglamento|de la orden|"
    r"del real decreto|de la norma|de las|de los|del decreto|de una?|of the (?:order|regulations|notice"
    r"|decree))\b(?! pr[eé]sent))"
)
OTHER = re.compile(
    r"promulgat|promulgac|notific|signature|firma|adoption|aprob|approbation|ratific|made\b|passed|laid\b|royal assent"
    r"|homologation|agrement"
    r"|publication (?:de la loi|du decret|de l'arrete|des|d'un|de l'ordonnance|du reglement|de l'acte)"
    r"|publicacion (?:del reglamento|de la orden|del real decreto|de la norma|del decreto|de una?)|cuando se|lorsque"
    r"|des que|en tanto"
)
OWN_FORCE = (
    r" ?(?:la date d'|la fecha de |the )?(?:son |sa |su |l'|la )?(?:entree en vigueur|entrada en vigor|coming into force)"
    r"(?: (?:de la presente|du present|de cette|de ce|de esta|de este|de la presente|del presente|of this|de la ley"
    r"|de la loi)\b|(?! d))"
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


Resolve = Callable[[re.Match[str], Anchors], tuple[date | None, str]]


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def number(written: str) -> int | None:
    """A small number in figures or in words of the three languages."""
    if written.isdecimal():
        return int(written)
    if written in ("un", "une", "uno", "una", "one", "a"):
        return 1
    for lang in ("fr", "es", "en"):
        try:
            return int(text_to_num.text2num(written, lang))
        except ValueError:
            continue
    return None


def _later(day: date | None, count: int | None, span: str) -> date | None:
    if day is None or count is None:
        return None
    for name, size in (*MONTHS_IN.items(), *DAYS_IN.items()):
        if span in (name, name + "s", name + "es"):
            return months_later(day, count * size) if name in MONTHS_IN else day + timedelta(days=count * size)
    return None


def _count(match: re.Match[str]) -> int | None:
    written = match.groupdict().get("count")
    return number(written) if written else 1


def _after(anchor: Callable[[Anchors], date | None], confidence: str) -> Resolve:
    def resolve(match: re.Match[str], anchors: Anchors) -> tuple[date | None, str]:
        if match.groupdict().get("working"):
            return None, "none"
        return _later(anchor(anchors), _count(match), match["span"]), confidence

    return resolve


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
        start = _later(start, _count(match), match["span"])
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
    return 1 if written in ("premier", "primero", "uno") else int(re.match(r"\d+", written)[0])  # type: ignore[index]


def _absolute(match: re.Match[str], anchors: Anchors) -> tuple[date | None, str]:
    del anchors
    year = int(match["year"])
    if year >= SENTINEL_YEAR:
        return None, "none"
    try:
        return date(year, MONTH_NUMBERS[match["month"]], _day_of(match)), "high"
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
DAY = r"(?P<day>\d{1,2}(?:er|º|st|nd|rd|th)?|premier|primero)"
DELAY = (
    r"(?:l'expiration |l'echeance |la expiracion |the end )?(?:d'un |du |de un |del |of the |un |le |el )?(?:delai"
    r"|plazo|period) (?:d'|de |of )"
)
FORMULAS: tuple[tuple[str, re.Pattern[str], Resolve], ...] = tuple(
    (basis, re.compile(pattern), resolve)
    for basis, pattern, resolve in (
        ("publication", rf"{FIRST} (?:de )?{DELAY}{COUNT} {SPAN}{WORKING}{FROM}{OWN}", _first_of),
        ("publication", rf"{FIRST}(?: (?:a|de|del|al|la|celui|celle))*{OWN}", _first_of),
        ("publication", rf"{DAY} (?:de )?{NAME} (?:de l'annee|del ano|of the year) (?:suivant|qui suit|siguiente"
                        rf"|following)(?: celle)?", _next_year),
        ("stated", rf"(?<![\d/-]){DAY}(?: de| del mes de| of|/)? ?{NAME}(?: de| del(?: ano)?|,)? (?P<year>(?:19"
                   rf"|2[09])\d\d)(?!\d)", _absolute),
        ("stated", r"(?<![\d/-])(?P<day>[0-3]?\d) ?[/.] ?(?P<number>[01]?\d) ?[/.] ?(?P<year>(?:19|2[09])\d\d)(?!\d)", _numeric),
        ("stated", r"(?<![\d/-])(?P<year>(?:19|2[09])\d\d)-(?P<number>[01]\d)-(?P<day>[0-3]\d)(?!\d)",
         _numeric),
        ("stated", rf"(?<![\d/-]){DAY}(?: de)? {NAME} (?:prochain|proximo|next)", _coming),
        ("publication", rf"{DELAY}{COUNT} {SPAN}{WORKING}{FROM}{OWN}", _after(lambda a: a.published, "medium")),
        ("publication", rf"{ORDINAL} (?:jour|dia|day)(?: (?:suivant|qui suit|siguiente|following|after|posterior))"
                        rf"(?: (?:a|al|to))?{OWN}", _nth_day),
        ("publication", rf"surlendemain (?:de |du jour de )?{OWN}", _days(2)),
        ("publication", rf"\b(?:al |un |d'un )(?P<count>)(?P<span>mes|ano|mois|an){FROM}{OWN}",
         _after(lambda a: a.published, "high")),
        ("publication", rf"(?<![a-z-]){COUNT} {SPAN}{WORKING}{FROM}{OWN}", _after(lambda a: a.published, "high")),
        ("publication", rf"(?:a los|al cabo de|au bout de|transcurridos) {COUNT} {SPAN}(?=[.,;]|$)",
         _after(lambda a: a.published, "medium")),
        # « …, sauf l'article 4, six mois après »: after the publication that the sentence has just named
        ("publication", rf"{COUNT} {SPAN} (?:apres|plus tard|despues|mas tarde|later|afterwards)(?=[.,;]|$)",
         _after(lambda a: a.published, "medium")),
        ("publication", rf"(?:lendemain|dia (?:inmediatamente )?(?:siguiente|posterior)|day (?:following|after))(?: (?:a"
                        rf"|al|del|de|du))*{OWN}", _days(1)),
        ("publication", rf"(?<!\w)(?:le jour(?: meme)? de|a (?:la date|compter) (?:du jour )?de|des|du jour de"
                        rf"|mismo dia de|dia de|dia en que se produzca|on the day of|a partir de(?:l dia)?(?: de)?"
         rf"|desde(?: el dia de| la fecha de)?|en la fecha de|en el momento de){OWN}", _days(0)),
        ("own_commencement", rf"{COUNT} {SPAN}{WORKING}{FROM}{OWN_FORCE}", _after(lambda a: a.in_force, "medium")),
        ("publication", r"immediatement|des maintenant|sans delai|inmediatamente(?! siguiente)|de inmediato|immediately"
                        r"|with immediate effect", _days(0)),
    )
)  # fmt: skip
DELAYED = re.compile(rf"{COUNT} {SPAN}\b(?! ?[.,;])[^.;,]{{0,40}}$")
"""A delay that counts from the formula after it: the day of this formula is not the day sought."""
DECREE = re.compile(
    r"(?:date|fecha|dates) (?:qui (?:sera|est) )?(?:fixee?s?|que se fije|que fije|fijada|determinee?|prevue|precisee)"
    r"|fixee?s? par (?:un |voie de )?(?:decret|arrete|ordonnance)"
    r"|par (?:un )?decret|se fijara|se determinara|por orden ministerial|reglamentariamente|(?:secretary of state"
    r"|minister|treasury)[\w ]* may|appointed day|by (?:order|regulations) appoint"
)
LATEST = re.compile(
    r"(?:au plus tard|no mas tarde d[e']?l?|a mas tardar|como maximo|not? later than|by)(?: le| el| al| on)? ?$"
    r"|(?:antes del|avant le|before) ?$"
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
