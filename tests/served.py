"""The read-only service without its server: its questions, put to a published file as Superset puts them."""

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from vigie import dashboards

sys.path.append(str(dashboards.SUPERSET))
query = importlib.import_module("vigie_query")


@contextmanager
def reading(data: Path, rights: Sequence[str] = ()) -> Iterator:
    """The published tables of a data folder, as an account with these rights reads them."""
    path = str((data / "published.duckdb").resolve())
    with duckdb.connect(path, read_only=True) as connection:

        def ask(sql: str, *values: object) -> list[dict]:
            cursor = connection.cursor().execute(sql, list(values))
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, line, strict=True)) for line in cursor.fetchall()]

        yield query.Published(ask, rights)


def whole(source, table: str, **words: list[str]) -> str:
    """All that the service says of a table, in both its formats."""
    answer = source.table(table, {"limit": [str(query.MOST)], **words})
    assert answer.next_offset is None or words
    return query.to_json(answer, source.publication, None) + query.to_csv(answer)
