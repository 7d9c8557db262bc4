"""Reading a document in a child process, within a time, a memory and a number of rows.

One child serves all feeds, is started at the first document and replaced when it dies: it holds no key,
no lock and no file, so that losing it loses nothing. It is a bare interpreter on `vigie.reading` and not a
`multiprocessing` worker, which would import its caller's main module (Airflow's, in a task).
"""

import atexit
import io
import json
import math
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from vigie import feed as feeds
from vigie.feed import MEBIBYTE, ROOT, DocumentError, Request, Row
from vigie.reading import LINKS, TEXTS

START_SECONDS = 120
"""For the interpreter and the feed's readers to be imported, on a busy machine."""
MOST_SERVED = 50_000
"""Documents read before a child is replaced: one that has leaked is replaced sooner, when a document lacks memory.

Starting a child costs what reading hundreds of pages does.
"""
MOST_ANSWERED = 256 * MEBIBYTE
KEPT = 32 * MEBIBYTE
"""Freed memory that a child keeps for its next document."""
SAFE = {("datetime", name) for name in ("date", "datetime", "time", "timedelta", "timezone")} | {("decimal", "Decimal")}
"""All that an answer may be made of, besides Python's own scalars and lists."""


@dataclass(frozen=True)
class Limits:
    """What one document may cost: seconds, bytes of memory above the child's rest, rows."""

    seconds: float = 30
    memory: int = 88 * MEBIBYTE
    rows: int = 200_000


ENTRIES = 20_000
"""The most entries of a press feed: it lists its latest articles, not its archive."""


def read_rows(name: str, content: bytes, limits: Limits | None = None) -> list[Row]:
    """The rows that the feed's reader finds in a document; DocumentError when it finds none or passes a limit."""
    declared = feeds.load(name)
    if limits is None:
        limits = Limits(rows=ENTRIES) if declared.produces == "articles" else Limits()
    if len(content) > declared.max_bytes:
        raise DocumentError(
            f"le document pèse {len(content)} octets, plus que les {declared.max_bytes // MEBIBYTE} Mio admis pour ce flux ; "
            "le couper, ou relever max_bytes dans la déclaration du flux"
        )
    return _READERS.read(name, content, limits)


def read_links(name: str, content: bytes) -> list[Request]:
    """The further questions that a document raises (`Feed.follow`); DocumentError when it cannot be read."""
    return [
        Request(
            address=str(row.values["address"]),
            headers=json.loads(str(row.values["headers"])),
            body=None if row.values["body"] is None else bytes.fromhex(str(row.values["body"])),
            success=tuple(json.loads(str(row.values["success"]))),
            empty=tuple(json.loads(str(row.values["empty"]))),
            empty_bodies=tuple(bytes.fromhex(body) for body in json.loads(str(row.values["empty_bodies"]))),
        )
        for row in _READERS.read(f"{name}#{LINKS}", content, Limits(rows=ENTRIES))
    ]


def read_texts(name: str, content: bytes) -> dict[str, str]:
    """The text that stands at the place of each row, where the place can be pointed at (`vigie.readers.place`)."""
    found = _READERS.read(f"{name}#{TEXTS}", content, Limits())
    return {row.place: str(row.values["text"]) for row in found if row.values["text"] is not None}


def close() -> None:
    """Ends the child, if there is one; the next document starts another."""
    _READERS.close()


class _LostError(Exception):
    """The child ended before its answer did; says how."""


class _LateError(_LostError):
    """The child was ended because its time was up."""


class _WornError(Exception):
    """Memory ran out in a child that had served before: only a fresh one can tell."""


class _Readers:
    """The child of this process, one document at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.child: _Child | None = None

    def read(self, name: str, content: bytes, limits: Limits) -> list[Row]:
        with self.lock:
            try:
                return self._child(name).read(content, limits)
            except _LateError:
                raise DocumentError(
                    f"la lecture du document n'a pas fini en {limits.seconds:g} s ; le document est trop grand ou "
                    "fait pour épuiser le lecteur : ne pas le redéposer tel quel"
                ) from None
            except (_LostError, _WornError):
                return self._again(name, content, limits)

    def _again(self, name: str, content: bytes, limits: Limits) -> list[Row]:
        """A death may come from outside: it is the document's doing when a fresh child dies of it too."""
        self._forget()
        try:
            return self._child(name).read(content, limits)
        except _LostError as error:
            raise DocumentError(
                f"le lecteur s'est effondré sur ce document ({error}) ; signaler le document à l'équipe technique, "
                "ne pas le redéposer tel quel"
            ) from None

    def _child(self, name: str) -> "_Child":
        if self.child and (self.child.served >= MOST_SERVED or not self.child.is_alive()):
            self._forget()
        if self.child is None:
            self.child = _Child()
        try:
            self.child.prepare(name)
        except _LostError:
            self._forget()
            self.child = _Child()
            self.child.prepare(name)
        return self.child

    def _forget(self) -> None:
        if self.child:
            self.child.end()
            self.child = None

    def close(self) -> None:
        with self.lock:
            self._forget()

    def after_fork(self) -> None:
        """A forked process leaves its parent's child alone."""
        self.__init__()  # type: ignore[misc]


class _Child:
    """One interpreter on `vigie.reading`, and the two pipes to it."""

    def __init__(self) -> None:
        self.served = 0
        self.ready = ""
        # nothing of the caller's environment: a key that is not there cannot be read there
        environment = {
            "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8",
            # memory given back at the end of each document would have to be asked for again at the next
            "MALLOC_TRIM_THRESHOLD_": str(KEPT), "MALLOC_TOP_PAD_": str(4 * MEBIBYTE),
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vigie.reading", str(os.getpid())],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd=ROOT,
        )  # fmt: skip
        assert self.process.stdin and self.process.stdout
        self.questions = Connection(os.dup(self.process.stdin.fileno()), readable=False)
        self.answers = Connection(os.dup(self.process.stdout.fileno()), writable=False)
        self.process.stdin.close()
        self.process.stdout.close()
        self.watch = _Watch(self.process.kill)

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def prepare(self, name: str) -> None:
        """Has the child import a feed and its readers, so that their weight is part of its rest."""
        if name == self.ready:
            return
        with self._at_most(START_SECONDS):
            self._ask(name)
            answer = _plain(self.answers.recv_bytes(MOST_ANSWERED))
        if answer != ["ready"]:
            raise RuntimeError(f"le lecteur du flux {name} ne s'importe pas : {answer[1]}")
        self.ready = name

    def read(self, content: bytes, limits: Limits) -> list[Row]:
        rows: list[Row] = []
        weight = 0
        with self._at_most(limits.seconds):
            self._ask(self.ready, limits, content)
            kind = "rows"
            while kind == "rows" and weight <= MOST_ANSWERED:
                frame = self.answers.recv_bytes(MOST_ANSWERED)
                weight += len(frame)
                kind, *told = _plain(frame)
                if kind in ("rows", "end"):
                    rows += (Row(values, place) for values, place in told[0])
        self.served += 1
        if kind == "memory":
            if self.served > 1:
                raise _WornError
            raise DocumentError(
                f"la lecture du document demande plus de {limits.memory // MEBIBYTE} Mio de mémoire ; le document est trop "
                "grand ou fait pour épuiser le lecteur : ne pas le redéposer tel quel"
            )
        if kind == "refused":
            raise DocumentError(told[0])
        if weight > MOST_ANSWERED:
            self.end()
            raise DocumentError(
                f"les lignes lues pèsent plus de {MOST_ANSWERED // MEBIBYTE} Mio ; le document est fait pour épuiser le "
                "lecteur : ne pas le redéposer tel quel"
            )
        return rows

    def end(self) -> None:
        self.watch.end()
        self.process.kill()
        self.process.wait()
        self.questions.close()
        self.answers.close()

    def _ask(self, name: str, limits: Limits | None = None, content: bytes = b"") -> None:
        # one message: each costs both sides a call to the system, and a wait
        told = [name, limits.memory, limits.rows] if limits else [name, 0, 0]
        self.questions.send_bytes(b"%s\n%s" % (json.dumps(told).encode(), content))

    @contextmanager
    def _at_most(self, seconds: float) -> Iterator[None]:
        """Kills the child when the block lasts longer, which ends whatever waits on its pipes."""
        self.watch.start(seconds)
        try:
            yield
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            self.process.kill()
            code = self.process.wait()
            if self.watch.has_expired:
                raise _LateError from error
            raise _LostError(signal.Signals(-code).name if code < 0 else f"code {code}") from error
        finally:
            self.watch.stop()


class _Watch:
    """Kills a child whose time is up. One thread for the child's life: starting one costs more than a page."""

    def __init__(self, kill: Callable[[], None]) -> None:
        self.kill = kill
        self.has_expired = False
        self.is_over = False
        self.deadline = math.inf
        self.wakes_at = math.inf
        self.change = threading.Condition()
        threading.Thread(target=self._run, daemon=True).start()

    def start(self, seconds: float) -> None:
        with self.change:
            self.deadline = time.monotonic() + seconds
            # a thread that wakes before that will see by itself
            if self.deadline < self.wakes_at:
                self.change.notify()

    def stop(self) -> None:
        self.deadline = math.inf

    def end(self) -> None:
        with self.change:
            self.is_over = True
            self.change.notify()

    def _run(self) -> None:
        with self.change:
            while not self.is_over:
                if self.deadline <= time.monotonic():
                    self.has_expired, self.deadline = True, math.inf
                    self.kill()
                self.wakes_at = self.deadline
                self.change.wait(None if math.isinf(self.deadline) else self.deadline - time.monotonic())


class _Plain(pickle.Unpickler):
    """Loads scalars and lists only: a hostile document may have taken the child over."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in SAFE:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return super().find_class(module, name)


def _plain(frame: bytes) -> list[Any]:
    return list(_Plain(io.BytesIO(frame)).load())


_READERS = _Readers()
atexit.register(close)
os.register_at_fork(after_in_child=_READERS.after_fork)
