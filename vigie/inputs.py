"""What goes into a build: the loads that may testify, the code, their fingerprint, and what a build may go on from.

The same loads, asked at the same moment by the same code, give the same marts on any machine; the
fingerprint says whether two builds had the same inputs.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any

import duckdb

from vigie import feed as feeds
from vigie import objections, secrecy
from vigie.clock import Run
from vigie.feed import ROOT
from vigie.lake import Lake, Load, to_json

DBT_PROJECT = ROOT / "dbt_project"
SECTOR = "morocco_offshoring"
FEED_TYPES = {
    "feed": "VARCHAR", "publisher": "VARCHAR", "title": "VARCHAR", "address": "VARCHAR", "licence": "VARCHAR",
    "rhythm_days": "INTEGER", "lag_low_days": "INTEGER", "lag_high_days": "INTEGER",
    "produces": "VARCHAR", "is_snapshot": "BOOLEAN", "is_register": "BOOLEAN", "is_confidential": "BOOLEAN",
}  # fmt: skip


def readable(run: Run) -> list[Load]:
    """The loads that may testify at the date of the question, in order of knowledge.

    On the axis of releases, what was learnt since may tell what had been released by then.
    """
    return [load for load in run.data.loads() if run.axis == "published" or load.known_at <= run.as_of]


def fingerprint(run: Run, loads: Iterable[Load]) -> str:
    """The fingerprint of all that a build of these loads, asked as of the run's date, reads."""
    digest = hashlib.sha256(f"{code(run.data)} {run.as_of} {run.axis}".encode())
    for load in loads:
        digest.update(f"{load.feed}/{load.load_id}/{load.status}/{load.door}".encode())
    for objection in objections.of(run.data):
        if objection.made_at <= run.as_of:
            digest.update(to_json(asdict(objection)).encode())
    return digest.hexdigest()


def code(lake: Lake) -> str:
    """The fingerprint of what is the same whatever landed: models, seeds, sector files, declared feeds, rules, engine."""
    rules = to_json(secrecy.rules(lake).model_dump())
    digest = hashlib.sha256(f"{lake.mode} {duckdb.__version__} {to_json(declared_feeds())} {rules}".encode())
    project = [path for pattern in ("*.sql", "*.py", "*.yml", "*.csv") for path in DBT_PROJECT.rglob(pattern)]
    written = [path for path in project if not {"target", "logs"} & set(path.relative_to(DBT_PROJECT).parts)]
    methods = [
        path for pattern in ("science/*.py", "extract/*.py", "extract/lexicons/*.txt") for path in (ROOT / "vigie").glob(pattern)
    ]
    declared = [path for pattern in ("*/sector.yml", "*/scenarios/*.yml", "*/names/*") for path in feeds.SECTORS.glob(pattern)]
    for path in sorted([*written, *methods, *declared]):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


@cache
def declared_feeds() -> list[list[Any]]:
    """One line per feed, in the order of `FEED_TYPES`."""
    lines = []
    for name in feeds.names():
        feed = feeds.load(name)
        lines.append([
            name, feed.publisher, feed.title, feed.address, feed.licence, feed.rhythm_days,
            *feed.lag_days, feed.produces, feed.snapshot, feed.register, feed.is_confidential,
        ])  # fmt: skip
    return lines


def resumes_at(run: Run, loads: list[Load], before: dict[str, Any], read: set[tuple[str, str]]) -> datetime | None:
    """The moment from which a build may go on from the last one, None when it must start from nothing.

    `before` is the stamp of the last build and `read` the loads that it had. What was known earlier than
    every new load cannot change, whatever they say; the moment of the last question was no change of
    knowledge, and is asked anew. Another code, another axis, a question about an earlier day, or a load
    that takes its place among those already read, and nothing of the last build can be kept.
    """
    asked = datetime.fromisoformat(before["as_of"])
    if before["code"] != code(run.data) or (before["axis"], run.axis) != ("known", "known") or asked > run.as_of:
        return None
    news = [load.known_at for load in loads if (load.feed, load.load_id) not in read]
    olds = [load.known_at for load in loads if (load.feed, load.load_id) in read]
    if len(olds) < len(read) or (news and olds and min(news) < max(olds)):
        return None
    return min([asked, *news])
