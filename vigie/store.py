"""The transactional store: what was decided, what people did, what is to be sent and what became of it.

SQLite in the data folder, or the PostgreSQL that VIGIE_STATE_URL names. One `open_store` is one transaction,
and one writer at a time; whatever it appends or delivers is told in the journal by that same transaction.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import URL, Connection, CursorResult, Engine, Executable, Row, create_engine, event, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.pool import NullPool

from vigie import settings
from vigie.lake import Lake, LakeError, to_json
from vigie.store_schema import ACTS, DECISIONS, DELIVERIES, EPISODES, EVALUATIONS, JOURNAL, META, NOTICES, OUTBOX, prepare

Kind = Literal["alert", "group", "digest", "heartbeat", "failure"]
Degree = Literal["rouge", "orange", "calme"]
Rows = CursorResult[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]

WRITER = 0x56494749
"""The advisory lock that lets one transaction write at a time in PostgreSQL, as `begin immediate` does in SQLite."""
GENESIS = ""
"""What stands for the hash before the first."""


@dataclass(frozen=True)
class Message:
    """A message to people. All those of one `thread_id` stand together; `payload` is for machines:
    `occasion`, and in `lines` the published lines of the alerts of `alert_ids`.
    """

    message_id: str
    thread_id: str
    kind: Kind
    degree: Degree
    rule: str
    ref_area: str
    alert_ids: tuple[str, ...]
    created_at: datetime
    subject: str
    body: str
    payload: dict[str, Any]

    @classmethod
    def of(cls, row: AnyRow) -> "Message":
        values = dict(row._mapping)
        return cls(**{
            **{name: values[name] for name in cls.__dataclass_fields__},
            "alert_ids": tuple(json.loads(values["alert_ids"])),
            "created_at": datetime.fromisoformat(values["created_at"]), "payload": json.loads(values["payload"]),
        })  # fmt: skip

    def as_row(self) -> dict[str, Any]:
        return {
            **vars(self), "alert_ids": to_json(list(self.alert_ids)), "created_at": self.created_at.isoformat(),
            "payload": to_json(self.payload),
        }  # fmt: skip


@dataclass(frozen=True)
class Broken:
    """The first row of the journal that does not hold, and what is wrong with it."""

    no: int
    reason: str


class Store:
    """One transaction on the store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tail: tuple[int, str] | None = None

    def execute(self, statement: str | Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] = ()) -> Rows:
        """Runs SQL (`:name` marks its parameters) or a SQLAlchemy statement; a list of parameters runs it for each."""
        ready = text(statement) if isinstance(statement, str) else statement
        return self._connection.execute(ready, parameters or None)

    def record(self, entries: Iterable[tuple[str, str, Mapping[str, Any]]]) -> None:
        """Appends to the journal, each entry being when, what kind, and what happened."""
        no, last = self._tail or self._last()
        rows = []
        for at, kind, body in entries:
            told = {"no": (no := no + 1), "at": at, "kind": kind, "body": to_json(body)}
            last = _chained(last, told)
            rows.append(told | {"hash": last})
        if rows:
            self.execute(JOURNAL.insert(), rows)
        self._tail = (no, last)

    def head(self) -> str:
        """The digest of the journal's last row, which vouches for all before it."""
        return (self._tail or self._last())[1]

    def _last(self) -> tuple[int, str]:
        row = self.execute(select(JOURNAL.c.no, JOURNAL.c.hash).order_by(JOURNAL.c.no.desc()).limit(1)).first()
        return (row.no, row.hash) if row else (0, GENESIS)

    def add_episodes(self, at: datetime, entries: Iterable[tuple[str, str, str]]) -> None:
        """Appends a version of each episode: its alert, itself and its published line as JSON texts."""
        numbers: Counter[str] = Counter(dict(self.execute("select alert_id, max(no) from episodes group by alert_id").all()))
        rows = []
        for alert_id, episode, line in entries:
            numbers[alert_id] += 1
            rows.append({
                "alert_id": alert_id, "no": numbers[alert_id], "decided_at": at.isoformat(), "episode": episode, "line": line,
            })  # fmt: skip
        self._append_episodes(rows)

    def _append_episodes(self, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.execute(EPISODES.insert(), rows)
            self.record((row["decided_at"], "episode", _named(row, "alert_id", "no")) for row in rows)

    def latest_episodes(self, until: datetime = datetime.max) -> list[AnyRow]:
        """The last version of each episode decided by then, in order of their alerts."""
        ranked = select(
            EPISODES, func.row_number().over(partition_by=EPISODES.c.alert_id, order_by=EPISODES.c.no.desc()).label("rank")
        ).where(EPISODES.c.decided_at <= until.isoformat())
        last = ranked.subquery()
        return list(self.execute(select(last).where(last.c.rank == 1).order_by(last.c.alert_id)).all())

    def add_notices(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Notes what there was to say of each alert, said or muted; what is noted already stays."""
        for entry in entries:
            if self.execute(select(NOTICES.c.notice_id).where(NOTICES.c.notice_id == entry["notice_id"])).first() is None:
                self.execute(NOTICES.insert(), dict(entry))
                self.record([(entry["created_at"], "notice", _named(entry, "notice_id"))])

    def decided(self, at: datetime, count: int, acts: int, bodies: Mapping[tuple[str, str, str], str]) -> None:
        """Writes a decision, and what it was taken on where that is not what the one before was taken on.

        `bodies` holds, by rule, entity and period, the evaluation as JSON. A decision that differs in nothing is not written.
        """
        before = self._evaluated()
        changed: dict[tuple[str, str, str], str | None] = dict.fromkeys(before.keys() - bodies.keys())
        changed |= {key: body for key, body in bodies.items() if before.get(key) != body}
        last = self.execute(select(DECISIONS).order_by(DECISIONS.c.no.desc()).limit(1)).first()
        if last and (last.decided_at, last.acts) == (at.isoformat(), acts) and not changed:
            return
        no = last.no + 1 if last else 1
        self.execute(DECISIONS.insert(), {"no": no, "decided_at": at.isoformat(), "evaluations": count, "acts": acts})
        if changed:
            self.execute(EVALUATIONS.insert(), [
                {"decision": no, "rule": rule, "entity": entity, "period": period, "body": body}
                for (rule, entity, period), body in changed.items()
            ])  # fmt: skip

    def _evaluated(self) -> dict[tuple[str, str, str], str]:
        key = (EVALUATIONS.c.rule, EVALUATIONS.c.entity, EVALUATIONS.c.period)
        rank = func.row_number().over(partition_by=key, order_by=EVALUATIONS.c.decision.desc()).label("rank")
        last = select(EVALUATIONS, rank).subquery()
        rows = self.execute(select(last).where((last.c.rank == 1) & last.c.body.is_not(None)))
        return {(row.rule, row.entity, row.period): row.body for row in rows}

    def add_act(self, kind: str, target: str, by: str, at: datetime, until: datetime | None = None, note: str = "") -> int:
        """Appends what somebody did; returns its number."""
        return self._append_act({
            "kind": kind, "target": target, "by_whom": by, "at": at.isoformat(), "until": until and until.isoformat(),
            "note": note,
        })  # fmt: skip

    def _append_act(self, act: dict[str, Any]) -> int:
        no = int(self.execute(select(func.coalesce(func.max(ACTS.c.no), 0))).scalar_one()) + 1
        self.execute(ACTS.insert(), act | {"no": no})
        self.record([(act["at"], "act", act | {"no": no})])
        return no

    def acts(self, *kinds: str) -> list[AnyRow]:
        """What people did, oldest first; all kinds unless some are named."""
        asked = select(ACTS).order_by(ACTS.c.no)
        return list(self.execute(asked.where(ACTS.c.kind.in_(kinds)) if kinds else asked).all())

    def post(self, message: Message) -> bool:
        """Puts a message in the outbox; False when it was there already, as it then stays."""
        if self.execute(select(OUTBOX.c.message_id).where(OUTBOX.c.message_id == message.message_id)).first():
            return False
        self._append_message(message.as_row())
        return True

    def _append_message(self, row: dict[str, Any]) -> None:
        self.execute(OUTBOX.insert(), row)
        self.record([(row["created_at"], "message", _named(row, "message_id"))])

    def messages(self) -> list[Message]:
        """The outbox, in the order in which it leaves."""
        order = (OUTBOX.c.created_at, OUTBOX.c.thread_id, OUTBOX.c.message_id)
        return [Message.of(row) for row in self.execute(select(OUTBOX).order_by(*order))]

    def expect(self, message_id: str, deliveries: Iterable[Mapping[str, Any]], at: datetime) -> None:
        """Notes by which `channel` a message is to leave, because of which `routes`, and not before when (`next_try_at`)."""
        untried = dict.fromkeys(("last_error", "next_try_at", "delivered_at", "abandoned_at"))
        first = {"message_id": message_id, "routes": "", "attempts": 0, **untried}
        self._append_deliveries(at.isoformat(), [{**first, **delivery} for delivery in deliveries])

    def _append_deliveries(self, at: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.execute(DELIVERIES.insert(), rows)
            self.record((at, "delivery", row) for row in rows)

    def note_delivery(self, message_id: str, channel: str, at: datetime, **changes: Any) -> AnyRow:
        """Changes how a delivery stands; returns it."""
        this = (DELIVERIES.c.message_id == message_id) & (DELIVERIES.c.channel == channel)
        self.execute(DELIVERIES.update().where(this).values(**changes))
        row = self.execute(select(DELIVERIES).where(this)).one()
        self.record([(at.isoformat(), "delivery", dict(row._mapping))])
        return row

    def take_in(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        """Appends the rows of a store of an earlier layout, each told in the journal at its own time."""
        if rows["decisions"]:
            self.execute(DECISIONS.insert(), rows["decisions"])
        self._append_episodes(rows["episodes"])
        for act in rows["acts"]:
            self._append_act(act)
        posted = {row["message_id"]: row["created_at"] for row in rows["outbox"]}
        for row in rows["outbox"]:
            self._append_message(row)
        for row in rows["deliveries"]:
            self._append_deliveries(row["delivered_at"] or row["abandoned_at"] or posted[row["message_id"]], [row])


def exists(lake: Lake) -> bool:
    """True when something may have been decided; a reader must not make the store."""
    return bool(settings.read().state_url) or lake.state.exists()


@contextmanager
def open_store(lake: Lake, *, in_folder: bool = False) -> Iterator[Store]:
    """The store of a data folder; what the block does is one transaction. LakeError when it cannot be used.

    `in_folder` is the folder's own file, whatever VIGIE_STATE_URL says.
    """
    engine = _engine(_url(lake, "" if in_folder else settings.read().state_url))
    try:
        with engine.begin() as connection:
            store = Store(connection)
            prepare(connection, store.take_in)
            _stamp(store, lake)
            yield store
    except OperationalError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        raise LakeError(f"la base des alertes ({engine.dialect.name}) ne se laisse pas écrire : {reason}") from error


def _stamp(store: Store, lake: Lake) -> None:
    """A store serves a folder of one mode, as the folder does."""
    known = store.execute(select(META.c.value).where(META.c.name == "mode")).scalar()
    if known is None:
        store.execute(META.insert(), {"name": "mode", "value": lake.mode})
    elif known != lake.mode:
        raise LakeError(f"la base des alertes est celle d'un dossier « {known} » et {lake.root} est « {lake.mode} »")


def _url(lake: Lake, given: str) -> URL:
    if not given:
        return URL.create("sqlite", database=str(lake.state))
    try:
        if make_url(given).get_backend_name() == "postgresql":
            return make_url(given).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        pass
    raise LakeError("VIGIE_STATE_URL doit s'écrire postgresql://utilisateur:motdepasse@serveur:port/base")


@lru_cache(maxsize=8)
def _engine(url: URL) -> Engine:
    is_file = url.get_backend_name() == "sqlite"
    try:
        # a connection for each transaction: processes that fork share none
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": 30} if is_file else {})
    except ModuleNotFoundError:
        raise LakeError("VIGIE_STATE_URL nomme PostgreSQL, dont le pilote manque : installer vigie[postgres]") from None
    if is_file:
        event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: Any, _: Any) -> None:
    # the driver begins no transaction of its own
    connection.isolation_level = None
    for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
        connection.execute(f"pragma {pragma}")


def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("begin immediate")
    else:
        connection.exec_driver_sql(f"select pg_advisory_xact_lock({WRITER})")


def verify(store: Store, heads: Collection[str] = ()) -> Broken | None:
    """The first row of the journal that was changed, removed or is no longer true of what it tells; None when all hold.

    `heads`: digests of rows that somebody else vouches for, without which the end of the journal could be cut unseen.
    """
    last = GENESIS
    unseen = set(heads) - {GENESIS}
    untold = {
        kind: {tuple(row[name] for name in names): _digest(dict(row)) for row in store.execute(select(table)).mappings()}
        for kind, table, names in (("episode", EPISODES, ("alert_id", "no")), ("message", OUTBOX, ("message_id",)))
    }
    number = 0
    for number, row in enumerate(store.execute(select(JOURNAL).order_by(JOURNAL.c.no)), start=1):
        told = {"no": row.no, "at": row.at, "kind": row.kind, "body": row.body}
        last = _chained(last, told)
        if row.no != number or row.hash != last:
            return Broken(number, "une ligne du journal a été changée ou retirée")
        unseen.discard(last)
        if row.kind in untold:
            body = json.loads(row.body)
            digest = body.pop("digest")
            if untold[row.kind].pop(tuple(body[name] for name in sorted(body)), None) != digest:
                return Broken(number, f"ce que la ligne raconte ({row.kind}) a été changé ou retiré")
    if any(untold.values()):
        return Broken(number + 1, "une ligne n'est pas racontée par le journal")
    if unseen:
        return Broken(number + 1, "la fin du journal manque : une version publiée en cite une ligne qui n'y est plus")
    return None


def _chained(last: str, told: Mapping[str, Any]) -> str:
    return hashlib.sha256((last + to_json(told)).encode()).hexdigest()


def _named(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A row by its key and the digest of all of it: the journal need not repeat long texts to vouch for them."""
    return {name: row[name] for name in names} | {"digest": _digest(row)}


def _digest(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(to_json(dict(row)).encode()).hexdigest()
