"""The data folder in one file, and back.

What can be built again (the warehouse, the servers' own folders) stays out, and so do the secrets, which
each machine makes for itself. Nothing needs to stop: dropped files are read before the ledger, and the
ledger before what it names, so that a backup holds each document either waiting or loaded, and every
file that its ledger speaks of. The last member lists the SHA-256 of all the others: a file without it
is cut short.
"""

import hashlib
import io
import json
import logging
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from vigie import settings, store_copy
from vigie.lake import Lake, LakeError, sync_folder, to_json

log = logging.getLogger("vigie")

FOLDERS = (
    "inbox", "claimed", "acts", "returns", "objections", "ledger", "polls", "documents", "landed", "quarantine", "data_docs",
    "outbox",
)  # fmt: skip
STATE = "state.jsonl"
"""The store where it is not a file of the folder."""
MANIFEST = "manifest.json"
ANY_NAME = "surrogateescape"
"""As Python and tar write a file's name whose bytes are not of any text."""
STEP = 500
"""How many files between two lines of progress."""


@dataclass(frozen=True)
class BackupReport:
    """How many files and bytes were kept, or put back."""

    path: Path
    files: int
    bytes: int

    def summary(self) -> str:
        return f"{self.files} fichiers, {self.bytes / 1e6:.1f} Mo : {self.path}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def backup(lake: Lake, path: Path, now: datetime) -> BackupReport:
    """Writes the folder to `path` (.tar.gz), whole or not at all."""
    if path.exists():
        raise LakeError(f"{path} existe déjà : une sauvegarde n'en écrase pas une autre ; choisir un autre nom")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.tmp")
    digests: dict[str, str] = {}
    size = 0
    try:
        with draft.open("wb") as stream, tarfile.open(fileobj=stream, mode="w:gz") as archive:
            for name, content in _members(lake):
                digests[name] = hashlib.sha256(content).hexdigest()
                size += len(content)
                _add(archive, name, content)
                if len(digests) % STEP == 0:
                    log.info("  %d fichiers gardés…", len(digests))
            told = to_json({"made_at": now, "mode": lake.mode, "files": digests}, indent=1)
            _add(archive, MANIFEST, told.encode(errors=ANY_NAME))
        draft.replace(path)
    except OSError as error:
        raise LakeError(f"sauvegarde impossible dans {path} : {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)
    return BackupReport(path, len(digests), size)


def _members(lake: Lake) -> Iterator[tuple[str, bytes]]:
    yield "mode.json", (lake.root / "mode.json").read_bytes()
    for folder in FOLDERS:
        for path in sorted((lake.root / folder).rglob("*")):
            if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                try:
                    content = path.read_bytes()
                except FileNotFoundError:
                    # a dropped file was just taken in, or a document's licence has just run out
                    continue
                yield str(path.relative_to(lake.root)), content
    if settings.read().state_url:
        yield STATE, store_copy.dump(lake)
    elif lake.state.exists():
        yield lake.state.name, _snapshot(lake.state)
    if lake.published.exists():
        version = lake.published.resolve()
        yield version.name, version.read_bytes()


def _snapshot(database: Path) -> bytes:
    """A consistent copy of a database in use."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / database.name
        source, target = sqlite3.connect(database), sqlite3.connect(copy)
        try:
            source.backup(target)
        finally:
            source.close()
            target.close()
        return copy.read_bytes()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def restore(path: Path, root: Path) -> BackupReport:
    """Puts a backup back into a new or empty folder, once every file has been checked."""
    if root.exists() and any(root.iterdir()):
        raise LakeError(f"{root} n'est pas vide : restaurer dans un nouveau dossier, puis le donner à --data")
    draft = root.with_name(f".{root.name}.restore")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        report = _unpack(path, draft)
        if root.exists():
            root.rmdir()
        draft.replace(root)
    except (OSError, tarfile.TarError, zlib.error, EOFError, ValueError) as error:
        raise LakeError(f"{path} n'est pas une sauvegarde entière de Vigie ({error}) : rien n'a été restauré") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    sync_folder(root.parent)
    return BackupReport(root, report.files, report.bytes)


def _unpack(path: Path, draft: Path) -> BackupReport:
    digests: dict[str, str] = {}
    size = 0
    promised: Any = None
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            target = draft / member.name
            if not member.isfile() or not target.resolve().is_relative_to(draft.resolve()):
                raise ValueError(f"membre inattendu : {member.name}")
            content = _content(archive, member)
            if member.name == MANIFEST:
                promised = json.loads(content.decode(errors=ANY_NAME))
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            digests[member.name] = hashlib.sha256(content).hexdigest()
            size += len(content)
    listed = promised.get("files") if isinstance(promised, dict) else None
    if not isinstance(listed, dict) or "mode.json" not in listed:
        raise ValueError("la liste de ses fichiers manque à la fin")
    changed = sorted(name for name in digests.keys() | listed.keys() if digests.get(name) != listed.get(name))
    if changed:
        raise ValueError(f"{len(changed)} fichier(s) absent(s) ou altéré(s), dont {changed[0]}")
    try:
        lake = Lake.open(draft, promised.get("mode"))
    except LakeError:
        raise ValueError("elle ne dit pas de quelle sorte de dossier elle vient") from None
    _put_back_state(lake)
    for published in draft.glob("published-*.duckdb"):
        (draft / "published.duckdb").symlink_to(published.name)
    return BackupReport(draft, len(digests), size)


def _put_back_state(lake: Lake) -> None:
    """Writes the store into the database of the settings, whichever it was kept from."""
    lines = lake.root / STATE
    if lines.exists():
        store_copy.fill(lake, lines.read_bytes())
        lines.unlink()
    elif lake.state.exists() and settings.read().state_url:
        store_copy.fill(lake, store_copy.dump(lake, in_folder=True))
        lake.state.unlink()


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(member)
    if stream is None:
        raise ValueError(f"membre illisible : {member.name}")
    return stream.read()
