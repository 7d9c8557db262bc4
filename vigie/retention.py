"""Keeping a document's text no longer than its licence allows.

Its hash, its link, its title and what was read from it stay for ever; the bytes and the perishable
columns of its rows go. Only publishers' own bytes are concerned: what we typed ourselves is ours.
The bytes go last: while they are there, the work is still to be done.
"""

import json
from datetime import timedelta

from vigie import feed as feeds
from vigie import rows
from vigie.clock import Run
from vigie.lake import Load, to_json, write_atomically


def expire(run: Run, name: str) -> int:
    """Forgets what may no longer be kept of a feed's documents; returns how many were concerned."""
    declared = feeds.load(name)
    if declared.keep_days is None:
        return 0
    limit = run.now - timedelta(days=declared.keep_days)
    loads = [load for load in run.data.loads(name) if load.document and load.origin == "recorded"]
    recent = {load.document for load in loads if load.known_at >= limit}
    expired = 0
    for load in loads:
        path = run.data.document(name, load.document)
        if load.document in recent or not path.exists():
            continue
        for judged in (other for other in loads if other.document == load.document):
            _blank(run, judged)
        path.unlink()
        expired += 1
    return expired


def _blank(run: Run, load: Load) -> None:
    perishable = feeds.load(load.feed).perishable
    landed, held = run.data.landed(load), run.data.quarantined(load)
    if landed.exists():
        write_atomically(landed, rows.blanked(landed, perishable))
    if held.exists():
        lines = json.loads(held.read_text())
        for line in lines:
            line["values"] = line["values"] and {**line["values"], **dict.fromkeys(perishable)}
        write_atomically(held, to_json(lines, indent=1) + "\n")
