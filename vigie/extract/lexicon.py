"""Lexicons of cues: what a text speaks of, by the words that say it, two by two when one word is not enough.

A line is `name: one, other + with` : a comma separates variants, `+` asks for one of each side within `WINDOW` words,
a word stands for its plural in -s or -x too, `*` ends a beginning of word,
`@group` stands for a line `@group = …` above. `name!:` excludes the name from the whole text, `name~:` from its own words
only; `name?:` counts in a text of the sector only. `>` is a `+` whose right side comes after its left; `<place>` is any span
that the caller knows to be one: « choisit > <organisation> ».
"""

import re
from bisect import bisect_right
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
    sides: int
    is_ordered: bool


class Lexicon:
    """The lines of one or several files, found in one pass over the text."""

    def __init__(self, *paths: Path) -> None:
        self.automaton = ahocorasick.Automaton()
        self.lines: list[_Line] = []
        self.known: dict[str, list[tuple[int, int]]] = {}
        for path in paths:
            self._read(path)
        self.automaton.make_automaton()

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
            split = JOIN.split(sides)
            rank = len(self.lines)
            self.lines.append(_Line(written[1], KINDS[written[2]], len(split), " > " in sides))
            for side, terms in enumerate(split):
                for term in _terms(terms, groups):
                    if term.startswith("@"):
                        raise LexiconError(f"{path.name}, ligne {number} : groupe « {term} » inconnu")
                    if term.startswith("<"):
                        if term not in KNOWN:
                            raise LexiconError(f"{path.name}, ligne {number} : « {term} » : écrire {' ou '.join(KNOWN)}")
                        self.known.setdefault(term[1:-1], []).append((rank, side))
                        continue
                    for written_so in _endings(term):
                        self._learn(written_so, (rank, side))

    def _learn(self, term: str, place: tuple[int, int]) -> None:
        bare = fold(term.rstrip("*"))
        # a space before: only the beginnings of words are found; Arabic writes its particles on the word
        key = bare if ARABIC.match(bare) else f" {APART.sub(' ', bare)}"
        _, whole, beginnings = self.automaton.get(key, (0, (), ()))
        whole, beginnings = (whole, (*beginnings, place)) if term.endswith("*") else ((*whole, place), beginnings)
        self.automaton.add_word(key, (len(bare), whole, beginnings))

    def find(self, text: str, of_sector: bool = True, known: Mapping[str, Sequence[tuple[int, int]]] | None = None) -> list[Cue]:
        """What the text gives, in its order; a name that a line excludes is not given. `known`: the spans of `<name>` terms."""
        hits = self._hits(text, known or {})
        masked: dict[str, list[tuple[int, int, int]]] = {}
        excluded = set()
        for rank, sides in hits.items():
            line = self.lines[rank]
            if line.kind == "masks":
                masked.setdefault(line.name, []).extend(sides[0])
            elif line.kind == "excludes" and any(_together(sides, line.is_ordered)):
                excluded.add(line.name)
        spoken = {"says", "of_sector"} if of_sector else {"says"}
        cues = {
            Cue(line.name, start, end)
            for rank, sides in hits.items()
            if (line := self.lines[rank]).kind in spoken and line.name not in excluded
            for start, end in _together([_outside(side, masked.get(line.name, [])) for side in sides], line.is_ordered)
        }
        return sorted(cues, key=lambda cue: (cue.start, cue.end, cue.name))

    def _hits(self, text: str, known: Mapping[str, Sequence[tuple[int, int]]]) -> dict[int, list[list[tuple[int, int, int]]]]:
        """By line and side, the words found: their rank among the words, their start, their end."""
        folded = fold(text)
        starts = [match.start() for match in WORDS.finditer(folded)]
        hits: dict[int, list[list[tuple[int, int, int]]]] = {}
        for end, (length, whole, beginnings) in self.automaton.iter(f" {APART.sub(' ', folded)}"):
            start = end - length
            places = beginnings if folded[end : end + 1].isalnum() and not PLURAL.match(folded, end) else whole + beginnings
            if not places or (start and folded[start - 1].isalnum() and not _is_prefixed(folded, start)):
                continue
            self._add(hits, places, (bisect_right(starts, start), start, end))
        for name, spans in known.items():
            for start, end in spans:
                self._add(hits, self.known.get(name, ()), (bisect_right(starts, start), start, end))
        return hits

    def _add(
        self, hits: dict[int, list[list[tuple[int, int, int]]]], places: Iterable[tuple[int, int]], hit: tuple[int, int, int]
    ) -> None:
        for rank, side in places:
            if rank not in hits:
                hits[rank] = [[] for _ in range(self.lines[rank].sides)]
            hits[rank][side].append(hit)


def _outside(side: list[tuple[int, int, int]], masks: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
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


def _together(sides: list[list[tuple[int, int, int]]], is_ordered: bool) -> Iterator[tuple[int, int]]:
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
