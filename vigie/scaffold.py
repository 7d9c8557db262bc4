"""`vigie new feed`: the five files of a feed, inferred from one document and ready to fill.

All five are written, or none; what only a person can say is marked « à qualifier ».
"""

import json
import re
import unicodedata
from datetime import time
from pathlib import Path

import duckdb

from vigie import feed as feeds
from vigie import rows
from vigie.check import EXPECTATIONS
from vigie.clock import SAMPLE_NOW, CallError
from vigie.feed import Column, ColumnType, DocumentError, Row
from vigie.inputs import DBT_PROJECT
from vigie.lake import write_atomically
from vigie.readers import records

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
UNKNOWN = "à qualifier"
GUESSES: tuple[ColumnType, ...] = ("integer", "number", "date", "timestamp", "boolean")
CODE = re.compile(r"0\d+")
"""A leading zero is part of a code: read as a number, it would be lost."""

MODULE = '''"""{name} : {unknown} (ce que publie l'éditeur, en une phrase)."""

from collections.abc import Iterator

from vigie.feed import Column, Feed, Row, invented
from vigie.readers import records

HEADINGS = {{
{headings}
}}
"""The publisher's names, and ours."""


def read(content: bytes) -> Iterator[Row]:
    """One row a line of the listing."""
    return records.rows(content, "{form}", HEADINGS)


feed = Feed(
    publisher="{unknown}",
    title="{unknown}",
    address=None,
    licence="{unknown}",
    rhythm_days=365,
    lag_days=(0, 365),
    schedule="0 6 * * *",
    produces="register",
    columns=(
{columns}
    ),
    read=read,
    samples={{"{sample}": invented("{unknown}")}},
)
'''
SUITE = """name: {name}
expectations:
- type: expect_table_row_count_to_be_between
  kwargs: {{min_value: 1}}
  meta:
    on_failure: refuse_batch
    reason: Le document ne contient aucune ligne.
    fix: Le télécharger de nouveau, puis le redéposer.
{expectations}"""
EXPECTATION = """- type: expect_column_values_to_not_be_null
  kwargs: {{column: {column}}}
  meta:
    on_failure: quarantine_row
    reason: {reason}
    fix: Compléter la cellule dans le document, puis le redéposer.
"""
STAGING_SQL = """select
{columns},
  load_id,
  row_no,
  place
from {{{{ source('landed', '{name}') }}}}
"""
STAGING_YML = """version: 2

sources:
  - name: landed
    tables:
      - name: {name}

models:
  - name: stg_{name}
    description: {unknown}
    columns:
{columns}
"""
STAGING_COLUMN = """      - name: {name}
        description: {description}
"""


def new_feed(name: str, source: Path) -> list[Path]:
    """Writes the feed's five files and returns their paths; CallError when the name or document will not do."""
    _refuse_name(name)
    try:
        content = source.read_bytes()
    except OSError as error:
        raise CallError(f"{source} ne peut être lu : {error.strerror}") from None
    form = source.suffix.lower().removeprefix(".")
    if form not in records.FORMS:
        raise CallError(f"{source.name} : format non reconnu ; donner un fichier {', '.join(sorted(records.FORMS))}")
    try:
        headings = _column_names(records.names(content, form))
        lines = list(records.rows(content, form, headings))
    except DocumentError as error:
        raise CallError(f"{source.name} : {error}") from None
    if not lines:
        raise CallError(f"{source.name} : un en-tête, mais aucune ligne ; donner un document rempli")
    columns = tuple(Column(column, _type_of(column, lines), heading) for heading, column in headings.items())
    files = _files(name, form, content, headings, columns, lines)
    taken = [path for path in files if path.exists()]
    if taken:
        raise CallError(f"{taken[0].relative_to(feeds.ROOT)} existe déjà : choisir un autre nom, ou compléter ce flux")
    _write_all(files)
    return list(files)


def _refuse_name(name: str) -> None:
    if not NAME.fullmatch(name) or name.startswith("dbt_"):
        raise CallError(f"« {name} » n'est pas un nom de flux : écrire <éditeur>_<sujet> en minuscules, comme oc_exports")
    if name in feeds.names():
        raise CallError(f"le flux {name} existe déjà : pour un document de plus, vigie collect {name} --from FICHIER")


def _column_names(headings: list[str]) -> dict[str, str]:
    """Each printed heading → a snake_case name that SQL and the landed layer accept."""
    reserved = {
        word
        for (word,) in duckdb.execute("select keyword_name from duckdb_keywords() where keyword_category = 'reserved'").fetchall()
    } | set(rows.RESERVED)
    found: dict[str, str] = {}
    for number, heading in enumerate(headings, start=1):
        plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
        name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50] or f"colonne_{number}"
        if name in reserved or not name[0].isalpha() or name in found.values():
            name = f"colonne_{number}_{name}"
        found[heading] = name
    return found


def _type_of(name: str, lines: list[Row]) -> ColumnType:
    """The narrowest type under which no cell of the document would be at fault."""
    values = [row.values[name] for row in lines if row.values[name] is not None]
    if not values or any(isinstance(value, str) and CODE.fullmatch(value.strip()) for value in values):
        return "text"
    sole = [Row({name: value}, "") for value in values]
    for guess in GUESSES:
        _, faults = rows.typed(sole, (Column(name, guess, ""),))
        # a date column would silently drop the hours of a timestamp
        if not faults and not (guess == "date" and _has_hours(sole, name)):
            return guess
    return "text"


def _has_hours(lines: list[Row], name: str) -> bool:
    stamps, _ = rows.typed(lines, (Column(name, "timestamp", ""),))
    return any(stamp[name].time() != time.min for stamp in stamps)


def _files(
    name: str, form: str, content: bytes, headings: dict[str, str], columns: tuple[Column, ...], lines: list[Row]
) -> dict[Path, bytes]:
    sample = f"{name}.{SAMPLE_NOW:%Y-%m-%d}.{form}"
    filled = [column for column in columns if all(row.values[column.name] is not None for row in lines)]
    module = MODULE.format(
        name=name, unknown=UNKNOWN, form=form, sample=sample,
        headings="\n".join(f"    {_quoted(heading)}: {_quoted(column)}," for heading, column in headings.items()),
        columns="\n".join(f"        Column({_quoted(c.name)}, {_quoted(c.type)}, {_quoted(c.description)})," for c in columns),
    )  # fmt: skip
    suite = SUITE.format(
        name=name,
        expectations="".join(
            EXPECTATION.format(column=column.name, reason=_quoted(f"« {column.description} » est vide.")) for column in filled
        ),
    )
    staged = ",\n".join(f"  {column.name}" for column in columns)
    described = [*columns, Column("load_id", "text", "Chargement"), Column("row_no", "integer", "Rang dans le document"),
                 Column("place", "text", "Emplacement dans le document")]  # fmt: skip
    contract = STAGING_YML.format(
        name=name, unknown=UNKNOWN,
        columns="".join(
            STAGING_COLUMN.format(name=column.name, description=_quoted(column.description)) for column in described
        ).rstrip("\n"),
    )  # fmt: skip
    staging = DBT_PROJECT / "models" / "staging"
    return {
        feeds.ROOT / "vigie" / "feeds" / f"{name}.py": module.encode(),
        feeds.SAMPLES / sample: content,
        EXPECTATIONS / f"{name}.yml": suite.encode(),
        staging / f"stg_{name}.sql": STAGING_SQL.format(name=name, columns=staged).encode(),
        staging / f"stg_{name}.yml": contract.encode(),
    }


def _quoted(text: str) -> str:
    """A double-quoted text, the same in Python and in YAML."""
    return json.dumps(text, ensure_ascii=False)


def _write_all(files: dict[Path, bytes]) -> None:
    written = []
    try:
        for path, content in files.items():
            write_atomically(path, content)
            written.append(path)
    except BaseException:
        for path in written:
            path.unlink()
        raise
