"""The documents that receipts rest on, wherever they are kept: by hash, read once, their text by place."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from vigie import acts, parsing, rows
from vigie import feed as feeds
from vigie.feed import SECTORS, DocumentError, Row
from vigie.lake import Lake


class LostError(Exception):
    """A document that is absent, or is no longer what it was; one French sentence."""


class Documents:
    """Kept bytes, in a data folder or in any folder; each is hashed and read at most once."""

    def __init__(self, lake: Lake | None = None, folders: Iterable[Path] = ()) -> None:
        self._lake = lake
        self._folders = tuple(folders)
        self._contents: dict[tuple[str, str], bytes | LostError] = {}
        self._rows: dict[tuple[str, str], list[Row] | LostError] = {}
        self._texts: dict[tuple[str, str], dict[str, str]] = {}

    def size(self, feed: str, digest: str) -> int | None:
        """Bytes of a document of the data folder; None when they are not kept."""
        path = self._lake.document(feed, digest) if self._lake and digest else None
        return path.stat().st_size if path and path.exists() else None

    def content(self, feed: str, digest: str, name: str = "") -> bytes:
        """The bytes of that hash; LostError says that they are absent, or what they have become."""
        known = self._contents.get((feed, digest))
        if known is None:
            known = self._contents[feed, digest] = self._find(feed, digest, name)
        if isinstance(known, LostError):
            raise known
        return known

    def read(self, feed: str, digest: str, name: str = "") -> list[Row]:
        """The rows that the feed's reader finds in it, in a child process."""
        known = self._rows.get((feed, digest))
        if known is None:
            try:
                known = parsing.read_rows(feed, self.content(feed, digest, name))
            except LostError as error:
                known = error
            except DocumentError as error:
                known = LostError(f"le document {name or digest[:12]} ne se lit pas : {error}")
            except KeyError:
                known = LostError(f"aucun lecteur pour le flux « {feed} » dans cette version de Vigie")
            self._rows[feed, digest] = known
        if isinstance(known, LostError):
            raise known
        return known

    def records(self, feed: str, digest: str, decisions: acts.Decisions, name: str = "") -> list[dict[str, Any]]:
        """Its rows as they land: corrected by people's acts, then typed by the feed's columns."""
        corrected = decisions.corrected(self.read(feed, digest, name))
        return rows.typed(corrected, feeds.load(feed).columns)[0]

    def texts(self, feed: str, digest: str) -> Mapping[str, str]:
        """The text that stands at each place of a row, where it can be pointed at."""
        if (feed, digest) not in self._texts:
            try:
                self._texts[feed, digest] = parsing.read_texts(feed, self.content(feed, digest))
            except DocumentError:
                self._texts[feed, digest] = {}
        return self._texts[feed, digest]

    def _find(self, feed: str, digest: str, name: str) -> bytes | LostError:
        named = f"le document {name} ({feed})" if name else f"le document {feed}/{digest[:12]}…"
        changed = ""
        for path in self._candidates(feed, digest):
            content = path.read_bytes()
            found = hashlib.sha256(content).hexdigest()
            if found == digest:
                return content
            changed = f"{named} a changé : empreinte {found} au lieu de {digest} ({path})"
        if changed:
            return LostError(changed)
        if path_of := self._by_hash.get(digest):
            return path_of.read_bytes()
        for path in self._by_hash.values():
            if name and path.name == name:
                found = hashlib.sha256(path.read_bytes()).hexdigest()
                return LostError(f"{named} a changé : empreinte {found} au lieu de {digest} ({path})")
        return LostError(f"{named} est absent : empreinte {digest} introuvable ; donner son dossier avec --data ou --documents")

    def _candidates(self, feed: str, digest: str) -> list[Path]:
        """Where bytes of that hash are named by it."""
        kept = [self._lake.document(feed, digest)] if self._lake else []
        if feed == "sector":
            kept += sorted([*SECTORS.glob("*/sector.yml"), *SECTORS.glob("*/scenarios/*.yml")])
        return [path for path in [*kept, *(folder / digest for folder in self._folders)] if path.is_file()]

    @cached_property
    def _by_hash(self) -> dict[str, Path]:
        """Every file of the given folders, by its own hash: people name documents as they like."""
        files = [path for folder in self._folders for path in sorted(folder.rglob("*")) if path.is_file()]
        return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in files}
