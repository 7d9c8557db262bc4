"""What Superset lacks for Vigie: a login limit that applies, and readers that follow a publication."""

import os
from pathlib import Path
from typing import Any

import sqlalchemy
from flask_caching.backends.filesystemcache import FileSystemCache
from flask_caching.backends.rediscache import RedisCache
from superset.security import SupersetSecurityManager


def published_version() -> str:
    """The file behind the published link, which names the version."""
    return os.path.realpath(os.environ["VIGIE_PUBLISHED"])


class VigieSecurityManager(SupersetSecurityManager):
    """Limits login attempts where they arrive: Superset limits only the page that shows the form."""

    def register_views(self) -> None:
        super().register_views()
        for view in self.appbuilder.baseviews:
            if type(view).__name__ in ("AuthDBView", "SecurityApi") and view.blueprint is not None:
                self.limiter.limit(self.auth_rate_limit, methods=["POST"])(view.blueprint)


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
