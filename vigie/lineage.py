"""How a published table is computed, as dbt's manifest tells it: from rows that documents state to the table.

A model whose sheet says `meta: {row: …}` holds one row for each fact that a document states: a receipt stops
there, at the place of that row in its document. Between it and the table stand the models to execute again. What
rests on no such row (the list of feeds, the labels) is context, and so is what a sheet calls `context: true`: what the
other series decide. `asked: <column>` is the moment of the question.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

RowKind = Literal["landed", "load", "held", "sector", "reading"]
"""What a row is: landed from a document, a line of the ledger, held at the door, a line of the sector file, or a reading
of an indicator, which has a receipt of its own."""


@dataclass(frozen=True)
class Stated:
    """How the rows of a model are named as inputs, and what they are; `name` and `feed` are SQL on its columns."""

    kind: RowKind
    name: str
    feed: str = "feed"


@dataclass(frozen=True)
class Node:
    """A model, a seed or a source of the house."""

    name: str
    relation: str
    parents: tuple[str, ...] = ()
    sql: str = ""
    path: str = ""
    sha256: str = ""
    is_context: bool = False
    stated: Stated | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Chain:
    """What it takes to compute a table again: the models to execute in order, the rows, the context."""

    steps: tuple[Node, ...]
    rows: tuple[Node, ...]
    context: tuple[Node, ...]


class Lineage:
    """The house as its last build left it."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self._nodes = {
            key: _node(value) for key, value in manifest["nodes"].items() if value["resource_type"] in ("model", "seed")
        }
        self._nodes |= {key: Node(value["name"], value["relation_name"]) for key, value in manifest["sources"].items()}
        self._keys = {self._nodes[key].name: key for key in manifest["nodes"] if key in self._nodes}

    @classmethod
    def read(cls, path: Path) -> "Lineage":
        """From the manifest of a build."""
        return cls(json.loads(path.read_text()))

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(self._nodes.values())

    def node(self, name: str) -> Node:
        return self._nodes[self._keys[name]]

    def parents(self, node: Node) -> tuple[Node, ...]:
        """What a node reads."""
        return tuple(self._nodes[key] for key in node.parents)

    @cached_property
    def receipted(self) -> tuple[Node, ...]:
        """The marts whose rows have receipts, those that others are made of first."""
        marts = [node for node in self._nodes.values() if node.meta.get("receipts")]
        return tuple(sorted(marts, key=lambda node: (len(list(self._above(self._keys[node.name]))), node.name)))

    def chain(self, name: str) -> Chain:
        """What it takes to compute the model of that name."""
        steps: dict[str, Node] = {}
        rows: dict[str, Node] = {}
        context: dict[str, Node] = {}

        def visit(key: str) -> None:
            node = self._nodes[key]
            if node.stated:
                rows[key] = node
            elif node.is_context or not self._rests_on_rows(key):
                context[key] = node
            elif key not in steps:
                for parent in node.parents:
                    visit(parent)
                steps[key] = node

        visit(self._keys[name])
        return Chain(tuple(steps.values()), tuple(rows.values()), tuple(context.values()))

    def stated(self, name: str) -> tuple[Node, ...]:
        """The rows that the model of that name rests on, through whatever computes it: itself, when it states them."""
        key = self._keys[name]
        keys = [key] if self._nodes[key].stated else list(self._above(key))
        return tuple(self._nodes[above] for above in keys if self._nodes[above].stated)

    def _rests_on_rows(self, key: str) -> bool:
        return bool(self._nodes[key].stated) or any(self._nodes[above].stated for above in self._above(key))

    def _above(self, key: str) -> Iterator[str]:
        """All that a node is made of, each once, down to the rows that documents state."""
        seen: set[str] = set()
        waiting = [key]
        while waiting:
            for parent in self._nodes[waiting.pop()].parents:
                if parent not in seen:
                    seen.add(parent)
                    yield parent
                    if not self._nodes[parent].stated:
                        waiting.append(parent)


def _node(value: Mapping[str, Any]) -> Node:
    meta = value["config"].get("meta") or {}
    stated = meta.get("row")
    return Node(
        name=value["name"],
        relation=value["relation_name"],
        parents=tuple(value.get("depends_on", {}).get("nodes", ())),
        sql=value.get("compiled_code") or "",
        path=value["original_file_path"],
        sha256=value["checksum"]["checksum"],
        # a model that is no SQL cannot be executed again where only DuckDB is
        is_context=bool(meta.get("context") or meta.get("asked")) or value.get("language", "sql") != "sql",
        stated=Stated(**stated) if stated else None,
        meta=meta,
    )
