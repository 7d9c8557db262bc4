"""What the door holds, row by row, and what people decide about it.

A decision is an act kept with the document (`vigie.acts`), then a new judgement of the kept bytes: a
corrected row comes back through the same door as any other. Nothing is decided on an edition of a
complete list that a newer one has replaced.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from vigie import acts, parsing
from vigie import feed as feeds
from vigie.acts import Act, Verb
from vigie.clock import CallError, Run
from vigie.collect import Collection, known_feed
from vigie.examine import STRUCTURAL, Examination
from vigie.feed import DocumentError
from vigie.lake import Lake, Load
from vigie.ledger import FeedLedger

UNREADABLE = "lecture"
"""The rule that a document breaks when no row can be read of it."""
NAMED_AT_MOST = 12

Changes = Mapping[int, Mapping[str, str]]


class QuarantineError(Exception):
    """A decision that cannot be taken: nothing was recorded; one French sentence saying why."""


@dataclass(frozen=True)
class Hold:
    """One rule that holds rows of a load, or its whole document (`rows` is then empty)."""

    feed: str
    load_id: str
    known_at: datetime
    file: str
    rows: tuple[int, ...]
    rows_held: int
    rule: str
    reason: str
    fix: str
    can_release: bool
    is_confidential: bool

    def sentence(self) -> str:
        """What is held, why, and what to do, on two lines."""
        what = f"ligne(s) {_listed(self.rows)}" if self.rows else f"document entier ({self.rows_held} lignes)"
        out = "à libérer, corriger ou rejeter" if self.can_release else "à corriger ou rejeter"
        return f"{self.feed}/{self.load_id}  {self.file}  {what} : {self.reason}\n    → {self.fix} ({out} ; règle {self.rule})"


@dataclass(frozen=True)
class HeldRow:
    """One row of a held document: its cells as read and corrected, and its faults."""

    feed: str
    load_id: str
    row_no: int
    place: str
    cells: list[dict[str, str]]
    faults: list[dict[str, str]]

    def sentence(self) -> str:
        faults = "\n".join(f"    {fault['reason']} → {fault['fix']} (règle {fault['rule']})" for fault in self.faults)
        cells = "\n".join(
            f"    {cell['column']:<20} {cell['value'] or '(vide)'}"
            + (f"  (lu : {cell['read'] or '(vide)'})" if cell["read"] != cell["value"] else "")
            + f"  · {cell['description']}"
            for cell in self.cells
        )
        return "\n".join(part for part in (f"ligne {self.row_no}, {self.place}", faults, cells) if part)


@dataclass(frozen=True)
class Decided:
    """An act that was taken, the judgement that followed, and what still holds the rows it spoke of."""

    act: Act
    before: Load
    after: Load
    still_held: list[dict[str, Any]]

    @property
    def succeeded(self) -> bool:
        return not self.still_held and not (self.after.status == "refused" and self.act.verb != "fix")

    def sentence(self) -> str:
        load = self.after
        said = {"fix": "corrigé", "release": "libéré", "reject": "rejeté"}[self.act.verb]
        subject = f"ligne(s) {_listed(self.act.rows)}" if self.act.rows else "document entier"
        counts = f"{load.rows_landed} chargées + {load.rows_quarantined} retenues + {load.rows_rejected} rejetées"
        counts = f"{load.rows_read} lues = {counts}"
        lines = [f"{load.feed}/{load.load_id} : {subject} {said} par {self.act.by} ; {counts}"]
        lines += [f"    toujours retenu, {_subject(line)} : {line['reason']} (règle {line['rule']})" for line in self.still_held]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        load = self.after
        return {
            "feed": load.feed, "load_id": load.load_id, "replaces": self.before.load_id, "outcome": load.outcome,
            "rows_read": load.rows_read, "rows_landed": load.rows_landed, "rows_quarantined": load.rows_quarantined,
            "rows_rejected": load.rows_rejected, "verb": self.act.verb, "rows": list(self.act.rows), "by": self.act.by,
            "at": self.act.at, "reason": self.act.reason, "still_held": self.still_held,
        }  # fmt: skip


def _subject(line: Mapping[str, Any]) -> str:
    return f"ligne {line['row_no']}" if line["row_no"] else "document entier"


def _listed(rows: Sequence[int]) -> str:
    shown = ", ".join(str(row) for row in rows[:NAMED_AT_MOST])
    return f"{shown} et {len(rows) - NAMED_AT_MOST} autres" if len(rows) > NAMED_AT_MOST else shown


# --- what is held ---------------------------------------------------------------------------------


def open_loads(lake: Lake, feed: str = "") -> list[Load]:
    """The judgements that stand and hold something back, oldest first in each feed."""
    found: list[Load] = []
    for name in [feed] if feed else feeds.names():
        standing = list(FeedLedger(lake, name).standing())
        found += [load for load in standing if _holds(load) and not _newer_edition(standing, load)]
    return found


def _holds(load: Load) -> bool:
    return load.status == "refused" or load.rows_quarantined > 0


def _newer_edition(standing: Sequence[Load], load: Load) -> Load | None:
    """The edition of a complete list that replaced this one."""
    if not feeds.load(load.feed).snapshot:
        return None
    return next((other for other in standing if other.known_at > load.known_at and other.rows_landed), None)


def is_confidential(feed: str) -> bool:
    """May the rows of this feed only be read by the command line, on the private side?"""
    return feed in feeds.names() and feeds.load(feed).is_confidential


def holds(lake: Lake, load: Load) -> list[Hold]:
    """Why a load is held, one line per rule; that of the document first."""
    if not _holds(load):
        return []
    lines = _lines(lake, load)
    grouped: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        grouped.setdefault(line["rule"], []).append(line)
    named = (load.feed, load.load_id, load.known_at, load.file_name or load.address)
    is_secret = is_confidential(load.feed)
    found = []
    for rule, same in grouped.items():
        first = same[0]
        rows = tuple(line["row_no"] for line in same if line["row_no"])
        held = len(rows) or load.rows_quarantined
        found.append(Hold(*named, rows, held, rule, first["reason"], first["fix"], not rule.startswith(STRUCTURAL), is_secret))
    if load.status == "refused" and all(hold.rows for hold in found):
        remedy = "corriger ses lignes, ou le rejeter" if load.rows_read else "déposer un document lisible, ou rejeter celui-ci"
        rule = "aucune ligne ne passe" if load.rows_read else UNREADABLE
        found.insert(0, Hold(*named, (), load.rows_quarantined, rule, load.reason, remedy, False, is_secret))
    return found


def _lines(lake: Lake, load: Load) -> list[dict[str, Any]]:
    path = lake.quarantined(load)
    return json.loads(path.read_text()) if path.exists() else []


def show(run: Run, reference: str, row: int | None = None) -> Iterator[HeldRow]:
    """The held rows of a load, or one row of it, with their cells as the publisher wrote them."""
    load = find(run, reference)
    collection = Collection(run, load.feed)
    decisions = acts.fold(acts.of(run.data, load.feed, load.document))
    try:
        read = parsing.read_rows(load.feed, collection.again(load).content)
    except FileNotFoundError:
        raise _forgotten(load) from None
    except DocumentError as error:
        raise QuarantineError(f"{load.feed}/{load.load_id} : {error}") from None
    faults: dict[int, list[dict[str, str]]] = {}
    for line in _lines(run.data, load):
        if line["row_no"]:
            faults.setdefault(line["row_no"], []).append({key: line[key] for key in ("rule", "reason", "fix")})
    if row is not None and not 1 <= row <= len(read):
        raise CallError(
            f"ligne inconnue {row} ; le document a {len(read)} lignes, retenues : {_listed(sorted(faults)) or 'aucune'}"
        )
    corrected = decisions.corrected(read)
    for number in [row] if row is not None else sorted(faults):
        before, after = read[number - 1], corrected[number - 1]
        cells = [
            {
                "column": column.name, "description": column.description,
                "read": _text(before.values.get(column.name)), "value": _text(after.values.get(column.name)),
            }
            for column in collection.declared.columns
        ]  # fmt: skip
        yield HeldRow(load.feed, load.load_id, number, before.place, cells, faults.get(number, []))


def _text(value: object) -> str:
    return "" if value is None else str(value)


def history(lake: Lake, load: Load) -> list[Act]:
    """What was decided about the load's document, oldest first."""
    return acts.of(lake, load.feed, load.document)


def find(run: Run, reference: str) -> Load:
    """The standing judgement that a load's name leads to, `<feed>/<load_id>` or `<load_id>` alone."""
    feed, _, name = reference.rpartition("/")
    if feed:
        known_feed(feed)
    found = []
    for candidate in [feed] if feed else feeds.names():
        ledger = FeedLedger(run.data, candidate)
        following = {load.supersedes: load for load in ledger.loads if load.supersedes}
        for load in ledger.loads:
            if load.load_id == name:
                while load.load_id in following:
                    load = following[load.load_id]
                found.append(load)
    if len(found) > 1:
        raise CallError(f"« {reference} » désigne plusieurs flux : {', '.join(f'{load.feed}/{load.load_id}' for load in found)}")
    if not found:
        held = [f"{load.feed}/{load.load_id}" for load in open_loads(run.data, feed)]
        known = ", ".join(held[:NAMED_AT_MOST]) or "aucun"
        raise CallError(f"chargement inconnu « {reference} » ; chargements retenus : {known}")
    return found[0]


# --- what people decide ---------------------------------------------------------------------------


def fix(run: Run, reference: str, changes: Changes, by: str, reason: str = "") -> Decided:
    """New raw cells for rows that the door holds; a row that still fails stays held, corrected as it is."""
    if not changes:
        raise CallError("rien à corriger : écrire colonne=valeur, ou --file corrections.csv")
    return _decide(run, reference, "fix", tuple(sorted(changes)), by, reason, changes)


def release(run: Run, reference: str, rows: Sequence[int], by: str, reason: str) -> Decided:
    """Lets rows in despite the rules they break, or all that the load holds when none is named."""
    return _decide(run, reference, "release", tuple(sorted(set(rows))), by, reason)


def reject(run: Run, reference: str, rows: Sequence[int], by: str, reason: str) -> Decided:
    """Puts rows away for good, or all that the load holds when none is named."""
    return _decide(run, reference, "reject", tuple(sorted(set(rows))), by, reason)


def corrections(text: str, feed: str) -> dict[int, dict[str, str]]:
    """Corrections written as a table, one line a row: `row_no` and columns; an empty cell changes nothing."""
    head = text.splitlines()[0] if text.strip() else ""
    separator = ";" if head.count(";") > head.count(",") else ","
    table = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=separator)
    if "row_no" not in (table.fieldnames or ()):
        raise CallError("corrections : la première ligne doit nommer les colonnes, dont row_no (le numéro de la ligne)")
    found: dict[int, dict[str, str]] = {}
    for number, line in enumerate(table, start=2):
        if None in line or not (line["row_no"] or "").strip().isdigit():
            raise CallError(f"corrections, ligne {number} : un numéro de ligne, puis une valeur par colonne nommée")
        cells = {name: value for name, value in line.items() if name != "row_no" and (value or "").strip()}
        if cells:
            found.setdefault(int(line["row_no"]), {}).update(cells)
    for cells in found.values():
        _check_columns(feed, cells)
    return found


def _decide(
    run: Run, reference: str, verb: Verb, rows: tuple[int, ...], by: str, reason: str, changes: Changes | None = None
) -> Decided:
    if not by.strip():
        raise CallError("une décision porte un nom : --by NOM")
    if not rows and not reason.strip():
        raise CallError("décider de tout un chargement demande un motif : --reason « … »")
    feed = find(run, reference).feed
    for cells in (changes or {}).values():
        _check_columns(feed, cells)
    with run.data.lock(f"collect-{feed}"):
        # found again: another decision may have been taken while this one waited
        load = find(run, reference)
        collection = Collection(run, load.feed)
        act = Act(verb, _concerned(collection, load, rows), changes or {}, by.strip(), run.now, reason.strip())
        trial = _trial(collection, load, act)
        if verb == "release" and not rows and act.rows:
            act = replace(act, rows=tuple(row for row in act.rows if row not in trial.verdict.rows) or act.rows)
        still = _still_held(load, act, trial)
        if load.status == "landed" and trial.refusal:
            raise QuarantineError(f"rien n'est décidé : le document entier serait alors refusé ; {trial.refusal}")
        if still and verb == "release":
            listed = " ; ".join(f"{_subject(line)} : {line['reason']} (règle {line['rule']})" for line in still[:NAMED_AT_MOST])
            raise QuarantineError(f"rien n'est libéré, ceci ne peut qu'être corrigé ou rejeté : {listed}")
        acts.record(run.data, load.feed, load.document, act)
        judged = {again.supersedes: again for again in collection.due_again()}
        return Decided(act, load, judged[load.load_id], still)


def _check_columns(feed: str, cells: Mapping[str, str]) -> None:
    known = [column.name for column in feeds.load(feed).columns]
    unknown = [name for name in cells if name not in known]
    if unknown:
        raise CallError(f"colonne inconnue « {unknown[0]} » ; colonnes de {feed} : {', '.join(known)}")


def _concerned(collection: Collection, load: Load, rows: tuple[int, ...]) -> tuple[int, ...]:
    """The rows that an act speaks of: those named, or those held; none for a document that is held whole."""
    lake = collection.run.data
    newer = _newer_edition(list(collection.ledger.standing()), load)
    if newer:
        raise QuarantineError(
            f"{load.feed}/{load.load_id} est une édition que celle du {newer.known_at:%d/%m/%Y} a remplacée "
            f"({newer.load_id}) : décider sur celle-là"
        )
    rejected = acts.fold(acts.of(lake, load.feed, load.document)).rejected
    if not _holds(load) and not rejected:
        raise CallError(f"{load.feed}/{load.load_id} ne retient rien : {load.rows_landed} lignes chargées")
    if load.status == "refused":
        known = set(range(1, load.rows_read + 1))
    else:
        known = {line["row_no"] for line in _lines(lake, load)} | rejected
    unknown = [row for row in rows if row not in known]
    if unknown:
        raise CallError(
            f"ligne {unknown[0]} : elle n'est pas retenue dans {load.feed}/{load.load_id} ; "
            f"lignes retenues ou rejetées : {_listed(sorted(known)) or 'aucune'}"
        )
    if rows or load.status == "refused":
        return rows
    return tuple(sorted(known - rejected))


def _trial(collection: Collection, load: Load, act: Act) -> Examination:
    """What the door would say after the act."""
    taken = [*acts.of(collection.run.data, load.feed, load.document), act]
    try:
        return collection.examination(load, acts.fold(taken))
    except FileNotFoundError:
        raise _forgotten(load) from None


def _forgotten(load: Load) -> QuarantineError:
    return QuarantineError(f"{load.feed}/{load.load_id} : les octets ne sont plus gardés, la licence en limitait la durée")


def _still_held(load: Load, act: Act, trial: Examination) -> list[dict[str, Any]]:
    """The faults that the act leaves on what it spoke of."""
    if act.verb == "reject":
        return []
    lines = [line for line in trial.lines() if line["row_no"] in act.rows or (line["row_no"] is None and act.verb == "fix")]
    if not act.rows and trial.refusal:
        lines = trial.lines() or [{"row_no": None, "rule": UNREADABLE, "reason": trial.refusal, "fix": ""}]
    return [{key: line[key] for key in ("row_no", "rule", "reason", "fix")} for line in lines]


def as_dict(held: Hold | HeldRow) -> dict[str, Any]:
    """The object that `--json` prints."""
    return asdict(held)
