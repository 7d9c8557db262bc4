"""What `make run` calls: starts the real servers, lets the real scheduler do the chain, then serves.

The launcher does no work of the chain itself. It starts, asks, watches, tells and stops.
"""

import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from types import FrameType
from urllib.request import urlopen

from vigie import clock, keys, report, scheduled, scheduler, settings
from vigie.clock import Run
from vigie.lake import Lake, Mode
from vigie.scheduler import Airflow
from vigie.servers import Server, ServerError, Servers, free_port

FREE_BYTES = 1 << 30
CHAIN_SECONDS = 1800
STALL_SECONDS = 300
"""How long work may wait with nobody at it before the chain counts as failed; the sweep comes every minute."""
LOOK_SECONDS = 2


@dataclass(frozen=True)
class Asked:
    """The runs that the launcher asked for: since when, and the name that each of them bears."""

    since: str
    name: str


class Stopped(BaseException):
    """Somebody asked the launcher to stop; no stage may take it for an error."""


def serve(folder: Path, mode: Mode = "sample", once: bool = False, windows: bool = True) -> int:
    """Serves the data folder until it is told to stop; with `once`, until the chain has finished.

    Returns 0, or 1 when any part failed. `windows=False` leaves Superset out.
    """
    began = time.monotonic()
    run = clock.start(folder, mode, caused_by="vigie serve")
    with run.data.lock("serve", wait=0), asked_to_stop():
        servers = Servers(run.data)
        chain_is_done = False
        try:
            check(servers, windows)
            airflow, asked = _open(servers, run, windows)
            succeeded = _chain(airflow, asked, run, servers, once)
            chain_is_done = True
            _tell(run, windows, time.monotonic() - began)
            if not once:
                say("La vigie veille. Ctrl-C pour tout arrêter.")
                _watch(servers)
        except ServerError as error:
            say(f"vigie : {error}")
            succeeded = False
        except Stopped:
            # after the chain, being told to stop is the expected end
            succeeded = chain_is_done and not once and succeeded
        finally:
            if servers.running:
                say("Arrêt des serveurs…")
            servers.stop()
    return 0 if succeeded else 1


def say(line: str) -> None:
    """One line on the terminal, at once."""
    print(line, flush=True)


@contextmanager
def asked_to_stop() -> Iterator[None]:
    """Turns the signals that end a program into one exception, raised once."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in earlier:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    earlier = {number: signal.signal(number, stop) for number in signals}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def check(servers: Servers, windows: bool) -> None:
    """Everything that can be known to be wrong before anything is started."""
    left = servers.clear_leftovers()
    if left:
        say(f"Un lanceur précédent avait laissé {', '.join(left)} : arrêtés, reprise.")
    told, root = settings.read(), servers.lake.root
    if shutil.disk_usage(root).free < FREE_BYTES:
        raise ServerError(f"moins de 1 Gio libre pour {root} : faire de la place, ou choisir un autre dossier avec --data")
    free_port(told.bind, told.airflow_port, "VIGIE_AIRFLOW_PORT")
    if windows:
        free_port(told.bind, told.superset_port, "VIGIE_SUPERSET_PORT")
        if not told.superset_python.exists():
            raise ServerError(f"l'environnement de Superset manque ({told.superset_python}) : lancer « make install »")


def _open(servers: Servers, run: Run, windows: bool) -> tuple[Airflow, Asked]:
    """Starts everything and asks for one collection of each feed; Superset is prepared while Airflow starts."""
    command = [sys.executable, "-m", "vigie.cli", "dashboards", "--data", str(run.data.root)]
    preparing = Server("superset-prepare", command, settings.environment(), ends=True)
    if windows:
        servers.start(preparing)
    airflow, works = start_airflow(servers, run.data)
    began = datetime.now(UTC)
    asked = Asked(began.isoformat(), f"start__{began:%Y%m%dT%H%M%S}")
    for dag_id in scheduler.collect_ids():
        airflow.trigger(dag_id, asked.name)
    servers.start(works)
    servers.wait("Airflow", airflow.is_healthy)
    say(f"  Airflow répond sur {airflow.address}")
    if windows:
        say("Préparation de Superset…")
        say(f"  {servers.finish(preparing)}")
        _start_windows(servers, run.data)
    return airflow, asked


def start_airflow(servers: Servers, lake: Lake) -> tuple[Airflow, Server]:
    """Airflow ready to be asked, and its scheduler, which is still to be started.

    The scheduler comes last: on SQLite, Airflow's API server stands still for a minute when somebody asks it for
    something at the instant when a task reports to it.
    """
    airflow = Airflow(lake)
    migration = scheduler.migration(lake)
    if migration:
        say("Préparation de la base d'Airflow…")
        servers.start(migration)
        servers.finish(migration)
        scheduler.stamp_migration(lake)
    say("Démarrage d'Airflow…")
    *others, works = scheduler.servers(lake)
    for server in others:
        servers.start(server)
    servers.wait("Airflow", airflow.can_be_asked)
    servers.wait("Airflow", airflow.knows_dags)
    airflow.prepare()
    return airflow, works


def _start_windows(servers: Servers, lake: Lake) -> None:
    from vigie import dashboards

    port = settings.read().superset_port
    told = dashboards.superset_environment(lake, keys.superset(lake))
    servers.start(Server("superset", dashboards.server_command(port), told))
    servers.wait("Superset", lambda: _answers(f"http://127.0.0.1:{port}/health"))
    say(f"  Superset répond sur http://127.0.0.1:{port}")


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def _chain(airflow: Airflow, asked: Asked, run: Run, servers: Servers, once: bool) -> bool:
    """Waits until the collections asked for, and all that follows, are done; True on success.

    Each feed wakes the observatory, which has done everything at one of the first wakings: unless the servers
    are then to be stopped (`once`), the idle ones are not waited for.
    """
    say("L'ordonnanceur fait la chaîne : collecte → construction → veille → publication → envoi")
    told: set[tuple[str, str, str]] = set()
    idle_since = time.monotonic()
    deadline = time.monotonic() + CHAIN_SECONDS
    while time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
        for line in servers.revive():
            say(f"  {line}")
        try:
            collected, observed = _look(airflow, run.data, asked, told)
        except (OSError, HTTPException):
            # the server that answers is busy or being restarted
            continue
        ended = [state for state in observed if state in scheduler.ENDED]
        # an observation that failed is made good by a later one
        succeeded = "failed" not in collected and ended[-1:] != ["failed"]
        is_collected = set(collected) <= set(scheduler.ENDED)
        is_behind = is_collected and scheduled.is_behind(run)
        if not is_collected or (len(ended) < len(observed) and (once or is_behind or not ended or not succeeded)):
            idle_since = time.monotonic()
        elif not succeeded or not is_behind:
            return succeeded
        elif time.monotonic() - idle_since > STALL_SECONDS:
            raise ServerError("il reste du travail que l'ordonnanceur ne reprend pas : lire la page Fiabilité et relancer")
    raise ServerError(f"la chaîne n'est pas finie après {CHAIN_SECONDS // 60} min : lire {run.data.root / 'logs'}")


def _look(airflow: Airflow, lake: Lake, asked: Asked, told: set[tuple[str, str, str]]) -> tuple[list[str], list[str]]:
    """Tells what has ended since the last look; returns the states of the collections and of the observations."""
    collected = {dag_id: airflow.state(dag_id, asked.name) for dag_id in scheduler.collect_ids()}
    for dag_id in (dag_id for dag_id, state in collected.items() if state in scheduler.ENDED):
        _tell_tasks(airflow, lake, dag_id, asked.name, told)
    observed = airflow.runs("observe", asked.since)
    for one in observed:
        _tell_tasks(airflow, lake, "observe", one["dag_run_id"], told)
    return list(collected.values()), [one["state"] for one in observed]


def _tell_tasks(airflow: Airflow, lake: Lake, dag_id: str, run_id: str, told: set[tuple[str, str, str]]) -> None:
    for task_id, state in airflow.ended_tasks(dag_id, run_id):
        if (dag_id, run_id, task_id) in told:
            continue
        told.add((dag_id, run_id, task_id))
        label = report.STAGE_LABELS[task_id]
        subject = label if dag_id == "observe" else f"{label} de {dag_id.removeprefix('collect_')}"
        if state == "success":
            say(f"  {subject} : {airflow.answer(dag_id, run_id, task_id)}")
        elif state == "failed":
            cause = scheduled.cause(dag_id, run_id)
            reasons = [load.reason for load in lake.loads() if load.caused_by == cause and load.reason]
            say(f"  {subject} : ÉCHEC. {reasons[-1] if reasons else 'lire le journal de la tâche dans Airflow'}")
        elif state == "skipped" and dag_id != "observe":
            say(f"  {subject} : rien de nouveau")


def _tell(run: Run, windows: bool, seconds: float) -> None:
    told, secret_folder = settings.read(), keys.folder(run.data)
    say("")
    for line in report.lines(run):
        say(line)
    say(f"{'Durée':<14}{seconds:.0f} s")
    say("")
    if windows:
        say(f"Tableaux de bord  http://127.0.0.1:{told.superset_port}  (comptes analyste, ingenieur, administrateur)")
    say(f"Ordonnanceur      http://127.0.0.1:{told.airflow_port}  (compte {keys.AIRFLOW_ACCOUNT})")
    say(f"Mots de passe     {secret_folder}/*_password")


def _watch(servers: Servers) -> None:
    """Serves until told to stop, and has Airflow forget old sweeps; ServerError when a server keeps dying."""
    while True:
        time.sleep(LOOK_SECONDS)
        for line in servers.revive():
            say(line)
        if purging := scheduler.purge(servers.lake):
            servers.start(purging)
            try:
                servers.finish(purging)
            except ServerError as error:
                # no reason to stop watching: it is tried again the next day
                say(f"  {error}")
