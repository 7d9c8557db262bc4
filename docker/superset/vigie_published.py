"""The published version that the dashboards read, for the pages and services that read it too."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import abort


@contextmanager
def published() -> Iterator[Callable[..., list[dict]]]:
    """Questions to the published version, through the one locked connection that Superset has; 403 without the right to it."""
    from superset import db, security_manager
    from superset.models.core import Database

    observatory = db.session.query(Database).filter_by(database_name="Observatoire").one()
    if not security_manager.can_access_database(observatory):
        abort(403)
    with observatory.get_raw_connection() as connection:

        def ask(sql: str, *values: object) -> list[dict]:
            cursor = connection.cursor()
            cursor.execute(sql, list(values))
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, line, strict=True)) for line in cursor.fetchall()]

        yield ask
