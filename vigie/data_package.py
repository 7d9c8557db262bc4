"""Everything published, as one Data Package: the tables, and a description that programs read of what each column is.

Source: Data Package 2.0 (datapackage.org, Open Knowledge Foundation), Table Schema 2.0. The package is a folder or a
zip; the same question gives the same bytes.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from vigie import export, licences
from vigie.clock import Axis, CallError, Run
from vigie.export import ExportError
from vigie.lake import write_atomically
from vigie.licences import Source

DESCRIPTOR = "datapackage.json"
PROFILES = "https://datapackage.org/profiles/2.0"
TYPES = {
    "VARCHAR": "string", "VARCHAR[]": "string", "DOUBLE": "number", "INTEGER": "integer", "BIGINT": "integer",
    "HUGEINT": "integer", "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "datetime",
}  # fmt: skip
"""DuckDB's types in Table Schema's; a list is written on one line."""
UNITS = {
    r"_pct$": "%", r"_mad(_|$)": "MAD", r"(^|_)days(_|$)": "jours", r"(^|_)months$": "mois", r"(^|_)hours(_|$)": "heures",
    r"_at$|^known_(from|to)$|^as_of$": "UTC",
}  # fmt: skip
"""What the name of a column says of its unit."""
OPEN_LICENCES = {
    "CC BY 4.0": ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "Open Government Licence v3.0": ("OGL-UK-3.0", "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"),
}
"""Licences that the Open Definition names; the others are told in full in the notice of the package."""
KEYS = {"indicator_values": "indicator", "indicator_history": "indicator"}
"""Tables whose rows speak of a line of the catalogue of indicators, which holds their unit and definition."""


@dataclass(frozen=True)
class Package:
    """The package as written, with the SHA-256 of its description and the question that it answers."""

    path: Path
    tables: int
    sha256: str
    as_of: datetime
    axis: Axis

    def summary(self) -> str:
        return f"{self.tables} tables, {self.path}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def write(run: Run, target: Path) -> Package:
    """Writes every published table as the run's question has it: in the zip `target`, or in the new or empty folder.

    CallError when the folder holds something else; ExportError when it cannot be written. Nothing half-written is left.
    """
    if target.suffix != ".zip" and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CallError(
            f"{target} existe et n'est pas un dossier vide : un paquet se pose dans un dossier neuf, ou finit par .zip"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with export.opened(run) as connection, tempfile.TemporaryDirectory(dir=target.parent, prefix=".vigie-") as folder:
            told = licences.publication(connection)
            members = _members(connection, Path(folder), told)
            if target.suffix == ".zip":
                export.zipped(Path(folder) / "whole", members)
                (Path(folder) / "whole").replace(target)
            else:
                for name, content in members.items():
                    write_atomically(Path(folder) / "whole" / name, content)
                (Path(folder) / "whole").chmod(0o755)
                (Path(folder) / "whole").replace(target)
    except OSError as error:
        raise ExportError(f"écriture impossible de {target} : {error.strerror}") from error
    sha256 = hashlib.sha256(members[DESCRIPTOR]).hexdigest()
    return Package(target, len(members) - 2, sha256, told["as_of"], told["axis"])


def _members(connection: duckdb.DuckDBPyConnection, folder: Path, told: Mapping[str, Any]) -> dict[str, bytes]:
    described = export.descriptions(connection)
    members = {}
    resources = []
    for table, description in described.items():
        export.iso_csv(connection, table, folder / "table.csv")
        content = (folder / "table.csv").read_bytes()
        members[f"data/{table}.csv"] = content
        resources.append(_resource(connection, table, description, content))
    origins = licences.sources(connection, list(described))
    members[export.NOTICE] = licences.notice(told, described, origins).encode()
    descriptor = {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": "vigie", "title": "Vigie, tables publiées", "description": licences.question(told["as_of"], told["axis"]),
        "version": str(told["version"]), "created": f"{told['published_at']:%Y-%m-%dT%H:%M:%SZ}",
        "asOf": f"{told['as_of']:%Y-%m-%dT%H:%M:%SZ}", "axis": told["axis"], "mode": told["mode"],
        "inputsHash": told["inputs_hash"],
        "contributors": [{"title": "Vigie", "roles": ["publisher"]}],
        "licenses": _licences(origins), "sources": _sources(origins), "resources": resources,
    }  # fmt: skip
    members[DESCRIPTOR] = (json.dumps(descriptor, ensure_ascii=False, indent=1) + "\n").encode()
    return members


def _resource(connection: duckdb.DuckDBPyConnection, table: str, description: str, content: bytes) -> dict[str, Any]:
    origins = licences.sources(connection, [table])
    schema: dict[str, Any] = {
        "$schema": f"{PROFILES}/tableschema.json", "fields": _fields(connection, table), "missingValues": [""],
    }  # fmt: skip
    if table in KEYS:
        to = {"resource": "indicators", "fields": ["indicator"]}
        schema["foreignKeys"] = [{"fields": [KEYS[table]], "reference": to}]
    if table == "indicators":
        schema["primaryKey"] = ["indicator"]
    told = {
        "name": table, "type": "table", "path": f"data/{table}.csv", "title": _short(description), "description": description,
        "format": "csv", "mediatype": "text/csv", "encoding": "utf-8",
        "bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}", "schema": schema,
    }  # fmt: skip
    return told | ({"licenses": _licences(origins), "sources": _sources(origins)} if origins else {})


def _fields(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    """Each column of the file: those of the table, then whose its rows are."""
    asked = "select column_name, coalesce(comment, '') from duckdb_columns() where database_name = 'told' and table_name = ?"
    comments = dict(connection.execute(asked, [table]).fetchall())
    added = {"publisher": "Éditeur des documents dont la ligne est faite", "licence": "Licence de ces documents"}
    columns = connection.execute(f"describe ({export.select(connection, table, 'csv')})").fetchall()
    return [_field(name, kind, (added | comments)[name]) for name, kind, *_ in columns]


def _field(name: str, kind: str, description: str) -> dict[str, Any]:
    told = {"name": name, "type": TYPES[kind], "title": _short(description), "description": description}
    unit = next((unit for pattern, unit in UNITS.items() if re.search(pattern, name)), None)
    return told | ({"unit": unit} if unit else {})


def _short(description: str) -> str:
    """A title: a description without its list of codes, nor its second sentence."""
    return re.split(r" ?[:;(«]|\. ", description.rstrip("."))[0].strip(" ,") or description


def _licences(origins: Sequence[Source]) -> list[dict[str, str]]:
    """Each licence once. One without a name of its own is told in the notice, which goes with the package."""
    found = []
    for licence in sorted({source.licence for source in origins}):
        known = next((told for start, told in OPEN_LICENCES.items() if licence.startswith(start)), None)
        named = {"name": known[0], "path": known[1]} if known else {"path": export.NOTICE}
        found.append(named | {"title": licence})
    return found


def _sources(origins: Sequence[Source]) -> list[dict[str, str]]:
    return [
        {"title": f"{source.publisher}, {source.title}"}
        | ({"path": source.address} if source.address and source.address.startswith("http") else {})
        for source in origins
    ]
