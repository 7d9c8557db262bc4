"""dbt build and its tests in the private warehouse.

The stage lays out what dbt reads (landed files through the ledger, the ledger itself, the sector
file), calls dbt once, and stamps the warehouse only when every model and test passed. A build goes on
from the last one where `inputs` allows it, and gives what a build from nothing would give.
"""

import json
import logging
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from vigie import coverage, inputs, objections, rows, scenarios, secrecy, sector, settings
from vigie import feed as feeds
from vigie.clock import Run
from vigie.inputs import DBT_PROJECT, FEED_TYPES, SECTOR
from vigie.lake import Lake, Load, to_json, write_atomically
from vigie.science import ScienceError

log = logging.getLogger("vigie")

LEDGER_TYPES = {
    "collected_at": "TIMESTAMP", "known_at": "TIMESTAMP", "published_at": "TIMESTAMP", "origin_on": "DATE",
    "rows_read": "BIGINT", "rows_landed": "BIGINT", "rows_quarantined": "BIGINT", "rows_rejected": "BIGINT", "acts": "BIGINT",
}  # fmt: skip
QUARANTINE_COLUMNS = ("load_id", "feed", "row_no", "place", "rule", "reason", "fix", "period")
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


EPOCH, MICROSECOND = datetime(1970, 1, 1), timedelta(microseconds=1)


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


@dataclass(frozen=True)
class House:
    """Where a warehouse, its stamp and dbt's own files lie."""

    root: Path

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def stamp(self) -> Path:
        return self.root / "build.json"

    @property
    def dbt(self) -> Path:
        return self.root / "dbt"

    @property
    def manifest(self) -> Path:
        return self.dbt / "target" / "manifest.json"

    def built(self) -> dict[str, Any] | None:
        """What the warehouse holds, or None when its last build did not finish."""
        return json.loads(self.stamp.read_text()) if self.stamp.exists() else None


def stamp(lake: Lake) -> dict[str, Any] | None:
    """What the folder's own warehouse holds, or None when the last build did not finish."""
    return House(lake.root).built()


def build(run: Run) -> BuildReport:
    """Builds and tests the whole warehouse as of the run's date; BuildError when anything fails."""
    with run.data.lock("build"):
        return build_in(House(run.data.root), run)


def build_in(house: House, run: Run) -> BuildReport:
    """The same in any house, for whoever holds its lock."""
    before = house.built()
    house.stamp.unlink(missing_ok=True)
    loads = inputs.readable(run)
    since = _lay_out(house, run, loads, before)
    models, tests = _dbt(house, run, since)
    report = BuildReport(models, tests, len(loads), inputs.fingerprint(run, loads))
    written = asdict(report) | {"as_of": run.as_of, "axis": run.axis, "now": run.now, "code": inputs.code(run.data)}
    write_atomically(house.stamp, to_json(written) + "\n")
    return report


def _lay_out(house: House, run: Run, loads: list[Load], before: dict[str, Any] | None) -> datetime | None:
    """Writes what dbt reads; returns the moment from which the build goes on, None when from nothing."""
    lake = run.data
    house.root.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(house.warehouse))
    except duckdb.SerializationException:
        # a damaged warehouse is no loss: it is rebuilt from the ledger
        house.warehouse.unlink()
        connection, before = duckdb.connect(str(house.warehouse)), None
    except duckdb.IOException as error:
        raise BuildError(f"l'entrepôt {house.warehouse} est occupé par un autre programme : {error}") from error
    with connection:
        read = _already_read(connection) if before else set()
        since = inputs.resumes_at(run, loads, before, read) if before else None
        connection.begin()
        for schema in ("landed", "lake", "sector"):
            connection.execute(f"create schema if not exists {schema}")
        for name in feeds.names():
            connection.execute(_landed_view(lake, name, loads))
        _lay_out_ledger(connection, lake, loads, read if since else set())
        _table(connection, "lake.coverage", coverage.POLL_TYPES, coverage.polled(lake))
        _table(connection, "lake.looks_due", coverage.DUE_TYPES, coverage.due(lake, run.as_of))
        lines = [[n, o.claim, o.source_url, o.made_by, o.made_at, o.reason] for n, o in enumerate(objections.of(lake), start=1)]
        _table(connection, "lake.objections", OBJECTION_TYPES, lines)
        rules = secrecy.rules(lake).model_dump()
        _table(connection, "lake.disclosure_rules", secrecy.TYPES, [[rules[name] for name in secrecy.TYPES]])
        # a receipt leads to the line of the sector's files as they were
        for path in (feeds.SECTORS / SECTOR / "sector.yml", *scenarios.paths(feeds.SECTORS / SECTOR)):
            lake.keep("sector", path.read_bytes())
        _table(connection, "lake.resumed", {"since_us": "BIGINT"}, [[(since - EPOCH) // MICROSECOND]] if since else [])
        watched = sector.load(SECTOR)
        laid: dict[str, Any] = watched.tables() | scenarios.tables(sector.load_scenarios(SECTOR, watched))
        for table, frame in laid.items():
            connection.register("incoming", frame)
            connection.execute(f"create or replace table sector.{table} as select * from incoming")
            connection.unregister("incoming")
        connection.commit()
    return since


def _already_read(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """The loads that the last build had before it."""
    return set(connection.execute("select feed, load_id from lake.loads").fetchall())


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


def _lay_out_ledger(connection: duckdb.DuckDBPyConnection, lake: Lake, loads: list[Load], read: set[tuple[str, str]]) -> None:
    ledger = {f.name: LEDGER_TYPES.get(f.name, "VARCHAR") for f in fields(Load) if f.name != "door"}
    lines = [[*(getattr(load, name) for name in ledger), (load.feed, load.load_id) not in read] for load in loads]
    _table(connection, "lake.loads", ledger | {"is_new": "BOOLEAN"}, lines)
    held = [
        [load.load_id, load.feed, *_told(load, line), _period(line["values"])]
        for load in loads
        if lake.quarantined(load).exists()
        for line in json.loads(lake.quarantined(load).read_text())
    ]
    quarantine = dict.fromkeys(QUARANTINE_COLUMNS, "VARCHAR") | {"row_no": "BIGINT", "period": "DATE"}
    _table(connection, "lake.quarantine", quarantine, held)
    _table(connection, "lake.feeds", FEED_TYPES, inputs.declared_feeds())


def _told(load: Load, line: dict[str, Any]) -> list[Any]:
    """What the house may know of a fault: of a confidential document, which rule it breaks and no more."""
    told = [line[key] for key in QUARANTINE_COLUMNS[2:-1]]
    if load.feed in feeds.names() and feeds.load(load.feed).is_confidential:
        return [*told[:3], "une cellule d'une déclaration est à corriger", "qui déclare sait laquelle, et quoi faire"]
    return told


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


def project_lists() -> dict[str, Any]:
    """All the lists that dbt must have before it reads a model: of feeds, of laws and markets of the scenarios."""
    watched = sector.load(SECTOR)
    return feed_lists() | {
        "scenario_laws": [{"code": law.event_id, "market": law.market} for law in watched.scenario_laws],
        "scenario_targets": [target.target for target in watched.scenario_targets],
    }


def _dbt(house: House, run: Run, since: datetime | None) -> tuple[int, int]:
    # dbt's import alone costs seconds: only a build pays it
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    variables: dict[str, Any] = {
        "as_of": f"{run.as_of:%Y-%m-%d %H:%M:%S.%f}", "axis": run.axis, "sector": SECTOR,
        "mode": run.mode, "since": f"{since or datetime.min:%Y-%m-%d %H:%M:%S.%f}".rjust(26, "0"),
    } | project_lists()  # fmt: skip
    settings.expose(VIGIE_WAREHOUSE=str(house.warehouse), DBT_SEND_ANONYMOUS_USAGE_STATS="False", DO_NOT_TRACK="1")
    command = [
        "build", "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT),
        "--target-path", str(house.dbt / "target"), "--log-path", str(house.dbt / "logs"),
        "--vars", json.dumps(variables), "--quiet", "--no-version-check", "--exclude-resource-type", "unit_test",
        *([] if since else ["--full-refresh"]),
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
        named = " ; ".join(f"{r.node.name} : {_said(str(r.message))[:300]}" for r in failed[:5])
        raise BuildError(f"{len(failed)} modèle(s) ou contrôle(s) dbt en échec. {named}")
    kinds = [str(result.node.resource_type) for result in results]
    return kinds.count("model"), kinds.count("test")


def _said(message: str) -> str:
    """What a model or a check has to say, on one line; of a method's refusal, its sentence without the stack above it."""
    refusal = message.rpartition(f"{ScienceError.__name__}: ")[2]
    return " ".join(refusal.split())
