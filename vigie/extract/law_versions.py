"""Two versions of a legal text compared article by article: what was added, removed, changed, with the words that moved."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vigie.extract.folding import plain

LONGEST = 300
"""Characters of an excerpt."""
CONTEXT = 6
"""Words kept on each side of what changed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One article between two versions: `added`, `removed` or `changed`, its excerpts, the share of its words that stayed."""

    article: str
    kind: str
    before: str | None
    after: str | None
    kept_share: float


def compare(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """The articles that differ, in the order of the later version, then those that are gone; typography alone is no change."""
    return [
        *_later(before, after),
        *(Change(name, "removed", _cut(before[name]), None, 0.0) for name in before if name not in after),
    ]


def _later(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for name, text in after.items():
        if name not in before:
            yield Change(name, "added", None, _cut(text), 0.0)
        elif (old := _words(before[name])) != (new := _words(text)):
            match = difflib.SequenceMatcher(None, old, new, autojunk=False)
            moved = [code for code in match.get_opcodes() if code[0] != "equal"]
            first, last = moved[0], moved[-1]
            yield Change(
                name, "changed", _around(old, first[1], last[2]), _around(new, first[3], last[4]), round(match.ratio(), 3)
            )  # fmt: skip


def _words(text: str) -> list[str]:
    return re.sub(r"\s+", " ", plain(text)).strip().split(" ")


def _around(words: Sequence[str], start: int, end: int) -> str:
    """The words from `start` to `end` and a few beside."""
    first, last = max(0, start - CONTEXT), min(len(words), end + CONTEXT)
    return _cut(("… " if first else "") + " ".join(words[first:last]) + (" …" if last < len(words) else ""))


def _cut(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
