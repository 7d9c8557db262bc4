"""Stories: articles that are copies or near copies of one another, found in one pass with a bounded memory.

Exact copies by their words; near copies by 3-word shingles, MinHash (Broder 1997) and locality-sensitive hashing, within
a window of days. Nothing is particular to a language, and nothing depends on the process that runs it.
"""

import hashlib
import re
from collections.abc import Hashable, Iterable, Iterator
from datetime import date
from heapq import heappop, heappush

from rensa import RMinHash, RMinHashLSH

from vigie.extract.folding import fold

WORDS = re.compile(r"\w+")
SHINGLE = 3
PERMUTATIONS, BANDS = 120, 40
SEED = 20261123
LEAST_ALIKE = 0.35
"""Estimated Jaccard of two texts of one story: 12 % of the words changed leave about a half."""
WINDOW_DAYS = 45
MOST_HELD = 80_000
"""Articles compared with at the most, the latest ones: 7 KB each."""
RECIPE = f"rensa-rminhash-{PERMUTATIONS}-{BANDS}-w{SHINGLE}-s{SEED}"
"""What a signature is; two recipes do not compare."""


class Stories:
    """Places articles one after the other, each in the story of an earlier one or in its own."""

    def __init__(self, window_days: int = WINDOW_DAYS, most_held: int = MOST_HELD) -> None:
        self._window = window_days
        self._most = most_held
        self._index = RMinHashLSH(LEAST_ALIKE, PERMUTATIONS, BANDS)
        self._held: dict[int, tuple[date, Hashable, RMinHash, bytes]] = {}
        self._exact: dict[bytes, list[int]] = {}
        self._days: list[tuple[date, int]] = []
        self._next = 0

    def place(self, article: Hashable, day: date, text: str) -> Hashable:
        """The first article of the story; the article itself where it opens one. `day` is when the article came out."""
        words = WORDS.findall(fold(text))
        digest = hashlib.blake2b(" ".join(words).encode(), digest_size=16).digest()
        signature = RMinHash(PERMUTATIONS, SEED)
        signature.update(list(_shingles(words)))
        story = self._story(day, digest, signature) if words else None
        if story is None:
            story = article
        self._hold(day, story, signature, digest)
        return story

    def _story(self, day: date, digest: bytes, signature: RMinHash) -> Hashable | None:
        """Of the articles alike within the window, the story of the most alike; the earliest where several are."""
        near = [number for number in self._exact.get(digest, ()) if self._is_near(number, day)]
        if near:
            return self._held[min(near)][1]
        alike = [
            (-signature.jaccard(self._held[number][2]), number)
            for number in set(self._index.query(signature))
            if self._is_near(number, day)
        ]
        likeness, number = min(alike, default=(0.0, 0))
        return self._held[number][1] if -likeness >= LEAST_ALIKE else None

    def _is_near(self, number: int, day: date) -> bool:
        return abs((self._held[number][0] - day).days) <= self._window

    def _hold(self, day: date, story: Hashable, signature: RMinHash, digest: bytes) -> None:
        number = self._next
        self._next += 1
        self._held[number] = (day, story, signature, digest)
        self._index.insert(number, signature)
        self._exact.setdefault(digest, []).append(number)
        heappush(self._days, (day, number))
        if len(self._held) > self._most:
            self._forget(heappop(self._days)[1])

    def _forget(self, number: int) -> None:
        digest = self._held.pop(number)[3]
        self._index.remove(number)
        self._exact[digest].remove(number)
        if not self._exact[digest]:
            del self._exact[digest]


def _shingles(words: list[str]) -> Iterator[str]:
    """Runs of three words; a shorter text is one."""
    if len(words) < SHINGLE:
        return iter([" ".join(words)])
    return (" ".join(run) for run in zip(words, words[1:], words[2:], strict=False))


def stories(articles: Iterable[tuple[Hashable, date, str]]) -> dict[Hashable, Hashable]:
    """Article → first article of its story, for articles (name, day, text) in the order in which they were known."""
    placing = Stories()
    return {article: placing.place(article, day, text) for article, day, text in articles}
