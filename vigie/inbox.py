"""The inbox as the clock sees it: which dropped files are there, and which have settled, by listing alone.

Nothing is opened, moved or removed here: that is for the one process that takes the files in.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vigie import feed as feeds
from vigie.lake import Lake

ASSET = "vigie.inbox"
"""The asset whose events say that documents wait; they carry nothing else."""

LOOK_SECONDS = 2.0
"""The time between two listings."""

HALF_COPIED = (".part", ".partial", ".tmp", ".crdownload", ".filepart")
"""How the programs that copy a file in place name what they have not finished."""


@dataclass(frozen=True, order=True)
class Drop:
    """One file of a feed's folder as a listing shows it; a file that changes is another drop."""

    feed: str
    name: str
    size: int
    modified_ns: int
    changed_ns: int
    inode: int


def is_a_document(name: str) -> bool:
    """False for hidden files and for those whose name says that their copy is not over."""
    return not name.startswith(".") and not name.lower().endswith(HALF_COPIED)


def dropped(lake: Lake) -> frozenset[Drop]:
    """The documents of every feed's inbox, settled or not."""
    return frozenset(_listed(lake.inbox))


def claimed(lake: Lake) -> frozenset[Drop]:
    """What collections have taken out of the inboxes and not finished with."""
    return frozenset(_listed(lake.root / "claimed"))


def _listed(root: Path) -> Iterator[Drop]:
    for feed in feeds.names():
        try:
            entries = list(os.scandir(root / feed))
        except (FileNotFoundError, NotADirectoryError):
            continue
        for entry in entries:
            try:
                # a link may lead anywhere: only plain files are documents
                if not is_a_document(entry.name) or not entry.is_file(follow_symlinks=False):
                    continue
                stat = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            yield Drop(feed, entry.name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)


@dataclass
class Watch:
    """Successive listings of the inboxes, and what they have announced."""

    lake: Lake
    _before: frozenset[Drop] = field(default=frozenset(), init=False)
    _announced: frozenset[Drop] = field(default=frozenset(), init=False)

    def look(self) -> list[Drop]:
        """The drops that this listing and the one before show alike, each told once."""
        listing = dropped(self.lake)
        settled = listing & self._before
        fresh = settled - self._announced
        self._announced = (self._announced & listing) | settled
        self._before = listing
        return sorted(fresh)
