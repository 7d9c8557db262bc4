"""A table computed again in a closed DuckDB, from the rows and the formula that a receipt carries.

A receipt may come from anybody: what it asks to execute sees no file, no network and no setting, has little
memory and little time.
"""

import math
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

TOLERANCE = 1e-9
SECONDS = 60
CLOSED = {
    "enable_external_access": "false", "autoload_known_extensions": "false", "autoinstall_known_extensions": "false",
    "memory_limit": "1GB", "threads": "1",
}  # fmt: skip
RELATION = re.compile(r'"(\w+)"\."(\w+)"\."(\w+)"')
KIND = re.compile(r"[A-Z][A-Z0-9_ ]*(\(\d+,\d+\))?(\[\])?")


class RebuildError(Exception):
    """The formula could not be executed on these rows; one French sentence."""


@dataclass(frozen=True)
class Table:
    """Rows under typed columns (DuckDB's types), as JSON holds them."""

    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]


class Bench:
    """One closed DuckDB for as many rebuilds as one likes."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(config=dict(CLOSED))
        self._databases: set[str] = set()

    def rows(self, tables: Mapping[str, Table], steps: Iterable[tuple[str, str]], relation: str) -> list[dict[str, Any]]:
        """The rows of `relation` once the tables are laid out and the steps (a relation, its SQL) executed."""
        try:
            with self._in_time():
                self._clear()
                for name, table in tables.items():
                    self._lay_out(name, table)
                for written, sql in steps:
                    self._connection.execute(f"create table {self._place(written)} as {sql}")
                cursor = self._connection.execute(f"select * from {self._place(relation)}")
                names = [column[0] for column in cursor.description or ()]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except duckdb.Error as error:
            raise RebuildError(f"la formule ne s'exécute pas sur ces lignes : {' '.join(str(error).split())[:300]}") from None

    def _clear(self) -> None:
        for database in self._databases:
            self._connection.execute(f'detach "{database}"')
        self._databases.clear()

    def _place(self, relation: str) -> str:
        named = RELATION.fullmatch(relation)
        if not named:
            raise RebuildError(f"« {relation} » n'est pas un nom de table")
        database, schema, _ = named.groups()
        if database not in self._databases:
            self._connection.execute(f"attach ':memory:' as \"{database}\"")
            self._databases.add(database)
        self._connection.execute(f'create schema if not exists "{database}"."{schema}"')
        return relation

    def _lay_out(self, relation: str, table: Table) -> None:
        wrong = [kind for kind in table.columns.values() if not KIND.fullmatch(kind)]
        if wrong:
            raise RebuildError(f"« {wrong[0]} » n'est pas un type de colonne")
        shape = ", ".join(f"{_quoted(name)} {kind}" for name, kind in table.columns.items())
        self._connection.execute(f"create table {self._place(relation)} ({shape})")
        marks = ", ".join(f"cast(? as {kind})" for kind in table.columns.values())
        lines = [[row.get(name) for name in table.columns] for row in table.rows]
        if lines:
            self._connection.executemany(f"insert into {relation} values ({marks})", lines)

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        timer = threading.Timer(SECONDS, self._connection.interrupt)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def again(bench: Bench, rebuild: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Computes a receipt's row again from its inputs; what comes out otherwise, in French. RebuildError when nothing does."""
    tables = {
        part["relation"]: Table(part["columns"], [given["row"] for given in inputs if given["model"] == part["model"]])
        for part in rebuild["tables"]
    }
    tables |= {part["relation"]: Table(part["columns"], part["rows"]) for part in rebuild["context"]}
    steps = [(part["relation"], part["sql"]) for part in rebuild["steps"]]
    key, expected = rebuild["key"], rebuild["expected"]
    found = [
        line
        for line in bench.rows(tables, steps, rebuild["relation"])
        if all(same(value, line.get(name)) for name, value in key.items())
    ]
    if len(found) != 1:
        return [f"{len(found)} ligne(s) au lieu d'une sous cette clé"]
    return differences(expected, found[0])


def differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """What a row says otherwise than expected, in French, column by column; numbers are equal within 1e-9."""
    return [
        f"{name} : {_said(found.get(name))} au lieu de {_said(value)}"
        for name, value in expected.items()
        if not same(value, found.get(name))
    ]


def same(one: Any, other: Any) -> bool:
    """True when two values say the same, one of them perhaps read from JSON."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same(*pair) for pair in zip(one, other, strict=True))
    return bool(_plain(one) == _plain(other))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _said(value: Any) -> str:
    return "rien" if value is None else f"« {_plain(value)} »"
