"""Event types of a text, whether it speaks of the sector, and the polarity of the types that have only one."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from vigie.extract.figures import Figure
from vigie.extract.folding import fold
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
GROWN = {"opening", "policy", "closure", "layoff", "jobs_at_risk", "acquisition"}
"""Beside these, jobs to come are their consequence and no event of their own."""
HIDES = {
    "acquisition": {"contract", "expansion"}, "strike": {"contract", "opening", "expansion"},
    "closure": {"opening"}, "layoff": {"opening", "expansion"}, "jobs_at_risk": {"opening"}, "training": {"opening"},
    "policy": {"opening", "expansion"}, "opening": {"expansion"},
}  # fmt: skip
"""The first is the news, the second its terms or its background: one signs the purchase of a firm, a new site will hire."""
LOSSES = {"layoff", "closure"}
GOVERNS = 60
"""Characters after a modal in which an event is only possible: « pourrait supprimer », « risque de licencier »."""
FROM = re.compile(r"\b(?:de|d'|from|من)\s?(?:plus de |pres de |environ |quelque |about )?$")
FROM_BEFORE = 24
TO = re.compile(r"[^.;,]{0,30}?\b(?:a|to|الي)\s?(?:plus de |moins de |pres de |environ |quelque |about |over )?")
STOP = re.compile(r"[.!?…]\s+(?=[^a-z])|\n+")
CERTAIN = {"closure": -1, "layoff": -1, "jobs_at_risk": -1, "strike": -1, "opening": 1, "expansion": 1}
"""Polarity where the type alone makes it certain; a law or a contract may be good or bad news."""


@cache
def _events(lang: str) -> Lexicon:
    return Lexicon(LEXICONS / f"events.{lang}.txt")


@cache
def _sector(name: str) -> Lexicon:
    return Lexicon(SECTORS / name / "names" / "relevance.txt")


def cues(text: str, lang: str, relevant: bool, known: Mapping[str, Sequence[tuple[int, int]]] | None = None) -> list[Cue]:
    """The words of a text that say an event; in a text of something else, the words that say it anywhere.

    `known`: the spans of the text's `organisation`s and `place`s, the subjects and objects of its verbs.
    """
    return _events(lang).find(text, relevant, known)


def is_relevant(text: str, organisations: Sequence[object], sector: str) -> bool:
    """One operator or one strong term is enough; weak terms need each other."""
    found = _sector(sector).find(text)
    strong = any(cue.name == "strong" for cue in found)
    weak = {text[cue.start : cue.end].lower() for cue in found if cue.name == "weak"}
    return bool(organisations) or strong or len(weak) >= 2


def types(found: Sequence[Cue], text: str, figures: Sequence[Figure], relevant: bool, is_of_firm: bool) -> list[str]:
    """Event types, in the order in which the text says them; `stats` when it only counts the sector, or `none`.

    Jobs made are an event of a firm (`is_of_firm`), or of whatever is told of elsewhere; of the sector they are its count.
    """
    stops = [stop.end() for stop in STOP.finditer(text)]
    found = _possible(found, stops)
    fears = [cue for cue in found if cue.name == "jobs_at_risk"]
    # « craint la suppression de 300 postes » fears a layoff that has not been said
    said = [cue for cue in found if not any(_is_feared(cue, fear) for fear in fears)]
    given = dict.fromkeys(cue.name for cue in said)
    talks = given.pop("stats", "") is None
    idle = given.pop("none", "") is None
    moves = _moves(text, figures) if relevant or {"expansion", "layoff"} & set(given) else None
    if moves:
        given.pop("layoff" if moves == "expansion" else "expansion", None)
        given.setdefault(moves)
    made = given.pop("made", "") is None
    grows = given.pop("growth", "") is None
    if (grows or (made and (is_of_firm or not relevant))) and not GROWN & set(given):
        given["expansion"] = None
    for name, hides in HIDES.items():
        if name in given:
            given = {other: None for other in given if other not in hides or _stands_alone(other, name, found, stops)}
    if given:
        return list(given)
    counted = any(figure.unit in COUNTED and (figure.unit != "people" or figure.value >= FEWEST) for figure in figures)
    return ["stats"] if relevant and not idle and (talks or made or counted) else ["none"]


def _possible(found: Sequence[Cue], stops: Sequence[int]) -> list[Cue]:
    """The cues without the modals; what they govern are jobs at risk, unless the text tells the same as done elsewhere."""
    modals = [(cue.end, bisect_right(stops, cue.start)) for cue in found if cue.name == "modal"]
    cues = [cue for cue in found if cue.name != "modal"]
    done = {
        cue.name
        for cue in cues
        if not any(
            end < cue.end and cue.start - end <= GOVERNS and sentence == bisect_right(stops, cue.start)
            for end, sentence in modals
        )
    }
    return [Cue("jobs_at_risk", cue.start, cue.end) if cue.name in LOSSES and cue.name not in done else cue for cue in cues]


def _stands_alone(name: str, beside: str, found: Sequence[Cue], stops: Sequence[int]) -> bool:
    """Whether a sentence says an event without the one that would hide it: an article may tell both."""
    names = {name, "growth", "made"} if name == "expansion" else {name}
    hiding = {bisect_right(stops, cue.start) for cue in found if cue.name == beside}
    return any(bisect_right(stops, cue.start) not in hiding for cue in found if cue.name in names)


def _is_feared(cue: Cue, fear: Cue) -> bool:
    """Whether an event is told in the words of a fear; a site that closes may be its cause, unless it stands within."""
    if cue.name == "layoff":
        return cue.start < fear.end and fear.start < cue.end
    return cue.name == "closure" and fear.start <= cue.start and cue.end <= fear.end


def _moves(text: str, figures: Sequence[Figure]) -> str | None:
    """« de 300 à 3.300 collaborateurs » hires, « de 400 à 220 » lays off, whatever the verb."""
    folded = fold(text)
    for one, other in pairwise(figures):
        if (
            one.unit == other.unit == "jobs"
            and FROM.search(folded[max(0, one.start - FROM_BEFORE) : one.start])
            and TO.fullmatch(folded[one.end : other.start])
        ):
            return "expansion" if one.value < other.value else "layoff"
    return None


def polarity(given: Sequence[str]) -> int | None:
    """-1 or 1 when every type that has a sign has the same; None when nothing makes it certain."""
    signs = {CERTAIN[name] for name in given if name in CERTAIN}
    return signs.pop() if len(signs) == 1 else None
