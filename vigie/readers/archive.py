"""Archives (.tar, .tar.gz, .zip), opened one member at a time: nothing is ever written to disk.

A member that would leave the archive's own folder (an absolute path, « .. », a link, a device) condemns
the whole document, and so does one that unpacks beyond the caps: an honest publisher sends neither.
"""

import gzip
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import IO, NamedTuple

from vigie.feed import MEBIBYTE, DocumentError
from vigie.readers import envelope

GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
TAR = (257, b"ustar")
"""Where a tar says what it is, and how."""
NESTED = (".zip", ".tar", ".tar.gz", ".tgz")
DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, ValueError, OSError)
"""What the openers raise on bytes that are not what they announce."""

Found = tuple[str, Callable[[], bytes]]
"""A member's path, and how to read it."""


@dataclass(frozen=True)
class Caps:
    """The most that an archive may hold: members, decoded bytes in all and in one member, decoded bytes for
    one received (once `grace` bytes are out), and archives within archives."""

    members: int = 50_000
    decoded: int = 512 * MEBIBYTE
    member: int = 32 * MEBIBYTE
    ratio: int = 200
    grace: int = 4 * MEBIBYTE
    depth: int = 2


class Member(NamedTuple):
    """One file of an archive: its path, with `!/` between an archive and what it holds, and its bytes."""

    path: str
    content: bytes


CAPS = Caps()


def members(content: bytes, wanted: Callable[[str], bool] = lambda path: True, caps: Caps = CAPS) -> Iterator[Member]:
    """Each file whose path is `wanted`, in the archive's order, archives within it opened in their place.

    DocumentError when the bytes are no archive, are damaged, or break a cap.
    """
    envelope.refuse_empty(content)
    envelope.refuse_html(content, "de l'archive attendue")
    yield from _open(content, wanted, _Meter(caps, len(content)), "", 1)


def refuse_bomb(packed: zipfile.ZipFile, received: int, caps: Caps) -> None:
    """Refuses an opened zip (a workbook, of `received` bytes) whose directory announces more than the caps allow.

    What it announces is what it can give: reading stops at the announced size.
    """
    meter = _Meter(caps, received)
    for info in packed.infolist():
        meter.member()
        meter.bytes(info.file_size)


class _Meter:
    """What has come out of the received bytes so far, archives within archives included."""

    def __init__(self, caps: Caps, received: int) -> None:
        self.caps = caps
        self.received = max(received, 1)
        self.members = 0
        self.decoded = 0

    def member(self) -> None:
        self.members += 1
        if self.members > self.caps.members:
            raise DocumentError(f"l'archive contient plus de {self.caps.members} fichiers ; ne pas l'ouvrir")

    def bytes(self, count: int) -> None:
        self.decoded += count
        if self.decoded > self.caps.decoded:
            raise DocumentError(
                f"l'archive dépasse {self.caps.decoded // MEBIBYTE} Mio une fois décompressée (bombe de "
                "décompression ?) ; ne pas l'ouvrir"
            )
        if self.decoded > self.caps.grace and self.decoded > self.caps.ratio * self.received:
            raise DocumentError(
                f"l'archive se décompresse à plus de {self.caps.ratio} fois sa taille ({self.received} octets reçus) : "
                "bombe de décompression ; ne pas l'ouvrir"
            )


def _open(content: bytes, wanted: Callable[[str], bool], meter: _Meter, within: str, depth: int) -> Iterator[Member]:
    if depth > meter.caps.depth:
        raise DocumentError(f"archives emboîtées sur plus de {meter.caps.depth} niveaux ({within}) ; ne pas l'ouvrir")
    if content.startswith(ZIP):
        found = _zipped(content, meter, within)
    elif content.startswith(GZIP) or content[TAR[0] :].startswith(TAR[1]):
        found = _tarred(content, meter, within)
    else:
        raise DocumentError(
            f"{_named(within)} n'est ni un .zip ni un .tar.gz (premiers octets : {content[:4].hex(' ')}) ; vérifier l'adresse"
        )
    try:
        for path, read in found:
            full = f"{within}!/{path}" if within else path
            if path.lower().endswith(NESTED):
                yield from _open(read(), wanted, meter, full, depth + 1)
            elif wanted(full):
                yield Member(full, read())
    except RuntimeError as error:
        raise DocumentError(f"{_named(within)} est protégée par un mot de passe ; demander un document ouvert") from error
    except DAMAGE as error:
        raise _damaged(within, error) from error


def _zipped(content: bytes, meter: _Meter, within: str) -> Iterator[Found]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for info in packed.infolist():
            meter.member()
            path = _safe(info.filename, within)
            # the upper bits are the Unix mode: a link is kept as a file that names its target
            if info.external_attr >> 28 == stat.S_IFLNK >> 12:
                raise _refused(path, within, "est un lien")
            if info.is_dir():
                continue
            meter.bytes(info.file_size)
            yield path, partial(_member, partial(packed.open, info), info.file_size, path, meter.caps)


def _tarred(content: bytes, meter: _Meter, within: str) -> Iterator[Found]:
    stream = gzip.GzipFile(fileobj=io.BytesIO(content)) if content.startswith(GZIP) else io.BytesIO(content)
    counted = _Counted(stream, meter)
    with tarfile.open(fileobj=counted, mode="r|", tarinfo=_WholeTar) as packed:  # type: ignore[call-overload]
        for info in packed:
            meter.member()
            path = _safe(info.name, within)
            if info.isdir():
                continue
            if not info.isreg():
                raise _refused(path, within, "est un lien ou un périphérique")
            yield path, partial(_member, partial(packed.extractfile, info), info.size, path, meter.caps)


class _WholeTar(tarfile.TarInfo):
    """A header that must be whole: by itself, tarfile ends without a word at the first damaged one."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> "_WholeTar":
        try:
            return super().fromtarfile(archive)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(str(error)) from error


class _Counted:
    """A decompressed stream that stops as soon as it passes the caps, headers of the archive included."""

    def __init__(self, stream: io.BufferedIOBase, meter: _Meter) -> None:
        self.stream = stream
        self.meter = meter

    def read(self, size: int) -> bytes:
        piece = self.stream.read(size)
        self.meter.bytes(len(piece))
        return piece


def _member(opened: Callable[[], IO[bytes] | None], announced: int, path: str, caps: Caps) -> bytes:
    if announced > caps.member:
        raise DocumentError(
            f"le fichier « {path} » de l'archive annonce {announced} octets (plus de {caps.member // MEBIBYTE} Mio) ; "
            "ne pas l'ouvrir"
        )
    file = opened()
    content = file.read() if file else b""
    if len(content) < announced:
        raise EOFError(f"« {path} » s'interrompt après {len(content)} octets sur {announced}")
    return content


def _safe(path: str, within: str) -> str:
    """The path as written, once it is sure to stay inside the archive."""
    parts = PurePosixPath(path.replace("\\", "/"))
    drive = len(path) > 1 and path[1] == ":"
    if parts.is_absolute() or drive or ".." in parts.parts or "\0" in path:
        raise _refused(path, within, "sort du dossier de l'archive")
    return str(parts)


def _named(within: str) -> str:
    return f"l'archive « {within} »" if within else "l'archive"


def _refused(path: str, within: str, why: str) -> DocumentError:
    return DocumentError(f"{_named(within)} : le fichier « {path[:200]} » {why} ; ne pas l'ouvrir")


def _damaged(within: str, error: Exception) -> DocumentError:
    return DocumentError(f"{_named(within)} est tronquée ou abîmée ({error}) ; la télécharger de nouveau")
