"""The child's side of `vigie.parsing`: waits for a feed's name and a document, and gives the document's rows.

It dies with its parent, has no network and starts no process; each document is read under a limit on its
address space, taken once the feed's readers are imported.
"""

import ctypes
import gc
import json
import numbers
import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timezone
from decimal import Decimal
from functools import partial
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path

from vigie import feed as feeds
from vigie.feed import ROOT, DocumentError, Feed, Row
from vigie.readers import envelope, place

PARENT_DEATH = 1
"""PR_SET_PDEATHSIG, of <linux/prctl.h>."""
BATCH = 500
LINKS = "links"
TEXTS = "texts"
COLLECTED = (20_000, 20, 50)
"""When garbage is looked for: a document's tree makes many objects that all go together at its end."""
PLAIN = frozenset((int, float, bool, type(None), date, Decimal))
FORBIDDEN = {"socket.connect", "socket.getaddrinfo", "socket.bind", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"}


class TooManyRows(Exception):
    """More rows than a document of this feed may hold."""


def serve(questions: Connection, answers: Connection) -> None:
    """A line of JSON, then a document, over and over until the parent is gone: one message a document.

    The line holds a feed's name (with `#links` for what a document links to, `#texts` for what stands at the place
    of its rows) and the limits. A name that was not the one before has its readers imported, and comes alone.
    """
    rest = _address_space()
    name = ""
    read: Callable[[bytes], Iterable[Row]] = _nothing
    while True:
        try:
            line, _, content = questions.recv_bytes().partition(b"\n")
            asked, memory, most = json.loads(line)
            if asked != name:
                before = _address_space()
                read = _reader(asked)
                rest += max(_address_space() - before, 0)
                name = asked
                # what was imported stays for good: a collection need not go through it at each document
                gc.collect()
                gc.freeze()
                answers.send_bytes(_message("ready"))
                continue
            _limit(rest + memory)
            _answer(read, content, most, answers.send_bytes)
        except EOFError:
            return
        finally:
            _limit(resource.RLIM_INFINITY)


def _nothing(_: bytes) -> Iterable[Row]:
    return ()


def _reader(asked: str) -> Callable[[bytes], Iterable[Row]]:
    name, _, part = asked.partition("#")
    declared = feeds.load(name)
    return partial(PARTS[part], declared) if part else declared.read


def _answer(read: Callable[[bytes], Iterable[Row]], content: bytes, most: int, tell: Callable[[bytes], None]) -> None:
    """Tells the rows by batches, the last of them with how it ended."""
    try:
        found = iter(read(content))
        batch = _batch(found)
        count = len(batch)
        while count <= most and (following := _batch(found)):
            tell(_message("rows", batch))
            batch = following
            count += len(batch)
        if count > most:
            raise TooManyRows
        ending = _message("end", batch)
    except DocumentError as error:
        ending = _message("refused", str(error))
    except TooManyRows:
        told = f"le document contient plus de {most} lignes, le plus admis pour ce flux ; le couper en plusieurs"
        ending = _message("refused", told)
    except RecursionError:
        ending = _message("refused", "le document emboîte trop d'éléments les uns dans les autres ; ne pas le redéposer tel quel")
    except MemoryError:
        ending = _message("memory")
    except Exception as error:
        # a fault of ours that a hostile document brings out must not stop the collection of the others
        ending = _message("refused", _unforeseen(error))
    _limit(resource.RLIM_INFINITY)
    tell(ending)


def _batch(found: Iterator[Row]) -> list[tuple[dict[str, object], str]]:
    return [({key: _plain(key, value) for key, value in row.values.items()}, row.place) for row in islice(found, BATCH)]


def _message(*told: object) -> bytes:
    return pickle.dumps(told, pickle.HIGHEST_PROTOCOL)


def _links(declared: Feed, content: bytes) -> Iterator[Row]:
    """The requests that a document raises, each as a row of plain values."""
    for request in declared.follow(content) if declared.follow else ():
        yield Row(
            {
                "address": request.address,
                "headers": json.dumps(dict(request.headers)),
                "body": None if request.body is None else request.body.hex(),
                "success": json.dumps(request.success),
                "empty": json.dumps(request.empty),
                "empty_bodies": json.dumps([body.hex() for body in request.empty_bodies]),
            },
            "",
        )


def _texts(declared: Feed, content: bytes) -> Iterator[Row]:
    """What stands at the place of each row."""
    text_at = place.pointer(content)
    for row in declared.read(content):
        yield Row({"text": text_at(row.place)}, row.place)


PARTS = {LINKS: _links, TEXTS: _texts}


def _unforeseen(error: Exception) -> str:
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(ROOT / "vigie")]
    where = f"{Path(ours[-1].filename).name}, ligne {ours[-1].lineno}" if ours else "bibliothèque"
    said = " ".join(str(error).split())[:200]
    return f"le lecteur du flux a échoué ({type(error).__name__} : {said} ; {where}) ; signaler le document à l'équipe technique"


def _plain(name: str, value: object) -> object:
    """The value as a scalar of Python's own (libraries give subclasses that the parent does not load), a text
    without what no store or screen can take."""
    if type(value) in PLAIN:
        return value
    match value:
        case str():
            # what can be printed holds no such character: that is known faster than the pattern is searched for
            return value if type(value) is str and value.isprintable() else envelope.harmless(str(value))
        case datetime():
            stamp = datetime.fromisoformat(value.isoformat())
            return stamp if stamp.tzinfo is None or type(stamp.tzinfo) is timezone else stamp.astimezone(UTC)
        case date():
            return date(value.year, value.month, value.day)
        case numbers.Integral():
            return int(value)
        case numbers.Real():
            return float(value)
        case _:
            raise TypeError(f"la colonne {name} contient un {type(value).__name__}, qui n'est pas une valeur simple")


def _address_space() -> int:
    """Bytes of virtual memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _limit(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))


def _refuse(event: str, _: object) -> None:
    raise PermissionError(f"un lecteur ne fait pas {event}")


class _Forbidden:
    """Has the name of each forbidden event as an attribute that nobody may look at.

    An audit hook is called at each of a library's thousands of innocent events: looking a name up in C costs
    a fifth of a function of ours.
    """


for _event in FORBIDDEN:
    setattr(_Forbidden, _event, property(partial(_refuse, _event)))


def main() -> None:
    ctypes.CDLL(None).prctl(PARENT_DEATH, signal.SIGKILL)
    if os.getppid() != int(sys.argv[1]):
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.set_threshold(*COLLECTED)
    sys.addaudithook(partial(getattr, _Forbidden()))
    answers = Connection(os.dup(1), readable=False)
    os.dup2(2, 1)  # what a library prints is no answer
    serve(Connection(os.dup(0), writable=False), answers)


if __name__ == "__main__":
    main()
