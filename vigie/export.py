"""Published tables as files, as they stand or as they would have stood on a past day.

A past day is built on demand, from what may testify at that day alone, in a house of its own that is kept for the
next question: what is exported as of a day is the same to the byte whatever was loaded since. It is then drawn
through publication's own door, so that nothing leaves by an export that is not published.
"""

import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import duckdb

from vigie import build, coverage, inputs, licences, publish, sdmx_csv
from vigie.build import House
from vigie.clock import Axis, CallError, Run
from vigie.lake import to_json, write_atomically

Format = Literal["csv", "parquet", "xlsx", "sdmx-csv"]
FORMATS: tuple[Format, ...] = ("csv", "parquet", "xlsx", "sdmx-csv")
SUFFIXES: Mapping[Format, str] = {"sdmx-csv": ".sdmx.csv", "csv": ".csv", "parquet": ".parquet", "xlsx": ".xlsx"}
"""How the name of a file says its format; the longest first."""
NOTICE = "LISEZ-MOI.txt"
"""Beside a text file, which has no room for it: whose the rows are, under which licence."""
KEPT_DAYS = 4
"""How many past days stay built: each costs as much disk as the warehouse."""
SHEET_ROWS = 1_048_576
FORMULA = r"^[=+\-@\t\r\n]"
"""How a text begins that a spreadsheet would take for a formula: it is exported behind an apostrophe."""
STILL = (1980, 1, 1, 0, 0, 0)
"""The date of every member of an archive: the day it was written says nothing of its content."""


class ExportError(Exception):
    """A table that could not be written as asked; nothing half-written is left."""


@dataclass(frozen=True)
class ExportedFile:
    """One table as written, with the SHA-256 of its bytes and the question that it answers."""

    table: str
    path: Path
    rows: int
    sha256: str
    as_of: datetime
    axis: Axis

    def summary(self) -> str:
        return f"{self.table} : {self.rows} lignes, {self.path}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def export(run: Run, tables: Sequence[str], target: Path, kind: Format | None = None) -> list[ExportedFile]:
    """Writes the named tables, all when none is named: one to the file `target`, several in the folder `target`.

    CallError names the tables that exist; ExportError when a table does not fit the format.
    """
    with opened(run) as connection:
        described = descriptions(connection)
        unknown = [name for name in tables if name not in described]
        if unknown:
            raise CallError(f"table inconnue « {', '.join(unknown)} » ; tables publiées : {', '.join(described)}")
        told = licences.publication(connection)
        as_of, axis = told["as_of"], told["axis"]
        chosen = list(tables) or list(described)
        is_folder = target.is_dir() or len(chosen) > 1 or not target.suffix
        kind = kind or _kind(target, is_folder)
        if kind == "sdmx-csv":
            _refuse_what_is_no_series(chosen)
        written = []
        for table in chosen:
            path = target / f"{table}.{_asked(as_of, axis)}{SUFFIXES[kind]}" if is_folder else target
            notice = licences.notice(told, {table: described[table]}, licences.sources(connection, [table]))
            rows = _write(connection, table, path, kind, notice)
            written.append(ExportedFile(table, path, rows, hashlib.sha256(path.read_bytes()).hexdigest(), as_of, axis))
    return written


@contextmanager
def opened(run: Run) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published tables that answer the run's question, read only, under their own names."""
    source = str(drawn(run)).replace("'", "''")
    with duckdb.connect() as connection:
        # one thread: the layout of a Parquet file must not depend on how many there are
        connection.execute(f"set threads = 1; attach '{source}' as told (read_only); use told.main")
        if "table_sources" not in descriptions(connection):
            raise ExportError("la version publiée est d'une Vigie plus ancienne : lancer vigie publish, puis exporter")
        yield connection


def descriptions(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Each published table and what it is, in French."""
    asked = "select table_name, coalesce(comment, '') from duckdb_tables() where database_name = 'told' order by 1"
    return dict(connection.execute(asked).fetchall())


def _refuse_what_is_no_series(tables: Sequence[str]) -> None:
    others = [table for table in tables if table not in sdmx_csv.STRUCTURES]
    if others:
        raise CallError(
            f"SDMX-CSV ne porte que des séries ({', '.join(sdmx_csv.STRUCTURES)}) et non {', '.join(others)} : "
            "ne nommer que ces tables, ou choisir --format csv"
        )


def _kind(target: Path, is_folder: bool) -> Format:
    if is_folder:
        return "csv"
    for kind, suffix in SUFFIXES.items():
        if target.name.endswith(suffix):
            return kind
    named = ", ".join(SUFFIXES.values())
    raise CallError(f"« {target.name} » ne dit pas son format : finir par {named}, ou donner --format")


def _asked(as_of: datetime, axis: Axis) -> str:
    moment = f"{as_of:%Y-%m-%d}" if f"{as_of:%M:%S}" in ("59:59", "00:00") else f"{as_of:%Y-%m-%dT%H%M%SZ}"
    return f"as-{'published' if axis == 'published' else 'of'}-{moment}"


def drawn(run: Run) -> Path:
    """The file of published tables that answers the run's question, built if it must be."""
    lake = run.data
    if not run.is_retrospective:
        if not lake.published.exists():
            raise ExportError("rien n'est encore publié : lancer vigie run, puis exporter")
        return lake.published.resolve()
    loads = inputs.readable(run)
    asked = inputs.fingerprint(run, loads)
    told = publish.told_by(lake, run.as_of)
    seen = [line for line in coverage.polled(lake) if line[coverage.DAY] <= run.as_of.date()]
    key = hashlib.sha256(f"{asked} {to_json(told)} {to_json(seen)} {publish.shape()}".encode()).hexdigest()
    houses = lake.root / "as_of"
    house = House(houses / key[:16])
    path = house.root / "published.duckdb"
    with lake.lock("as_of"):
        if not path.exists():
            build.build_in(house, run)
            publication = publish.Publication(
                version=0, published_at=run.as_of, mode=run.mode, as_of=run.as_of, axis=run.axis,
                inputs_hash=asked, loads=len(loads), caused_by="",
            )  # fmt: skip
            publish.draw(house, path, told, publication)
        os.utime(house.root)
        for old in sorted(houses.iterdir(), key=lambda folder: folder.stat().st_mtime)[:-KEPT_DAYS]:
            shutil.rmtree(old, ignore_errors=True)
    return path


def _write(connection: duckdb.DuckDBPyConnection, table: str, path: Path, kind: Format, notice: str) -> int:
    """Whole or not at all, its notice in it or beside it; returns the number of rows."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    sql = select(connection, table, kind)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        ((rows,),) = connection.execute(f"select count(*) from ({sql})").fetchall()
        WRITERS[kind](connection, sql, draft, notice)
        if WRITERS[kind] is _csv:
            write_atomically(path.with_name(f"{path.name}.{NOTICE}"), notice)
        draft.replace(path)
    except OSError as error:
        raise ExportError(f"écriture impossible de {path} : {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    return int(rows)


def select(connection: duckdb.DuckDBPyConnection, table: str, kind: Format) -> str:
    """A table in a stable order, each row with its publisher and its licence where it rests on documents."""
    columns = {row[0]: row[1] for row in connection.execute(f"describe {table}").fetchall()}
    for_people = kind != "parquet"
    told = {name: _cell(name, held) if for_people else f'told."{name}"' for name, held in columns.items()}
    joined = ""
    added = [name for name in ("publisher", "licence") if name not in columns]
    if "feed" in columns:
        joined = "left join feeds as source on told.feed = source.feed"
    elif "receipt_id" in columns:
        joined = f"""left join (
            select made.receipt_id, {", ".join(f"string_agg(distinct named.{n}, ' ; ' order by named.{n}) as {n}" for n in added)}
            from indicator_inputs as made inner join feeds as named on made.feed = named.feed group by made.receipt_id
        ) as source using (receipt_id)"""
    told |= {name: f"source.{name}" for name in added if joined}
    if kind == "sdmx-csv":
        return sdmx_csv.select(table, told, columns, f"{table} as told {joined}")
    listed = ", ".join(f'{cell} as "{name}"' for name, cell in told.items())
    return f"select {listed} from {table} as told {joined} order by all"


def _cell(name: str, kind: str) -> str:
    """A column as a person's file shows it: a list on one line, no text that a spreadsheet would run."""
    column = f'told."{name}"'
    text = f"array_to_string({column}, ' ; ')" if kind == "VARCHAR[]" else column
    if not kind.startswith("VARCHAR"):
        return column
    return f"case when regexp_matches({text}, '{FORMULA}') then '''' || {text} else {text} end"


def _csv(connection: duckdb.DuckDBPyConnection, sql: str, path: Path, _notice: str = "", options: str = "") -> None:
    connection.execute(f"copy ({sql}) to '{_quoted(path)}' (format csv, header{options})")


def iso_csv(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """A table as people read it, its moments as programs do (ISO 8601, UTC)."""
    _csv(connection, select(connection, table, "csv"), path, options=", timestampformat '%Y-%m-%dT%H:%M:%S.%fZ'")


def _parquet(connection: duckdb.DuckDBPyConnection, sql: str, path: Path, notice: str) -> None:
    told = notice.replace("'", "''")
    connection.execute(f"copy ({sql}) to '{_quoted(path)}' (format parquet, kv_metadata {{licence: '{told}'}})")


def _xlsx(connection: duckdb.DuckDBPyConnection, sql: str, path: Path, notice: str) -> None:
    import openpyxl

    cursor = connection.execute(sql)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("données")
    sheet.append([column[0] for column in cursor.description or []])
    for number, row in enumerate(_rows(cursor), start=2):
        if number > SHEET_ROWS:
            raise ExportError(f"{path.name} : plus de {SHEET_ROWS - 1} lignes, le plus d'une feuille ; choisir --format csv")
        sheet.append([_exact(sheet, value) for value in row])
    page = book.create_sheet("lisez-moi")
    for line in notice.splitlines():
        page.append([line])
    living = path.with_suffix(".living")
    try:
        book.save(living)
        with zipfile.ZipFile(living) as source:
            # the properties only hold who wrote the file and when
            members = {name: source.read(name) for name in source.namelist()} | {"docProps/core.xml": EMPTY_PROPERTIES}
        zipped(path, members)
    finally:
        living.unlink(missing_ok=True)


def _exact(sheet: Any, value: Any) -> Any:
    """A number that openpyxl would cut at its sixteenth digit is given to it as it must be written."""
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, float) or float(f"{value:.16g}") == value:
        return value
    cell = WriteOnlyCell(sheet, repr(value))
    cell.data_type = "n"
    return cell


EMPTY_PROPERTIES = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)


def zipped(path: Path, members: Mapping[str, bytes]) -> None:
    """An archive whose bytes say nothing but its content."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as still:
        for name in sorted(members):
            still.writestr(zipfile.ZipInfo(name, STILL), members[name], zipfile.ZIP_DEFLATED)


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(10_000):
        yield from rows


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


WRITERS: dict[Format, Callable[[duckdb.DuckDBPyConnection, str, Path, str], None]] = {
    "csv": _csv, "parquet": _parquet, "xlsx": _xlsx, "sdmx-csv": _csv,
}  # fmt: skip
