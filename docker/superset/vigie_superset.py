"""What Superset lacks for Vigie: a login limit that applies, readers that follow a publication, questions about the past."""

import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy
from flask import Response
from flask_caching.backends.filesystemcache import FileSystemCache
from flask_caching.backends.rediscache import RedisCache
from superset.exceptions import QueryObjectValidationError
from superset.jinja_context import BaseTemplateProcessor
from superset.security import SupersetSecurityManager
from vigie_query import end_of_day


def published_version() -> str:
    """The file behind the published link, which names the version."""
    return os.path.realpath(os.environ["VIGIE_PUBLISHED"])


def say_the_language(response: Response) -> Response:
    """Superset's pages do not say their language: a screen reader would read them with the voice of another one."""
    if response.mimetype == "text/html" and not response.is_streamed and not response.content_encoding:
        response.set_data(BARE_HTML.sub(b'<html lang="fr"', response.get_data(), count=1))
    return response


BARE_HTML = re.compile(rb"<html(?=[\s>])(?![^>]*\slang=)")


class VigieSecurityManager(SupersetSecurityManager):
    """Limits login attempts where they arrive: Superset limits only the page that shows the form."""

    def register_views(self) -> None:
        super().register_views()
        for view in self.appbuilder.baseviews:
            if type(view).__name__ in ("AuthDBView", "SecurityApi") and view.blueprint is not None:
                self.limiter.limit(self.auth_rate_limit, methods=["POST"])(view.blueprint)


class ChosenDay(BaseTemplateProcessor):
    """Writes the day chosen in a filter in the place of the session variable of the same name.

    It is all that is done with a query's text: no template that anybody writes is ever evaluated. A day
    means its end in Casablanca; without a choice the variable stays, and is null.
    """

    VARIABLE = re.compile(r"getvariable\('(\w+)'\)")

    def process_template(self, sql: str, **kwargs: Any) -> str:
        return self.VARIABLE.sub(lambda found: self._moment(found[1]) or found[0], sql)

    def _moment(self, name: str) -> str | None:
        chosen = [given.get("val") for given in self._context.get("filter") or [] if given.get("col") == name]
        if not chosen:
            return None
        text = chosen[-1][-1] if isinstance(chosen[-1], list) and chosen[-1] else chosen[-1]
        try:
            day = datetime.strptime(str(text), "%d/%m/%Y").date()
        except ValueError:
            raise QueryObjectValidationError(f"« {text} » n'est pas un jour : en choisir un dans la liste du filtre.") from None
        # the condition is in the question itself: nothing is left to filter outside of it
        for handled in (self._removed_filters, self._applied_filters):
            if handled is not None and name not in handled:
                handled.append(name)
        return f"timestamp '{end_of_day(day):%Y-%m-%d %H:%M:%S.%f}'"


class PublishedFileCache(FileSystemCache):
    """Answers of one published version: the next one starts with none."""

    def _get_filename(self, key: str) -> str:
        return super()._get_filename(f"{published_version()}:{key}")


class PublishedRedisCache(RedisCache):
    """The same, shared by several servers."""

    @property
    def key_prefix(self) -> str:
        return f"{self._prefix}{Path(published_version()).name}:"

    @key_prefix.setter
    def key_prefix(self, prefix: str) -> None:
        self._prefix = prefix or ""


_open: dict[str, Any] = {}
"""The version this process reads, and one connection that keeps its pages in memory."""


def read_published_version(uri, params, _user, _security_manager, _source):
    """Reads the version the link points at now, and holds it open until the next one.

    DuckDB shares an instance by file name: asking for the link itself would go on answering from
    the file it was opened on.
    """
    if uri.drivername.startswith("duckdb") and uri.database:
        version = os.path.realpath(uri.database)
        uri = uri.set(database=version)
        if _open.get("version") != version:
            options = {name: value for name, value in params.items() if name != "poolclass"}
            engine = sqlalchemy.create_engine(uri, poolclass=sqlalchemy.pool.StaticPool, **options)
            _open.update(version=version, connection=engine.raw_connection())
    return uri, params
