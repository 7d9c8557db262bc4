"""The loads of one feed, read once and kept in step by whoever holds the feed's lock."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from operator import itemgetter

from vigie.lake import Lake, Load, free_moment

_PLACED = itemgetter(0, 1)


class FeedLedger:
    """Questions to the ledger of one feed without reading it again for each document."""

    def __init__(self, lake: Lake, feed: str) -> None:
        self._lake = lake
        self._moments: set[datetime] = set()
        self._free: dict[datetime, datetime] = {}
        self.loads: list[Load] = []
        self._by_document: dict[str, list[Load]] = defaultdict(list)
        self._by_arrival: dict[tuple[str, str], Load] = {}
        self._latest: dict[str, Load] = {}
        self._places: dict[str, datetime] = {}
        self._replaced: set[str] = set()
        self._landed: list[tuple[datetime, str, Load]] = []
        for load in lake.loads(feed):
            self._add(load)

    def _add(self, load: Load) -> None:
        self._moments.add(load.known_at)
        if load.status == "failed":
            return
        self.loads.append(load)
        self._by_document[load.document].append(load)
        if load.arrival:
            self._by_arrival[load.arrival, load.document] = load
        self._places[load.load_id] = self._places.get(load.supersedes, load.known_at)
        self._replaced.add(load.supersedes)
        if load.rows_landed:
            insort(self._landed, (self.place(load), load.load_id, load), key=_PLACED)
        for stream in {"", load.stream}:
            # an old document that is judged anew is no newer for that
            if stream not in self._latest or self.place(load) >= self.place(self._latest[stream]):
                self._latest[stream] = load

    def commit(self, load: Load) -> None:
        """Writes the load's line: from here on, it happened."""
        self._lake.commit(load)
        self._add(load)

    def free_moment(self, wished: datetime) -> datetime:
        free = free_moment(self._free.get(wished, wished), self._moments)
        # documents of one collection wish for the same moment: the search goes on from where it was
        self._free[wished] = free
        return free

    def arrived(self, arrival: str, document: str) -> Load | None:
        """The load of this very arrival, when it was taken in before."""
        return self._by_arrival.get((arrival, document)) if arrival else None

    def latest(self, stream: str = "") -> Load | None:
        """The latest judged document of a stream; of the whole feed when no stream is given."""
        return self._latest.get(stream)

    def place(self, load: Load) -> datetime:
        """When the load's document was first known, however many times it was judged since."""
        return self._places[load.load_id]

    def of_document(self, document: str) -> Load | None:
        """The latest judgement of these bytes."""
        return self._by_document[document][-1] if self._by_document.get(document) else None

    def standing(self) -> Iterator[Load]:
        """The loads that no later judgement replaced, in order of knowledge."""
        replaced = set(self._replaced)
        yield from (load for load in list(self.loads) if load.load_id not in replaced)

    def landed_before(self, limit: datetime) -> Iterator[Load]:
        """The standing loads with landed rows whose document was first known before `limit`, latest first."""
        for at in range(bisect_left(self._landed, limit, key=itemgetter(0)) - 1, -1, -1):
            load = self._landed[at][2]
            if load.load_id not in self._replaced:
                yield load
