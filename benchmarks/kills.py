"""kill -9 at seeded steps of a collection, then the same collection again: what is kept always reconciles.

A step is anything that the collection does to a file of its data folder: Python tells of it before it
happens (an audit hook, set here and nowhere in Vigie), so that the n-th can be made the last. One kill
in three comes a little after its step, to cut a write in two. The processes that are killed are
forked from one that has already imported what a collection imports, which costs seconds.
"""

import argparse
import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# started by its path, this file is not beside the packages of the repository
sys.path.insert(0, str(ROOT))

from vigie import feed as feeds  # noqa: E402
from vigie.lake import Lake  # noqa: E402

FEED = "operator_sites"
NOW = "2025-07-01"
"""Before any bundled document of the feed: only the inbox is collected."""
LATEST_MS = 4.0
"""How long after its step the latest kill comes."""
TOLD = 50
"""Kills between two lines of progress: a run that is cut short has said what it survived."""
STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.scandir", "os.listdir", "os.truncate"}


def serve() -> None:
    """The process that is forked: reads one order a line, answers one line."""
    import dbt.adapters.duckdb
    import dbt.cli.main  # noqa: F401

    from vigie import check, cli
    from vigie.examine import examine

    # one rule is enough to let some rows pass and hold others: a full suite costs a third of a second a document
    rule = next(rule for rule in check.suite(FEED) if rule["kwargs"].get("column") == "site_id")
    one_rule, whole = Path(tempfile.mkdtemp()), check.EXPECTATIONS
    (one_rule / f"{FEED}.yml").write_text(json.dumps({"name": FEED, "expectations": [rule]}))
    check.EXPECTATIONS = one_rule
    # everything that judging imports and prepares, once for all
    examine(FEED, edition("rabat"))
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        child = os.fork()
        if child:
            print(child, flush=True)
            continue
        with Path(order["log"]).open("ab") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        if order.get("whole"):
            check.EXPECTATIONS = whole
        if order.get("folder"):
            _count_steps(order["folder"], order["last"], order["delay_ms"], order["told"])
        code = 70
        try:
            code = cli.main(order["words"])
        except Exception:
            traceback.print_exc()
        sys.stdout.flush()
        os._exit(code)
    shutil.rmtree(one_rule)


def countdown(last: int, delay_ms: float, told: str) -> Callable[[], None]:
    """What to call at each step: it kills this process at the step of that number; 0 kills nothing. The count is in `told`."""
    me, count, within = os.getpid(), 0, [False]
    counter = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def die() -> None:
        os.kill(me, signal.SIGKILL)

    def step() -> None:
        nonlocal count
        if within[0] or os.getpid() != me:
            return
        within[0] = True
        count += 1
        os.pwrite(counter, f"{count:8d}".encode(), 0)
        if count == last:
            if delay_ms:
                timer = threading.Timer(delay_ms / 1000, die)
                timer.daemon = True
                timer.start()
            else:
                die()
        within[0] = False

    return step


def touches(folder: str, arguments: tuple[Any, ...]) -> bool:
    """True when what Python tells of is about a file of the folder."""
    return any(isinstance(given, str | os.PathLike) and os.fspath(given).startswith(folder) for given in arguments[:2])


def spread(steps: int, seed: int, count: int, latest_ms: float) -> list["Moment"]:
    """Moments over a whole life of that many steps, drawn from the seed."""
    drawn = random.Random(seed)
    chosen = [1 + int((number + drawn.random()) * steps / count) for number in range(count)]
    return [Moment(step, drawn.uniform(0, latest_ms) if drawn.random() < 1 / 3 else 0.0) for step in chosen]


def _count_steps(folder: str, last: int, delay_ms: float, told: str) -> None:
    step = countdown(last, delay_ms, told)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in STEPS and touches(folder, arguments):
            step()

    sys.addaudithook(hook)


class Forked:
    """`vigie` commands as processes that start at once and can be stopped or killed."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._server = subprocess.Popen(
            [sys.executable, str(Path(__file__)), "--serve"], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def _ask(self, **order: Any) -> int:
        assert self._server.stdin and self._server.stdout
        self._server.stdin.write(json.dumps({"log": str(self.log), **order}) + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def start(self, *words: str | Path, **order: Any) -> int:
        """Starts one command; returns its process number.

        `whole` judges by the suites of the repository instead of one rule; `log` is a file of its own.
        """
        return self._ask(words=[str(word) for word in words], **order)

    def wait(self, number: int) -> int:
        """The exit status of a started command; -9 when it was killed."""
        return self._ask(wait=number)

    def close(self) -> None:
        assert self._server.stdin
        self._server.stdin.close()
        self._server.wait()


@contextlib.contextmanager
def forked(log: Path) -> Iterator[Forked]:
    server = Forked(log)
    try:
        yield server
    finally:
        server.close()


def edition(*sites: str) -> bytes:
    """A small edition of the register of sites, one line a site; a line without a name breaks the rule."""
    head, *lines = feeds.sample_documents(FEED)[-1].read_text().splitlines()
    written = [",".join([site, *line.split(",")[1:]]) for site, line in zip(sites, lines, strict=False)]
    return ("\n".join([head, *written]) + "\n").encode()


def reconcile(folder: Path, feed: str) -> list[str]:
    """What does not agree between the bytes, the ledger, the landed and the held rows; nothing when all does."""
    import pyarrow.parquet as pq

    lake = Lake.open(folder)
    lake.sweep_drafts()
    found = []
    loads = lake.loads(feed)
    if len({load.known_at for load in loads}) != len(loads):
        found.append("deux chargements sont connus au même instant")
    for load in loads:
        kept = lake.document(feed, load.document)
        if not kept.exists() or hashlib.sha256(kept.read_bytes()).hexdigest() != load.document:
            found.append(f"{load.load_id} : les octets gardés manquent ou ne sont pas ceux du registre")
        if load.rows_read != load.rows_landed + load.rows_quarantined + load.rows_rejected:
            found.append(f"{load.load_id} : les lignes lues ne sont pas toutes déposées, retenues ou rejetées")
        landed = pq.read_table(lake.landed(load)).num_rows if lake.landed(load).exists() else None
        if landed != (load.rows_landed if load.status == "landed" else None):
            found.append(f"{load.load_id} : {landed} lignes déposées, {load.rows_landed} au registre")
        held = json.loads(lake.quarantined(load).read_text()) if lake.quarantined(load).exists() else []
        rows = {line["row_no"] for line in held} - {None}
        if load.status == "landed" and len(rows) != load.rows_quarantined:
            found.append(f"{load.load_id} : {len(rows)} lignes retenues, {load.rows_quarantined} au registre")
    waiting = [path for place in ("inbox", "claimed") for path in (folder / place).glob("*/*")]
    found += [f"{path.relative_to(folder)} attend encore" for path in waiting]
    found += [f"brouillon oublié : {path.relative_to(folder)}" for path in folder.rglob(".*.tmp")]
    return found


def history(folder: Path, feed: str) -> list[tuple[Any, ...]]:
    """What the ledger says was taken in, in order."""
    return [
        (load.file_name, load.document, load.status, load.rows_read, load.rows_landed, load.rows_quarantined)
        for load in Lake.open(folder).loads(feed)
    ]


@dataclass(frozen=True)
class Moment:
    """A kill: at which step, and how many milliseconds after it."""

    step: int
    delay_ms: float


@dataclass(frozen=True)
class Scene:
    """The collection that is killed again and again: its documents, its number of steps, what it must give."""

    server: Forked
    work: Path
    steps: int
    expected: list[tuple[Any, ...]]

    @classmethod
    def prepare(cls, server: Forked, work: Path) -> "Scene":
        """Lives the collection once unharmed, counting its steps."""
        unharmed = cls(server, work, 0, [])
        folder = unharmed.fresh("unharmed")
        status = unharmed.collect(folder, Moment(0, 0))
        found = reconcile(folder, FEED)
        assert status in (0, 1) and not found, f"la collecte échoue sans être tuée : {found}\n{server.log.read_text()}"
        steps = int((work / "steps").read_text())
        return cls(server, work, steps, history(folder, FEED))

    def fresh(self, name: str) -> Path:
        """A data folder with documents that wait: good, partly bad, unreadable, back to the first state, and that again."""
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        inbox = folder / "inbox" / FEED
        inbox.mkdir(parents=True)
        first = edition("rabat", "fes")
        documents = {
            "1.csv": first,
            "2.csv": edition("rabat", ""),
            "3.csv": b"<html>maintenance</html>",
            "4.csv": first,
            "5.csv": first,
        }
        for file, content in documents.items():
            (inbox / file).write_bytes(content)
        return folder

    def collect(self, folder: Path, moment: Moment | None = None) -> int:
        """One `vigie collect`; its exit status."""
        order: dict[str, Any] = {}
        if moment:
            order = {"folder": str(folder), "last": moment.step, "delay_ms": moment.delay_ms, "told": str(self.work / "steps")}
        return self.server.wait(self.server.start("collect", FEED, "--now", NOW, "--data", folder, **order))

    def moments(self, seed: int, count: int) -> list[Moment]:
        """Steps spread over the whole collection, drawn from the seed."""
        return spread(self.steps, seed, count, LATEST_MS)

    def survive(self, moment: Moment) -> list[str]:
        """Kills a collection at that moment and collects again: what is then wrong."""
        folder = self.fresh("killed")
        killed = self.collect(folder, moment) == -signal.SIGKILL
        if not killed and not moment.delay_ms:
            return [f"{moment} : la collecte n'a pas été tuée"]
        before = history(folder, FEED) if (folder / "ledger").exists() else []
        status = self.collect(folder)
        found = reconcile(folder, FEED)
        if status not in (0, 1):
            found.append(f"la reprise a fini par {status}")
        after = history(folder, FEED)
        if after[: len(before)] != before:
            found.append("la reprise a changé ce qui était au registre")
        if after != self.expected:
            found.append(f"attendu {self.expected}, trouvé {after}")
        return [f"{moment} : {line}" for line in found]


def main(arguments: Sequence[str]) -> int:
    """Tells in one line of JSON how many kills were survived; 1 when any was not."""
    parser = argparse.ArgumentParser(description="tue la collecte à des instants tirés d'une graine, et vérifie tout")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve()
        return 0
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as work, forked(Path(work) / "log") as server:
        scene = Scene.prepare(server, Path(work))
        wrong: list[str] = []
        for number, moment in enumerate(scene.moments(options.seed, options.count), start=1):
            wrong += scene.survive(moment)
            if number % TOLD == 0:
                print(f"{number}/{options.count} : {len(wrong)} désaccord(s)", file=sys.stderr, flush=True)
    for line in wrong:
        print(line, file=sys.stderr)
    seconds = round(time.perf_counter() - began, 1)
    print(json.dumps({"kills": options.count, "steps": scene.steps, "wrong": len(wrong), "seconds": seconds}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
