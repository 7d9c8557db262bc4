"""Lengths of time as texts of law write them: ordinals, counts and units, in French, Spanish, English and Arabic.

The text is folded (`vigie.extract.folding`).
"""

import calendar
from datetime import date, timedelta

import text_to_num

from vigie.extract.numbers import ARABIC, WORDS

ORDINALS = {
    "premier": 1, "1er": 1, "deuxieme": 2, "second": 2, "troisieme": 3, "quatrieme": 4, "cinquieme": 5, "sixieme": 6,
    "septieme": 7, "huitieme": 8, "neuvieme": 9, "dixieme": 10, "onzieme": 11, "douzieme": 12, "quinzieme": 15, "vingtieme": 20,
    "trentieme": 30, "treizieme": 13, "quatorzieme": 14, "seizieme": 16, "dix-septieme": 17, "dix-huitieme": 18,
    "dix-neuvieme": 19, "vingt et unieme": 21, "vingt-et-unieme": 21, "vingt-quatrieme": 24, "trente-sixieme": 36,
    "primer": 1, "primero": 1, "segundo": 2, "tercer": 3, "tercero": 3, "cuarto": 4, "quinto": 5, "sexto": 6, "septimo": 7,
    "octavo": 8, "noveno": 9, "decimo": 10, "duodecimo": 12, "decimoquinto": 15,
    "undecimo": 11, "decimotercero": 13, "decimotercer": 13,
    "decimosexto": 16, "decimoctavo": 18, "vigesimo cuarto": 24, "vigesimocuarto": 24, "vigesimo": 20, "trigesimo": 30,
    "first": 1, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "tenth": 10, "twelfth": 12, "fifteenth": 15,
    "twentieth": 20, "twenty-first": 21, "twenty-eighth": 28, "thirtieth": 30,
}  # fmt: skip
ORDINAL = r"(?P<nth>\d{1,2}(?:er|e|eme|o|º|th|st|nd|rd)|" + "|".join(sorted(ORDINALS, key=len, reverse=True)) + ")"
NUMERAL = "(?:" + "|".join([*" ".join(WORDS.values()).split(), r"veinti\w+", "une?", "uno", "una", "one"]) + r"\b)"
COUNT = rf"(?P<count>(?<!\w)(?:\d{{1,3}}|{NUMERAL}(?:[ -](?:et[ -]|y )?{NUMERAL})*))"
SPAN = (
    r"(?P<span>jours?|semaines?|mois|trimestres?|semestres?|ans?|annees?|dias?|semanas?|mes|meses|anos?|days?|weeks?"
    r"|months?|years?)"
)
MONTHS_IN = {
    "mois": 1, "mes": 1, "month": 1, "trimestre": 3, "quarter": 3, "semestre": 6, "an": 12, "annee": 12, "ano": 12, "year": 12,
    "شهر": 1, "شهرا": 1, "اشهر": 1, "شهور": 1, "سنه": 12, "سنوات": 12,
}  # fmt: skip
DAYS_IN = {
    "jour": 1, "dia": 1, "day": 1, "semaine": 7, "semana": 7, "week": 7, "يوم": 1, "يوما": 1, "ايام": 1, "اسبوع": 7, "اسابيع": 7,
}  # fmt: skip
ARABIC_SPAN = (
    rf"(?:(?P<count>\d{{1,3}}|{'|'.join(sorted(ARABIC, key=len, reverse=True))}) )?"
    r"(?P<span>اشهر|شهور|شهرا|شهرين|شهر|سنتين|سنوات|سنه|يومين|يوما|ايام|يوم|اسبوعين|اسابيع|اسبوع)"
)
"""« ستة أشهر », « شهرين »: a count and its unit, or the dual form that holds both."""
DUAL = "ين"


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


ACCENTED = {
    "dieciseis": "dieciséis", "veintidos": "veintidós", "veintitres": "veintitrés", "veintiseis": "veintiséis",
}  # fmt: skip
"""Spanish numbers that are known by their accent only."""


def number(written: str) -> int | None:
    """A small number in figures or in words of the three languages."""
    written = " ".join(ACCENTED.get(word, word) for word in written.split(" "))
    if written.isdecimal():
        return int(written)
    if written in ("un", "une", "uno", "una", "one", "a"):
        return 1
    if written in ARABIC:
        return int(ARABIC[written])
    for lang in ("fr", "es", "en"):
        try:
            return int(text_to_num.text2num(written, lang))
        except ValueError:
            continue
    return None


def later(day: date | None, count: int | None, span: str) -> date | None:
    """The day after `count` units from `day`; None when one of them is unknown."""
    if day is None or count is None:
        return None
    if span.endswith(DUAL):
        span, count = span.removesuffix(DUAL).replace("سنت", "سنه"), 2
    for name, size in (*MONTHS_IN.items(), *DAYS_IN.items()):
        if span in (name, name + "s", name + "es"):
            return months_later(day, count * size) if name in MONTHS_IN else day + timedelta(days=count * size)
    return None
