"""What a receipt shows of each row it rests on: the row as it landed, its place, its document, and who printed it."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from functools import cache, cached_property
from typing import Any

from vigie import acts, rows, sector
from vigie import feed as feeds
from vigie.documents import Documents, LostError
from vigie.feed import ROOT, SECTORS
from vigie.inputs import SECTOR
from vigie.lake import Lake, Load
from vigie.lineage import Node

SHOWN_TEXT = 600
"""Characters of a document's text that a receipt repeats."""

NOWHERE = ("document", "load_id", "place", "printed_by", "printed_at", "printed_on", "text", "landed")
"""What a reading has none of: its own receipt says where its rows stand."""


class Evidence:
    """The rows and documents of a data folder; ledger, landed files and documents are read once."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._kept = Documents(lake)

    def of(self, node: Node, name: str, feed: str, row: dict[str, Any]) -> dict[str, Any]:
        """One row that a document states, with the place where it stands."""
        assert node.stated
        told: dict[str, Any] = {"input_id": name, "model": node.name, "kind": node.stated.kind, "feed": feed}
        if node.stated.kind == "reading":
            return told | dict.fromkeys(NOWHERE) | {"row": row}
        if node.stated.kind == "sector":
            return told | {
                "document": self._sector_document(row.get("file"))["sha256"], "load_id": row.get("file"),
                "place": f"{node.meta['table']}/{name.partition(':')[2]}",
                "printed_by": row.get("source"), "printed_at": row.get("source_url"), "printed_on": row.get("stated_on"),
                "text": None, "landed": None, "row": row,
            }  # fmt: skip
        load = self._loads.get((feed, row["load_id"]))
        landed = (
            self._landed(load).get(row["row_no"])
            if load and node.stated.kind == "landed" and not row.get("is_withdrawn")
            else None
        )
        perishable = feeds.load(feed).perishable if feed in feeds.names() else ()
        row |= dict.fromkeys((name for name in perishable if name in row), None)
        return told | {
            "document": load.document if load else None, "load_id": row["load_id"], "place": row.get("place"),
            **_printer(feed, load, landed or {}),
            "text": self._text(feed, load, row) if landed else None,
            "landed": landed and {column: value for column, value in landed.items() if column not in perishable},
            "row": row,
        }  # fmt: skip

    def _text(self, feed: str, load: Load | None, row: Mapping[str, Any]) -> str | None:
        if load is None or feeds.load(feed).perishable:
            return None
        try:
            found = self._kept.texts(feed, load.document).get(row["place"])
        except LostError:
            return None
        return found and found[:SHOWN_TEXT]

    def documents(self, inputs: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Each document once, in the order of the first row that it states."""
        found: dict[str, dict[str, Any]] = {}
        for given in inputs:
            if given["kind"] == "sector":
                found.setdefault(given["document"], self._sector_document(given["row"].get("file")))
            elif load := self._loads.get((given["feed"], given["load_id"])):
                # a document that was judged again is one document under several lines of the ledger
                found.setdefault(f"{load.feed}/{load.load_id}", self._document(load))
        return list(found.values())

    def _document(self, load: Load) -> dict[str, Any]:
        declared = feeds.load(load.feed) if load.feed in feeds.names() else None
        decided = acts.of(self._lake, load.feed, load.document)[: load.acts] if load.document else []
        return {
            "sha256": load.document, "bytes": self._kept.size(load.feed, load.document), "feed": load.feed,
            "load_id": load.load_id, "status": load.status, "title": declared.title if declared else load.feed,
            "publisher": declared.publisher if declared else None, "licence": declared.licence if declared else None,
            "address": load.address, "file_name": load.file_name, "collected_at": load.collected_at,
            "known_at": load.known_at, "published_at": load.published_at,
            "origin": {
                "kind": load.origin, "by": load.origin_by, "address": load.origin_address, "on": load.origin_on,
            },
            "rows": {
                "read": load.rows_read, "landed": load.rows_landed, "quarantined": load.rows_quarantined,
                "rejected": load.rows_rejected,
            },
            "acts": [
                # of a confidential document, that somebody decided is told: not who, nor what of
                asdict(replace(act, changes={}, by="", reason="") if declared and declared.is_confidential else act)
                for act in decided
            ],
        }  # fmt: skip

    @cache  # noqa: B019
    def _sector_document(self, scenario: str | None) -> dict[str, Any]:
        """The file of a scenario, or the sector's own."""
        path = SECTORS / SECTOR / "scenarios" / scenario if scenario else SECTORS / SECTOR / "sector.yml"
        content = path.read_bytes()
        return {
            "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "feed": "sector", "load_id": scenario,
            "status": "landed", "title": "Fichier de scénario" if scenario else "Fichier de secteur",
            "publisher": sector.load(SECTOR).name_fr, "licence": None,
            "address": str(path.relative_to(ROOT)), "file_name": path.name, "collected_at": None, "known_at": None,
            "published_at": None, "origin": {"kind": "retyped", "by": None, "address": None, "on": None}, "rows": None,
            "acts": [],
        }  # fmt: skip

    @cached_property
    def _loads(self) -> dict[tuple[str, str], Load]:
        return {(load.feed, load.load_id): load for load in self._lake.loads()}

    @cache  # noqa: B019
    def _landed(self, load: Load) -> dict[int, dict[str, Any]]:
        path = self._lake.landed(load)
        return {line["row_no"]: line for line in rows.read(path).to_pylist()} if path.exists() else {}


def _printer(feed: str, load: Load | None, landed: Mapping[str, Any]) -> dict[str, Any]:
    """Who printed the figure: the publisher itself, or whom the typed document names; nobody when it is illustrative."""
    if load is None or load.origin == "invented" or not load.document:
        return {"printed_by": None, "printed_at": None, "printed_on": None}
    if load.origin == "recorded":
        return {"printed_by": feeds.load(feed).publisher, "printed_at": load.address, "printed_on": load.published_at}
    return {
        "printed_by": landed.get("source_name") or (landed.get("source") if feeds.load(feed).register else "") or load.origin_by,
        "printed_at": landed.get("source_url") or load.origin_address,
        "printed_on": landed.get("published_at") or landed.get("published_on") or load.origin_on,
    }
