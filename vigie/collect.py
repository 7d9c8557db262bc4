"""Fetch → keep the bytes → read rows → check at the door → land the good, quarantine the bad.

Idempotent by content hash: the same bytes are never loaded twice. A document that was held back,
in whole or in part, is judged anew once the feed's suite or reader has changed.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from vigie import check, fetch, rows, settings
from vigie import feed as feeds
from vigie.check import Fault, Verdict
from vigie.clock import CallError, Run, sample_moment
from vigie.feed import DocumentError, Feed, Origin
from vigie.fetch import FetchError
from vigie.lake import Load, load_id, to_json, write_atomically

log = logging.getLogger("vigie")


@dataclass(frozen=True)
class Document:
    """Bytes as they arrived, with where from, when, and whose they are."""

    content: bytes
    address: str
    file_name: str
    collected_at: datetime
    origin: Origin
    drop: Path | None = None


@dataclass(frozen=True)
class Examination:
    """What the door says of a document, before anything is committed."""

    records: list[dict[str, Any]]
    verdict: Verdict
    refusal: str

    @property
    def good(self) -> list[dict[str, Any]]:
        return [] if self.refusal else [r for r in self.records if r["row_no"] not in self.verdict.rows]

    @property
    def bad(self) -> list[dict[str, Any]]:
        return [] if self.refusal else [r for r in self.records if r["row_no"] in self.verdict.rows]


@dataclass(frozen=True)
class CollectReport:
    """The loads this call committed; `unchanged` documents were already in the ledger."""

    loads: tuple[Load, ...]
    unchanged: int

    @property
    def refused(self) -> tuple[Load, ...]:
        return tuple(load for load in self.loads if load.status != "landed")

    def summary(self) -> str:
        landed = sum(load.rows_landed for load in self.loads)
        held = sum(load.rows_quarantined for load in self.loads)
        return (
            f"{len(self.loads) - len(self.refused)} chargement(s), {landed} lignes, "
            f"{held} en quarantaine, {len(self.refused)} refusé(s), {self.unchanged} sans nouveauté"
        )

    def as_dict(self) -> dict[str, Any]:
        return {"loads": [asdict(load) for load in self.loads], "unchanged": self.unchanged}


def collect(run: Run, names: Sequence[str] = (), source: Path | None = None, live: bool = False) -> CollectReport:
    """Collects the named feeds (all when none is named).

    `source` is one document for one feed. Without it: the inbox, then the publisher's address
    (`live`) or the bundled documents whose day has come.
    """
    chosen = list(names) or list(feeds.names())
    for name in chosen:
        _known(name)
    if source and len(chosen) != 1:
        raise CallError("--from dépose un document pour un seul flux : nommer ce flux")
    if live and run.mode != "live":
        raise CallError("--live demande un dossier de données « live » : choisir --data")
    loads: list[Load] = []
    unchanged = 0
    for name in chosen:
        with run.data.lock(f"collect-{name}"):
            try:
                for document in _documents(run, name, source):
                    load = _load(run, name, document)
                    if load is None:
                        unchanged += 1
                    else:
                        loads.append(load)
                        log.log(logging.INFO if load.status == "landed" else logging.ERROR, "  %s", sentence(load))
                    if document.drop:
                        document.drop.unlink(missing_ok=True)
            except FetchError as error:
                if len(chosen) == 1:
                    raise
                # one publisher that does not answer must not keep the others waiting
                loads.append(run.data.record_failure(name, str(error), run.now, run.caused_by))
                log.error("  %s", error)
    return CollectReport(tuple(loads), unchanged)


def sentence(load: Load) -> str:
    """One French line on what became of a document."""
    named = f"{load.feed} : {load.file_name or load.address}"
    if load.status != "landed":
        return f"{named} refusé : {load.reason}"
    held = f", {load.rows_quarantined} en quarantaine" if load.rows_quarantined else ""
    return f"{named} : {load.rows_landed} lignes{held}"


def examine(name: str, content: bytes) -> Examination:
    """The door's dry run: reads, types and judges a document; commits nothing."""
    declared = feeds.load(name)
    try:
        read = list(declared.read(content))
    except DocumentError as error:
        return Examination([], Verdict(), str(error))
    if not read:
        return Examination([], Verdict(), "le document ne contient aucune ligne de données")
    records, typing_faults = rows.typed(read, declared.columns)
    verdict = check.check(name, rows.frame(records, declared.columns))
    for number, faults in typing_faults.items():
        # a cell that could not be typed is empty to the suite: its own fault says all there is to say
        untyped = {fault.rule.removeprefix("type") for fault in faults}
        others = [fault for fault in verdict.rows.get(number, []) if not fault.rule.endswith(tuple(untyped))]
        verdict.rows[number] = [*faults, *others]
    refusal = " ; ".join(f"{fault.reason} ({fault.fix})" for fault in verdict.batch)
    if not refusal and len(verdict.rows) == len(records):
        first = verdict.rows[1][0]
        refusal = f"aucune ligne ne passe la porte ; la première : {first.reason} ({records[0]['place']})"
    return Examination(records, verdict, refusal)


def quarantine_lines(examination: Examination) -> list[dict[str, Any]]:
    """The held rows, one line per fault, with the row's values beside its reason."""
    return [
        {"row_no": record["row_no"], "place": record["place"], **_fault(fault), "values": record}
        for record in examination.bad
        for fault in examination.verdict.rows[record["row_no"]]
    ]


def _fault(fault: Fault) -> dict[str, str]:
    return {"rule": fault.rule, "reason": fault.reason, "fix": fault.fix}


def _known(name: str) -> Feed:
    try:
        return feeds.load(name)
    except KeyError as error:
        raise CallError(error.args[0]) from None


def _load(run: Run, name: str, document: Document) -> Load | None:
    digest = run.data.keep(name, document.content)
    door = check.fingerprint(name)
    earlier = [load for load in run.data.loads(name) if load.document == digest]
    if any(load.door == door or (load.status == "landed" and not load.rows_quarantined) for load in earlier):
        return None
    examination = examine(name, document.content)
    known_at = run.data.next_known_at(name, document.collected_at)
    published = [r["published_at"] for r in examination.records if r.get("published_at")]
    load = Load(
        load_id=load_id(known_at, digest), feed=name,
        status="refused" if examination.refusal else "landed",
        document=digest, address=document.address, file_name=document.file_name,
        collected_at=document.collected_at, known_at=known_at,
        published_at=max(published, default=None),
        origin=document.origin.kind, origin_by=document.origin.by,
        origin_address=document.origin.address, origin_on=document.origin.on,
        rows_read=len(examination.records), rows_landed=len(examination.good),
        # a refused batch holds every row it read: in = landed + quarantined, always
        rows_quarantined=len(examination.records) - len(examination.good),
        reason=examination.refusal, caused_by=run.caused_by, door=door,
    )  # fmt: skip
    held = quarantine_lines(examination)
    if held:
        write_atomically(run.data.quarantined(load), to_json(held, indent=1) + "\n")
    if load.status == "landed":
        columns = feeds.load(name).columns
        write_atomically(run.data.landed(load), rows.parquet(examination.good, columns, load.load_id))
    run.data.commit(load)
    return load


def _documents(run: Run, name: str, source: Path | None) -> Iterator[Document]:
    if source:
        yield _dropped(run, source)
        return
    folder = run.data.inbox / name
    for path in sorted(folder.glob("[!.]*")) if folder.is_dir() else ():
        yield _dropped(run, path, drop=path)
    yield from _fetched(run, name) if run.mode == "live" else _bundled(run, name)


def _dropped(run: Run, path: Path, drop: Path | None = None) -> Document:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CallError(f"{path} ne peut être lu : {error.strerror}") from None
    origin = feeds.retyped(by="document déposé à la main, provenance à vérifier")
    return Document(content, str(path), path.name, run.now, origin, drop)


def _bundled(run: Run, name: str) -> Iterator[Document]:
    for path in feeds.sample_documents(name):
        at = sample_moment(feeds.collected_on(path))
        if at <= run.now:
            origin = _bundled_origin(name, path)
            yield Document(path.read_bytes(), origin.address, path.name, at, origin)


def _bundled_origin(name: str, path: Path) -> Origin:
    declared = feeds.load(name)
    if declared.register:
        return feeds.retyped(by=f"registre {name}, tenu par Vigie ; chaque ligne cite sa source")
    return declared.samples[path.name]


def _fetched(run: Run, name: str) -> Iterable[Document]:
    declared = feeds.load(name)
    if declared.register:
        path = feeds.sample_documents(name)[-1]
        yield Document(path.read_bytes(), "", path.name, run.now, _bundled_origin(name, path))
        return
    if not declared.address:
        return
    contact = settings.read().contact
    first = fetch.fetch(declared.address, contact)
    answers = [first]
    if declared.follow:
        answers += [fetch.fetch(request.address, contact) for request in declared.follow(first.content)]
    for answer in answers:
        origin = feeds.recorded(by=declared.publisher, address=answer.address, on=run.now.date())
        yield Document(answer.content, answer.address, "", run.now, origin)
