"""What a feed had already landed when a document arrived: the past that guards compare with.

Rows are read only when a guard asks, through the ledger, never by glob; a landed file never changes,
so it is read once in a process.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.lake import Lake, Load

if TYPE_CHECKING:
    import pandas as pd

DEPTH = 24
"""How many landed documents back a guard may look: what a door can afford at each document."""


DATED = re.compile(r"(?<!\d)(20\d\d)(?:[-_. ]?(0[1-9]|1[0-2]))?(?:[-_. ]?(0[1-9]|[12]\d|3[01]))?(?!\d)")
"""A year, a month or a day in the name of a file."""

PART_OF_YEAR = re.compile(r"(?<![a-z])[stq][1-4](?!\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Past:
    """One landed document: its name, the address it is a state of, its landed rows, the day its publisher states."""

    name: str
    stream: str
    read: Callable[[], "pd.DataFrame"]
    published_at: datetime | None = None

    @property
    def family(self) -> str:
        """What successive states of one thing share: their address, or their name but for its dates."""
        return self.stream or PART_OF_YEAR.sub("", DATED.sub("", self.name))


@dataclass(frozen=True)
class History:
    """The past of one document, latest first. `name` and `stream` are the document's own."""

    past: tuple[Past, ...]
    name: str = ""
    stream: str = ""

    @cached_property
    def previous(self) -> Past | None:
        """The latest landed document of the same family: the one this document comes in the place of."""
        family = Past(self.name, self.stream, _nothing).family
        return next((earlier for earlier in self.past if earlier.family == family), None)

    @cached_property
    def known(self) -> "pd.DataFrame":
        """All landed rows, oldest document first: the last row of a key is its latest vintage."""
        import pandas as pd

        return pd.concat([earlier.read() for earlier in reversed(self.past)], ignore_index=True)

    def before_release(self, published_at: datetime | None) -> "History | None":
        """The past of a document that its publisher dates: an older release that arrives late comes in the place of
        nothing newer. None when nothing is left."""
        if published_at is None:
            return self
        past = tuple(earlier for earlier in self.past if earlier.published_at is None or earlier.published_at <= published_at)
        return replace(self, past=past) if past else None

    def __deepcopy__(self, memo: object) -> "History":
        """Itself: pandas copies what is attached to a frame at each operation on it."""
        return self


def of(lake: Lake, latest: Iterable[Load], name: str = "", stream: str = "") -> History | None:
    """The past of a document that comes after these landed loads, latest first; None for a first document."""
    past = tuple(_past(lake, load) for load in islice(latest, DEPTH))
    return History(past, name, stream) if past else None


def _past(lake: Lake, load: Load) -> Past:
    path = lake.landed(load)
    return Past(load.file_name or load.address, load.stream, lambda: _landed(path), load.published_at)


@lru_cache(maxsize=2 * DEPTH)
def _landed(path: Path) -> "pd.DataFrame":
    import pyarrow.parquet as pq

    return pq.read_table(path).to_pandas(date_as_object=False)  # type: ignore[no-any-return]


def _nothing() -> "pd.DataFrame":
    raise LookupError("a document that is being judged has no landed rows")
