"""Keep the bytes → read rows → check at the door → land the good, hold the bad; once per document.

Nothing is loaded twice: a document is « unchanged » when it is the latest state of what it speaks of.
One that was held back, in whole or in part, is judged anew once the feed's suite or reader has changed,
or once somebody decided about it.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from vigie import acts, arrivals, check, data_docs, history, origins, retention, rows
from vigie import feed as feeds
from vigie.arrivals import Document, Unreadable
from vigie.clock import CallError, Run
from vigie.examine import Examination, examine, released_at
from vigie.feed import Feed, Origin
from vigie.fetch import FetchError
from vigie.history import History
from vigie.lake import Load, load_id, to_json, write_atomically
from vigie.ledger import FeedLedger
from vigie.readers import envelope

log = logging.getLogger("vigie")

UNNAMED = "déclaration confidentielle"
UNTOLD = "retenue à la porte : ce qui est à corriger n'est dit qu'à qui déclare (vigie quarantine show)"
"""What a confidential document is called, and why it is held, wherever others than its private side may look."""


@dataclass(frozen=True)
class Outcome:
    """What became of one document, as `--json` prints it."""

    feed: str
    file: str
    outcome: Literal["landed", "unchanged", "quarantined", "refused", "failed"]
    rows_read: int
    rows_landed: int
    rows_quarantined: int
    reason: str
    document: str
    load_id: str

    @classmethod
    def of(cls, load: Load) -> "Outcome":
        named = load.file_name or load.address
        counts = (load.rows_read, load.rows_landed, load.rows_quarantined)
        return cls(load.feed, named, load.outcome, *counts, load.reason, load.document, load.load_id)

    @classmethod
    def unchanged(cls, name: str, document: Document, known: Load) -> "Outcome":
        under = f" (« {known.file_name} »)" if known.file_name not in ("", document.file_name) else ""
        reason = f"rien de nouveau : mêmes octets que le chargement {known.load_id}{under}"
        named = document.file_name or document.address
        return cls(name, named, "unchanged", 0, 0, 0, reason, known.document, known.load_id)

    def sentence(self) -> str:
        """One French line on what became of the document."""
        # a name may hold what would drive a terminal, or look like another line
        file = " ".join(envelope.harmless(self.file).split())
        named = f"{self.feed} : {file}" if file else self.feed
        match self.outcome:
            case "landed":
                held = f", {self.rows_quarantined} en quarantaine" if self.rows_quarantined else ""
                return f"{named} : {self.rows_landed} lignes{held}"
            case "unchanged":
                return f"{named} : rien de nouveau"
            case "quarantined":
                return f"{named} retenu à la porte ({self.rows_read} lignes) : {self.reason}"
            case "refused":
                return f"{named} refusé : {self.reason}"
            case "failed":
                return f"{named} en échec : {self.reason}"


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


Listener = Callable[[Outcome], None]


def collect(
    run: Run,
    names: Sequence[str] = (),
    source: Path | None = None,
    live: bool = False,
    tell: Listener | None = None,
) -> CollectReport:
    """Collects the named feeds (all when none is named), telling each outcome as it comes.

    `source` is a file, a directory or a glob, for one feed. Without it: the inbox, then the publisher
    (`live`) or the bundled documents whose day has come.
    """
    chosen = list(names) or list(feeds.names())
    if source and len(chosen) != 1:
        raise CallError("--from dépose des documents pour un seul flux : nommer ce flux")
    if live and run.mode != "live":
        raise CallError("--live demande un dossier de données « live » : choisir --data")
    return take(run, chosen, lambda name: _feed(run, name, source), tell)


def drain(run: Run, name: str) -> CollectReport:
    """Collects what waits in a feed's inbox, and asks nobody for anything."""
    return take(run, [name], lambda name: Collection(run, name).all(arrivals.dropped(run, name)))


def take(
    run: Run, names: Sequence[str], outcomes: Callable[[str], Iterable[Load | Outcome]], tell: Listener | None = None
) -> CollectReport:
    """The outcomes of each feed's documents, taken in under the feed's lock and told as they come."""
    for name in names:
        known_feed(name)
    loads: list[Load] = []
    unchanged = 0
    for name in names:
        with run.data.lock(f"collect-{name}"):
            for outcome in outcomes(name):
                if isinstance(outcome, Load):
                    loads.append(outcome)
                    outcome = Outcome.of(outcome)
                else:
                    unchanged += 1
                if outcome.outcome != "unchanged":
                    log.log(logging.INFO if outcome.outcome == "landed" else logging.ERROR, "  %s", outcome.sentence())
                if tell:
                    tell(outcome)
    return CollectReport(tuple(loads), unchanged)


def known_feed(name: str) -> Feed:
    """The declaration of a feed that a person named."""
    try:
        return feeds.load(name)
    except KeyError as error:
        raise CallError(error.args[0]) from None


def _feed(run: Run, name: str, source: Path | None) -> Iterator[Load | Outcome]:
    collection = Collection(run, name)
    try:
        yield from collection.due_again()
        yield from collection.all(_documents(run, name, source))
        if expired := retention.expire(run, name):
            log.info("  %s : texte de %d document(s) effacé, sa licence en limite la durée", name, expired)
    except FetchError as error:
        # one publisher that does not answer must not keep the others waiting
        yield run.data.record_failure(name, str(error), run.now, run.caused_by)


def _documents(run: Run, name: str, source: Path | None) -> Iterator[Document | Unreadable]:
    if source:
        yield from arrivals.given(name, source, run.now)
        return
    yield from arrivals.dropped(run, name)
    declared = feeds.load(name)
    if run.mode == "sample":
        yield from arrivals.bundled(run, name)
    elif declared.register:
        yield from arrivals.edition(run, name)
    elif declared.address or declared.requests:
        yield from arrivals.fetched(run, name)


class Collection:
    """The taking in of one feed's documents, by whoever holds the feed's lock."""

    def __init__(self, run: Run, name: str) -> None:
        self.run = run
        self.name = name
        self.declared = feeds.load(name)
        self.ledger = FeedLedger(run.data, name)
        self.door = check.fingerprint(name)
        self._resumed_at = datetime.min

    @property
    def restates(self) -> bool:
        """True when each document restates the same series: the latest has the last word."""
        return self.declared.produces in ("observations", "register", "returns")

    def all(self, documents: Iterable[Document | Unreadable]) -> Iterator[Load | Outcome]:
        """Each document's load, or its outcome when it brought nothing new."""
        for document in documents:
            if isinstance(document, Unreadable):
                yield self._unread(document)
                continue
            digest = self.run.data.keep(self.name, document.content)
            if self.declared.is_confidential:
                document = _unnamed(document)
            known = self._known(document, digest)
            if known is None or self._is_due(known):
                yield self._judge(document, digest, supersedes=known)
            else:
                yield Outcome.unchanged(self.name, document, known)
            if document.drop:
                document.drop.unlink(missing_ok=True)

    def _unread(self, document: Unreadable) -> Load:
        """The line of a file that could not be taken in; a drop that never will be leaves the claims, kept as it is."""
        lake, said = self.run.data, str(document)
        named, address = document.file_name, document.address
        if self.declared.is_confidential:
            named, address, said = UNNAMED, "", f"{UNNAMED} {document.why}"
        if document.drop and document.is_final:
            aside = lake.set_aside(self.name) / document.drop.name
            aside.parent.mkdir(parents=True, exist_ok=True)
            document.drop.replace(aside)
            said = f"{said} (mis de côté : {aside.relative_to(lake.root).parent})"
        return lake.record_failure(self.name, said, self.run.now, self.run.caused_by, file_name=named, address=address)

    def due_again(self) -> Iterator[Load]:
        """The documents about which somebody decided something that no judgement has taken in yet."""
        for load in self.ledger.standing():
            taken = len(acts.of(self.run.data, self.name, load.document))
            if taken > load.acts and self.run.data.document(self.name, load.document).exists():
                yield self.judge_again(load)

    def judge_again(self, load: Load, reason: str = "") -> Load:
        """A new judgement of a load's kept bytes, which replaces it."""
        return self._judge(self.again(load), load.document, supersedes=load, reason=reason)

    def _known(self, document: Document, digest: str) -> Load | None:
        """The load that already says what this document says."""
        arrived = self.ledger.arrived(document.arrival, digest)
        same = self.ledger.of_document(digest)
        if arrived or (same and same.status == "refused"):
            return same
        if not document.stream and not self.restates:
            # an article stands by itself, in whatever order it comes
            return same
        latest = self.ledger.latest(document.stream)
        return latest if latest and latest.document == digest else None

    def _is_due(self, load: Load) -> bool:
        """True when a held document would be judged by other rules, or after other acts, than it was."""
        if load.acts < len(acts.of(self.run.data, self.name, load.document)):
            return True
        return load.door != self.door and (load.status == "refused" or load.rows_quarantined > 0)

    def _known_at(self, document: Document) -> datetime:
        """When a document becomes known: a feed that was held up gives all that waited at once, in its order."""
        return self.ledger.free_moment(max(self.run.known_at(document.collected_at), self._resumed_at))

    def past(self, document: Document, supersedes: Load | None = None) -> History | None:
        """What the feed had landed before the document took its place: one judged anew keeps the place it had."""
        limit = self.ledger.place(supersedes) if supersedes else self._known_at(document)
        return history.of(self.run.data, self.ledger.landed_before(limit), document.file_name, document.stream)

    def again(self, load: Load) -> Document:
        """The kept bytes of a load, as the document that they were."""
        content = self.run.data.document(self.name, load.document).read_bytes()
        origin = Origin(load.origin, load.origin_by, load.origin_address, load.origin_on)  # type: ignore[arg-type]
        return Document(content, load.address, load.file_name, self.run.now, origin, load.arrival, load.stream)

    def examination(self, load: Load, decisions: acts.Decisions) -> Examination:
        """What the door would say of a load's kept bytes once people have so decided; commits nothing."""
        document = self.again(load)
        return examine(self.name, document.content, decisions, self.past(document, load))

    def _judge(self, document: Document, digest: str, supersedes: Load | None = None, reason: str = "") -> Load:
        decisions = acts.fold(acts.of(self.run.data, self.name, digest))
        told = origins.refusal(self.run.data, document.origin)
        if told:
            examination = Examination(refusal=told)
        else:
            examination = examine(self.name, document.content, decisions, self.past(document, supersedes))
        return self.commit(document, digest, examination, decisions.count, supersedes, reason)

    def commit(
        self, document: Document, digest: str, examination: Examination, count: int, supersedes: Load | None, reason: str
    ) -> Load:
        """Writes what the examination gave: held rows, landed rows, then the line of the ledger."""
        lake = self.run.data
        known_at = self._known_at(document)
        if self.run.known_at(document.collected_at) > document.collected_at:
            self._resumed_at = known_at
        is_confidential = self.declared.is_confidential
        said = UNTOLD if is_confidential and examination.refusal else examination.refusal
        load = Load(
            load_id=load_id(known_at, digest), feed=self.name,
            status="refused" if examination.refusal else "landed",
            document=digest, address=document.address, file_name=document.file_name,
            collected_at=document.collected_at, known_at=known_at,
            published_at=released_at(examination.records),
            origin=document.origin.kind, origin_by=document.origin.by,
            origin_address=document.origin.address, origin_on=document.origin.on,
            rows_read=len(examination.records), rows_landed=len(examination.good),
            rows_quarantined=len(examination.held), rows_rejected=len(examination.rejected),
            reason=said or reason, caused_by=self.run.caused_by, door=self.door,
            arrival=document.arrival, stream=document.stream, acts=count,
            supersedes=supersedes.load_id if supersedes else "",
        )  # fmt: skip
        lines = examination.lines()
        if is_confidential and examination.refusal and not lines:
            whole = {"row_no": None, "place": "document", "rule": "lecture", "values": None}
            lines = [whole | {"reason": examination.refusal, "fix": "corriger le document, puis le redéposer"}]
        if lines:
            write_atomically(lake.quarantined(load), to_json(lines, indent=1) + "\n")
        # what the judge observed of a confidential document is no page for others
        if examination.verdict.result is not None and not is_confidential:
            told = data_docs.account(examination.verdict.result)
            write_atomically(lake.data_docs(load).with_suffix(".json"), to_json(told) + "\n")
            write_atomically(lake.data_docs(load), data_docs.page(load, told))
        if load.status == "landed":
            write_atomically(lake.landed(load), rows.parquet(examination.good, self.declared.columns, load.load_id))
        self.ledger.commit(load)
        return load


def _unnamed(document: Document) -> Document:
    """A confidential document without what its path would tell: its arrival is known by a fingerprint."""
    arrival = hashlib.sha256(document.arrival.encode()).hexdigest() if document.arrival else ""
    origin = document.origin
    by = origin.by if origin.kind == "invented" else UNNAMED
    return replace(document, address="", file_name=UNNAMED, arrival=arrival, origin=replace(origin, by=by, address=""))
