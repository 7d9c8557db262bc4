"""How far a fact has gone by the words that tell it, and what a figure is the figure of.

`threatened` is only feared; `removed` and `created` are jobs gone or made; `stated` is a figure beside which no verb says more.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from vigie.extract.figures import Figure
from vigie.extract.folding import fold
from vigie.extract.gazetteer import Named
from vigie.extract.lexicon import Cue, Lexicon

LEXICONS = Path(__file__).with_name("lexicons")
Certainty = Literal[
    "threatened", "announced", "confirmed", "executed", "removed", "created", "revised", "cancelled", "denied", "stated"
]
Scope = Literal["site", "place", "operator", "sector", "stock"]
SAID: dict[str, Certainty] = {
    "threatened": "threatened", "announced": "announced", "confirmed": "confirmed", "executed": "executed",
    "executed_cut": "removed", "executed_growth": "created", "revised": "revised", "cancelled": "cancelled", "denied": "denied",
}  # fmt: skip
STRENGTH: tuple[Certainty, ...] = (
    "stated", "threatened", "announced", "confirmed", "executed", "created", "removed", "revised", "denied", "cancelled",
)  # fmt: skip
"""The last verb of this list that a report holds is its own: « a fermé » tells more than « avait annoncé »."""
STOCK_BEFORE = re.compile(
    r"(?:\bemploi(?:e|ent|ait|aient)\b|\bcompt(?:e|ent|ait|aient)\b|\beffectifs?\b|\bdispos\w+\b|\bemplea\b|\bcuenta con\b"
    r"|\bdispone\b|\bemploys?\b|\bemployed\b|\bworkforce\b|\bsur\b|\bout of\b|\bيشغل|\bتشغل|\bيضم|\bتضم)(?: \S+){0,3} ?$"
)
"""What a firm has, not what an event moves: « emploie 3 000 personnes », « 210 emplois sur 348 »."""
STOCK_AFTER = re.compile(r"^ ?(?:au total|dans le monde|in total|worldwide|en total|en el mundo)\b")


@cache
def _lexicon(lang: str) -> Lexicon:
    return Lexicon(LEXICONS / f"certainty.{lang}.txt")


def cues(sentence: str, lang: str) -> list[Cue]:
    """The words of a sentence that say how far a fact has gone."""
    return _lexicon(lang).find(sentence)


def strongest(found: Iterable[Certainty]) -> Certainty:
    """What is said at the furthest."""
    return max(found, key=STRENGTH.index, default="stated")


def nearest(start: int, end: int, found: Sequence[Cue], feared: bool = False) -> Certainty:
    """The verb nearest to a span of its sentence; `feared` where the event itself is a fear."""
    if not found:
        return "threatened" if feared else "stated"
    cue = min(found, key=lambda one: (max(one.start - end, start - one.end, 0), one.start))
    return SAID[cue.name]


def scope(sentence: str, figure: Figure, places: Sequence[Named], organisations: Sequence[Named]) -> Scope:
    """What a figure of a sentence is the figure of; spans are in the sentence."""
    folded = fold(sentence)
    if STOCK_BEFORE.search(folded[max(0, figure.start - 60) : figure.start]) or STOCK_AFTER.match(folded[figure.end :]):
        return "stock"
    if organisations:
        return "site" if places else "operator"
    return "place" if places else "sector"
