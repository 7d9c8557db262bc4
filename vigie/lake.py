"""The data folder: paths, atomic writes, and the ledger of loads.

One small file per load (`ledger/<feed>/<load_id>.json`), written last, is the commit point:
landed files are read through it, never by glob.
"""

import hashlib
import json
import logging
import os
import re
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import filelock

if TYPE_CHECKING:
    import duckdb

log = logging.getLogger("vigie")

Mode = Literal["sample", "live"]
LoadStatus = Literal["landed", "refused", "failed"]

LOCK_SECONDS = 600
"""Longest wait for another run on the same folder before saying who holds it."""


class LakeError(Exception):
    """The data folder cannot be used as asked; one French sentence."""


@dataclass(frozen=True)
class Load:
    """One line of the ledger. `document` is the SHA-256 of the kept bytes; times are naive UTC.

    `arrival` identifies what was taken in (a dropped file, a bundled document), `stream` the address that
    gives successive states of one thing. `door` and `acts` say by which rules, and after how many human
    acts, the document was judged; `supersedes` is the load that this judgement replaces.
    Rows read = rows landed + quarantined + rejected.
    """

    load_id: str
    feed: str
    status: LoadStatus
    document: str
    address: str
    file_name: str
    collected_at: datetime
    known_at: datetime
    published_at: datetime | None
    origin: str
    origin_by: str
    origin_address: str
    origin_on: date | None
    rows_read: int
    rows_landed: int
    rows_quarantined: int
    reason: str
    caused_by: str
    door: str
    rows_rejected: int = 0
    arrival: str = ""
    stream: str = ""
    acts: int = 0
    supersedes: str = ""

    @property
    def outcome(self) -> Literal["landed", "quarantined", "refused", "failed"]:
        """What became of the document: it landed, was read and held whole, or could not be read.

        A failure that names a file is that file's: it could not be taken in.
        """
        if self.status == "failed" and self.file_name:
            return "refused"
        if self.status == "refused":
            return "quarantined" if self.rows_read else "refused"
        return self.status

    @classmethod
    def parse(cls, text: str) -> "Load":
        values = json.loads(text)
        for name in ("collected_at", "known_at", "published_at"):
            values[name] = datetime.fromisoformat(values[name]) if values[name] else None
        on = values["origin_on"]
        values["origin_on"] = date.fromisoformat(on) if on else None
        return cls(**values)


def to_json(value: Any, **options: Any) -> str:
    """JSON with ISO dates, readable accents and stable key order."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_plain, **options)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} ne s'écrit pas en JSON")


def write_atomically(path: Path, content: bytes | str) -> None:
    """Whole or not at all: a temporary file in the same folder, synced, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    data = content.encode() if isinstance(content, str) else content
    try:
        with draft.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise LakeError(f"écriture impossible de {path} : {error.strerror}") from error
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class Lake:
    """A data folder of one mode."""

    root: Path
    mode: Mode

    @classmethod
    def open(cls, root: Path, mode: Mode | None = None) -> "Lake":
        """Opens a folder, stamping a new one; refuses a folder of the other mode."""
        stamp = root / "mode.json"
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LakeError(f"le dossier de données {root} ne peut être créé : {error.strerror}") from error
        if not stamp.exists():
            write_atomically(stamp, to_json({"mode": mode or "sample"}) + "\n")
        try:
            born = json.loads(stamp.read_text())["mode"]
            if born not in get_args(Mode):
                raise ValueError(born)
        except (ValueError, KeyError, TypeError):
            raise LakeError(f'{stamp} est illisible : écrire {{"mode": "sample"}} ou choisir un autre dossier') from None
        if mode and born != mode:
            raise LakeError(
                f"{root} est un dossier « {born} » et l'exécution demandée est « {mode} » : "
                "les deux ne se mélangent pas ; choisir un autre dossier avec --data (make : DATA=dossier)"
            )
        return cls(root, born)

    @staticmethod
    def stamped_mode(root: Path) -> Mode | None:
        """The mode a folder was born with; None when it does not exist yet."""
        stamp = root / "mode.json"
        return Lake.open(root).mode if stamp.exists() else None

    @property
    def state(self) -> Path:
        return self.root / "state.sqlite"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "published.duckdb"

    def open_published(self, then: str) -> "duckdb.DuckDBPyConnection":
        """The published tables, read only; LakeError before any publication, which says what to do `then`."""
        if not self.published.exists():
            raise LakeError(f"rien n'est encore publié : lancer vigie run, puis {then}")
        # parsing a DAG file reads this module and must not pay for DuckDB
        import duckdb

        return duckdb.connect(str(self.published.resolve()), read_only=True)

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    def claimed(self, feed: str) -> Path:
        """Where dropped files go while they are being taken in."""
        return self.root / "claimed" / feed

    def set_aside(self, feed: str) -> Path:
        """Where a dropped file goes that is too large to be taken in: kept, and asked about no more."""
        return self.root / "set_aside" / feed

    def acts(self, feed: str, digest: str) -> Path:
        """What people decided about one document, one file an act."""
        return self.root / "acts" / feed / digest

    @property
    def objections(self) -> Path:
        """What people object to public figures, one file an objection."""
        return self.root / "objections"

    def document(self, feed: str, digest: str) -> Path:
        return self.root / "documents" / feed / digest

    def landed(self, load: Load) -> Path:
        return self.root / "landed" / load.feed / f"{load.load_id}.parquet"

    def quarantined(self, load: Load) -> Path:
        return self.root / "quarantine" / load.feed / f"{load.load_id}.json"

    def data_docs(self, load: Load) -> Path:
        """The page of Great Expectations on one judgement; its result as JSON is beside it."""
        return self.root / "data_docs" / load.feed / f"{load.load_id}.html"

    def keep(self, feed: str, content: bytes) -> str:
        """Keeps the exact bytes for ever, named by their hash; returns the hash."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.document(feed, digest)
        if not path.exists():
            write_atomically(path, content)
        return digest

    def commit(self, load: Load) -> None:
        """Writes the load's line in the ledger: from here on, it happened."""
        write_atomically(self._entry(load), to_json(asdict(load), indent=1) + "\n")

    def _entry(self, load: Load) -> Path:
        return self.root / "ledger" / load.feed / f"{load.load_id}.json"

    def loads(self, feed: str | None = None) -> list[Load]:
        """The ledger, in order of knowledge."""
        pattern = f"{feed or '*'}/*.json"
        entries = [entry for entry in (self.root / "ledger").glob(pattern) if not entry.name.startswith(".")]
        loads = []
        for entry in entries:
            try:
                loads.append(Load.parse(entry.read_text()))
            except (ValueError, KeyError, TypeError) as error:
                raise LakeError(f"ligne de registre illisible : {entry} ({error})") from error
        return sorted(loads, key=lambda load: (load.known_at, load.load_id))

    def record_failure(
        self, place: str, message: str, now: datetime, caused_by: str = "vigie", file_name: str = "", address: str = ""
    ) -> Load:
        """A feed or stage that failed for a reason of ours (network, bug): shown in Fiabilité.

        It commits no document, so the work stays due. The same trouble again on the same day adds no line.
        """
        earlier = self.loads(place)
        last = earlier[-1] if earlier else None
        if last and last.status == "failed" and (last.reason, last.known_at.date()) == (message[:500], now.date()):
            return last
        at = free_moment(now, (load.known_at for load in earlier))
        load = Load(
            load_id=load_id(at, hashlib.sha256(message.encode()).hexdigest()), feed=place, status="failed",
            document="", address=address, file_name=file_name, collected_at=now, known_at=at, published_at=None,
            origin="", origin_by="", origin_address="", origin_on=None,
            rows_read=0, rows_landed=0, rows_quarantined=0,
            reason=message[:500], caused_by=caused_by, door="",
        )  # fmt: skip
        self.commit(load)
        return load

    @contextmanager
    def lock(self, name: str, wait: float = LOCK_SECONDS) -> Iterator[None]:
        """One holder at a time for `name` in this folder; the lock dies with its process."""
        path = self.root / "locks" / f"{name}.lock"
        path.parent.mkdir(exist_ok=True)
        lock = filelock.FileLock(path)
        try:
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                if not wait:
                    raise
                log.info("  en attente d'une autre exécution qui occupe %s (%s)…", self.root, name)
                lock.acquire(timeout=wait)
        except filelock.Timeout:
            raise LakeError(
                f"une autre exécution de Vigie occupe {self.root} ({name}) : attendre sa fin ou l'arrêter, puis relancer"
            ) from None
        try:
            yield
        finally:
            lock.release()

    def sweep_drafts(self) -> None:
        """Removes temporary files that a killed run left; nothing committed is ever among them."""
        drafts = [
            *self.root.glob(".*.tmp"),
            *self.root.glob("*/*/.*.tmp"),
            *self.root.glob("acts/*/*/.*.tmp"),
            *self.root.glob("*/.*.tmp"),
        ]
        for draft in drafts:
            owner = re.search(r"\.(\d+)\.tmp$", draft.name)
            if owner and not Path(f"/proc/{owner[1]}").exists():
                draft.unlink(missing_ok=True)


def free_moment(wished: datetime, taken: Iterable[datetime]) -> datetime:
    """`wished`, moved on by whole microseconds until it is nobody else's."""
    held = taken if isinstance(taken, Set) else set(taken)
    while wished in held:
        wished += timedelta(microseconds=1)
    return wished


def load_id(known_at: datetime, digest: str) -> str:
    """Sortable and unique within a feed: time of knowledge, then the content's hash."""
    return f"{known_at:%Y%m%dT%H%M%S%f}-{digest[:12]}"
