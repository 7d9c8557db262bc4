"""What a number counts: the first thing named after it, jobs and people told apart."""

import re
from functools import cache
from pathlib import Path

from vigie.extract.folding import fold

LEXICON = Path(__file__).with_name("lexicons") / "units.txt"
CURRENCIES = frozenset({"MAD", "EUR", "USD", "TND", "XOF", "ESP", "GBP"})
DURATIONS = frozenset({"years", "months", "days"})
COUNTABLE = frozenset({"jobs", "people", "centers", "companies"})
PERCENT = re.compile(
    r"\s?(?:%|pour ?cent\b|por ciento\b|percent\b|per cent\b|(?:في|ب)\s?ال(?:مائه|مئه|ماءه|مايه)|بالمائه|بالمئه)"
)
SQUARE = re.compile(r"\s?(?:m2\b|m²|metres? carres?\b|metros cuadrados\b|square met(?:er|re)s?\b|مترا? مربعا?)")
PREFIXED = re.compile(r"(?:(?P<usd>us\$|\$)|(?P<eur>€)|(?P<gbp>£)|(?P<mad>\bmad))\s?$")
WORD = re.compile(r"\s*(?P<joint>['-])?(?P<word>[^\W\d_]+(?:²|2)?|[€$£])")

COMING = re.compile(r" (?:prochain|dernier|derniere|premier|premiere|prochaine)(?:e?s) ")
"""« les cinq prochaines années »."""
LINK, NEVER = "link", "never"
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
def _kind(word: str) -> str | None:
    """The unit that a folded word names, or LINK or NEVER, or None."""
    whole, beginnings = _lexicon()
    for form in (word, word[2:] if word.startswith("ال") else word):
        if form in whole:
            return whole[form]
    return next((unit for beginning, unit in beginnings if word.startswith(beginning)), None)


def unit_of(word: str) -> str | None:
    """The unit that a folded word names, or None."""
    kind = _kind(word)
    return None if kind in (LINK, NEVER) else kind


def following(folded: str, end: int, lang: str, counts: bool) -> tuple[str | None, int]:
    """The unit named after a number that ends at `end`, and where its name ends.

    `counts` admits « count » for a thing that the lexicon does not know; a number in words counts nothing unknown.
    """
    for measure, pattern in (("percent", PERCENT), ("m2", SQUARE)):
        if measured := pattern.match(folded, end):
            return measure, measured.end()
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
        is_far = position - end > len(word) + 4 and not COMING.match(folded, end)
        if unit and not (unit in DURATIONS and is_far):
            return unit, position
        if _kind(word) == LINK:
            continue
        if _kind(word) == NEVER:
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
