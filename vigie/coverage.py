"""Did we look, and what did we see: the record of polls, and the days on which a look was due."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from croniter import croniter

from vigie import feed as feeds
from vigie import polls
from vigie.clock import CASABLANCA
from vigie.lake import Lake

POLL_TYPES = {
    "feed": "VARCHAR", "address": "VARCHAR", "role": "VARCHAR", "day": "DATE", "found": "BIGINT", "nothing": "BIGINT",
    "blocked": "BIGINT", "failed": "BIGINT", "off": "BIGINT", "sentence": "VARCHAR",
}  # fmt: skip
DAY = list(POLL_TYPES).index("day")
DUE_TYPES = {"feed": "VARCHAR", "address": "VARCHAR", "day": "DATE"}
DAYS_DUE = 60
"""How far back missed looks are told."""


def polled(lake: Lake) -> list[list[Any]]:
    """One line per source and day on which it was asked, in the order of `POLL_TYPES`."""
    return [[getattr(line, name) for name in POLL_TYPES] for line in polls.coverage(lake.root)]


def due(lake: Lake, until: datetime) -> list[list[Any]]:
    """The days on which each publisher's schedule said to look, since the folder first collected anything.

    A sample folder asks nobody: nothing is due there.
    """
    heard = [load.known_at for load in lake.loads() if load.known_at <= until]
    if lake.mode == "sample" or not heard:
        return []
    first = max(min(heard), until - timedelta(days=DAYS_DUE)).date()
    return [
        [name, feeds.load(name).address, day]
        for name in feeds.names()
        if not feeds.load(name).register and (feeds.load(name).address or feeds.load(name).requests)
        for day in _scheduled(feeds.load(name).schedule, first, until.date())
    ]


def _scheduled(schedule: str, first: date, until: date) -> Iterator[date]:
    """The Casablanca days, `until` left out since it is not over, on which a cron schedule fires."""
    moments = croniter(schedule, datetime.combine(first, time(), CASABLANCA) - timedelta(seconds=1))
    day = moments.get_next(datetime).date()
    while day < until:
        yield day
        following = datetime.combine(day, time(23, 59, 59), CASABLANCA)
        day = croniter(schedule, following).get_next(datetime).date()
