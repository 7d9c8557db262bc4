"""Places and organisations by their names, found with their capitals: « Salé » is a city, « salé » a taste."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import ahocorasick

from vigie.extract.folding import plain
from vigie.feed import SECTORS

ARABIC_PREFIXES = frozenset("وبلفكا")
LONGEST_PREFIX = 3
FORENAME = re.compile(r"(?:^|[\s«\"(])(?:M\.|Mme|Mr|Dr|[A-ZÀ-Ý][a-zà-ÿ-]+(?: (?:El|Al|Ben|Ait))?) $")
BEFORE_PLACE = frozenset({
    "À", "A", "Au", "Aux", "De", "Du", "Des", "La", "Le", "Les", "En", "Et", "Vers", "Pour", "Ville", "Région", "Province",
    "Port", "Centre", "Site", "Cap", "Depuis", "Entre", "Wilaya", "Commune", "El", "In", "At", "From", "Near", "Desde", "Hacia",
})  # fmt: skip
"""Words with a capital that are no forename."""
STREET = re.compile(r"\b(?:quartier|rue|avenue|boulevard|hay|stade|lycée|barrio|calle|avenida) $", re.IGNORECASE)
"""« au quartier Dakhla à Agadir »: the name of another city than where it is."""


@dataclass(frozen=True, slots=True)
class Named:
    """A known place or organisation (`id`) and where its name stands."""

    id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    length: int
    is_surname: bool
    langs: frozenset[str]


class Gazetteer:
    """Names read from a CSV file of the sector: `id,name,langs,is_surname`."""

    def __init__(self, path: Path) -> None:
        self.automaton = ahocorasick.Automaton()
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                name = plain(row["name"])
                entry = _Entry(row["id"], len(name), row["is_surname"] == "1", frozenset(row["langs"].split()))
                self.automaton.add_word(name, [*self.automaton.get(name, []), entry])
        self.automaton.make_automaton()

    def find(self, text: str, lang: str) -> list[Named]:
        """The names of a text in their order, the longest where several overlap."""
        written = plain(text)
        found = [
            Named(entry.id, last + 1 - entry.length, last + 1)
            for last, entries in self.automaton.iter(written)
            for entry in entries
            if (not entry.langs or lang in entry.langs) and _stands(written, last + 1 - entry.length, last + 1, entry)
        ]
        return _longest(found)


def _stands(written: str, start: int, end: int, entry: _Entry) -> bool:
    """Whether the name is a word of its own and, where it is a surname too, follows no forename."""
    if written[end : end + 1].isalnum():
        return False
    if "\u0600" <= written[start] <= "\u06ff":
        head = re.search(r"\w*$", written[:start])
        prefix = head[0] if head else ""
        return len(prefix) <= LONGEST_PREFIX and set(prefix) <= ARABIC_PREFIXES
    if (written[start - 1 : start].isalnum() and start) or STREET.search(written[max(0, start - 12) : start]):
        return False
    if entry.is_surname:
        before = FORENAME.search(written[:start])
        return not before or before[0].strip(' «"(') in BEFORE_PLACE
    return True


def _longest(found: Iterable[Named]) -> list[Named]:
    kept: list[Named] = []
    for named in sorted(found, key=lambda n: (n.start, -n.end)):
        if not kept or named.start >= kept[-1].end or (named.start, named.end) == (kept[-1].start, kept[-1].end):
            kept.append(named)
    return kept


@cache
def gazetteer(sector: str, kind: str) -> Gazetteer:
    """The names of a sector: `kind` is 'places', 'sites' (parks and quarters of places) or 'organisations'."""
    return Gazetteer(SECTORS / sector / "names" / f"{kind}.csv")


@cache
def names(sector: str, kind: str) -> dict[str, str]:
    """By identifier, the name that its file gives first."""
    with (SECTORS / sector / "names" / f"{kind}.csv").open(encoding="utf-8", newline="") as lines:
        return {row["id"]: row["name"] for row in reversed(list(csv.DictReader(lines)))}
