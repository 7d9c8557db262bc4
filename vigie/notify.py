"""Messages decided → people: files always, and by the ways that the routes and the settings open.

Delivery is at least once under a stable name: a message is marked delivered only after its channel
took it, so a crash between the two sends it again with the same `Message-ID` or delivery id, by
which a receiver knows it. A message leaves only when the published version shows its alerts.
"""

import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select

from vigie import digests, dispatch, inputs, routes, ways
from vigie.channels import Channel, DeliveryError, Letter
from vigie.clock import Run
from vigie.lake import Lake
from vigie.routes import Directory
from vigie.store import AnyRow, Message, Store, exists, open_store
from vigie.store_schema import DELIVERIES, OUTBOX

log = logging.getLogger("vigie")

TRIES_PER_CALL = 3
"""At once, for what passes in a second; then the message waits."""
MAX_TRIES = 24
"""Past that the message is a dead letter for that channel, and the other channels say so."""
FIRST_PAUSE_SECONDS = 0.5
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
NAMESPACE = uuid5(NAMESPACE_URL, "https://github.com/vigie/failures")

sleep = time.sleep
"""The back-off between two tries at once; tests shorten it."""


@dataclass(frozen=True)
class NotifyReport:
    """What left, what waits, what was given up on; `dead_letters` counts those of this call."""

    delivered: int
    waiting: int
    dead_letters: int
    channels: tuple[str, ...]
    has_recipient: bool

    def summary(self) -> str:
        parts = [f"{self.delivered} remise(s) par {', '.join(self.channels)}"]
        if self.waiting:
            parts.append(f"{self.waiting} en attente")
        if self.dead_letters:
            parts.append(f"{self.dead_letters} ABANDONNÉE(S) : voir la page Fiabilité et data/state.sqlite")
        if not self.has_recipient:
            parts.append("aucun destinataire : les messages restent dans outbox/ (renseigner VIGIE_RECIPIENTS et VIGIE_SMTP_URL)")
        return " ; ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Planned:
    """A delivery that a call would make now, or is keeping for later (`not_before`)."""

    message: Message
    channel: str
    routes: str
    not_before: datetime | None

    def sentence(self) -> str:
        when = f" (pas avant le {routes.local(self.not_before):%d/%m/%Y à %H h %M})" if self.not_before else ""
        return f"{self.message.subject} → {ways.label(self.channel)}{when}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "message_id": self.message.message_id, "kind": self.message.kind, "degree": self.message.degree,
            "subject": self.message.subject, "channel": ways.label(self.channel), "routes": self.routes,
            "not_before": self.not_before,
        }  # fmt: skip


def notify(run: Run) -> NotifyReport:
    """Delivers what may be said; a question about the past says nothing."""
    lake, known = run.data, routes.load(inputs.SECTOR)
    delivered = dead = 0
    is_finished = run.is_retrospective
    with lake.lock("notify"):
        while not is_finished:
            channels = ways.open_all(lake, known.routes)
            with open_store(lake) as store:
                _plan(store, run, known)
                due = list(_due(store, run, channels))
            out, gone = _deliver_all(run, due, channels)
            delivered, dead = delivered + out, dead + gone
            # a dead letter is told by the other channels at once
            is_finished = not gone
    kinds = tuple(sorted({ways.kind(name) for name in ways.open_all(lake, known.routes)}))
    return NotifyReport(delivered, _waiting(lake), dead, kinds, any(ways.of(route) for route in known.routes))


def rehearse(run: Run) -> list[Planned]:
    """What a call would send, by which ways, and what it would keep for later; nothing is sent nor written."""
    if run.is_retrospective or not exists(run.data):
        return []
    known = routes.load(inputs.SECTOR)
    with _unwritten(run.data) as store:
        _plan(store, run, known)
        return [
            Planned(letter.message, row.channel, row.routes, _waits(run, row))
            for letter, row in _open(store)
            if row.channel in ways.open_all(run.data, known.routes) or ways.kind(row.channel) == ways.DIGEST
        ]


def is_due(run: Run) -> bool:
    """True when a message waits for a channel that the settings still name, or to be seen, or a digest for its hour."""
    if run.is_retrospective or not exists(run.data):
        return False
    known = routes.load(inputs.SECTOR)
    with open_store(run.data) as store:
        unseen = select(OUTBOX.c.message_id).where(OUTBOX.c.message_id.not_in(select(DELIVERIES.c.message_id)))
        if store.execute(unseen.limit(1)).first() or digests.is_due(store, run, known.routes):
            return True
        return any(True for _ in _due(store, run, ways.open_all(run.data, known.routes)))


def delivered(lake: Lake) -> str:
    """How the messages of an observatory stand, in a few words."""
    if not exists(lake):
        return "aucun"
    with open_store(lake) as store:
        (sent, dead) = store.execute(
            "select count(distinct message_id) filter (where delivered_at is not null), "
            "count(distinct message_id) filter (where abandoned_at is not null) from deliveries"
        ).one()
    waiting = _waiting(lake)
    parts = [f"{sent} remis", f"{waiting} envoi(s) en attente" if waiting else "", f"{dead} abandonné(s)" if dead else ""]
    return ", ".join(part for part in parts if part)


def recipients() -> list[str]:
    """The ways out that lead to somebody, as a page may name them."""
    return [ways.label(name) for route in routes.load(inputs.SECTOR).routes for name in ways.of(route)]


def _plan(store: Store, run: Run, known: Directory) -> None:
    dispatch.address(store, run, known)
    digests.compose(store, run, known.routes)
    # a digest that was just composed leaves in the same call
    dispatch.address(store, run, known)


@contextmanager
def _unwritten(lake: Lake) -> Iterator[Store]:
    """A store of which nothing is kept."""

    class Forget(Exception):
        pass

    try:
        with open_store(lake) as store:
            yield store
            raise Forget
    except Forget:
        pass


def _open(store: Store) -> Iterator[tuple[Letter, AnyRow]]:
    """The deliveries still to be made, in the order in which they are to leave."""
    rows = store.execute(
        select(DELIVERIES, OUTBOX)
        .join(OUTBOX, OUTBOX.c.message_id == DELIVERIES.c.message_id)
        .where(DELIVERIES.c.delivered_at.is_(None), DELIVERIES.c.abandoned_at.is_(None))
        .order_by(OUTBOX.c.created_at, OUTBOX.c.thread_id, OUTBOX.c.message_id, DELIVERIES.c.channel)
    ).all()
    firsts: dict[str, str] = {}
    for row in rows:
        message = Message.of(row)
        if message.thread_id not in firsts:
            asked = select(OUTBOX.c.message_id).where(OUTBOX.c.thread_id == message.thread_id)
            first = store.execute(asked.order_by(OUTBOX.c.created_at, OUTBOX.c.message_id).limit(1)).one()
            firsts[message.thread_id] = first.message_id
        yield Letter(message, firsts[message.thread_id]), row


def _due(store: Store, run: Run, channels: dict[str, Channel]) -> Iterator[tuple[Letter, AnyRow]]:
    return ((letter, row) for letter, row in _open(store) if row.channel in channels and not _waits(run, row))


def _waits(run: Run, row: AnyRow) -> datetime | None:
    """Until when a delivery waits; None when it may be tried.

    Where the clock stands still no wait would ever end: each call is then a new moment.
    """
    if row.next_try_at is None:
        return None
    until = datetime.fromisoformat(row.next_try_at)
    stands_still = not run.is_ticking and row.attempts and until == next_try(run.now, row.message_id, row.channel, row.attempts)
    return None if until <= run.now or stands_still else until


def next_try(now: datetime, message_id: str, channel: str, attempts: int) -> datetime:
    """When to try again after that many tries: twice as long each time, with a jitter that comes from the delivery's name."""
    rounds = max(attempts // TRIES_PER_CALL, 1)
    wait = min(FIRST_WAIT * 2 ** (rounds - 1), LONGEST_WAIT)
    jitter = random.Random(f"{message_id}|{channel}|{attempts}").uniform(0.8, 1.2)
    return now + timedelta(seconds=round(wait.total_seconds() * jitter))


def _deliver_all(run: Run, due: list[tuple[Letter, AnyRow]], channels: dict[str, Channel]) -> tuple[int, int]:
    """Tries each delivery; a channel that is down is left alone for the rest of the call."""
    delivered = dead = 0
    down: set[str] = set()
    for letter, row in due:
        if row.channel in down:
            continue
        outcome = _deliver(run, letter, row, channels[row.channel], down)
        delivered += outcome == "delivered"
        dead += outcome == "abandoned"
    return delivered, dead


def _deliver(run: Run, letter: Letter, row: AnyRow, channel: Channel, down: set[str]) -> str:
    """Tries a few times, pausing twice as long each time; returns `delivered`, `waiting` or `abandoned`."""
    name, tries = row.channel, row.attempts
    for attempt in range(TRIES_PER_CALL):
        if attempt:
            sleep(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
        tries += 1
        try:
            channel(letter)
        except DeliveryError as error:
            log.info("  %s : %s", name, error)
            if error.is_outage:
                down.add(name)
            again = next_try(run.now, letter.message.message_id, name, tries)
            noted = {"attempts": tries, "last_error": str(error), "next_try_at": again.isoformat()}
            if tries >= MAX_TRIES:
                _abandon(run, letter.message, name, noted)
                return "abandoned"
            _note(run, letter.message, name, **noted)
        else:
            down.discard(name)
            taken = run.now.isoformat()
            _note(run, letter.message, name, attempts=tries, last_error=None, next_try_at=None, delivered_at=taken)
            return "delivered"
    return "waiting"


def _note(run: Run, message: Message, channel: str, **changes: Any) -> None:
    with open_store(run.data) as store:
        store.note_delivery(message.message_id, channel, run.now, **changes)


def _abandon(run: Run, message: Message, channel: str, noted: dict[str, Any]) -> None:
    """Gives a message up for a channel; the others are told of it in the same transaction, once a channel and a day."""
    with open_store(run.data) as store:
        store.note_delivery(message.message_id, channel, run.now, **noted, abandoned_at=run.now.isoformat())
        store.post(_failure(message, channel, noted["last_error"], run.now))
    said = f"message {message.message_id} abandonné ({ways.label(channel)}) : {noted['last_error']}"
    run.data.record_failure("notify", said, run.now, run.caused_by)


def _failure(lost: Message, channel: str, error: str, now: datetime) -> Message:
    name = ways.label(channel)
    body = (
        f"Le canal « {name} » n'a pas pris le message suivant, après {MAX_TRIES} essais :\n\n  {lost.subject}\n\n"
        f"Dernière erreur : {error}\n\nCe message n'arrivera pas par ce canal ; il est dans data/outbox/ et dans le fil Atom.\n"
        "À faire : vérifier le canal (docs/operating.md, « Messages »). Les autres messages qui y seraient abandonnés\n"
        "aujourd'hui ne font pas d'autre avis ; la page Fiabilité les compte.\n"
    )
    return Message(
        str(uuid5(NAMESPACE, f"{channel}|{now:%Y-%m-%d}")), str(uuid5(NAMESPACE, channel)), "failure", "rouge", "", "", (), now,
        f"[Vigie][CANAL EN PANNE] {name}", body, {"occasion": "panne", "channel": channel, "lost": lost.message_id, "lines": []},
    )  # fmt: skip


def _waiting(lake: Lake) -> int:
    if not exists(lake):
        return 0
    counts = (
        "select count(*) as n from deliveries where delivered_at is null and abandoned_at is null",
        "select count(*) as n from outbox where message_id not in (select message_id from deliveries)",
    )
    with open_store(lake) as store:
        return sum(int(store.execute(count).one().n) for count in counts)
