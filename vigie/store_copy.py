"""A store as JSON lines, and back: how a backup carries it from one database to another."""

import json
from collections.abc import Iterable

from sqlalchemy import select

from vigie.lake import Lake, LakeError, to_json
from vigie.store import open_store
from vigie.store_schema import JOURNAL, META, METADATA

STEP = 500
"""Rows written at once."""


def dump(lake: Lake, *, in_folder: bool = False) -> bytes:
    """Every row of the store, one line each, in an order in which they can be written back."""
    with open_store(lake, in_folder=in_folder) as store:
        lines = [
            to_json({"table": table.name, "row": dict(row._mapping)})
            for table in METADATA.sorted_tables
            for row in store.execute(select(table).order_by(*table.primary_key))
        ]
    return "".join(f"{line}\n" for line in lines).encode()


def fill(lake: Lake, content: bytes) -> None:
    """Writes a dump into a store that is still empty, whole or not at all; LakeError when it is not empty."""
    rows: dict[str, list[dict[str, object]]] = {table.name: [] for table in METADATA.sorted_tables}
    for line in content.decode().splitlines():
        told = json.loads(line)
        rows[told["table"]].append(told["row"])
    with open_store(lake) as store:
        if store.execute(select(JOURNAL).limit(1)).first():
            raise LakeError("la base que nomme VIGIE_STATE_URL n'est pas vide : restaurer dans une base neuve")
        store.execute(META.delete())
        for table in METADATA.sorted_tables:
            for part in _parts(rows[table.name]):
                store.execute(table.insert(), part)


def _parts(rows: list[dict[str, object]]) -> Iterable[list[dict[str, object]]]:
    return (rows[start : start + STEP] for start in range(0, len(rows), STEP))
