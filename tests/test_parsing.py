"""Reading in a child process: what a document may cost, and that nobody outlives anybody."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from datetime import UTC, date, datetime

import psutil
import pytest

from vigie import feed as feeds
from vigie import parsing
from vigie.feed import DocumentError
from vigie.parsing import Limits

WILD = textwrap.dedent('''
    """A feed whose documents are what its reader does."""
    import ctypes, datetime, os, signal, socket, sys, time, zoneinfo
    from pathlib import Path
    from vigie.feed import Column, DocumentError, Feed, Row

    class Word(str):
        pass

    def deep(n):
        return deep(n + 1) + 1

    def read(content):
        kept = []
        exec(content.decode(), globals() | {"kept": kept})
        return [row if isinstance(row, Row) else Row({"value": row}, "ici") for row in kept]

    feed = Feed(publisher="x", title="x", address=None, licence="x", rhythm_days=1, lag_days=(0, 1), schedule="@daily",
                produces="notices", columns=(Column("value", "text", "x"),), read=read)
''')


@pytest.fixture(scope="module", autouse=True)
def wild_feed(tmp_path_factory):
    """The children of this module read from a copy of the package that has one more feed."""
    root = tmp_path_factory.mktemp("vigie")
    copied = shutil.copytree(feeds.ROOT / "vigie", root / "vigie", ignore=shutil.ignore_patterns("__pycache__", "samples"))
    (copied / "feeds" / "wild.py").write_text(WILD)
    parsing.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "ROOT", root)
        patch.setattr(feeds, "load", lambda name, known=feeds.load: known("wb_indicators" if name == "wild" else name))
        yield root
        parsing.close()


def run(code: str, **limits: float) -> list[object]:
    return [row.values["value"] for row in parsing.read_rows("wild", code.encode(), Limits(**limits))]


def child() -> psutil.Process:
    return psutil.Process(parsing._READERS.child.process.pid)


def test_every_bundled_document_reads_alike_in_the_child_and_here():
    pids = set()
    for name in feeds.names():
        for path in feeds.sample_documents(name):
            try:
                here = [(dict(row.values), row.place) for row in feeds.load(name).read(path.read_bytes())]
            except DocumentError as error:
                here = str(error)
            try:
                there = [(dict(row.values), row.place) for row in parsing.read_rows(name, path.read_bytes())]
            except DocumentError as error:
                there = str(error)
            assert there == here, path.name
            pids.add(child().pid)
    assert len(pids) == 1


def test_a_document_that_takes_too_much_memory_is_refused_and_stays_within_its_limit():
    assert run("kept.append('un')") == ["un"]
    rest = child().memory_info().rss
    peak = [rest]
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.005):
            for process in psutil.Process().children():
                # between fork and exec a child still shows its parent's memory; at its end it may be gone
                with contextlib.suppress(psutil.NoSuchProcess):
                    if "vigie.reading" in " ".join(process.cmdline()):
                        peak.append(process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with pytest.raises(DocumentError, match="88 Mio de mémoire"):
            run("hog = []\nwhile True: hog.append(b'x' * 100_000)")
        with pytest.raises(DocumentError, match="88 Mio de mémoire"):
            run("hog = b'x' * 3_000_000_000")
    finally:
        stop.set()
        watcher.join()
    assert 30_000_000 < max(peak) - rest < 100_000_000
    assert run("kept.append('deux')") == ["deux"]


def test_a_document_that_takes_too_long_is_refused_at_its_limit():
    start = time.monotonic()
    with pytest.raises(DocumentError, match="pas fini en 1 s"):
        run("while True: pass", seconds=1)
    assert time.monotonic() - start < 5
    assert run("kept.append('encore')") == ["encore"]


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("ctypes.string_at(0)", "SIGSEGV"),
        ("os.kill(os.getpid(), 9)", "SIGKILL"),
        ("os._exit(3)", "code 3"),
        ("os.abort()", "SIGABRT"),
        ("os.write(3, b'\\0' * 100); os._exit(0)", "s'est effondré"),
    ],
)
def test_a_reader_that_dies_is_a_refusal(code, named):
    with pytest.raises(DocumentError, match="s'est effondré") as refused:
        run(code)
    assert named in str(refused.value)
    assert run("kept.append('debout')") == ["debout"]


def test_a_death_that_comes_from_outside_is_not_the_documents_fault():
    run("kept.append(1)")
    threading.Timer(0.5, child().kill).start()
    assert run("time.sleep(1); kept.append('lu')") == ["lu"]
    child().kill()
    assert run("kept.append('relu')") == ["relu"]


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("deep(0)", "emboîte trop d'éléments"),
        ("raise DocumentError('rien à lire')", "rien à lire"),
        ("{}['clef']", "KeyError : 'clef'"),
        ("kept.append(object())", "TypeError"),
        ("socket.create_connection(('127.0.0.1', 9))", "socket"),
        ("os.system('true')", "PermissionError"),
        ("kept.extend(range(1001))", "plus de 1000 lignes"),
    ],
)
def test_what_stops_a_reader_is_told_in_one_sentence(code, named):
    with pytest.raises(DocumentError) as refused:
        run(code, rows=1000)
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)


def test_values_come_back_as_plain_and_harmless_scalars():
    casablanca = "datetime.datetime(2026, 1, 1, 12, tzinfo=zoneinfo.ZoneInfo('Europe/Paris'))"
    code = f"kept += [Word('mot'), 1, 2.5, None, True, datetime.date(2026, 1, 1), {casablanca}, 'a\\ud800\\u202eb\\x00\\nc']"
    read = run(code)
    assert read == ["mot", 1, 2.5, None, True, date(2026, 1, 1), datetime(2026, 1, 1, 11, tzinfo=UTC), "ab\nc"]
    assert {type(value) for value in read} == {str, int, float, type(None), bool, date, datetime}


def test_the_child_has_no_key_and_prints_nothing(capfd):
    os.environ["VIGIE_SECRET"] = "clef"
    try:
        parsing.close()
        assert run("print('bruit'); kept.append(os.environ.get('VIGIE_SECRET'))") == [None]
    finally:
        del os.environ["VIGIE_SECRET"]
    assert capfd.readouterr().out == ""


def test_an_answer_that_is_not_plain_is_not_loaded(tmp_path):
    told = tmp_path / "pris"
    code = f"""
        import pickle
        from multiprocessing.connection import Connection
        class Taken:
            def __reduce__(self): return (Path.touch, (Path({str(told)!r}),))
        frame = sys._getframe()
        while frame:
            for found in list(frame.f_locals.values()):
                if isinstance(found, Connection) and found.writable: found.send_bytes(pickle.dumps(('rows', [Taken()])))
            frame = frame.f_back
    """
    with pytest.raises(DocumentError, match="s'est effondré"):
        run(textwrap.dedent(code))
    assert not told.exists()


def test_a_document_heavier_than_its_feed_allows_is_refused_unread():
    with pytest.raises(DocumentError, match="10 Mio admis"):
        parsing.read_rows("press_articles", b" " * (10 * feeds.MEBIBYTE + 1))


def test_no_child_outlives_a_parent_that_is_killed(wild_feed):
    code = textwrap.dedent("""
        import threading
        from vigie import feed, parsing
        load = feed.load
        feed.load = lambda name: load("wb_indicators" if name == "wild" else name)
        threading.Thread(target=parsing.read_rows, args=("wild", b"while True: pass")).start()
        while not parsing._READERS.child: pass
        print(parsing._READERS.child.process.pid, flush=True)
    """)
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=wild_feed, stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    time.sleep(1)
    assert psutil.pid_exists(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_forked_process_has_a_child_of_its_own():
    run("kept.append(1)")
    before = child().pid
    pid = os.fork()
    if pid == 0:
        ours = run("kept.append(2)") == [2] and child().pid != before
        parsing.close()
        os._exit(0 if ours else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert run("kept.append(3)") == [3]
    assert child().pid == before
