"""What a feed had already landed when a document arrived: the past that guards compare with.

Rows are read only when a guard asks, through the ledger, never by glob; a landed file never changes,
so it is read once in a process.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
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
    """One landed document: the name it came under, the address it is a state of, its landed rows."""

    name: str
    stream: str
    read: Callable[[], "pd.DataFrame"]

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

    def __deepcopy__(self, memo: object) -> "History":
        """Itself: pandas copies what is attached to a frame at each operation on it."""
        return self


def of(
    lake: Lake,
    feed: str,
    before: datetime,
    name: str = "",
    stream: str = "",
    replaces: Load | None = None,
    loads: Iterable[Load] | None = None,
) -> History | None:
    """The past of a document of `feed` that becomes known at `before`; None for a first document.

    A document that is judged anew `replaces` an earlier load, and keeps its place: what came after it is
    no part of its past. `loads` is the feed's ledger, when the caller has read it.
    """
    ledger = list(lake.loads(feed) if loads is None else loads)
    by_id = {load.load_id: load for load in ledger}
    replaced = {load.supersedes for load in ledger}
    limit = _place(replaces, by_id) if replaces else before
    earlier = [
        (place, load)
        for load in ledger
        if load.rows_landed and load.load_id not in replaced and (place := _place(load, by_id)) < limit
    ]
    latest = sorted(earlier, key=lambda pair: (pair[0], pair[1].load_id), reverse=True)[:DEPTH]
    if not latest:
        return None
    return History(tuple(_past(lake, load) for _, load in latest), name, stream)


def _place(load: Load, by_id: dict[str, Load]) -> datetime:
    """When the document was first known, whatever number of times it was judged since."""
    while load.supersedes in by_id:
        load = by_id[load.supersedes]
    return load.known_at


def _past(lake: Lake, load: Load) -> Past:
    path = lake.landed(load)
    return Past(load.file_name or load.address, load.stream, lambda: _landed(path))


@lru_cache(maxsize=2 * DEPTH)
def _landed(path: Path) -> "pd.DataFrame":
    import pyarrow.parquet as pq

    return pq.read_table(path).to_pandas(date_as_object=False)  # type: ignore[no-any-return]


def _nothing() -> "pd.DataFrame":
    raise LookupError("a document that is being judged has no landed rows")
