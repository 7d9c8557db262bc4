"""The chain as a scheduler runs it: who asked, what is due, and failures written in the ledger.

The ledger says what is to be done; an event only wakes. So a lost, late or repeated event costs at
most one quiet run.
"""

import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vigie import clock, inbox, settings
from vigie import feed as feeds
from vigie.clock import Run
from vigie.inbox import Drop
from vigie.lake import Lake, LakeError, Load

if TYPE_CHECKING:
    from vigie.collect import CollectReport

log = logging.getLogger("vigie")

LANDED = "vigie.landed"
"""The asset of which each landed load is one partition, `<feed>/<load_id>`."""

QUARANTINE = "quarantine"
"""The DAG that puts to a person what the door holds."""

WRITER_POOL = "duckdb_writer"
"""The pool of one slot that every task on the warehouse holds."""

OVERDUE = "overdue__"
"""How the run of an observation begins its name when no event asked for it in time."""

STAGES = ("build", "watch", "publish", "notify")
STRANDED_SECONDS = 30
"""How long a dropped file may wait for its event."""
STRANDED_AGAIN_SECONDS = 600
GRACE_SECONDS = 120
"""How long an event may take to wake the observatory before it counts as lost."""
RETRY_SECONDS = 300
"""How often the sweep may wake the observatory for messages alone."""
RELAPSE_SECONDS = 1800
"""How long a failed stage is left alone before the sweep tries again."""


def begin(dag_run: Any) -> Run:
    """The run of a task: the data folder of the settings, and the DAG run as its cause."""
    folder = settings.read().data
    mode = Lake.stamped_mode(folder) or "sample"
    return clock.start(folder, mode, caused_by=cause(dag_run.dag_id, dag_run.run_id))


def cause(dag_id: str, run_id: str) -> str:
    """How a DAG run is named in loads, failures and publications."""
    return f"airflow:{dag_id}/{run_id}"


def record_failure(context: Mapping[str, Any]) -> None:
    """Writes a task that failed for good in the ledger, where Fiabilité reads it.

    A refused batch, or a feed that broke while others were collected, is there already with its reason.
    """
    dag_run, task = context["dag_run"], context["ti"]
    run = begin(dag_run)
    if any(load.caused_by == run.caused_by and load.status != "landed" for load in run.data.loads()):
        return
    feed = dag_run.dag_id.removeprefix("collect_")
    place = feed if feed in feeds.names() else task.task_id
    error = context.get("exception")
    reason = " ".join(str(error).split()) if error else "la tâche a été interrompue"
    run.data.record_failure(place, f"{place} : {reason}", run.now, run.caused_by)


PATIENCE: dict[str, Any] = {
    "retries": 2,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
    "on_failure_callback": record_failure,
}
"""How every task meets trouble that is not the data's fault."""


def drain(run: Run) -> "CollectReport":
    """Collects what waits in the inboxes, all feeds in this process, until nothing new can be taken.

    A feed whose collection breaks is noted in the ledger and keeps no other waiting.
    """
    # collecting reads tables, whose library costs a second that parsing a DAG file must not pay
    from vigie import collect

    loads: list[Load] = []
    unchanged = 0
    done: frozenset[Drop] = frozenset()
    with run.data.lock("drain"):
        # what an interrupted collection had claimed is taken up once; what comes meanwhile, as it comes
        fresh = inbox.dropped(run.data) | inbox.claimed(run.data)
        while fresh:
            done |= fresh
            for name in sorted({drop.feed for drop in fresh}):
                try:
                    report = collect.drain(run, name)
                except Exception as error:
                    reason = f"{name} : {' '.join(str(error).split()) or type(error).__name__}"
                    log.exception("  %s", reason)
                    loads.append(run.data.record_failure(name, reason, run.now, run.caused_by))
                else:
                    loads += report.loads
                    unchanged += report.unchanged
            fresh = inbox.dropped(run.data) - done
    return collect.CollectReport(tuple(loads), unchanged)


def undrained(lake: Lake) -> str:
    """The name of a run for documents that wait longer than an event takes; empty when there are none.

    The name changes with the documents, and every ten minutes: what cannot be taken now is tried again
    at that pace.
    """
    before = time.time_ns() - STRANDED_SECONDS * 10**9
    # the kernel's own date: the one that a copy keeps may be of any year
    stranded = sorted(drop for drop in inbox.dropped(lake) | inbox.claimed(lake) if drop.changed_ns < before)
    if not stranded or _is_held(lake, "drain"):
        return ""
    mark = hashlib.sha256(repr(stranded).encode()).hexdigest()[:12]
    return f"inbox__{mark}__{int(time.time() // STRANDED_AGAIN_SECONDS)}"


def needs_build(run: Run) -> bool:
    """True when the warehouse is not what today's build of the ledger would be."""
    # build reads the sector file, which costs a second that parsing a DAG file must not pay
    from vigie import build, inputs

    built = build.stamp(run.data)
    loads = inputs.readable(run)
    if built is None:
        return bool(loads)
    asked = datetime.fromisoformat(built["as_of"])
    if asked.date() != run.as_of.date():
        return True
    return bool(built["inputs_hash"] != inputs.fingerprint(replace(run, as_of=asked), loads))


def is_behind(run: Run) -> bool:
    """True when something known is not yet published, or something decided not yet delivered."""
    from vigie import notify

    return is_unpublished(run) or notify.is_due(run)


def is_unpublished(run: Run) -> bool:
    """True when something known is not yet published."""
    from vigie import publish

    return bool(needs_build(run) or (run.data.loads() and not publish.is_current(run.data)))


def reason_to_rest(run: Run) -> str:
    """Why a wake-up has nothing to build; empty when it has.

    Nothing is decided on half of what is arriving: collections under way are waited for, and an
    observatory opens only once each feed has been heard of. The last feed's event, or failing it
    the sweep, wakes again.
    """
    for name in feeds.names():
        with run.data.lock(f"collect-{name}"):
            pass
    if not is_behind(run):
        return "rien de nouveau au registre"
    unheard = _unheard(run)
    if unheard and f"/{OVERDUE}" not in run.caused_by:
        return f"première collecte attendue : {', '.join(unheard)}"
    return ""


def _unheard(run: Run) -> list[str]:
    """Before the first publication, the feeds with documents to come and no line in the ledger."""
    if run.data.published.exists():
        return []
    heard = {load.feed for load in run.data.loads()}
    return [name for name in feeds.names() if name not in heard and _has_to_come(run, name)]


def _has_to_come(run: Run, name: str) -> bool:
    if run.mode == "sample":
        return any(clock.sample_moment(feeds.collected_on(path)) <= run.now for path in feeds.sample_documents(name))
    return bool(feeds.load(name).address or feeds.load(name).register)


def overdue(run: Run) -> str:
    """The name of a run for work that waits for longer than an event takes; empty when there is none.

    The name lasts an hour, five minutes for messages alone: what cannot be done now is tried again, at that pace and
    no faster.
    """
    if _is_held(run.data, "build") or not is_behind(run):
        return ""
    pace = 3600 if is_unpublished(run) else RETRY_SECONDS
    entries = [(entry.stat().st_mtime, entry) for entry in (run.data.root / "ledger").glob("*/[!.]*.json")]
    written, newest = max(entries, default=(0.0, Path()))
    patience = RELAPSE_SECONDS if newest.parent.name in STAGES else GRACE_SECONDS
    return f"{OVERDUE}{newest.stem}__{int(time.time() // pace)}" if time.time() - written > patience else ""


def _is_held(lake: Lake, name: str) -> bool:
    try:
        with lake.lock(name, wait=0):
            return False
    except LakeError:
        return True
