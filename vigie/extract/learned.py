"""What labelled lines taught of short texts: the event types that they say, and whether they speak of the sector.

One logistic regression per answer, on the words of a text, their pairs and their beginnings, and on what the lexicons made
of it: the lexicons are sure of few words, the press has many. `Taught.judge` is that sum and nothing else. The weights are
`weights.tsv`, which tests/test_learned.py learns again from the labelled lines.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from vigie.extract.folding import fold

WEIGHTS = Path(__file__).with_name("weights.tsv")
LONGEST = 600
"""Characters of a text that are judged: the lines that taught are a title or a few sentences."""
ALWAYS = "*"
"""The feature of every text."""
WORD = re.compile(r"[^\W\d_]+|\d+")
BEGINNINGS = (4, 5, 6, 7)
NEAR = 3
"""How many words further a word is still beside another."""
RELEVANT = "sector_relevant"
Span = tuple[int, int]


def features(text: str, names: Mapping[str, Iterable[Span]]) -> set[str]:
    """What stands in a text; `names` gives spans to be read as their kind: any town is as good as another."""
    masked = fold(text)
    spans = sorted(((start, end, kind) for kind, found in names.items() for start, end in found), reverse=True)
    for start, end, kind in spans:
        masked = f"{masked[:start]} {kind} {masked[end:]}"
    words = WORD.findall(masked)
    short = [word[:6] for word in words]
    long = [word[:5] for word in words if len(word) > 3]
    return {
        *(f"w:{word}" for word in words),
        *(f"b:{one}_{other}" for one, other in pairwise(words)),
        *(f"p:{word[:size]}" for word in words for size in BEGINNINGS if len(word) >= size),
        *(f"s:{one}_{other}" for one, other in pairwise(short)),
        *(f"k:{one}_{other}" for place, one in enumerate(long) for other in long[place + 1 : place + 1 + NEAR]),
    }


@dataclass(frozen=True)
class Taught:
    """Weights by feature, one for each of `answers`; an answer is yes above 0."""

    answers: tuple[str, ...]
    weights: Mapping[str, Sequence[tuple[int, float]]]

    def judge(self, found: set[str], hints: Iterable[str]) -> dict[str, float]:
        """The log-odds of each answer, from the features of a text and what the lexicons made of it."""
        scores = [0.0] * len(self.answers)
        share = 1 / math.sqrt(len(found) + 1)
        for features_, scale in ((found, share), (hints, 1.0), ((ALWAYS,), 1.0)):
            for feature in features_:
                for answer, weight in self.weights.get(feature, ()):
                    scores[answer] += weight * scale
        return dict(zip(self.answers, scores, strict=True))

    def types(self, scores: Mapping[str, float], is_relevant: bool) -> list[str]:
        """The event types said, the surest first; `stats` alone, and of the sector only."""
        found = sorted((name for name, score in scores.items() if score > 0 and name != RELEVANT), key=lambda name: -scores[name])
        if found[:1] == ["stats"] and is_relevant:
            return found[:1]
        return [name for name in found if name != "stats"] or ["none"]


@cache
def taught() -> Taught:
    """The weights of the file."""
    return parsed(WEIGHTS.read_text(encoding="utf-8"))


def parsed(text: str) -> Taught:
    """Weights as written: a line of answers, then a feature a line with its weights that count, as `answer:weight`."""
    lines = text.splitlines()
    weights = {}
    for line in lines[1:]:
        feature, _, given = line.partition("\t")
        pairs = (pair.split(":") for pair in given.split(" "))
        weights[feature] = [(int(answer), float(weight)) for answer, weight in pairs]
    return Taught(tuple(lines[0].split(" ")), weights)
