"""kill -9 at seeded steps of deciding and delivering, then the same again: every message arrives, once for who knows its name.

A step is a transaction that begins or commits, a file of the data folder that is opened, renamed or removed, a connection, or
bytes that leave: the n-th is made the last. One kill in three comes a little after its step, to cut it in two. The receivers
are real (SMTP, HTTP) and outlive the process; one that knows a delivery by its name has each message once. The processes that
are killed are forked from one that has imported what delivering imports.
"""

import argparse
import contextlib
import email
import email.policy
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# started by its path, this file is not beside the packages of the repository
sys.path.insert(0, str(ROOT))

from benchmarks.kills import TOLD, Moment, countdown, spread, touches  # noqa: E402

NOW = datetime(2026, 11, 23, 8)
LATEST_MS = 6.0
"""How long after its step the latest kill comes."""
RECIPIENTS = ("cellule@exemple.ma", "direction@exemple.ma")
FILE_STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "sqlite3.connect"}
LINE_STEPS = {"socket.connect", "smtplib.send", "http.client.connect", "http.client.send"}
ALERTS = ("a1", "a2", "a3", "a4")
MESSAGES = {"m1": ("a1",), "m2": ("a1",), "m3": ("a2", "a3", "a4")}
"""An alert, its update, and a group; the names of their alerts."""


def serve() -> None:
    """The process that is forked: reads one order a line, answers one line."""
    import apprise

    from vigie import notify

    # everything that delivering imports and prepares, once for all
    apprise.Apprise().add("json://127.0.0.1")
    notify.recipients()
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child:
            _, status = os.waitpid(child, 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        with Path(order["log"]).open("ab") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        _count_steps(order["folder"], order["last"], order["delay_ms"], order["told"])
        code = 70
        try:
            code = decide_and_deliver(Path(order["folder"]))
        except Exception:
            traceback.print_exc()
        sys.stdout.flush()
        os._exit(code)


def decide_and_deliver(folder: Path) -> int:
    """What watch, publish and notify do of it: a commit, a version that readers see, the deliveries; 0 when nothing waits."""
    from vigie import clock, notify
    from vigie.lake import Lake

    lake = Lake.open(folder, "sample")
    decide(lake)
    show(lake)
    return 0 if notify.notify(clock.Run(lake, NOW, NOW)).waiting == 0 else 1


def decide(lake: Any) -> None:
    """Episodes and their messages in one transaction, once."""
    from vigie.store import Message, open_store

    with open_store(lake) as store:
        if store.messages():
            return
        store.add_episodes(NOW, [(alert, "{}", "{}") for alert in ALERTS])
        for name, alerts in MESSAGES.items():
            lines = [{"alert_id": alert, "rule": "recul", "ref_area": "MA", "due_on": "2026-12-08"} for alert in alerts]
            kind, degree = ("alert", "rouge") if len(alerts) == 1 else ("group", "orange")
            store.post(Message(
                name, alerts[0], kind, degree, "recul", "MA", alerts, NOW, f"Recul {name}", "Constat.\n", {"lines": lines}
            ))  # type: ignore[arg-type]  # fmt: skip
        store.decided(NOW, 4, 0, {})


def show(lake: Any) -> None:
    import duckdb

    draft = lake.root / ".published.tmp"
    if lake.published.exists():
        return
    draft.unlink(missing_ok=True)
    with duckdb.connect(str(draft)) as connection:
        connection.execute("create table alerts (alert_id varchar, updated_at timestamp)")
        connection.executemany("insert into alerts values (?, ?)", [(alert, NOW) for alert in ALERTS])
    draft.replace(lake.published)


def _count_steps(folder: str, last: int, delay_ms: float, told: str) -> None:
    from sqlalchemy import Engine, event

    step = countdown(last, delay_ms, told)

    def hook(name: str, arguments: tuple[Any, ...]) -> None:
        if name in LINE_STEPS or (name in FILE_STEPS and touches(folder, arguments)):
            step()

    sys.addaudithook(hook)
    for moment in ("begin", "commit"):
        event.listen(Engine, moment, lambda _: step())


@dataclass
class Receivers:
    """What arrived, by way and in order: the name of each delivery."""

    got: dict[str, list[str]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    def take(self, way: str, name: str) -> None:
        self.got.setdefault(way, []).append(name)


@contextlib.contextmanager
def receivers() -> Iterator[Receivers]:
    """A mail server and a web server on 127.0.0.1, for as long as the block lasts."""
    from aiosmtpd.controller import Controller

    heard = Receivers()

    class Mailbox:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            heard.take(envelope.rcpt_tos[0], str(mail["Message-ID"]).strip("<>").partition("@")[0])
            return "250 accepté"

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/apprise":
                heard.take("apprise", json.loads(body)["message"].rpartition("— ")[2].strip())
            else:
                heard.take("webhook", self.headers["X-Vigie-Delivery"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mail = Controller(Mailbox(), hostname="127.0.0.1", port=port)
    web = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    # a killed process leaves its connection to nobody
    web.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    mail.start()
    thread.start()
    heard.settings = {
        "VIGIE_SMTP_URL": f"smtp://127.0.0.1:{port}", "VIGIE_RECIPIENTS": ",".join(RECIPIENTS),
        "VIGIE_WEBHOOK_URL": f"http://127.0.0.1:{web.server_port}/vigie", "VIGIE_WEBHOOK_SECRET": "secret",
        "VIGIE_APPRISE_URLS": f"json://127.0.0.1:{web.server_port}/apprise",
    }  # fmt: skip
    try:
        yield heard
    finally:
        web.shutdown()
        web.server_close()
        thread.join()
        mail.stop()


@dataclass(frozen=True)
class Scene:
    """The chain that is killed again and again, who receives, its number of steps, and the files that it must leave."""

    server: subprocess.Popen[str]
    heard: Receivers
    work: Path
    steps: int = 0
    files: tuple[tuple[str, bytes], ...] = ()

    @classmethod
    def prepare(cls, server: subprocess.Popen[str], heard: Receivers, work: Path) -> "Scene":
        """Lives the chain once unharmed, counting its steps."""
        unharmed = cls(server, heard, work)
        found = unharmed.deliver(Moment(0, 0), is_fresh=True)
        assert found == 0, f"l'envoi échoue sans être tué\n{unharmed.log.read_text()}"
        steps = int((work / "steps").read_text())
        scene = cls(server, heard, work, steps, unharmed.written())
        wrong = scene.disagreements()
        assert not wrong, wrong
        return scene

    @property
    def folder(self) -> Path:
        return self.work / "data"

    @property
    def log(self) -> Path:
        return self.work / "log"

    def deliver(self, moment: Moment, *, is_fresh: bool = False) -> int:
        """One process that decides and delivers; its exit status."""
        if is_fresh:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.heard.got.clear()
        order = {
            "folder": str(self.folder), "last": moment.step, "delay_ms": moment.delay_ms, "told": str(self.work / "steps"),
            "log": str(self.log),
        }  # fmt: skip
        assert self.server.stdin and self.server.stdout
        self.server.stdin.write(json.dumps(order) + "\n")
        self.server.stdin.flush()
        return int(self.server.stdout.readline())

    def written(self) -> tuple[tuple[str, bytes], ...]:
        """The files of the outbox and what they hold."""
        return tuple((path.name, path.read_bytes()) for path in sorted((self.folder / "outbox").glob("[!.]*")))

    def moments(self, seed: int, count: int) -> list[Moment]:
        """Steps spread over the whole chain, drawn from the seed."""
        return spread(self.steps, seed, count, LATEST_MS)

    def survive(self, moment: Moment) -> list[str]:
        """Kills a chain at that moment and starts it again: what is then wrong."""
        killed = self.deliver(moment, is_fresh=True) == -signal.SIGKILL
        if not killed and not moment.delay_ms:
            return [f"{moment} : l'envoi n'a pas été tué"]
        status = self.deliver(Moment(0, 0))
        found = [f"la reprise a fini par {status}"] if status else []
        return [f"{moment} : {line}" for line in [*found, *self.disagreements()]]

    def disagreements(self) -> list[str]:
        """What is not as it should be, in the store, in the files and with the receivers; nothing when all is."""
        from vigie.lake import Lake
        from vigie.store import open_store, verify

        found = []
        for way in (*RECIPIENTS, "webhook", "apprise"):
            # one that knows a delivery by its name keeps the first
            if sorted(set(self.heard.got.get(way, []))) != sorted(MESSAGES):
                found.append(f"{way} a reçu {self.heard.got.get(way)}")
        with open_store(Lake.open(self.folder)) as store:
            if [message.message_id for message in store.messages()] != sorted(MESSAGES):
                found.append("les messages ne sont pas ceux qui ont été décidés")
            if len(store.latest_episodes()) != len(ALERTS):
                found.append("les épisodes ne sont pas ceux qui ont été décidés")
            late = store.execute("select count(*) from deliveries where delivered_at is null").scalar()
            made = store.execute("select count(*) from deliveries").scalar()
            if late or made != len(MESSAGES) * 7:
                found.append(f"{made} envois, dont {late} en attente")
            if broken := verify(store):
                found.append(f"le journal ne tient pas à la ligne {broken.no} : {broken.reason}")
        if self.written() != self.files:
            found.append(f"les fichiers de outbox/ diffèrent : {[name for name, _ in self.written()]}")
        return found


@contextlib.contextmanager
def scene(work: Path) -> Iterator[Scene]:
    """A scene ready to be killed."""
    with receivers() as heard:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
        server = subprocess.Popen(
            [sys.executable, str(Path(__file__)), "--serve"], cwd=ROOT, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env=clean | heard.settings,
        )  # fmt: skip
        try:
            yield Scene.prepare(server, heard, work)
        finally:
            assert server.stdin and server.stdout
            server.stdin.close()
            server.wait()
            server.stdout.close()


def main(arguments: Sequence[str]) -> int:
    """Tells in one line of JSON how many kills were survived; 1 when any was not."""
    parser = argparse.ArgumentParser(description="tue la décision et l'envoi à des instants tirés d'une graine, et vérifie tout")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve()
        return 0
    began = time.perf_counter()
    wrong: list[str] = []
    repeated = 0
    with tempfile.TemporaryDirectory() as work, scene(Path(work)) as prepared:
        for number, moment in enumerate(prepared.moments(options.seed, options.kills), start=1):
            wrong += prepared.survive(moment)
            repeated += sum(len(names) - len(set(names)) for names in prepared.heard.got.values())
            if number % TOLD == 0:
                print(f"{number}/{options.kills} : {len(wrong)} désaccord(s)", file=sys.stderr, flush=True)
    for line in wrong:
        print(line, file=sys.stderr)
    seconds = round(time.perf_counter() - began, 1)
    told = {"kills": options.kills, "steps": prepared.steps, "wrong": len(wrong), "repeated": repeated, "seconds": seconds}
    print(json.dumps(told))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
