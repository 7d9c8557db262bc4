"""A table of one's own, laid out for the bench: what a cell must hold, and a sentence naming the line where it does not."""

import csv
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from vigie.science import ScienceError
from vigie.science.sql import identifier

TABLE = "given"
Records = list[dict[str, Any]]


class Line(dict[str, Any]):
    """The cells of one line under names of ours; what is said of one names its place in the table and the table's own column."""

    def __init__(self, place: int, columns: Mapping[str, str], cells: Sequence[Any]) -> None:
        super().__init__(zip(columns, cells, strict=True))
        self.place, self.columns = place, columns


TRUTHS = {"true": True, "vrai": True, "oui": True, "1": True, "false": False, "faux": False, "non": False, "0": False, "": False}
COMMA = r"[-−]?\d+(,\d+)?"
"""A number as a French spreadsheet writes it."""


def read(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """Lays the table out; its column names. Decimal commas are read where a column holds nothing else."""
    kind = path.suffix.lower()
    if not path.is_file() or kind not in (".csv", ".tsv", ".txt", ".parquet"):
        raise ScienceError(f"table illisible : {path} ; donner un fichier CSV ou Parquet")
    if not path.stat().st_size:
        raise ScienceError(f"table vide : {path} ; donner un en-tête et des lignes")
    source = f"'{str(path).replace(chr(39), chr(39) * 2)}'"
    if kind == ".parquet":
        reader = f"read_parquet({source})"
    else:
        _refuse_other_encodings(path)
        # left to itself, the reader skips lines to make the others fit: one that does not fit the header is refused
        reader = f"read_csv({source}, header = true, skip = 0, delim = '{_delimiter(path)}', nullstr = ['', 'NA'])"
    try:
        connection.execute(f"create table {TABLE} as select * from {reader}")
    except duckdb.Error as error:
        line = None if kind == ".parquet" else _misfit(path)
        raise ScienceError(
            f"{path}:{line} : cette ligne n'a pas les cellules de l'en-tête ; corriger la ligne ou l'en-tête"
            if line
            else f"table illisible : {path} ({str(error).splitlines()[0]})"
        ) from None
    if connection.execute(f"select count(*) from {TABLE}").fetchone() == (0,):
        raise ScienceError(f"table sans ligne : {path} ; il n'y a que l'en-tête")
    columns = connection.execute(f"describe {TABLE}").fetchall()
    for name, kind, *_ in columns:
        if kind == "VARCHAR" and connection.execute(
            f"select bool_and(regexp_full_match(trim({identifier(name)}), '{COMMA}')) from {TABLE}"
        ).fetchone() == (True,):
            connection.execute(
                f"alter table {TABLE} alter {identifier(name)} type double"
                f" using replace(replace(trim({identifier(name)}), ',', '.'), '−', '-')::double"
            )
    return [row[0] for row in columns]


def _refuse_other_encodings(path: Path) -> None:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                raise ScienceError(f"{path}:{number} : ce n'est pas de l'UTF-8 ; enregistrer la table en « CSV UTF-8 »") from None


def _delimiter(path: Path) -> str:
    """What parts the names of the header, each of which is given once."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        header = lines.readline()
    delimiter = max(";\t,|", key=header.count)
    names = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter), [])]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        # DuckDB would give the second another name
        said = f"deux colonnes se nomment « {repeated} » (les capitales ne comptent pas) ; en renommer une"
        raise ScienceError(f"{path}:1 : {said}")
    return delimiter


def _misfit(path: Path) -> int | None:
    """The first line that has more or fewer cells than the header."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        cells = csv.reader(lines, delimiter=_delimiter(path))
        width = len(next(cells))
        return next((cells.line_num for row in cells if row and len(row) != width), None)


def require(present: Sequence[str], *wanted: str | None) -> None:
    """Refuses a table that lacks a column."""
    missing = [name for name in dict.fromkeys(wanted) if name is not None and name not in present]
    if missing:
        raise ScienceError(f"colonne(s) absente(s) de la table : {', '.join(missing)} ; présentes : {', '.join(present)}")


def records(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> list[Line]:
    """The columns asked for under names of ours, numbers as DuckDB read them, in the table's order."""
    listed = ", ".join(f"{identifier(column)} as {identifier(name)}" for name, column in columns.items())
    found = connection.execute(f"select {listed} from {TABLE}").fetchall()
    return [Line(place, columns, cells) for place, cells in enumerate(found, start=1)]


def number(line: Line, name: str) -> float:
    """A finite number."""
    try:
        value = float(line[name])
    except (TypeError, ValueError):
        raise _wrong(line, name, "un nombre") from None
    if not math.isfinite(value):
        raise _wrong(line, name, "un nombre fini")
    return value


def name_of(line: Line, name: str) -> str:
    """A name; a line that names nothing cannot be told from another."""
    if line[name] is None or not str(line[name]).strip():
        raise wrong(line, f"{line.columns[name]} est vide ; nommer, ou retirer la ligne")
    return str(line[name])


def in_time(period: Any) -> list[tuple[bool, float, str]]:
    """What puts periods in order, however they are written: the second before the tenth, in words as in figures."""
    said = str(period).strip()
    if re.fullmatch(r"\d+\.\d+", said):
        return [(True, float(said), "")]
    parts = re.split(r"(\d+)", said)
    return [
        (part.isdecimal(), float(part) if part.isdecimal() else 0.0, "" if part.isdecimal() else part) for part in parts if part
    ]


def truth(line: Line, name: str) -> bool:
    """Yes or no: a boolean, 0 or 1, or the word; an empty cell is no."""
    value = line[name]
    if isinstance(value, bool) or value in (0, 1, None):
        return bool(value)
    try:
        return TRUTHS[str(value).strip().lower()]
    except KeyError:
        raise _wrong(line, name, "oui ou non (vrai, faux, 1, 0)") from None


def english_truths(connection: duckdb.DuckDBPyConnection, column: str) -> None:
    """Yes and no as SQL reads them, in a column of words; what is neither is left as it stands."""
    said = identifier(column)
    words = " ".join(f"when '{word}' then '{str(meant).lower()}'" for word, meant in TRUTHS.items() if word)
    connection.execute(
        f"alter table {TABLE} alter {said} type varchar using case lower(trim({said}::varchar)) {words} else {said}::varchar end"
    )


def numbers_or_nothing(lines: Sequence[Line], names: Sequence[str]) -> None:
    """Refuses the first cell that is neither a finite number nor empty."""
    for line in lines:
        for name in names:
            if line[name] is not None:
                number(line, name)


def once(lines: Sequence[Line], name: str) -> None:
    """Refuses a name that is missing or that two lines bear."""
    seen: dict[str, int] = {}
    for line in lines:
        said = name_of(line, name)
        if said in seen:
            raise wrong(line, f"« {said} » est déjà à la ligne {seen[said]} ; n'en garder qu'une")
        seen[said] = line.place


def wrong(line: Line, said: str) -> ScienceError:
    """What is wrong with a line, and where it is."""
    return ScienceError(f"ligne {line.place} de la table : {said}")


def _wrong(line: Line, name: str, wanted: str) -> ScienceError:
    column = line.columns[name]
    if line[name] is None:
        return wrong(line, f"{column} est vide ; écrire {wanted}, ou retirer la ligne")
    return wrong(line, f"« {line[name]} » n'est pas {wanted} ({column})")
