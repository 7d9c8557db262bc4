"""dbt build and its tests in the private warehouse.

The stage lays out what dbt reads (landed files through the ledger, the ledger itself, the sector
file), calls dbt once, and stamps the warehouse only when every model and test passed.
"""

import hashlib
import json
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from vigie import coverage, objections, rows, sector, settings
from vigie import feed as feeds
from vigie.clock import Run
from vigie.feed import ROOT
from vigie.lake import Lake, Load, to_json, write_atomically

log = logging.getLogger("vigie")

DBT_PROJECT = ROOT / "dbt_project"
SECTOR = "morocco_offshoring"
LEDGER_TYPES = {
    "collected_at": "TIMESTAMP", "known_at": "TIMESTAMP", "published_at": "TIMESTAMP", "origin_on": "DATE",
    "rows_read": "BIGINT", "rows_landed": "BIGINT", "rows_quarantined": "BIGINT", "rows_rejected": "BIGINT", "acts": "BIGINT",
}  # fmt: skip
QUARANTINE_COLUMNS = ("load_id", "feed", "row_no", "place", "rule", "reason", "fix", "period")
FEED_TYPES = {
    "feed": "VARCHAR", "publisher": "VARCHAR", "title": "VARCHAR", "address": "VARCHAR", "licence": "VARCHAR",
    "rhythm_days": "INTEGER", "lag_low_days": "INTEGER", "lag_high_days": "INTEGER",
    "produces": "VARCHAR", "is_snapshot": "BOOLEAN", "is_register": "BOOLEAN",
}  # fmt: skip
OBJECTION_TYPES = {
    "objection": "INTEGER", "claim": "VARCHAR", "source_url": "VARCHAR", "made_by": "VARCHAR", "made_at": "TIMESTAMP",
    "reason": "VARCHAR",
}  # fmt: skip
UNIONS = {"observation_feeds": "observations", "article_feeds": "articles", "notice_feeds": "notices"}
"""dbt variable of a union → what the feeds it unites produce."""
DUCKDB_TYPES = {
    "text": "VARCHAR", "number": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN",
    "date": "DATE", "timestamp": "TIMESTAMP",
}  # fmt: skip


class BuildError(Exception):
    """The warehouse could not be built; the sentence names the models or tests that failed."""


@dataclass(frozen=True)
class BuildReport:
    """What dbt did: nodes that passed, and the fingerprint of everything that went in."""

    models: int
    tests: int
    loads: int
    inputs_hash: str

    def summary(self) -> str:
        return f"{self.models} modèles et {self.tests} contrôles passés, {self.loads} chargements au registre"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def stamp_path(lake: Lake) -> Path:
    return lake.root / "build.json"


def manifest_path(lake: Lake) -> Path:
    return lake.root / "dbt" / "target" / "manifest.json"


def stamp(lake: Lake) -> dict[str, Any] | None:
    """What the warehouse holds, or None when the last build did not finish."""
    path = stamp_path(lake)
    return json.loads(path.read_text()) if path.exists() else None


def build(run: Run) -> BuildReport:
    """Builds and tests the whole warehouse as of the run's date; BuildError when anything fails."""
    with run.data.lock("build"):
        stamp_path(run.data).unlink(missing_ok=True)
        loads = run.data.loads()
        _lay_out(run.data, loads, run.now)
        models, tests = _dbt(run)
        report = BuildReport(models, tests, len(loads), inputs_hash(run, loads))
        written = asdict(report) | {"as_of": run.as_of, "axis": run.axis, "now": run.now}
        write_atomically(stamp_path(run.data), to_json(written) + "\n")
        return report


def inputs_hash(run: Run, loads: Iterable[Load]) -> str:
    """The fingerprint of everything a build of these loads, asked as of the run's date, would read."""
    digest = hashlib.sha256(f"{run.mode} {run.as_of} {run.axis}".encode())
    for load in loads:
        digest.update(f"{load.feed}/{load.load_id}/{load.status}/{load.door}".encode())
    for objection in objections.of(run.data):
        digest.update(to_json(asdict(objection)).encode())
    sources = [*DBT_PROJECT.rglob("*.sql"), *DBT_PROJECT.rglob("*.yml"), *DBT_PROJECT.rglob("*.csv")]
    code = [p for p in sources if not {"target", "logs"} & set(p.relative_to(DBT_PROJECT).parts)]
    for path in sorted([*code, *feeds.SECTORS.glob("*/sector.yml")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _lay_out(lake: Lake, loads: list[Load], now: datetime) -> None:
    try:
        connection = duckdb.connect(str(lake.warehouse))
    except duckdb.SerializationException:
        # a damaged warehouse is no loss: it is rebuilt from the ledger
        lake.warehouse.unlink()
        connection = duckdb.connect(str(lake.warehouse))
    except duckdb.IOException as error:
        raise BuildError(f"l'entrepôt {lake.warehouse} est occupé par un autre programme : {error}") from error
    with connection:
        connection.begin()
        for schema in ("landed", "lake", "sector"):
            connection.execute(f"create schema if not exists {schema}")
        for name in feeds.names():
            connection.execute(_landed_view(lake, name, loads))
        _lay_out_ledger(connection, lake, loads)
        _table(connection, "lake.coverage", coverage.POLL_TYPES, coverage.polled(lake))
        _table(connection, "lake.looks_due", coverage.DUE_TYPES, coverage.due(lake, now))
        lines = [[n, o.claim, o.source_url, o.made_by, o.made_at, o.reason] for n, o in enumerate(objections.of(lake), start=1)]
        _table(connection, "lake.objections", OBJECTION_TYPES, lines)
        # a receipt leads to the line of the sector file as it was
        lake.keep("sector", (feeds.SECTORS / SECTOR / "sector.yml").read_bytes())
        for table, frame in sector.load(SECTOR).tables().items():
            connection.register("incoming", frame)
            connection.execute(f"create or replace table sector.{table} as select * from incoming")
            connection.unregister("incoming")
        connection.commit()


def _landed_view(lake: Lake, name: str, loads: list[Load]) -> str:
    files = [str(lake.landed(load)) for load in loads if load.feed == name and load.status == "landed"]
    if files:
        listed = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
        # by name: an older load lacks a column that the feed has gained since
        source = f"select * from read_parquet([{listed}], union_by_name = true)"
    else:
        source = "select null where false"
    declared = [(column.name, DUCKDB_TYPES[column.type]) for column in feeds.load(name).columns]
    shape = [*declared, ("load_id", "VARCHAR"), ("row_no", "BIGINT"), ("place", "VARCHAR")]
    if files:
        present = set(rows.columns_of(Path(files[-1])))
        columns = [f"{c}::{t} as {c}" if c in present else f"null::{t} as {c}" for c, t in shape]
    else:
        columns = [f"null::{kind} as {column}" for column, kind in shape]
    return f"create or replace view landed.{name} as select {', '.join(columns)} from ({source})"


def _lay_out_ledger(connection: duckdb.DuckDBPyConnection, lake: Lake, loads: list[Load]) -> None:
    ledger = {f.name: LEDGER_TYPES.get(f.name, "VARCHAR") for f in fields(Load) if f.name != "door"}
    _table(connection, "lake.loads", ledger, [[getattr(load, name) for name in ledger] for load in loads])
    held = [
        [load.load_id, load.feed, *(line[key] for key in QUARANTINE_COLUMNS[2:-1]), _period(line["values"])]
        for load in loads
        if lake.quarantined(load).exists()
        for line in json.loads(lake.quarantined(load).read_text())
    ]
    quarantine = dict.fromkeys(QUARANTINE_COLUMNS, "VARCHAR") | {"row_no": "BIGINT", "period": "DATE"}
    _table(connection, "lake.quarantine", quarantine, held)
    declared = []
    for name in feeds.names():
        feed = feeds.load(name)
        declared.append([
            name, feed.publisher, feed.title, feed.address, feed.licence, feed.rhythm_days,
            *feed.lag_days, feed.produces, feed.snapshot, feed.register,
        ])  # fmt: skip
    _table(connection, "lake.feeds", FEED_TYPES, declared)


def _period(values: dict[str, Any] | None) -> date | None:
    """The first day of the period that a held row speaks of, where its feed gives one."""
    for name in ("starts_on", "period"):
        try:
            return date.fromisoformat(str((values or {}).get(name))[:10])
        except ValueError:
            continue
    return None


def _table(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], lines: list[list[Any]]) -> None:
    shape = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute(f"create or replace table {table} ({shape})")
    if lines:
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"insert into {table} values ({marks})", lines)


def feed_lists() -> dict[str, list[str]]:
    """The feeds that each union of staging models reads, under the name of its dbt variable."""
    return {
        variable: [name for name in feeds.names() if feeds.load(name).produces == produced]
        for variable, produced in UNIONS.items()
    }


def _dbt(run: Run) -> tuple[int, int]:
    # dbt's import alone costs seconds: only a build pays it
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    variables: dict[str, Any] = {
        "as_of": f"{run.as_of:%Y-%m-%d %H:%M:%S.%f}", "axis": run.axis, "sector": SECTOR,
        "mode": run.mode,
    } | feed_lists()  # fmt: skip
    settings.expose(VIGIE_WAREHOUSE=str(run.data.warehouse), DBT_SEND_ANONYMOUS_USAGE_STATS="False", DO_NOT_TRACK="1")
    folder = run.data.root / "dbt"
    command = [
        "build", "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT),
        "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
        "--vars", json.dumps(variables), "--quiet", "--no-version-check", "--exclude-resource-type", "unit_test",
    ]  # fmt: skip
    try:
        outcome = dbtRunner().invoke(command)
    finally:
        DuckDBConnectionManager.close_all_connections()
    if outcome.exception:
        raise BuildError(f"dbt n'a pas pu travailler : {outcome.exception}") from outcome.exception
    results = outcome.result.results
    failed = [r for r in results if r.status in ("error", "fail", "runtime error")]
    if failed or not outcome.success:
        named = " ; ".join(f"{r.node.name} : {' '.join(str(r.message).split())[:300]}" for r in failed[:5])
        raise BuildError(f"{len(failed)} modèle(s) ou contrôle(s) dbt en échec. {named}")
    kinds = [str(result.node.resource_type) for result in results]
    return kinds.count("model"), kinds.count("test")
