"""Lexicons of cues: what a text speaks of, by the words that say it, two by two when one word is not enough.

A line is `name: one, other + with` : a comma separates variants, `+` asks for one of each side within `WINDOW` words,
a word stands for its plural in -s or -x too, `*` ends a beginning of word,
`@group` stands for a line `@group = …` above. `name!:` excludes the name from the whole text, `name~:` from its own words
only; `name?:` counts in a text of the sector only. `>` is a `+` whose right side comes after its left; `<place>` is any span
that the caller knows to be one: « choisit > <organisation> ».
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ahocorasick

from vigie.extract.folding import fold

WINDOW = 9
"""Words between two cues of one line, at the most."""
ARABIC_PREFIXES = frozenset("وبلفكاس")
LONGEST_PREFIX = 4
APART = re.compile(r"[^\w ]")
ARABIC = re.compile("[\u0600-\u06ff]")
WORDS = re.compile(r"\d+(?:[ .,]\d+)*|\w+")
"""« 12 000 » is one word: figures do not push two cues apart."""
KINDS = {"": "says", "!": "excludes", "~": "masks", "?": "of_sector"}
JOIN = re.compile(r" [+>] ")
KNOWN = ("<organisation>", "<place>")
ENDINGS = (
    "", "s", "x", "e", "es", "ee", "ees", "ent", "er", "ons", "ait", "aient", "ant", "a", "era", "eront", "ra", "ront", "t", "nt",
)  # fmt: skip
"""What « * » stands for within a term: « coup* la ligne », « donneur* d'ordre »."""
PLURAL = re.compile(r"(?:e?s|x)?(?!\w)")
Hit = tuple[int, int, int]
"""Words of a text: their rank among its words, their start, their end."""


class LexiconError(Exception):
    """A line that is not of a lexicon's form: file, line, what is wrong."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A name that the text gives, and where the words that give it stand."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    kind: str
    order: tuple[int, ...]
    """Which sets of terms it asks for: many lines share one."""
    sides: frozenset[int]
    is_ordered: bool


class Lexicon:
    """The lines of one or several files, found in one pass over the text."""

    def __init__(self, *paths: Path) -> None:
        self.automaton = ahocorasick.Automaton()
        self.lines: list[_Line] = []
        self.sides: dict[frozenset[str], int] = {}
        self.known: dict[str, list[int]] = {}
        for path in paths:
            self._read(path)
        self.automaton.make_automaton()
        self._lines_by_side = self._indexed()

    def _indexed(self) -> list[list[_Line]]:
        """Each line under the side that it shares with the fewest others: a text that has it not is not asked further."""
        shared = Counter(side for line in self.lines for side in line.sides)
        lines: list[list[_Line]] = [[] for _ in self.sides]
        for line in self.lines:
            lines[min(line.sides, key=lambda side: shared[side])].append(line)
        return lines

    def _read(self, path: Path) -> None:
        groups: dict[str, list[str]] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if not line or line.startswith("#"):
                continue
            if line.startswith("@"):
                name, _, terms = line.partition("=")
                groups[name.strip()] = _terms(terms, groups)
                continue
            name, colon, sides = line.partition(": ")
            written = re.fullmatch(r"([a-z_]+)([!~?]?)", name)
            if not colon or not written:
                raise LexiconError(f"{path.name}, ligne {number} : écrire « nom: mots » (ou « @groupe = mots »)")
            places = tuple(self._side(_terms(terms, groups), path.name, number) for terms in JOIN.split(sides))
            self.lines.append(_Line(written[1], KINDS[written[2]], places, frozenset(places), " > " in sides))

    def _side(self, terms: list[str], file: str, number: int) -> int:
        """The number of a set of terms, learnt the first time that a line asks for it."""
        asked = frozenset(terms)
        if asked in self.sides:
            return self.sides[asked]
        place = self.sides[asked] = len(self.sides)
        for term in dict.fromkeys(terms):
            if term.startswith("@"):
                raise LexiconError(f"{file}, ligne {number} : groupe « {term} » inconnu")
            if term.startswith("<"):
                if term not in KNOWN:
                    raise LexiconError(f"{file}, ligne {number} : « {term} » : écrire {' ou '.join(KNOWN)}")
                self.known.setdefault(term[1:-1], []).append(place)
                continue
            for written_so in _endings(term):
                self._learn(written_so, place)
        return place

    def _learn(self, term: str, place: int) -> None:
        bare = fold(term.rstrip("*"))
        # a space before: only the beginnings of words are found; Arabic writes its particles on the word
        key = bare if ARABIC.match(bare) else f" {APART.sub(' ', bare)}"
        _, whole, beginnings = self.automaton.get(key, (0, (), ()))
        whole, beginnings = (whole, (*beginnings, place)) if term.endswith("*") else ((*whole, place), beginnings)
        self.automaton.add_word(key, (len(bare), whole, beginnings))

    def find(self, text: str, of_sector: bool = True, known: Mapping[str, Sequence[tuple[int, int]]] | None = None) -> list[Cue]:
        """What the text gives, in its order; a name that a line excludes is not given. `known`: the spans of `<name>` terms."""
        hits = self._hits(text, known or {})
        lines = [line for side in hits for line in self._lines_by_side[side] if hits.keys() >= line.sides]
        masked: dict[str, list[Hit]] = {}
        excluded = set()
        for line in lines:
            if line.kind == "masks":
                masked.setdefault(line.name, []).extend(hits[line.order[0]])
            elif line.kind == "excludes" and any(_together([hits[side] for side in line.order], line.is_ordered)):
                excluded.add(line.name)
        spoken = {"says", "of_sector"} if of_sector else {"says"}
        cues = {
            Cue(line.name, start, end)
            for line in lines
            if line.kind in spoken and line.name not in excluded
            for start, end in _together([_outside(hits[side], masked.get(line.name)) for side in line.order], line.is_ordered)
        }
        return sorted(cues, key=lambda cue: (cue.start, cue.end, cue.name))

    def _hits(self, text: str, known: Mapping[str, Sequence[tuple[int, int]]]) -> dict[int, list[Hit]]:
        """By side, the words found."""
        folded = fold(text)
        found: list[tuple[int, int, Iterable[int]]] = [
            (start, end, self.known.get(name, ())) for name, spans in known.items() for start, end in spans
        ]
        for end, (length, whole, beginnings) in self.automaton.iter(f" {APART.sub(' ', folded)}"):
            start = end - length
            places = beginnings if folded[end : end + 1].isalnum() and not PLURAL.match(folded, end) else whole + beginnings
            if places and not (start and folded[start - 1].isalnum() and not _is_prefixed(folded, start)):
                found.append((start, end, places))
        hits: dict[int, list[Hit]] = {}
        starts = [match.start() for match in WORDS.finditer(folded)] if found else []
        for start, end, places in found:
            hit = (bisect_right(starts, start), start, end)
            for side in places:
                if side in hits:
                    hits[side].append(hit)
                else:
                    hits[side] = [hit]
        return hits


def _outside(side: list[Hit], masks: list[Hit] | None) -> list[Hit]:
    """The words that no mask holds: « plate-forme » forms nobody."""
    return [hit for hit in side if not any(start <= hit[1] < end for _, start, end in masks)] if masks else side


def _endings(term: str) -> Iterator[str]:
    """A term as it may be written: a star that another word follows stands for an ending of `ENDINGS`."""
    first, star, rest = term.partition("* ")
    if not star:
        yield term
        return
    for following in _endings(rest):
        yield from (f"{first}{ending} {following}" for ending in ENDINGS)


def _terms(listed: str, groups: dict[str, list[str]]) -> list[str]:
    terms = [term.strip() for term in listed.split(",") if term.strip()]
    return [inner for term in terms for inner in groups.get(term, [term])]


def _is_prefixed(folded: str, start: int) -> bool:
    """Whether only Arabic particles stand between the start of the word and the term."""
    head = start
    while head and start - head <= LONGEST_PREFIX and folded[head - 1].isalnum():
        head -= 1
    return (
        ARABIC.match(folded, start) is not None and start - head <= LONGEST_PREFIX and set(folded[head:start]) <= ARABIC_PREFIXES
    )


def _together(sides: list[list[Hit]], is_ordered: bool) -> Iterator[tuple[int, int]]:
    """The spans where every side of a line is found, within the window and not in the same words, in order where asked."""
    first, *others = sides
    for word, start, end in first:
        low, high = start, end
        for other in others:
            near = [
                hit for hit in other if abs(hit[0] - word) <= WINDOW and (hit[1] >= end or (hit[2] <= start and not is_ordered))
            ]
            if not near:
                break
            low, high = min(low, near[0][1]), max(high, near[0][2])
        else:
            yield low, high
