"""Where documents come from: a path given by hand, the inbox, the bundled samples, the publishers.

A dropped file is first claimed, by renaming it out of the inbox under a name of its own: that name
is its arrival, so that a file met again after a crash is known for the one it is.
"""

import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from vigie import feed as feeds
from vigie import fetch, inbox, parsing, scene, settings
from vigie.clock import CallError, Run, sample_moment
from vigie.feed import Origin
from vigie.fetch import FetchError
from vigie.lake import Lake
from vigie.polls import PollState

SETTLED_SECONDS = 5
"""Without the kernel's word on who writes to it, a file is left alone for this long after its last change."""

LONGEST_NAME = 255 - len(uuid.UUID(int=0).hex + "__")
"""Bytes: a file system takes 255."""


@dataclass(frozen=True)
class Document:
    """Bytes as they arrived, with where from, when, and whose they are."""

    content: bytes
    address: str
    file_name: str
    collected_at: datetime
    origin: Origin
    arrival: str = ""
    stream: str = ""
    drop: Path | None = None


class Unreadable(Exception):
    """A file that was found and cannot be read; one French sentence naming it.

    Trying again will not help when it `is_final`: the file that was dropped is then set aside.
    """

    def __init__(self, file_name: str, address: str, why: str, drop: Path | None = None, *, is_final: bool = False) -> None:
        super().__init__(f"{file_name} {why}")
        self.file_name, self.address, self.drop, self.is_final = file_name, address, drop, is_final
        self.why = why


def given(name: str, source: Path, now: datetime) -> Iterator[Document | Unreadable]:
    """The documents of a file, of a directory (whole tree), or of a glob, in the order of their names."""
    for path in _listed(source):
        try:
            stat = path.stat()
        except OSError as error:
            yield _unreadable(path, error)
            continue
        yield _file(name, path, now, f"{_written(path.resolve())}:{stat.st_ino}:{stat.st_mtime_ns}:{stat.st_size}")


def _listed(source: Path) -> list[Path]:
    try:
        if source.is_dir():
            found = [path for path in source.rglob("*") if path.is_file() and not _hidden(path.relative_to(source))]
        elif source.is_file():
            return [source]
        else:
            anchor = Path(source.anchor) if source.is_absolute() else Path()
            found = [path for path in anchor.glob(str(source.relative_to(anchor))) if path.is_file()]
    except (OSError, ValueError):
        # a name or a pattern that no file can have
        found = []
    if not found:
        raise CallError(f"{source} ne peut être lu : ni fichier, ni dossier, ni motif qui désigne un fichier")
    return sorted(found)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _file(name: str, path: Path, now: datetime, arrival: str, drop: Path | None = None) -> Document | Unreadable:
    try:
        content = read(name, path)
    except OSError as error:
        return _unreadable(path, error, drop)
    file_name = _named(path, drop)
    if content is None:
        limit = feeds.load(name).max_bytes >> 20
        why = f"pèse plus de {limit} Mio, le plus que ce flux admette ; il n'a pas été lu : le couper puis le redéposer"
        return Unreadable(file_name, _address(path, drop), why, drop, is_final=True)
    origin = feeds.retyped(by="document déposé à la main, provenance à vérifier")
    return Document(content, _address(path, drop), file_name, now, origin, arrival, drop=drop)


def read(name: str, path: Path) -> bytes | None:
    """The bytes of a file, None when it weighs more than the feed admits: what it weighs is never held."""
    limit = feeds.load(name).max_bytes
    with path.open("rb") as stream:
        content = stream.read(limit + 1)
    return content if len(content) <= limit else None


def _unreadable(path: Path, error: OSError, drop: Path | None = None) -> Unreadable:
    why = f"ne peut être lu : {error.strerror} ; vérifier les droits du fichier"
    return Unreadable(_named(path, drop), _address(path, drop), why, drop)


def _named(path: Path, drop: Path | None) -> str:
    return _written(path.name if drop is None else path.name.partition("__")[2])


def _address(path: Path, drop: Path | None) -> str:
    return _written(path) if drop is None else _named(path, drop)


def _written(path: Path | str) -> str:
    """A path as text that can be stored: a name may be any bytes, the other ones are spelled out."""
    return os.fsencode(path).decode(errors="backslashreplace")


def waiting(lake: Lake, name: str) -> list[Path]:
    """The files of a feed's inbox whose copy is over; only plain files, never a link."""
    folder = lake.inbox / name
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if _is_plain(path) and is_settled(path)]


def _is_plain(path: Path) -> bool:
    # a link may lead anywhere
    return inbox.is_a_document(path.name) and path.is_file() and not path.is_symlink()


def is_settled(path: Path) -> bool:
    """True when nobody is writing to the file any more."""
    try:
        with path.open("rb") as stream:
            try:
                # the kernel grants a read lease only when no one holds the file open for writing
                fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_RDLCK)
                fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_UNLCK)
                return True
            except BlockingIOError:
                return False
            except OSError:
                return time.time() - os.fstat(stream.fileno()).st_mtime > SETTLED_SECONDS
    except OSError:
        return False


def dropped(run: Run, name: str) -> Iterator[Document | Unreadable]:
    """The files of the inbox, claimed one by one; first those that an interrupted run had claimed."""
    claims = run.data.claimed(name)
    if claims.is_dir():
        for path in sorted(claims.iterdir()):
            yield _file(name, path, run.now, _written(path.name), drop=path)
    for path in waiting(run.data, name):
        claim = claims / f"{uuid.uuid4().hex}__{_end(path.name)}"
        claims.mkdir(parents=True, exist_ok=True)
        try:
            path.rename(claim)
        except FileNotFoundError:
            continue
        yield _file(name, claim, run.now, _written(claim.name), drop=claim)


def _end(file_name: str) -> str:
    """As much of a name, its end, as leaves room for the claim's own before it."""
    return os.fsdecode(os.fsencode(file_name)[-LONGEST_NAME:])


def bundled(run: Run, name: str) -> Iterator[Document]:
    """The sample documents whose day has come, as the troubles of a rehearsal let them through.

    FetchError where the publisher is not to answer.
    """
    set_scene = scene.of(run.data)
    trouble = set_scene.trouble(name) if set_scene else None
    if trouble == "unanswered":
        raise FetchError(f"{feeds.load(name).publisher} ne répond pas (répétition)")
    come = [document for path in feeds.sample_documents(name) if (document := _bundled(name, path)).collected_at <= run.now]
    yield from _troubled(come, trouble)


def _bundled(name: str, path: Path) -> Document:
    origin = _bundled_origin(name, path)
    at = sample_moment(feeds.collected_on(path))
    return Document(path.read_bytes(), origin.address, path.name, at, origin, f"bundled:{path.name}")


def _troubled(come: list[Document], trouble: scene.TroubleKind | None) -> list[Document]:
    if not come or trouble is None:
        return come
    if trouble == "silent":
        return []
    *others, last = come
    if trouble == "truncated":
        half = last.content[: len(last.content) // 2]
        return [*others, replace(last, content=half, arrival=f"{last.arrival}:moitié")]
    return [*come, replace(last, arrival=f"{last.arrival}:encore")]


def _bundled_origin(name: str, path: Path) -> Origin:
    declared = feeds.load(name)
    if declared.register:
        return feeds.retyped(by=f"registre {name}, tenu par Vigie ; chaque ligne cite sa source")
    return declared.samples[path.name]


def edition(run: Run, name: str) -> Iterator[Document]:
    """The latest edition of a register that we keep ourselves."""
    path = feeds.sample_documents(name)[-1]
    yield Document(path.read_bytes(), "", path.name, run.now, _bundled_origin(name, path), stream="registre")


def fetched(run: Run, name: str) -> Iterator[Document]:
    """What the publisher answers today; FetchError when it could not be asked."""
    declared = feeds.load(name)
    state = PollState.open(run.data.root, name)
    links = partial(parsing.read_links, name)
    for answer in fetch.poll(declared, state, run.now, settings.read(), follow=links):
        origin = feeds.recorded(by=declared.publisher, address=answer.address, on=run.now.date())
        yield Document(answer.content, answer.address, "", answer.collected_at, origin, stream=answer.address)
