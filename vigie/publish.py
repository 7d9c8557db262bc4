"""Marts → a new read-only version, reached through one link.

The file is built beside under a name of its own, synced, then the link is repointed. Readers that
hold the old version keep it; renaming over an open file would leave them with stale data.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from vigie import alert_replay, beside, build, sent, watch
from vigie.build import House
from vigie.clock import Run
from vigie.lake import Lake, sync_folder, to_json
from vigie.lineage import Lineage, Node
from vigie.store import exists, open_store

KEPT_VERSIONS = 5
PUBLIC = "F"
"""SDMX CONF_STATUS of a free observation."""


Told = dict[str, list[dict[str, Any]]]
TOLD_COLUMNS = {"alerts": watch.ALERT_COLUMNS, "channels": sent.CHANNEL_COLUMNS, "messages": sent.MESSAGE_COLUMNS}
"""The published tables that are not marts: they come from the store."""


class PublishError(Exception):
    """Nothing was published, and what was published stays."""


@dataclass(frozen=True)
class Publication:
    """A published version; `is_new` is False when nothing had changed since it was made."""

    version: int
    published_at: datetime
    mode: str
    as_of: datetime
    axis: str
    inputs_hash: str
    loads: int
    caused_by: str
    journal_head: str | None = None
    """The last row of the alerts' journal that this version vouches for; a version of a past day vouches for none."""
    is_new: bool = True

    def summary(self) -> str:
        kept = "" if self.is_new else " (inchangée)"
        return f"version {self.version}{kept}, données connues au {self.as_of:%d/%m/%Y}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def current(lake: Lake) -> Publication | None:
    """The version the link points to, or None before the first."""
    if not lake.published.exists():
        return None
    with duckdb.connect(str(lake.published.resolve()), read_only=True) as connection:
        cursor = connection.execute("select * from publication")
        names = [column[0] for column in cursor.description or []]
        values = dict(zip(names, cursor.fetchall()[0], strict=True))
    return Publication(**values, is_new=False)


def journal_heads(lake: Lake) -> set[str]:
    """The rows of the alerts' journal that the versions still kept vouch for."""
    heads: set[str | None] = set()
    for path in lake.root.glob("published-*.duckdb"):
        with duckdb.connect(str(path), read_only=True) as connection:
            columns = {row[0] for row in connection.execute("describe publication").fetchall()}
            if "journal_head" in columns:
                heads.update(row[0] for row in connection.execute("select journal_head from publication").fetchall())
    return {head for head in heads if head}


def _journal_head(lake: Lake) -> str | None:
    if not exists(lake):
        return None
    with open_store(lake) as store:
        return store.head()


def publish(run: Run) -> Publication:
    """Publishes the built marts and the alerts decided on them; PublishError leaves all as it was."""
    lake = run.data
    with lake.lock("publish"), lake.lock("build"):
        built = build.stamp(lake)
        if built is None:
            raise PublishError("la dernière construction n'est pas complète : lancer vigie build")
        told, inputs = _inputs(lake, built)
        latest = current(lake)
        if latest and latest.inputs_hash == inputs:
            return latest
        publication = Publication(
            version=latest.version + 1 if latest else 1,
            published_at=run.now, mode=run.mode,
            as_of=datetime.fromisoformat(built["as_of"]), axis=built["axis"],
            inputs_hash=inputs, loads=built["loads"], caused_by=run.caused_by, journal_head=_journal_head(lake),
        )  # fmt: skip
        draw(House(lake.root), _version_path(lake, publication.version), told, publication)
        _repoint(lake, publication.version)
        _forget_old_versions(lake, publication.version)
        return publication


def is_current(lake: Lake) -> bool:
    """True when publishing now would change nothing."""
    built, latest = build.stamp(lake), current(lake)
    return bool(built and latest and latest.inputs_hash == _inputs(lake, built)[1])


def _inputs(lake: Lake, built: dict[str, Any]) -> tuple[Told, str]:
    """What goes with a build, and the fingerprint of both."""
    told = told_by(lake, datetime.fromisoformat(built["as_of"]))
    return told, hashlib.sha256((built["inputs_hash"] + to_json(told) + shape()).encode()).hexdigest()


def shape() -> str:
    """What a published file holds beside the marts: a file of another shape is drawn anew."""
    return to_json(BESIDE_COLUMNS)


def told_by(lake: Lake, as_of: datetime) -> Told:
    """The rows that are not marts, by table of `TOLD_COLUMNS`: alerts and what was sent of them, as they stood at that date."""
    return {
        "alerts": watch.published_alerts(lake, as_of),
        "channels": sent.channels(lake, as_of),
        "messages": sent.messages(lake, as_of),
    }


def published_marts(house: House) -> dict[str, dict[str, str]]:
    """The marts that the dbt project declares published (`meta: published: true`), with the French of their columns, and
    of the mart itself under the empty name."""
    manifest = json.loads(house.manifest.read_text())
    return {
        node["name"]: {"": node["description"]} | {name: column["description"] for name, column in node["columns"].items()}
        for node in sorted(manifest["nodes"].values(), key=lambda node: str(node["name"]))
        if node["resource_type"] == "model" and node["config"].get("meta", {}).get("published")
    }


def as_of_macro(mart: str) -> str:
    """SQL that makes `<mart>_as_of(moment)`: the rows of a mart with intervals that were believed at that moment."""
    return (
        f"create macro {mart}_as_of(moment) as table select * from {mart}"
        " where known_from <= moment and (known_to is null or known_to > moment)"
    )


def _version_path(lake: Lake, version: int) -> Path:
    return lake.root / f"published-{version}.duckdb"


def draw(house: House, path: Path, told: Told, publication: Publication) -> None:
    """Writes a house's published marts, with what is told beside them and the publication's own line, to a file of their own."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    draft.unlink(missing_ok=True)
    try:
        with duckdb.connect(str(draft)) as connection:
            connection.execute(f"attach '{house.warehouse}' as warehouse (read_only)")
            marts = published_marts(house)
            if not marts:
                raise PublishError("aucun mart n'est déclaré publié dans dbt_project/models/marts")
            for mart in marts:
                _refuse_confidential(connection, mart)
                connection.execute(f"create table {mart} as select * from warehouse.marts.{mart} order by all")
                _describe(connection, mart, marts[mart])
                columns = {row[0] for row in connection.execute(f"describe {mart}").fetchall()}
                if {"known_from", "known_to"} <= columns:
                    connection.execute(as_of_macro(mart))
            sources = table_sources(connection, Lineage.read(house.manifest), marts)
            connection.execute("detach warehouse")
            for table, shape in TOLD_COLUMNS.items():
                _create(connection, table, shape, told[table])
            _create(connection, "rule_replays", alert_replay.REPLAY_COLUMNS, alert_replay.tallies(connection))
            _create(connection, "table_sources", SOURCE_COLUMNS, sources)
            _create(connection, "publication", PUBLICATION_COLUMNS, [publication.as_dict()])
            connection.execute("checkpoint")
        descriptor = os.open(draft, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        draft.replace(path)
    except (duckdb.Error, OSError) as error:
        raise PublishError(f"publication impossible : {error}") from error
    finally:
        draft.unlink(missing_ok=True)


PUBLICATION_COLUMNS = {
    "version": "INTEGER", "published_at": "TIMESTAMP", "mode": "VARCHAR", "as_of": "TIMESTAMP",
    "axis": "VARCHAR", "inputs_hash": "VARCHAR", "loads": "BIGINT", "caused_by": "VARCHAR",
    "journal_head": "VARCHAR",
}  # fmt: skip
SOURCE_COLUMNS = {"table_name": "VARCHAR", "feed": "VARCHAR"}
BESIDE_COLUMNS = {
    **TOLD_COLUMNS, "rule_replays": alert_replay.REPLAY_COLUMNS, "table_sources": SOURCE_COLUMNS,
    "publication": PUBLICATION_COLUMNS,
}  # fmt: skip
"""The published tables that are not marts."""


def _create(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], lines: list[dict[str, Any]]) -> None:
    shape = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute(f"create table {table} ({shape})")
    _describe(connection, table, beside.FRENCH[table])
    if lines:
        marks = ", ".join("?" * len(columns))
        values = [[line[name] for name in columns] for line in lines]
        connection.executemany(f"insert into {table} values ({marks})", values)


def _describe(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str]) -> None:
    """The file says in French what each of its tables and columns is, to whoever opens it."""
    for name, description in columns.items():
        told = description.replace("'", "''")
        what = f'column {table}."{name}"' if name else f"table {table}"
        connection.execute(f"comment on {what} is '{told}'")


def table_sources(connection: duckdb.DuckDBPyConnection, lineage: Lineage, marts: Iterable[str]) -> list[dict[str, str]]:
    """The feeds whose rows each published table rests on, as the models that compute it say; `warehouse` is attached."""
    told: dict[str, set[str]] = {}

    def feeds_of(row: Node) -> set[str]:
        stated = row.stated
        if stated is None or stated.kind == "sector":
            return set()
        if row.name not in told:
            # a reading has no feed of its own: its inputs have
            source = f"{stated.feed} as feed from {row.relation}" if stated.kind != "reading" else "feed from indicator_inputs"
            known = f"select distinct feed from (select {source}) semi join feeds using (feed)"
            told[row.name] = {feed for (feed,) in connection.execute(known).fetchall()}
        return told[row.name]

    found = {mart: {feed for row in lineage.stated(mart) for feed in feeds_of(row)} for mart in marts}
    found |= {table: found[mart] for table, mart in beside.DRAWN_FROM.items()}
    return [{"table_name": table, "feed": feed} for table in sorted(found) for feed in sorted(found[table])]


def _refuse_confidential(connection: duckdb.DuckDBPyConnection, mart: str) -> None:
    columns = [row[0] for row in connection.execute(f"describe warehouse.marts.{mart}").fetchall()]
    if "conf_status" not in columns:
        return
    closed = connection.execute(
        f"select count(*) from warehouse.marts.{mart} where conf_status is distinct from '{PUBLIC}'"
    ).fetchall()[0][0]
    if closed:
        raise PublishError(f"{closed} ligne(s) confidentielle(s) dans {mart} (conf_status ≠ {PUBLIC}) : publication refusée")


def _repoint(lake: Lake, version: int) -> None:
    link = lake.root / f".published.{os.getpid()}.tmp"
    link.unlink(missing_ok=True)
    link.symlink_to(_version_path(lake, version).name)
    link.replace(lake.published)
    sync_folder(lake.root)


def _forget_old_versions(lake: Lake, version: int) -> None:
    for path in lake.root.glob("published-*.duckdb"):
        number = re.fullmatch(r"published-(\d+)\.duckdb", path.name)
        if number and int(number[1]) <= version - KEPT_VERSIONS:
            path.unlink()
