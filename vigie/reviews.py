"""Events that the press reports, put to people: what waits, what each report says, and what was decided.

A decision is a line of the register `reviewed_events`: it is dropped in that feed's inbox and enters by the door, as
everything else, so that an event which somebody accepted has a receipt. What was dropped waits no more, even before
anybody collected it.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

import duckdb

from vigie import feed as feeds
from vigie import inbox, rows, sector
from vigie.clock import CallError, Run
from vigie.feed import Row
from vigie.inputs import SECTOR
from vigie.lake import Lake, write_atomically

FEED = "reviewed_events"
THEN = "revenir à la relecture"
Verdict = Literal["accept", "correct", "reject"]
WORDS: Mapping[Verdict, str] = {"accept": "accepté", "correct": "corrigé et accepté", "reject": "rejeté"}
TYPES = (
    "jobs_at_risk", "layoff", "closure", "opening", "expansion", "strike", "law", "contract", "training", "ai_adoption",
    "policy", "acquisition", "stats",
)  # fmt: skip
CORRECTABLE = ("event_type", "title", "ref_area", "operator", "site_id", "jobs", "happened_on", "source", "source_url")
COLUMNS = (
    "event_id", "review", "event_type", "event_type_fr", "title", "operator", "ref_area", "place_name", "jobs", "happened_on",
    "source", "source_url", "origin", "known_at",
)  # fmt: skip
TOLD = (
    f"select {', '.join(COLUMNS)} from events"
    " left join (select code, label_fr as event_type_fr from labels where list = 'event_type') on code = event_type"
)
MENTION = ("title", "outlet", "link", "quote", "figures_text", "certainty_fr", "operator", "place_name", "published_at", "origin")


@dataclass(frozen=True)
class Candidate:
    """An event as the press reports it, with each report: its words, and where in them who, where and how many are said."""

    event_id: str
    values: Mapping[str, Any]
    mentions: Sequence[Mapping[str, Any]] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    """The natures that a correction may choose from, in French."""

    def as_dict(self) -> dict[str, Any]:
        """What `--json` prints, with the natures that a correction may choose from."""
        return {**self.values, "mentions": [dict(mention) for mention in self.mentions], "types": dict(self.types)}


@dataclass(frozen=True)
class Decision:
    """What somebody decided on a candidate, with the values that the register keeps."""

    event_id: str
    verdict: Verdict
    values: Mapping[str, Any]
    by: str
    at: datetime
    reason: str

    def sentence(self) -> str:
        return f"{self.event_id} : {WORDS[self.verdict]} par {self.by} ; la prochaine collecte l'inscrit au registre"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def candidates(run: Run) -> list[Candidate]:
    """What waits for a decision, the latest reported first, without its reports; LakeError before any publication."""
    with run.data.open_published(THEN) as published:
        (since,) = published.execute("select as_of from publication").fetchone() or (datetime.min,)
        found = _asked(published, f"{TOLD} where review = 'candidat' order by known_at desc, event_id")
    gone = _dropped(run.data, since)
    return [Candidate(line["event_id"], line) for line in found if line["event_id"] not in gone]


def candidate(run: Run, event_id: str) -> Candidate:
    """One event of the press with its reports, decided or not; CallError when the press reports none of that name."""
    with run.data.open_published(THEN) as published:
        found = _asked(published, f"{TOLD} where event_id = ?", event_id)
        if not found:
            raise CallError(f"événement inconnu « {event_id} » ; ceux qui attendent : vigie review list")
        told = _asked(
            published,
            f"select {', '.join(MENTION)} from event_mentions where event_id = ? order by published_at, title",
            event_id,
        )
        words = dict(published.execute("select code, label_fr from labels where list = 'event_type'").fetchall())
    if not told:
        raise CallError(f"« {event_id} » est une ligne d'un registre : elle se corrige dans le registre, non ici")
    marked = [mention | {"marks": _marks(mention)} for mention in told]
    return Candidate(event_id, found[0], marked, {name: words[name] for name in TYPES})


def decide(
    run: Run, event_id: str, verdict: Verdict, by: str, reason: str = "", changes: Mapping[str, str] | None = None
) -> Decision:
    """Drops the decision in the inbox of the register; CallError when it is not one that can be kept.

    A second decision on the same event has the last word; that of another person also counts as a second reading.
    """
    changes = dict(changes or {})
    if not by.strip():
        raise CallError("une décision se signe : ajouter --by NOM")
    if verdict != "accept" and not reason.strip():
        raise CallError("une correction ou un rejet se motive : ajouter --reason MOTIF")
    if (verdict == "correct") != bool(changes):
        raise CallError(f"corriger demande au moins une valeur (colonne=valeur) ; colonnes : {', '.join(CORRECTABLE)}")
    known = candidate(run, event_id)
    first = known.mentions[0]
    told = {name: known.values[name] for name in CORRECTABLE if name in known.values} | {"site_id": ""} | changes
    line = {
        **{name: _spelt(value) for name, value in told.items()},
        "event_id": event_id, "decision": verdict, "quote": str(first["quote"] or ""), "origin": known.values["origin"],
        "reason": reason.strip(), "decided_by": by.strip(), "decided_at": run.now.isoformat(timespec="microseconds"),
    }  # fmt: skip
    kept = _checked(line, changes)
    name = f"{event_id}.{run.now:%Y%m%dT%H%M%S%f}.{len(_names(run.data)) + 1:04d}.csv"
    write_atomically(run.data.inbox / FEED / name, _written(line))
    return Decision(event_id, verdict, {name: kept[name] for name in CORRECTABLE}, by.strip(), run.now, reason.strip())


def _spelt(value: Any) -> str:
    """A value as a line of a register writes it: a count of jobs is a whole number."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _marks(mention: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Where the quoted words say who, where and how many, in their order; none overlaps another."""
    quote = str(mention["quote"] or "")
    found: list[tuple[int, int]] = []
    named = [mention["operator"], mention["place_name"], *str(mention["figures_text"] or "").split(" ; ")]
    for words in sorted({str(one) for one in named if one}, key=len, reverse=True):
        start = quote.find(words)
        if start >= 0 and not any(start < b and a < start + len(words) for a, b in found):
            found.append((start, start + len(words)))
    return sorted(found)


def _checked(line: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, Any]:
    """The line as the register will read it; a changed value that it could not keep is refused here, by name."""
    unknown = [name for name in changes if name not in CORRECTABLE]
    if unknown:
        raise CallError(f"« {unknown[0]} » ne se corrige pas ; colonnes : {', '.join(CORRECTABLE)}")
    (record,), faults = rows.typed([Row(line, "la correction")], feeds.load(FEED).columns)
    for fault in faults.get(1, ()):
        raise CallError(fault.reason)
    if record["event_type"] not in TYPES:
        raise CallError(f"« {line['event_type']} » n'est pas une nature d'événement ; natures : {', '.join(TYPES)}")
    areas = {place.ref_area for place in sector.load(SECTOR).places}
    if record["ref_area"] and record["ref_area"] not in areas:
        raise CallError(f"« {line['ref_area']} » n'est pas un lieu du secteur ; lieux : {', '.join(sorted(areas))}")
    return record


def _written(line: Mapping[str, str]) -> str:
    names = [column.name for column in feeds.load(FEED).columns]
    page = io.StringIO()
    writer = csv.DictWriter(page, names, lineterminator="\n")
    writer.writeheader()
    writer.writerow(line)
    return page.getvalue()


def _asked(connection: duckdb.DuckDBPyConnection, question: str, *values: Any) -> list[dict[str, Any]]:
    answer = connection.execute(question, list(values))
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, line, strict=True)) for line in answer.fetchall()]


def _dropped(lake: Lake, since: datetime) -> set[str]:
    """The events that somebody decided on and that the published version does not know yet."""
    landed = [load.file_name for load in lake.loads(FEED) if load.known_at > since and load.status == "landed"]
    return {name.partition(".")[0] for name in (*_names(lake), *landed)}


def _names(lake: Lake) -> list[str]:
    """The decisions that wait in the inbox, or that a collection is taking in."""
    waiting = [drop.name for drop in inbox.dropped(lake) if drop.feed == FEED]
    return waiting + [drop.name.partition("__")[2] for drop in inbox.claimed(lake) if drop.feed == FEED]
