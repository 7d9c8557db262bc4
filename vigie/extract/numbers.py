"""The numbers of a text: in figures with any grouping, in words, with their multipliers; and what is not one.

A number carries no unit yet. Ranks, scores, hours, telephone numbers, numbers of laws and articles, versions and
lone groups of zeros (what a machine translation leaves of « 90 000 ») are not numbers here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import prod

import text_to_num

from vigie.extract.folding import fold, plain

FIGURES = re.compile(r"(?<![A-Za-z0-9_\u00c0-\u024f.,])(?:\d{1,3}(?:([ .,])\d{3})(?:\1\d{3})*(?!\d)|\d+)(?:[.,]\d+)?(?!\d)")
MULTIPLIERS = {
    "k": 1e3, "mille": 1e3, "mil": 1e3, "thousand": 1e3, "الف": 1e3, "الاف": 1e3,
    "m": 1e6, "mn": 1e6, "million": 1e6, "millions": 1e6, "millon": 1e6, "millones": 1e6, "مليون": 1e6, "ملايين": 1e6,
    "mm": 1e9, "md": 1e9, "mds": 1e9, "mrd": 1e9, "mrds": 1e9, "bn": 1e9, "milliard": 1e9, "milliards": 1e9, "billion": 1e9,
    "مليار": 1e9, "ملايير": 1e9, "مليارات": 1e9, "mil millones": 1e9,
}  # fmt: skip
LETTERS = ("k", "m", "mn", "mm", "md", "mds", "mrd", "mrds", "bn")
"""Multipliers that mean so only beside a currency."""
CURRENCY = (
    r"(?:dhs?\b|mad\b|€|eur\b|euros?\b|\$|usd\b|dollars?\b|fcfa\b|dirhams?\b|de (?:dhs?\b|dirhams?\b|dollars?\b)"
    r"|d'euros?\b|£|gbp\b)"
)
MULTIPLIER = re.compile(
    r"\s?(?P<word>mil millones|" + "|".join(sorted((m for m in MULTIPLIERS if m not in LETTERS), key=len, reverse=True)) + r")\b"
    r"|\s?(?P<letters>" + "|".join(sorted(LETTERS, key=len, reverse=True)) + rf")(?=\s?{CURRENCY})"
)
PRICED = re.compile(r"\s?(?P<letters>mn|m|bn|md|k)\b(?P<word>)")
"""The multiplier of a number that follows its currency sign."""
SIGNS = ("$", "€", "£")
HALF = re.compile(r" et demie?\b")
GLUED = re.compile(rf"%|{CURRENCY}|ha\b|m2\b|m²|m\b|an")
"""What may follow a number without a space."""
REFUSED_BEFORE = re.compile(
    r"(?:\bn\s?[°º]|\bno?\.|\bnumeros?|\bart(?:icles?|iculos?|\.)|\b[lrda]\.|\blois?(?: n°)?|\bley(?:es)?|\bdecrets?"
    r"|\bep\.?|\bepisodes?|"
    r"\bcircular|\bpages?|\bp\.|\bmagnitude|\btel\.?|\btelephone|\bsaison|\bchapitres?|\bsections?|\broute|\+|المادة"
    r"|القانون|رقم)\s?$"
)
REFUSED_AFTER = re.compile(
    r"(?:er|re|ere|e|eme|iemes?|nde?|st|nd|rd|th|o|a|º|ª)\b|h\s?\d{0,2}\b|\s?h\b|\s?heures?\b|:\d|\s?min(?:utes?)?\b"
    r"|[a-z]*\d|[-/.]\d|-[a-z]"
    r"|\s?(?:degres?|°|points?|pts?|centimes?|km|kg|kilometres?|metres?(?! carres?)|cm|tonnes?|mw|gw|kw|megawatts?"
    r"|litres?|buts?|horas?|minutos?|hours?|minutes?"
    r"|seconds?|secondes?|segundos|ساعه|ساعات|دقيقه|دقائق|كيلومتر)\b"
)
SCORE = re.compile(r"\b\d{1,2}\s?-\s?\d{1,2}\b(?!\s?(?:%|ans\b|mois\b|jours\b))")
TELEPHONE = re.compile(r"(?<!\d)(?:\+\d{2,3}|0\d?)(?:[ .-]?\d{2,3}){3,5}(?!\d)")
ALONE = re.compile(r"\b(?:un|une|uno|una|one)$")
TENS = {
    "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40, "cinquantaine": 50,
    "soixantaine": 60, "centaine": 100, "millier": 1000, "decena": 10, "docena": 12, "veintena": 20, "treintena": 30,
    "centenar": 100, "millar": 1000, "dozen": 12,
}  # fmt: skip
ROUGH = re.compile(
    r"\b(?:(?P<one>une?|one|a|quelqu'une?|una?) (?P<tens>"
    + "|".join(TENS)
    + r")|(?P<many>(?:des |de |par |les )?(?:dizaines|centaines|milliers)"
    r"|decenas|centenares|cientos|miles|tens|dozens|hundreds|thousands))\b"
    r"(?P<of> (?:de|d'|of) ?(?P<order>milliers|millions|milliards|miles|millones|thousands|millions)\b)?"
    r"|(?P<arabic>عشرات الالاف|مءات الالاف|مئات الالاف|الاف)\b"
)
ORDERS = {
    "dizaines": 10, "centaines": 100, "milliers": 1000, "decenas": 10, "centenares": 100, "cientos": 100, "miles": 1000,
    "tens": 10, "dozens": 12, "hundreds": 100, "thousands": 1000, "millions": 1e6, "milliards": 1e9, "millones": 1e6,
    "عشرات الالاف": 1e4, "مءات الالاف": 1e5, "مئات الالاف": 1e5, "الاف": 1e3,
}  # fmt: skip
VAGUE = re.compile(r"(?:plusieurs|quelques|several|some|varios|varias|algunos|algunas|عده|بضع|\d)\s*$")
BIG = re.compile(
    r"\b(?:une?|un|one|a|una?)(?: demi-)? ?(?P<big>milliard|million|billion|millon|thousand)\b|(?<!\w)(?P<dual>مليوني"
    r"|مليوني|ملياري|الفي|الفا)(?!\w)"
    r"|(?<!\w)(?P<sole>مليون|مليار|الف)(?!\w)"
)
ONE = re.compile(r"\b(?:en|in|dans|sur) (?P<one>un|one) (?=an\b|mois\b|year\b|month\b)")
BIG_CLUES = ("million", "milliard", "billion", "millon", "thousand", "مليون", "مليار", "ملياري", "الف")
ROUGH_CLUES = (
    "aine", "millier", "decena", "docena", "einten", "centenar", "millar", "cientos", "miles", "dozen", "tens", "hundreds",
    "thousands", "الاف",
)  # fmt: skip
"""What a text must hold for these patterns to be worth trying."""
DUALS = {"مليوني": 2e6, "ملياري": 2e9, "الفي": 2e3, "الفا": 2e3}
WORDS = {
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt vingts trente quarante "
    "cinquante soixante septante nonante cent cents mille",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete dieciocho "
    "diecinueve veinte veintiun treinta cuarenta cincuenta sesenta setenta ochenta noventa cien ciento doscientos trescientos "
    "cuatrocientos quinientos seiscientos setecientos ochocientos novecientos mil",
    "en": "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand",
}
ARABIC = {
    "ثلاثه": 3, "ثلاث": 3, "اربعه": 4, "اربع": 4, "خمسه": 5, "خمس": 5, "سته": 6, "ست": 6, "سبعه": 7, "سبع": 7,
    "ثمانيه": 8, "ثماني": 8, "تسعه": 9, "تسع": 9, "عشره": 10, "عشر": 10,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Number:
    """A number where it stands: its figures end at `figures_end`, its multiplier at `end`."""

    value: float
    start: int
    figures_end: int
    end: int
    in_words: bool = False
    is_order: bool = False
    is_tens: bool = False


def numbers(text: str, lang: str) -> list[Number]:
    """The numbers of a text in their order, none inside another."""
    written, folded = plain(text), fold(text)
    found = [*_figures(written, folded, lang), *_words(folded, lang), *_one(folded)]
    if any(clue in folded for clue in BIG_CLUES):
        found += _big(folded)
    if any(clue in folded for clue in ROUGH_CLUES):
        found += _rough(folded)
    barred = [m.span() for pattern in (TELEPHONE, SCORE) for m in pattern.finditer(folded)] if found else []
    kept: list[Number] = []
    for number in sorted(found, key=lambda n: (n.start, -n.end)):
        if (not kept or number.start >= kept[-1].end) and not any(a <= number.start < b for a, b in barred):
            kept.append(number)
    return kept


def _figures(written: str, folded: str, lang: str) -> Iterator[Number]:
    for match in FIGURES.finditer(written):
        start, end = match.span()
        printed = match[0]
        if _is_refused(folded, start, end, printed):
            continue
        multiplied = MULTIPLIER.match(folded, end) or (PRICED.match(folded, end) if folded[:start].endswith(SIGNS) else None)
        value = _value(printed, lang, multiplied is not None, folded[end : end + 2].strip().startswith("%"))
        yield Number(*_multiplied(folded, value, start, end, multiplied))


def _is_refused(folded: str, start: int, end: int, printed: str) -> bool:
    before, after = folded[max(0, start - 14) : start], folded[end : end + 16]
    if re.match(r"0\d|0[ .]", printed) or printed == "0":
        return True
    if before[-1:] in "-/:" and before[-2:-1].isalnum():
        return True
    if REFUSED_BEFORE.search(before) or REFUSED_AFTER.match(after):
        return True
    glued = after[:1].isalpha() or after[:1] == "'"
    priced = folded[:start].endswith(SIGNS) and PRICED.match(after)
    return glued and not (GLUED.match(after) or MULTIPLIER.match(after) or priced)


def _value(printed: str, lang: str, is_scaled: bool, is_percent: bool) -> float:
    """The number that figures print; three decimals are a group, except before « % », or « million » for a decimal mark."""
    bare = printed.replace(" ", "")
    group, decimal = (",", ".") if lang == "en" else (".", ",")
    for mark, other in ((group, decimal), (decimal, group)):
        if mark in bare and other in bare:
            if bare.rindex(mark) < bare.rindex(other):
                return float(bare.replace(mark, "").replace(other, "."))
        elif bare.count(mark) > 1:
            return float(bare.replace(mark, ""))
        elif mark in bare:
            tail = bare.split(mark)[1]
            is_decimal = is_percent or (is_scaled and mark == decimal)
            if len(tail) == 3 and not is_decimal and not bare.startswith("0"):
                return float(bare.replace(mark, ""))
            return float(bare.replace(mark, "."))
    return float(bare)


def _multiplied(folded: str, value: float, start: int, end: int, found: re.Match[str] | None) -> tuple[float, int, int, int]:
    if not found:
        return value, start, end, end
    scale = MULTIPLIERS[found["word"] or found["letters"]]
    last = found.end()
    # « 2 mille milliards »
    again = MULTIPLIER.match(folded, last)
    if again and again["word"]:
        scale, last = scale * MULTIPLIERS[again["word"]], again.end()
    half = HALF.match(folded, last)
    if half:
        value, last = value + 0.5, half.end()
    return round(prod((value, scale)), 6), start, end, last


def _big(folded: str) -> Iterator[Number]:
    for match in BIG.finditer(folded):
        value = MULTIPLIERS[match["big"] or "mille"] if match["big"] else DUALS.get(match["dual"]) or MULTIPLIERS[match["sole"]]
        if match["sole"] and re.search(r"\d\s?$", folded[: match.start()]):
            continue
        if "demi-" in match[0]:
            value /= 2
        half = HALF.match(folded, match.end())
        yield Number(
            value * 1.5 if half else value, match.start(), match.end(), half.end() if half else match.end(), in_words=True
        )


def _one(folded: str) -> Iterator[Number]:
    """« en un mois »: one counts when it measures how long something took."""
    for match in ONE.finditer(folded):
        yield Number(1.0, match.start("one"), match.end("one"), match.end("one"), in_words=True)


def _rough(folded: str) -> Iterator[Number]:
    """« une dizaine », « des centaines de milliers »; « plusieurs centaines » says no number."""
    for match in ROUGH.finditer(folded):
        if VAGUE.search(folded[max(0, match.start() - 12) : match.start()]):
            continue
        if match["arabic"]:
            value = float(ORDERS[match["arabic"]])
        elif match["tens"]:
            value = float(TENS[match["tens"]])
        else:
            value = float(ORDERS[match["many"].split()[-1]])
        if match["order"]:
            value *= ORDERS[match["order"]]
        yield Number(value, match.start(), match.end(), match.end(), in_words=True, is_order=True, is_tens=bool(match["tens"]))


@cache
def _run(lang: str) -> re.Pattern[str]:
    word = "(?:" + "|".join(WORDS[lang].split()) + ")"
    link = r"(?:[ -](?:et|y|and)[ -](?:une?)?|[ -])"
    return re.compile(
        rf"(?<![\w.,'-]){word}(?:{link}{word})*(?:[ -]et[ -]une?\b)?(?: (?:millions?|milliards?|billions?|millones))?(?!\w)"
    )


def _words(folded: str, lang: str) -> Iterator[Number]:
    """Numbers in words, read by text2num on runs that touch no figure."""
    if lang == "ar":
        for match in re.finditer(r"(?<!\w)(?:" + "|".join(ARABIC) + r")(?!\w)", folded):
            multiplied = MULTIPLIER.match(folded, match.end())
            start, end = match.span()
            yield Number(*_multiplied(folded, float(ARABIC[match[0]]), start, end, multiplied), in_words=True)
        return
    for match in _run(lang).finditer(folded):
        if re.search(r"\d\s?$", folded[: match.start()]) or re.match(r"\s?\d", folded[match.end() :]):
            continue
        spelled = re.sub(r"\bvingts\b", "vingt", match[0])
        try:
            value = float(text_to_num.text2num(spelled, lang))
        except ValueError:
            continue
        yield Number(value, match.start(), match.end(), match.end(), in_words=True)
