"""What a feed is: a declaration (who publishes, where, how often) and a reader from bytes to rows.

The folder `vigie/feeds` is the list of feeds; a feed's name is its module's name and threads
every stage (suite, staging model, DAG, ledger folder).
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "vigie" / "feeds" / "samples"
SECTORS = ROOT / "sectors"
MEBIBYTE = 1 << 20

ColumnType = Literal["text", "number", "integer", "date", "timestamp", "boolean"]


class DocumentError(Exception):
    """A document that cannot be read: one French sentence saying what is wrong, where, what to do."""


@dataclass(frozen=True)
class Origin:
    """Whose bytes a document holds: the publisher's (`recorded`), our typing of figures that
    someone printed (`retyped`: by whom, where, when), or `invented` illustrative figures."""

    kind: Literal["recorded", "retyped", "invented"]
    by: str = ""
    address: str = ""
    on: date | None = None
    note: str = ""


def recorded(by: str, address: str, on: date | None = None, note: str = "") -> Origin:
    return Origin("recorded", by, address, on, note)


def retyped(by: str, address: str = "", on: date | None = None, note: str = "") -> Origin:
    return Origin("retyped", by, address, on, note)


def invented(note: str) -> Origin:
    return Origin("invented", note=note)


@dataclass(frozen=True)
class Column:
    """A landed column; `description` is French, for the door's messages."""

    name: str
    type: ColumnType
    description: str


@dataclass(frozen=True)
class Row:
    """One row as read, with its exact place in the document (cell, pointer, path, line or span)."""

    values: Mapping[str, object]
    place: str


@dataclass(frozen=True)
class Request:
    """One question to a publisher: a GET, or a POST when it has a body.

    `empty` are the statuses by which this publisher says that there is nothing (a gazette's 404 on a
    Sunday), `empty_bodies` the whole answers that say it under a success (`[]`); `success` are the
    statuses that carry a document.
    """

    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    success: tuple[int, ...] = (200,)
    empty: tuple[int, ...] = ()
    empty_bodies: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Key:
    """The credential that switches a feed on, by the names of the settings that hold it.

    One setting is a plain key, sent in `header`. Two are an OAuth2 client's id and secret, exchanged
    at `token_address` for a bearer token of this `scope`.
    """

    settings: tuple[str, ...]
    header: str = ""
    token_address: str = ""
    scope: str = ""


@dataclass(frozen=True)
class Feed:
    """Declaration of a feed; lags are the expected days between a period's end and its release.

    `address` is where a person finds it. `requests` are the questions of one day's poll (one GET of
    `address` when it is not given); `follow` gives the further questions that an answer raises, and
    `is_listing` says that the first answers only list documents. `pace_seconds` is the least delay
    between two questions to one host; `max_bytes` the most that one decoded answer may weigh.
    `keep_days` is how long the licence lets us hold the bytes and the `perishable` columns; None is
    for ever. A feed that `is_confidential` is one whose documents name nobody outside of the private side: not
    by a row, a file's name, a reason or a judge's account. `returns` are taken whole or not at all.
    """

    publisher: str
    title: str
    address: str | None
    licence: str
    rhythm_days: int
    lag_days: tuple[int, int]
    schedule: str
    produces: Literal["observations", "register", "articles", "notices", "returns"]
    columns: tuple[Column, ...]
    read: Callable[[bytes], Iterable[Row]]
    snapshot: bool = False
    register: bool = False
    samples: Mapping[str, Origin] = field(default_factory=dict)
    requests: Callable[[date], Iterable[Request]] | None = None
    follow: Callable[[bytes], Iterable[Request]] | None = None
    is_listing: bool = False
    key: Key | None = None
    pace_seconds: float = 1.0
    max_bytes: int = 10 * MEBIBYTE
    keep_days: int | None = None
    perishable: tuple[str, ...] = ()
    is_confidential: bool = False


@cache
def names() -> tuple[str, ...]:
    """Names of all feeds, sorted: the modules of `vigie.feeds`."""
    package = importlib.import_module("vigie.feeds")
    return tuple(sorted(module.name for module in pkgutil.iter_modules(package.__path__)))


@cache
def load(name: str) -> Feed:
    """The declaration of one feed; KeyError with the known names when there is none."""
    if name not in names():
        raise KeyError(f"flux inconnu « {name} » ; flux connus : {', '.join(names())}")
    feed = importlib.import_module(f"vigie.feeds.{name}").feed
    if not isinstance(feed, Feed):
        raise TypeError(f"vigie/feeds/{name}.py doit définir feed = Feed(…)")
    return feed


def sample_documents(name: str) -> list[Path]:
    """The bundled documents of a feed, oldest first: `<feed>.<day collected>.<ext>`.

    A register's documents are its dated editions in `sectors/<sector>/registers/`.
    """
    if load(name).register:
        found = SECTORS.glob(f"*/registers/{name}.*.csv")
    else:
        found = SAMPLES.glob(f"{name}.*")
    return sorted(found, key=lambda path: (collected_on(path), path.name))


def collected_on(path: Path) -> date:
    """The day a bundled document was collected, read from its name."""
    try:
        return date.fromisoformat(path.name.split(".")[1])
    except (IndexError, ValueError):
        raise ValueError(f"{path.name} : le nom doit être <flux>.<AAAA-MM-JJ>[.<suite>].<extension>") from None
