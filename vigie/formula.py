"""Whether the formula that a receipt brings is the one written here: its models' files, and the SQL that dbt makes of them.

A receipt is held to the formula that it carries, of whatever version; that its SQL comes from the file that it
names can be told only beside a house that was built from the same file.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from vigie import build
from vigie.inputs import DBT_PROJECT
from vigie.lake import Lake
from vigie.lineage import Lineage

MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
"""The moments of a question, as dbt's variables hold them."""


def models(receipt: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What the receipt executes, and what brings its rows to the columns of the house: `model`, `file`, `sql`."""
    return [*(receipt["rebuild"]["steps"] if receipt["rebuild"] else []), *receipt["staging"].values()]


def other_files(receipt: Mapping[str, Any]) -> list[str]:
    """The models whose files are not, here, what they were where the receipt was made."""
    return sorted({told["model"] for told in models(receipt) if told["file_sha256"] != _installed(told["file"])})


def false_sql(receipt: Mapping[str, Any], lake: Lake | None) -> list[str]:
    """The models whose SQL is not what dbt made of the same file in this house; empty where no house can tell."""
    built = build.stamp(lake) if lake else None
    if lake is None or built is None or (built["axis"], lake.mode) != (receipt["asked"]["axis"], receipt["asked"]["mode"]):
        return []
    manifest = build.House(lake.root).manifest
    if not manifest.exists():
        return []
    lineage = Lineage.read(manifest)
    known = {node.path: node for node in lineage.nodes}
    return sorted({
        told["model"]
        for told in models(receipt)
        if (node := known.get(told["file"])) and node.sha256 == told["file_sha256"]
        and MOMENT.sub("?", node.sql) != MOMENT.sub("?", told["sql"])
    })  # fmt: skip


def _installed(file: str) -> str | None:
    """The fingerprint that dbt would give to a model's file as it is here; None where it is not."""
    path = (DBT_PROJECT / file).resolve()
    if not path.is_relative_to(DBT_PROJECT) or not path.is_file():
        return None
    return hashlib.sha256(path.read_text().strip().encode()).hexdigest()
