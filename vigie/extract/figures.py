"""Figures: a value, its unit, how it is approximated, and where it stands in the text."""

import re
from dataclasses import dataclass, replace

from vigie.extract.folding import fold
from vigie.extract.numbers import Number, numbers
from vigie.extract.units import COUNTABLE, CURRENCIES, DURATIONS, following, preceding, unit_of

YEARS = range(1900, 2101)
RANGE = re.compile(r"\s?(?:%|€|\$)?\s?(?:a|-|ou|voire|et|y|and|to|o|u|الي|و)\s?(?:a )?")
ONLY_RANGE = re.compile(r"voire|ou|-|\bo\b")
MOVES = re.compile(
    r"(?:pass|port|grimp|chut|recul|tomb|bond|augment|boost|ramen|baiss|hiss|dimin|fond|evolu|double|pas[oa]|sub[ei]|cae"
    r"|baj|rise|rose|fall|fell|grow|grew"
    r"|from|increas|drop|ارتفع|انتقل|انخفض)\w*[^.;]{0,40}\b(?:de|d'|from|من)\s?$"
)
SHARE_MOVES = re.compile(r"(?:pass|port|tomb|ramen|grimp|rise|rose|fell)\w*[^.;]{0,40}\b(?:de|d'|from|من)\s?$")
"""« reculer de 30 à 40 % » is a range, « passer de 30 à 40 % » is not."""
SHARE = re.compile(r"\s?(?:\w+ )?(?:sur|des|sur les|de ses|de leurs|of the|of its|out of|de los|de las|de sus|من اصل)\s?")
INHERITS = re.compile(
    r"(?:contre|au lieu de|compte|comptait|soit|prevoit|atteindre|atteint|passer a|porte|a peine|dont|puis|vise|a terme|objectif"
    r"|sur|to|against|contra|frente a|مقابل)"
    r"[^.;]{0,24}$"
)
BROKEN = re.compile(r"(?<![\d.,] )(?<![\d.,])\b000\b")
"""« more than 90 jobs in some 000 structures »: a translation lost the beginnings of numbers, so none is sure."""
PASSED = re.compile(
    r"(?:pass|port|grimp|bondi|tomb|chut|recul|pas[oa]|subi|cay|rose|grew|fell|dropp|انتقل|ارتفع)\w*[^.;\d]{0,30}\b(?:de"
    r"|from|من) ?$"
)
REACHED = re.compile(r"(?:pass|port|grimp|bondi|tomb|chut|recul|pas[oa]|subi)\w*[^.;]{0,30}\bde \d[\d. ]* ?a ?$")
BRACKETED = re.compile(r"\((?:\w+ ){0,3}$")
GOVERNS = re.compile(r"^ (?:a|ont|sont|est|avaient|etaient|seront|seraient|d'entre (?:eux|elles)|han|son|fueron|have|were|are)\b")
"""« sur 4 120 entreprises contrôlées, 164 ont été condamnées »: a bare subject counts what was counted before."""
COUNTS = re.compile(r"\b(?:nombre (?:d'|de |des |total d'|total de )|numero de |number of )(\w+)[^.;\d]*$")
COUNTS_BEFORE = 120
AMONG = re.compile(r"\bdont $")
IS_YEAR = re.compile(r"(?:annee|ano|year|horizon|hasta(?: el)?|en|in|until|by|d'ici(?: a)?) $")
WORDS = re.compile(r"[^\W\d_]+")
FEWEST_BARE = 20
MONEY = re.compile(r"benefice|ventes|recettes|pertes|dette|chiffre|revenu|profit|investi|excedent|deficit|capital|budget")
LISTED = re.compile(r"^[^.;\d]{0,40}\b(?:et|puis|y|and|contre|ou)\s$")
"""« 20 centres à Rabat et 42 à Casablanca »."""
SPAN_BEFORE = 34
CUES = (
    ("max", r"jusqu'(?:a|au|aux)|pouvant (?:atteindre|aller jusqu'a|accueillir jusqu'a)|atteindre jusqu'a|maximum(?: de"
            r"| d')?|plafonnee? a|hasta|up to|as many as"
            r"|as much as|as high as|تصل الي|يصل الي|حتي|لا تتجاوز|لا يتجاوز"),
    ("gt", r"plus de|plus d'|plus des|au moins|pas moins de|au-dela de|depass\w*(?: les| le| la| des)?|superieure? a"
           r"|excede\w*|minimum|mas de|al menos|superan?(?: los| las)?"
           r"|over|more than|at least|upwards of|exceed\w*|اكثر من|ازيد من|ما يزيد عن|ما لا يقل عن|يتجاوز|تجاوز|يفوق"),
    ("lt", r"moins de|moins d'|inferieure? a|en dessous de|menos de|under|less than|fewer than|below|اقل من"),
    ("about", r"environ|pres de|pres d'|quelques?|autour de|aux alentours de|a peu pres|presque|avoisin\w*|frol\w*"
              r"|approximativement|de l'ordre de"
              r"|unos|unas|cerca de|alrededor de|casi|aproximadamente|around|about|roughly|nearly|almost|some|approximately|circa"
              r"|حوالي|نحو|قرابه|زهاء|ما يقارب|تقريبا|ما يناهز"),
)  # fmt: skip
BEFORE = re.compile(
    r"(?<!\w)(?:" + "|".join(f"(?P<{kind}>{cue})" for kind, cue in CUES) + r")\s?"
    r"(?:l'|la |le |les |des |de |d'|a |un |une )?[€$£]?\s?$"
)
AFTER = (("about", re.compile(r"\s?(?:environ|a peu pres|aproximadamente|تقريبا)\b")),
         ("gt", re.compile(r"\s?(?:au moins|et plus|ou plus|or more|o mas)\b")),
         ("max", re.compile(r"\s?(?:au maximum|au plus|maximum|at most|como maximo)\b")))  # fmt: skip
SOME = re.compile(r"(?:^|[^\w])(?:un|une|unos?|unas?) $")


@dataclass(frozen=True, slots=True)
class Figure:
    """A value in absolute number and its unit; `value_max` closes a range, 'order' is « des milliers »."""

    value: float
    unit: str
    approx: str
    start: int
    end: int
    value_max: float | None = None


@dataclass(frozen=True, slots=True)
class _Measured:
    """A number with the unit that follows it, if one does."""

    number: Number
    unit: str | None
    end: int


def figures(text: str, lang: str, dates: list[tuple[int, int]]) -> list[Figure]:
    """The figures of one sentence; `dates` are the spans that are dates, where no figure is."""
    folded = fold(text)
    if BROKEN.search(folded):
        return []
    measured = [
        _measure(folded, number, lang)
        for number in numbers(text, lang)
        if not any(number.start < b and a < number.end for a, b in dates)
    ]
    return _joined(folded, measured)


def _measure(folded: str, number: Number, lang: str) -> _Measured:
    if unit := preceding(folded, number.start):
        return _Measured(number, unit, number.end)
    counts = not number.in_words or number.value >= 1e6 or number.is_order
    unit, end = following(folded, number.end, lang, counts)
    return _Measured(number, unit, end if unit else number.end)


def _joined(folded: str, measured: list[_Measured]) -> list[Figure]:
    """Figures from numbers, each with its own unit or with that of the number it is compared to."""
    found: list[Figure] = []
    index = 0
    while index < len(measured):
        one = measured[index]
        other = measured[index + 1] if index + 1 < len(measured) else None
        between = folded[one.end : other.number.start] if other else ""
        if other and other.unit and (one.unit in (None, other.unit) or _is_glued(between)) and not _is_year(folded, one):
            one, is_range = _compared(folded, one, other, between)
            if is_range:
                found.append(
                    Figure(one.number.value, other.unit, "range", one.number.start, other.end, value_max=other.number.value)
                )
                index += 2
                continue
        if figure := _alone(folded, one, found):
            found.append(figure)
        index += 1
    return found


def _is_year(folded: str, one: _Measured) -> bool:
    """« hasta el año 2015 a 75.000 agentes » counts no agents by its year."""
    number = one.number
    is_bare = one.unit is None and number.end - number.start == 4 and number.value in YEARS
    return is_bare and bool(IS_YEAR.search(folded[: number.start]))


def _is_glued(between: str) -> bool:
    return bool(RANGE.fullmatch(between) and ONLY_RANGE.search(between))


def _compared(folded: str, one: _Measured, other: _Measured, between: str) -> tuple[_Measured, bool]:
    """The first of two numbers with the unit of the second, and whether they bound a range."""
    first, second = one.number.value, other.number.value
    before = folded[max(0, one.number.start - 60) : one.number.start]
    if RANGE.fullmatch(between):
        scale = _scale(other.number)
        if one.unit is None and scale > 1 and first < 1000 and first * scale < second:
            one = replace(one, number=replace(one.number, value=first * scale))
        one = replace(one, unit=other.unit)
        listed = re.fullmatch(r"\s?(?:%|€|\$)?\s?(?:et|y|and|و)\s?", between) and not re.search(
            r"\b(?:entre|between|بين)\s?(?:les |las |los )?[€$£]?$", before
        )
        rises = one.number.value < second
        moves = (SHARE_MOVES if other.unit == "percent" else MOVES).search(before)
        return one, bool(rises and not listed and (ONLY_RANGE.search(between) or not moves))
    if (SHARE.fullmatch(between) and other.unit in COUNTABLE) or (
        one.unit is None and re.fullmatch(r"\s?(?:a|to|الي) (?:plus de |pres de |environ )?", between)
    ):
        one = replace(one, unit=one.unit or other.unit)
    return one, False


def _scale(number: Number) -> float:
    return next((scale for scale in (1e9, 1e6, 1e3) if number.end > number.figures_end and number.value >= scale), 1)


def _alone(folded: str, one: _Measured, found: list[Figure]) -> Figure | None:
    number, unit = one.number, one.unit
    if unit == "count" and MONEY.search(folded[number.end : one.end]) and (money := _inherited(folded, number, found)):
        unit = money
    if (unit is None and GOVERNS.match(folded[one.end :])) or (unit == "count" and AMONG.search(folded[: number.start])):
        unit = next((earlier.unit for earlier in reversed(found) if earlier.unit in COUNTABLE), unit)
    before = folded[max(0, number.start - COUNTS_BEFORE) : number.start]
    if unit is None and not _is_year(folded, one) and (counts := COUNTS.search(before)):
        unit = counted if (counted := unit_of(counts[1])) in COUNTABLE else None
    if unit is None:
        unit = _inherited(folded, number, found) or _named_before(folded, number)
    if unit is None or _is_refused(folded, one, unit):
        return None
    return Figure(number.value, unit, _approx(folded, one), number.start, one.end)


def _inherited(folded: str, number: Number, found: list[Figure]) -> str | None:
    """The unit of the figure that a bare number is compared to: « contre 64 millions en 2014 »."""
    before = folded[: number.start]
    is_scaled = number.end > number.figures_end or (number.in_words and number.value >= 1e6)
    for earlier in reversed(found):
        if is_scaled and earlier.unit in CURRENCIES:
            return earlier.unit
        if number.value in YEARS and not is_scaled and number.end - number.start == 4:
            return None
        if earlier.unit in COUNTABLE and LISTED.search(before[earlier.end :]):
            return earlier.unit
        if earlier.unit in COUNTABLE and not number.is_order and not number.in_words and number.value >= 20:
            return earlier.unit if INHERITS.search(before[earlier.end :]) or number.value >= 1000 else None
    return None


def _named_before(folded: str, number: Number) -> str | None:
    """What is counted, named before its number: « les centres d'appels (près de 800) », « les emplois passent de 10 à… »."""
    before = folded[max(0, number.start - 90) : number.start]
    if (
        number.in_words
        or number.value < FEWEST_BARE
        or not (BRACKETED.search(before) or PASSED.search(before) or REACHED.search(before))
    ):
        return None
    named = [unit for word in WORDS.findall(before) if (unit := unit_of(word)) in COUNTABLE]
    return named[-1] if named else None


def _is_refused(folded: str, one: _Measured, unit: str) -> bool:
    number = one.number
    if unit == "count":
        is_year = number.value in YEARS and number.end - number.start == 4
        return is_year or number.value < 2 or (number.in_words and not number.is_order)
    return number.value in YEARS and number.end - number.start == 4 and unit in DURATIONS


def _approx(folded: str, one: _Measured) -> str:
    number = one.number
    if number.is_order:
        return "order"
    before = folded[max(0, number.start - SPAN_BEFORE) : number.start]
    after = folded[one.end : one.end + 16]
    if cued := BEFORE.search(before):
        return str(cued.lastgroup)
    for kind, cue in AFTER:
        if cue.match(after):
            return kind
    return "about" if SOME.search(before) and not number.in_words else "exact"
