"""The macros of the house, rendered outside dbt on relations of one's own: the very text that the models run."""

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, StrictUndefined

MACROS = Path(__file__).resolve().parents[2] / "dbt_project" / "macros"


@cache
def macros(name: str) -> Any:
    """One file of macros (`composite`, `scenario`), as a module of Jinja; it holds nothing of dbt's own."""
    environment = Environment(undefined=StrictUndefined, autoescape=False, extensions=["jinja2.ext.do"])
    return environment.from_string((MACROS / f"{name}.sql").read_text()).module


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    """The answer, as rows under their names."""
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def quoted(text: str) -> str:
    """The inside of a literal."""
    return text.replace("'", "''")


def identifier(name: str) -> str:
    """A column by its name, whatever the name holds."""
    return '"' + name.replace('"', '""') + '"'


def double(number: float) -> str:
    """A number as it is: a bare literal would be a decimal, and arithmetic on decimals overflows."""
    return f"'{float(number)!r}'::double"
