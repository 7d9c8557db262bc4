"""Airflow as a program of its own: its settings, its four servers, and the questions asked of it."""

import contextlib
import json
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

from vigie import feed as feeds
from vigie import keys, scheduled, settings
from vigie.feed import ROOT
from vigie.lake import Lake, write_atomically
from vigie.servers import Server, ServerError

DAGS = ROOT / "dags"
ANSWER_SECONDS = 30
TRIES = 6
"""Airflow on SQLite answers 500 when two of its servers write at the same instant."""
ENDED = ("success", "failed")
KEPT_DAYS = 30
DEFAULT_POOL = "default_pool"
POOLS = {DEFAULT_POOL: 128, scheduled.WRITER_POOL: 1}
"""How many tasks at once: Airflow's own pool, as large as Airflow makes it, and that of the writers."""
WRITER: dict[str, Any] = {"name": scheduled.WRITER_POOL, "description": "un seul écrivain", "include_deferred": False}
PURGE_SECONDS = 86_400
PROGRAMS = {
    "api-server": ("api-server",),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
    "scheduler": ("scheduler", "--skip-serve-logs"),
}


def dag_ids() -> list[str]:
    """Every DAG that Airflow must know."""
    return [*collect_ids(), "drain", "observe", scheduled.QUARANTINE, "sweep"]


def collect_ids() -> list[str]:
    """The DAG of each feed."""
    return [f"collect_{name}" for name in feeds.names()]


def environment(lake: Lake) -> dict[str, str]:
    """What Airflow's processes are told: one machine, one user, nothing sent outside."""
    port, home = settings.read().airflow_port, lake.root / "airflow"
    home.mkdir(mode=0o700, exist_ok=True)
    options = {
        "CORE__DAGS_FOLDER": str(DAGS),
        "CORE__PLUGINS_FOLDER": str(DAGS / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "vigie_executor.PreparedExecutor",
        "CORE__PARALLELISM": "4",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "CORE__DEFAULT_TIMEZONE": "Africa/Casablanca",
        "CORE__FERNET_KEY": keys.airflow_fernet(lake),
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{keys.AIRFLOW_ACCOUNT}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(keys.airflow_passwords(lake)),
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{database(lake)}?timeout=60",
        "API__HOST": settings.read().bind,
        "API__PORT": str(port),
        "API__BASE_URL": f"http://127.0.0.1:{port}",
        "API__SECRET_KEY": keys.secret(lake, "airflow_api_key"),
        "API_AUTH__JWT_SECRET": keys.secret(lake, "airflow_jwt_key"),
        # four stages follow each other, each seen at the scheduler's next look
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        "LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        # work that a killed scheduler or worker held is taken up again within two minutes; a scheduler that a busy
        # machine keeps from answering for less is no dead one, whose tasks would be started a second time
        "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
        "SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "90",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "90",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    return settings.environment(
        AIRFLOW_HOME=str(home),
        VIGIE_DATA=str(lake.root),
        DO_NOT_TRACK="1",
        DBT_SEND_ANONYMOUS_USAGE_STATS="False",
        GX_ANALYTICS_ENABLED="False",
        **{f"AIRFLOW__{name}": value for name, value in options.items()},
    )


def database(lake: Lake) -> Path:
    """Airflow's own records."""
    return lake.root / "airflow" / "airflow.db"


def migration(lake: Lake) -> Server | None:
    """The program that prepares Airflow's database; None when a stamp says it is done."""
    if _stamp(lake).exists() and _stamp(lake).read_text() == _version() and database(lake).exists():
        return None
    return Server("airflow-db-migrate", _command("db", "migrate"), environment(lake), ends=True)


def stamp_migration(lake: Lake) -> None:
    """Remembers that the database is ready for this version of Airflow."""
    write_atomically(_stamp(lake), _version())


def _stamp(lake: Lake) -> Path:
    return lake.root / "airflow" / "migrated"


def _version() -> str:
    return metadata.version("apache-airflow")


def purge(lake: Lake) -> Server | None:
    """The program by which Airflow forgets old sweeps; None when it ran less than a day ago.

    The sweep makes some 1,440 runs a day that no load, publication or person names. Every other run is kept:
    it is where the ledger says that a figure comes from.
    """
    last = _purged(lake) if _purged(lake).exists() else _stamp(lake)
    if time.time() - last.stat().st_mtime < PURGE_SECONDS:
        return None
    before = datetime.now(UTC) - timedelta(days=KEPT_DAYS)
    for folder in (lake.root / "airflow" / "logs" / "dag_id=sweep").glob("run_id=*"):
        if folder.stat().st_mtime < before.timestamp():
            shutil.rmtree(folder)
    write_atomically(_purged(lake), before.isoformat())
    words = ("db", "clean", "--yes", "--skip-archive", "--dag-ids", "sweep", "--tables", "dag_run,log", "--batch-size", "1000")
    command = _command(*words, "--clean-before-timestamp", before.isoformat())
    return Server("airflow-db-clean", command, environment(lake), ends=True)


def _purged(lake: Lake) -> Path:
    return lake.root / "airflow" / "purged"


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "airflow", *words]


def servers(lake: Lake) -> list[Server]:
    """Airflow's four servers, not yet started; last, the one that gives work to do."""
    told = environment(lake)
    return [Server(f"airflow-{name}", _command(*words), told) for name, words in PROGRAMS.items()]


@dataclass
class Airflow:
    """Airflow's REST interface, signed in with the account of this data folder."""

    lake: Lake
    token: str = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{settings.read().airflow_port}"

    def is_healthy(self) -> bool:
        """True when the database and the three other servers report in."""
        return self._report_in("metadatabase", "triggerer", "dag_processor", "scheduler")

    def can_be_asked(self) -> bool:
        """True when all but the scheduler report in."""
        return self._report_in("metadatabase", "triggerer", "dag_processor")

    def _report_in(self, *wanted: str) -> bool:
        try:
            parts = self._call("GET", "/api/v2/monitor/health", signed=False, tries=1)
        except (OSError, ServerError, ValueError):
            return False
        return all(parts[name]["status"] == "healthy" for name in wanted)

    def knows_dags(self) -> bool:
        """True when every DAG is registered; ServerError when a DAG file cannot be read."""
        errors = self._call("GET", "/api/v2/importErrors")["import_errors"]
        if errors:
            last = errors[0]["stack_trace"].strip().splitlines()[-1]
            raise ServerError(f"Airflow ne lit pas {errors[0]['filename']} : {last}")
        known = {dag["dag_id"] for dag in self._call("GET", "/api/v2/dags?limit=1000")["dags"]}
        return known >= set(dag_ids())

    def prepare(self) -> None:
        """The writers' pool of one slot, and every DAG at work."""
        with contextlib.suppress(Conflict):
            self._call("POST", "/api/v2/pools", WRITER | {"slots": 1})
        # a launcher that was killed may have left them closed
        for pool, slots in POOLS.items():
            if not self._pool(pool)["slots"]:
                self.open(pool, slots)
        for dag_id in dag_ids():
            self._call("PATCH", f"/api/v2/dags/{dag_id}?update_mask=is_paused", {"is_paused": False})

    def open(self, pool: str, slots: int) -> None:
        """How many tasks of a pool may work at once: with none, they wait."""
        # the writers' pool must be told whole, Airflow's own only what changes
        mask, rest = ("?update_mask=slots", {}) if pool == DEFAULT_POOL else ("", WRITER)
        self._call("PATCH", f"/api/v2/pools/{pool}{mask}", rest | {"slots": slots})

    def is_at_work(self) -> bool:
        """True while a task runs, or is about to."""
        return any(self._pool(pool)["occupied_slots"] for pool in POOLS)

    def _pool(self, pool: str) -> dict[str, Any]:
        found: dict[str, Any] = self._call("GET", f"/api/v2/pools/{pool}")
        return found

    def trigger(self, dag_id: str, run_id: str) -> None:
        """Asks the scheduler for one run, which a first try may have made already."""
        with contextlib.suppress(Conflict):
            self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"dag_run_id": run_id, "logical_date": None})

    def state(self, dag_id: str, run_id: str) -> str:
        """The state of one run: queued, running, success or failed."""
        return str(self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}")["state"])

    def runs(self, dag_id: str, since: str) -> list[dict[str, Any]]:
        """The runs of a DAG (`~`: of all) asked for since a moment, oldest first."""
        query = f"run_after_gte={quote(since)}&order_by=run_after&limit=100"
        found: list[dict[str, Any]] = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns?{query}")["dag_runs"]
        return found

    def ended_tasks(self, dag_id: str, run_id: str) -> Iterator[tuple[str, str]]:
        """The tasks of a run that have ended, with their state."""
        where = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances"
        for task in self._call("GET", where)["task_instances"]:
            if task["state"] in (*ENDED, "skipped", "upstream_failed"):
                yield task["task_id"], task["state"]

    def task(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any]:
        """A task as Airflow tells of it: `state`, `pid`, `try_number`…"""
        where = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances/{task_id}"
        found: dict[str, Any] = self._call("GET", where)
        return found

    def answer(self, dag_id: str, run_id: str, task_id: str) -> str:
        """What a task returned: its report's line; empty when it has none."""
        run = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}"
        try:
            return str(self._call("GET", f"{run}/taskInstances/{task_id}/xcomEntries/return_value")["value"])
        except ServerError:
            return ""

    def _sign_in(self) -> str:
        account = {"username": keys.AIRFLOW_ACCOUNT, "password": keys.secret(self.lake, "airflow_admin_password")}
        try:
            return str(self._call("POST", "/auth/token", account, signed=False)["access_token"])
        except ServerError:
            raise ServerError(
                f"l'Airflow qui répond sur {self.address} n'est pas celui de {self.lake.root} : "
                "l'arrêter, ou choisir un autre port avec VIGIE_AIRFLOW_PORT"
            ) from None

    def _call(self, method: str, path: str, body: Any = None, signed: bool = True, tries: int = TRIES) -> Any:
        content = None if body is None else json.dumps(body).encode()
        for attempt in range(1, tries + 1):
            if signed and not self.token:
                self.token = self._sign_in()
            headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if signed else {})
            request = urllib.request.Request(self.address + path, content, headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as response:
                    return json.loads(response.read())
            except urllib.error.HTTPError as error:
                if error.code == 409:
                    raise Conflict(path) from None
                if error.code == 401 and signed:
                    # a token lives a day; the launcher may live longer
                    self.token = ""
                elif error.code < 500:
                    raise ServerError(f"Airflow a répondu {error.code} à {method} {path}") from None
            except (OSError, HTTPException):
                # a loaded machine answers late, and every call made here may be repeated
                pass
            time.sleep(attempt)
        raise ServerError(f"Airflow n'a pas pu répondre à {method} {path} : lire {self.lake.root / 'logs'}")


class Conflict(ServerError):
    """What was asked for is there already."""
