"""A table of one's own, laid out for the bench: what a cell must hold, and a sentence naming the line where it does not."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from vigie.science import ScienceError

TABLE = "given"
Records = list[dict[str, Any]]
TRUTHS = {"true": True, "vrai": True, "oui": True, "1": True, "false": False, "faux": False, "non": False, "0": False, "": False}
COMMA = r"[-−]?\d+(,\d+)?"
"""A number as a French spreadsheet writes it."""


def read(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """Lays the table out; its column names. Decimal commas are read where a column holds nothing else."""
    if not path.is_file():
        raise ScienceError(f"table illisible : {path} ; donner un fichier CSV ou Parquet")
    if not path.stat().st_size:
        raise ScienceError(f"table vide : {path} ; donner un en-tête et des lignes")
    reader = "read_parquet" if path.suffix == ".parquet" else "read_csv"
    options = "" if reader == "read_parquet" else ", header = true, nullstr = ['', 'NA']"
    try:
        connection.execute(
            f"create table {TABLE} as select * from {reader}('{str(path).replace(chr(39), chr(39) * 2)}'{options})"
        )
    except duckdb.Error as error:
        raise ScienceError(f"table illisible : {path} ({str(error).splitlines()[0]})") from None
    if connection.execute(f"select count(*) from {TABLE}").fetchone() == (0,):
        raise ScienceError(f"table sans ligne : {path} ; il n'y a que l'en-tête")
    columns = connection.execute(f"describe {TABLE}").fetchall()
    for name, kind, *_ in columns:
        if kind == "VARCHAR" and connection.execute(
            f"select bool_and(regexp_full_match(trim({quoted(name)}), '{COMMA}')) from {TABLE}"
        ).fetchone() == (True,):
            connection.execute(
                f"alter table {TABLE} alter {quoted(name)} type double"
                f" using replace(replace(trim({quoted(name)}), ',', '.'), '−', '-')::double"
            )
    return [row[0] for row in columns]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def require(present: Sequence[str], *wanted: str | None) -> None:
    """Refuses a table that lacks a column."""
    missing = [name for name in wanted if name is not None and name not in present]
    if missing:
        raise ScienceError(f"colonne(s) absente(s) de la table : {', '.join(missing)} ; présentes : {', '.join(present)}")


def records(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> Records:
    """The columns asked for under names of ours, numbers as DuckDB read them, in the table's order."""
    listed = ", ".join(f"{quoted(column)} as {quoted(name)}" for name, column in columns.items())
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in connection.execute(f"select {listed} from {TABLE}").fetchall()]


def number(record: Mapping[str, Any], name: str, line: int) -> float:
    """A finite number."""
    try:
        value = float(record[name])
    except (TypeError, ValueError):
        raise _wrong(record, name, line, "un nombre") from None
    if not math.isfinite(value):
        raise _wrong(record, name, line, "un nombre fini")
    return value


def name_of(record: Mapping[str, Any], name: str, line: int) -> str:
    """A name; a line that names nothing cannot be told from another."""
    if record[name] is None or not str(record[name]).strip():
        raise ScienceError(f"ligne {line} de la table : {name} est vide ; nommer, ou retirer la ligne")
    return str(record[name])


def truth(record: Mapping[str, Any], name: str, line: int) -> bool:
    """Yes or no: a boolean, 0 or 1, or the word; an empty cell is no."""
    value = record[name]
    if isinstance(value, bool) or value in (0, 1, None):
        return bool(value)
    try:
        return TRUTHS[str(value).strip().lower()]
    except KeyError:
        raise _wrong(record, name, line, "oui ou non (vrai, faux, 1, 0)") from None


def numbers_or_nothing(lines: Records, names: Sequence[str]) -> None:
    """Refuses the first cell that is neither a finite number nor empty."""
    for line, record in enumerate(lines, start=1):
        for name in names:
            if record[name] is not None:
                number(record, name, line)


def once(lines: Records, name: str) -> None:
    """Refuses a name that is missing or that two lines bear."""
    seen: dict[str, int] = {}
    for line, record in enumerate(lines, start=1):
        said = name_of(record, name, line)
        if said in seen:
            raise ScienceError(f"ligne {line} de la table : « {said} » est déjà à la ligne {seen[said]} ; n'en garder qu'une")
        seen[said] = line


def _wrong(record: Mapping[str, Any], name: str, line: int, wanted: str) -> ScienceError:
    return ScienceError(f"ligne {line} de la table : « {record[name]} » n'est pas {wanted} ({name})")
