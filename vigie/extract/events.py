"""Event types of a text, whether it speaks of the sector, and the polarity of the types that have only one."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from vigie.extract.figures import Figure
from vigie.extract.lexicon import Cue, Lexicon
from vigie.extract.units import COUNTABLE, CURRENCIES
from vigie.feed import SECTORS

LEXICONS = Path(__file__).with_name("lexicons")
TYPES = (
    "jobs_at_risk", "layoff", "closure", "opening", "expansion", "strike", "law", "contract", "training", "ai_adoption",
    "policy", "acquisition", "stats", "none",
)  # fmt: skip
COUNTED = COUNTABLE | CURRENCIES | {"percent"}
"""Units by which a text that says no event counts the sector."""
FEWEST = 1000
"""Fewer people than these may be the guests of a fair."""
CERTAIN = {"closure": -1, "layoff": -1, "jobs_at_risk": -1, "strike": -1, "opening": 1, "expansion": 1}
"""Polarity where the type alone makes it certain; a law or a contract may be good or bad news."""


@cache
def _events(lang: str) -> Lexicon:
    return Lexicon(LEXICONS / f"events.{lang}.txt")


@cache
def _sector(name: str) -> Lexicon:
    return Lexicon(SECTORS / name / "names" / "relevance.txt")


def cues(text: str, lang: str) -> list[Cue]:
    """The words of a text that say an event."""
    return _events(lang).find(text)


def is_relevant(text: str, organisations: Sequence[object], sector: str) -> bool:
    """One operator or one strong term is enough; weak terms need each other."""
    found = _sector(sector).find(text)
    strong = any(cue.name == "strong" for cue in found)
    weak = {text[cue.start : cue.end].lower() for cue in found if cue.name == "weak"}
    return bool(organisations) or strong or len(weak) >= 2


def types(found: Sequence[Cue], figures: Sequence[Figure], relevant: bool) -> list[str]:
    """Event types, in the order in which the text says them; `stats` when it only counts the sector, or `none`."""
    feared = [cue for cue in found if cue.name == "jobs_at_risk"]
    # « craint la suppression de 300 postes » fears a layoff that has not been said
    said = [cue for cue in found if cue.name != "layoff" or not any(fear.start < cue.start < fear.end for fear in feared)]
    given = dict.fromkeys(cue.name for cue in said)
    talks = given.pop("stats", "") is None
    if "growth" in given:
        del given["growth"]
        if not {"opening", "policy", "closure", "layoff", "jobs_at_risk"} & set(given):
            given["expansion"] = None
    if given:
        return list(given)
    counted = any(figure.unit in COUNTED and (figure.unit != "people" or figure.value >= FEWEST) for figure in figures)
    return ["stats"] if relevant and (talks or counted) else ["none"]


def polarity(given: Sequence[str]) -> int | None:
    """-1 or 1 when every type that has a sign has the same; None when nothing makes it certain."""
    signs = {CERTAIN[name] for name in given if name in CERTAIN}
    return signs.pop() if len(signs) == 1 else None
