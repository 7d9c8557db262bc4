"""What a number counts: the first thing named after it, jobs and people told apart."""

import re
from functools import cache
from pathlib import Path

from vigie.extract.folding import fold

LEXICON = Path(__file__).with_name("lexicons") / "units.txt"
CURRENCIES = frozenset({"MAD", "EUR", "USD", "TND", "XOF", "ESP", "GBP"})
DURATIONS = frozenset({"years", "months", "days"})
COUNTABLE = frozenset({"jobs", "people", "centers", "companies"})
PERCENT = re.compile(r"\s?(?:%|pour ?cent\b|por ciento\b|percent\b|per cent\b|(?:في|ب)\s?ال(?:مائه|مئه|ماءه|مايه)|بالمائه|بالمئه)")
SQUARE = re.compile(r"\s?(?:m2\b|m²|metres? carres?\b|metros cuadrados\b|square met(?:er|re)s?\b|مترا? مربعا?)")
PREFIXED = re.compile(r"(?:(?P<usd>us\$|\$)|(?P<eur>€)|(?P<gbp>£)|(?P<mad>\bmad))\s?$")
WORD = re.compile(r"\s*(?P<joint>['-])?(?P<word>[^\W\d_]+(?:²|2)?|[€$£])")
LINKS = frozenset(
    "de d des du l la le les ses leurs leur nos vos autres autre nouveaux nouvelles nouvel nouveau nouvelle futurs futures petits petites "
    "grands grandes jeunes- premiers premieres derniers dernieres seuls seules anciens anciennes principaux tels nombreux vrais "
    "quelque plus simples autant supplementaires of the new more additional other full time del los las el nuevos nuevas otros otras "
    "sus mas unos unas al en- call contact customer service client- big small من ال".split()
)
"""Words that may stand between a number and what it counts."""
NEVER = frozenset(
    "voire a au aux et ou sur sous dans en par pour contre avec sans selon chez vers est sont ont a ete fois heures heure h pays points point matchs "
    "match buts but degres pt pts min minutes y o a en con por para and or to in on at by for from with as is are was were times hours than "
    "fin debut janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre enero febrero marzo abril mayo junio "
    "julio agosto septiembre octubre noviembre diciembre january february march april may june july august september october november "
    "december qui que dont alors puis soit mais car donc si ne se il elle ils elles on ce cette ces un une se que mardi lundi mercredi jeudi "
    "vendredi samedi dimanche horas veces puntos minutos partidos goles contra sobre desde hasta entre depuis jusqu avant apres d'ici "
    "في من الي على علي عن مع او و يناير فبراير مارس ابريل ماي يونيو يوليوز غشت شتنبر اكتوبر نونبر دجنبر سنه ساعه مره درجه".split()
) - {"سنه"}
FURTHEST = 5
"""Words looked at after a number."""


@cache
def _lexicon() -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Whole words → unit, and beginnings of words → unit."""
    whole: dict[str, str] = {}
    beginnings: list[tuple[str, str]] = []
    for line in LEXICON.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            unit, words = line.split(":", 1)
            for word in fold(words).split():
                if word.endswith("*"):
                    beginnings.append((word[:-1], unit))
                else:
                    whole.setdefault(word, unit)
    return whole, tuple(beginnings)


@cache
def unit_of(word: str) -> str | None:
    """The unit that a folded word names, or None."""
    whole, beginnings = _lexicon()
    for form in (word, word[2:] if word.startswith("ال") else word):
        if form in whole:
            return whole[form]
    return next((unit for beginning, unit in beginnings if word.startswith(beginning)), None)


def following(folded: str, end: int, lang: str, counts: bool) -> tuple[str | None, int]:
    """The unit named after a number that ends at `end`, and where its name ends.

    `counts` admits « count » for a thing that the lexicon does not know; a number in words counts nothing unknown.
    """
    for unit, pattern in (("percent", PERCENT), ("m2", SQUARE)):
        if found := pattern.match(folded, end):
            return unit, found.end()
    unknown: tuple[str | None, int] = (None, end)
    # in English what is counted comes last: « 50,000 call-centre jobs »
    named: tuple[str | None, int] = (None, end)
    position = end
    for _ in range(FURTHEST):
        found = WORD.match(folded, position)
        if not found:
            break
        word, position = found["word"], found.end()
        unit = unit_of(word)
        if unit and lang == "en" and unit not in CURRENCIES | DURATIONS:
            named = (unit, position)
            continue
        if unit and not (unit in DURATIONS and position - end > len(word) + 4):
            return unit, position
        if word in LINKS:
            continue
        if word in NEVER:
            break
        if unknown[0] is None and counts and len(word) > 2:
            unknown = ("count", position)
        if (lang != "en" or named[0]) and not found["joint"]:
            break
    return named if named[0] else unknown


def preceding(folded: str, start: int) -> str | None:
    """The currency whose sign stands before a number."""
    found = PREFIXED.search(folded[max(0, start - 5) : start])
    return next((name.upper() for name, sign in found.groupdict().items() if sign), None) if found else None
