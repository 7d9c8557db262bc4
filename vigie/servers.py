"""Server processes: started in sessions of their own, watched, and stopped to the last child.

Each start is written down, so that a later launcher finds what a killed one left.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from vigie.lake import Lake, write_atomically

STOP_SECONDS = 20
START_SECONDS = 300
RESTARTS = 3
"""How many times one server may die before the launcher gives up."""


class ServerError(Exception):
    """A server cannot start or stay up; one French sentence."""


def free_port(address: str, port: int, setting: str) -> None:
    """ServerError when something already listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise ServerError(
                f"le port {port} est déjà pris : arrêter le programme qui l'occupe, ou choisir un autre port avec {setting}"
            ) from error


def any_port(address: str) -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """One program to keep running; or to see through, when it `ends` by itself."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ends: bool = False
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0


@dataclass
class Servers:
    """The servers of one data folder."""

    lake: Lake
    running: list[Server] = field(default_factory=list)

    def log_path(self, name: str) -> Path:
        return self.lake.root / "logs" / f"{name}.log"

    @property
    def _record(self) -> Path:
        return self.lake.root / "servers.json"

    def start(self, server: Server) -> None:
        """Starts a server in a session of its own, which is how all its children are found."""
        log = self.log_path(server.name)
        log.parent.mkdir(exist_ok=True)
        with log.open("ab") as output:
            server.process = subprocess.Popen(
                server.command, env=dict(server.environment), cwd=self.lake.root,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        if server not in self.running:
            self.running.append(server)
        self._write_down()

    def finish(self, program: Server) -> str:
        """Waits for the end of a started program and returns its last line; ServerError when it failed."""
        assert program.process
        code = program.process.wait()
        self.running.remove(program)
        last = (self.log_path(program.name).read_text(errors="replace").strip().splitlines() or [""])[-1]
        if code:
            raise ServerError(f"{program.name} a échoué : {last} (lire {self.log_path(program.name)})")
        return last

    def _write_down(self) -> None:
        lines = [
            {"name": server.name, "pid": server.process.pid, "started": started}
            for server in self.running
            if server.process and (started := _started(server.process.pid))
        ]
        write_atomically(self._record, json.dumps(lines, indent=1) + "\n")

    def wait(self, what: str, answers: Callable[[], bool]) -> None:
        """Waits until `answers`; ServerError when a server dies or stays silent."""
        deadline = time.monotonic() + START_SECONDS
        while not answers():
            for server in self.running:
                if server.process and not server.ends and server.process.poll() is not None:
                    raise ServerError(f"{server.name} s'est arrêté au démarrage : lire {self.log_path(server.name)}")
            if time.monotonic() > deadline:
                raise ServerError(f"{what} ne répond pas après {START_SECONDS} s : lire {self.lake.root / 'logs'}")
            time.sleep(0.5)

    def revive(self) -> Iterator[str]:
        """Restarts the servers that died and names them; ServerError for one that keeps dying."""
        for server in self.running:
            if server.ends or server.process is None or (code := server.process.poll()) is None:
                continue
            server.deaths += 1
            if server.deaths > RESTARTS:
                raise ServerError(f"{server.name} s'arrête sans cesse (code {code}) : lire {self.log_path(server.name)}")
            _end(_session(server.process.pid))
            self.start(server)
            yield f"{server.name} s'est arrêté (code {code}) ; il est relancé"

    def stop(self) -> None:
        """Stops every process of every server: the servers are asked first, so that they end their own work."""
        leaders = [server.process.pid for server in self.running if server.process]
        _end([process for pid in leaders for process in _session(pid) if process.pid == pid])
        _end([process for pid in leaders for process in _session(pid)])
        self.running.clear()
        self._record.unlink(missing_ok=True)

    def clear_leftovers(self) -> list[str]:
        """Ends what a killed launcher left running; returns the names."""
        if not self._record.exists():
            return []
        left = [line for line in json.loads(self._record.read_text()) if _left_by(line["pid"], line["started"])]
        _end([process for line in left for process in _left_by(line["pid"], line["started"])])
        self._record.unlink()
        return [line["name"] for line in left]


def _started(pid: int) -> float | None:
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def _session(leader: int) -> list[psutil.Process]:
    """The processes of a session, also those whose parents are gone."""
    members = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
    return members


def _left_by(leader: int, started: float) -> list[psutil.Process]:
    """The members of a recorded session; none when its number has gone to somebody else."""
    now = _started(leader)
    if now is not None and abs(now - started) > 1:
        return []
    return [process for process in _session(leader) if process.create_time() >= started - 1]


def _end(processes: list[psutil.Process]) -> None:
    for stronger in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            with contextlib.suppress(psutil.Error):
                process.send_signal(stronger)
        _, processes = psutil.wait_procs(processes, timeout=STOP_SECONDS)
        if not processes:
            return
