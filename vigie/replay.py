"""Reading kept bytes again with today's readers and rules, and landing what they say differently.

A document whose rows come out as they had landed stays as it is. One that differs becomes a new
vintage, with its reason. The figures of later documents must keep the last word: those of the same
feed are then judged again after it, in their order.
"""

import logging
from collections.abc import Iterator, Sequence

from vigie import acts, rows
from vigie import feed as feeds
from vigie.clock import CallError, Run
from vigie.collect import Collection, CollectReport, Listener, Outcome, take
from vigie.examine import Examination, examine
from vigie.lake import Load

log = logging.getLogger("vigie")

REASON = "relecture des octets gardés avec le lecteur d'aujourd'hui"


def replay(run: Run, names: Sequence[str], tell: Listener | None = None) -> CollectReport:
    """Replays the named feeds, which a person must name: it may rewrite much."""
    if not names:
        raise CallError("--replay relit les octets gardés d'un flux : nommer ce flux")
    return take(run, names, lambda name: _replay(run, name), tell)


def _replay(run: Run, name: str) -> Iterator[Load | Outcome]:
    collection = Collection(run, name)
    standing = list(_replayable(collection))
    must_follow = False
    for number, load in enumerate(standing, start=1):
        if not run.data.document(name, load.document).exists():
            yield _unchanged(load, "les octets ne sont plus gardés : la licence en limitait la durée")
            continue
        log.info("  %s : relecture %d/%d…", name, number, len(standing))
        document = collection.again(load)
        decisions = acts.fold(acts.of(run.data, name, load.document))
        again = examine(name, document.content, decisions, collection.past(document, load))
        if must_follow or differs(run, load, again):
            must_follow = must_follow or collection.restates
            yield collection.judge_again(load, reason=REASON)
        else:
            yield _unchanged(load, "la relecture dit la même chose")


def _replayable(collection: Collection) -> list[Load]:
    """The standing loads, oldest first; of complete lists only the last, of a page only its last state."""
    standing = list(collection.ledger.standing())
    if collection.declared.snapshot:
        return standing[-1:]
    last = {load.stream: load.load_id for load in standing if load.stream}
    if collection.restates:
        return standing
    return [load for load in standing if not load.stream or last[load.stream] == load.load_id]


def differs(run: Run, load: Load, again: Examination) -> bool:
    """True when today's judgement of a document is not what its load committed."""
    if load.status != ("refused" if again.refusal else "landed") or load.rows_read != len(again.records):
        return True
    if load.status != "landed":
        return load.reason != again.refusal
    columns = feeds.load(load.feed).columns
    return bool(rows.read(run.data.landed(load)) != rows.table(again.good, columns, load.load_id))


def _unchanged(load: Load, reason: str) -> Outcome:
    return Outcome(load.feed, load.file_name or load.address, "unchanged", 0, 0, 0, reason, load.document, load.load_id)
