"""What a route hears at the end of each of its periods: a digest, or that there is nothing to say.

A silence of Vigie is then never mistaken for a calm: a route that hears nothing at its hour knows that something is wrong.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select

from vigie import ways
from vigie.clock import Run
from vigie.routes import Digest, Route, local
from vigie.store import Message, Store
from vigie.store_schema import DELIVERIES, OUTBOX

NAMESPACE = uuid5(NAMESPACE_URL, "https://github.com/vigie/digests")
WEEK = timedelta(days=7)
RULE = "—" * 40


@dataclass(frozen=True)
class Load:
    """How many messages a route was sent in the seven days before a moment, against what it was promised."""

    messages: int
    budget: int

    @property
    def is_over(self) -> bool:
        return self.messages > self.budget

    def sentence(self) -> str:
        said = f"{self.messages} message(s) en sept jours, pour {self.budget} au plus"
        return f"{said} : BUDGET DÉPASSÉ, revoir les seuils ou le regroupement." if self.is_over else f"{said}."


def compose(store: Store, run: Run, routes: Iterable[Route]) -> None:
    """Posts what each route is to hear of its last period, once; the messages that waited for it are then delivered."""
    for route, digest, since, slot in _due(store, run, routes):
        held, sent = _held(store, route), _sent(store, route, since, slot)
        name, thread = _name(route, slot), str(uuid5(NAMESPACE, route.route))
        store.post(_message(name, thread, route, digest, (since, slot), held, sent, load(store, route, slot), run.now))
        for message in held:
            waited = (message.message_id, f"{ways.DIGEST}:{route.route}")
            store.note_delivery(*waited, run.now, attempts=1, delivered_at=run.now.isoformat())


def is_due(store: Store, run: Run, routes: Iterable[Route]) -> bool:
    """True when a route is to hear of a period that has just ended."""
    return any(_due(store, run, routes))


def _due(store: Store, run: Run, routes: Iterable[Route]) -> Iterator[tuple[Route, Digest, datetime, datetime]]:
    """The routes whose last period nobody has told of yet, with its first and last moments."""
    born = store.execute("select min(decided_at) as at from decisions").one().at
    for route in routes:
        if not route.digest or not born or not ways.of(route):
            continue
        slot = route.digest.last_before(run.now)
        # a period that had begun before anything was watched is not one
        if slot > datetime.fromisoformat(born) and not _is_posted(store, _name(route, slot)):
            # the first period holds what was decided in its first instant
            yield route, route.digest, _since(store, route) or datetime.fromisoformat(born) - timedelta(seconds=1), slot


def _name(route: Route, slot: datetime) -> str:
    return str(uuid5(NAMESPACE, f"{route.route}|{slot.isoformat()}"))


def load(store: Store, route: Route, until: datetime) -> Load:
    """The fatigue of a route at a moment."""
    return Load(len(_sent(store, route, until - WEEK, until, every_kind=True)), route.budget_per_week)


def _is_posted(store: Store, name: str) -> bool:
    return store.execute(select(OUTBOX.c.message_id).where(OUTBOX.c.message_id == name)).first() is not None


def _since(store: Store, route: Route) -> datetime | None:
    """Until when the route was last told of."""
    asked = (
        select(OUTBOX)
        .where(OUTBOX.c.thread_id == str(uuid5(NAMESPACE, route.route)))
        .order_by(OUTBOX.c.created_at.desc())
        .limit(1)
    )
    row = store.execute(asked).first()
    return datetime.fromisoformat(Message.of(row).payload["until"]) if row else None


def _held(store: Store, route: Route) -> list[Message]:
    waiting = (DELIVERIES.c.channel == f"{ways.DIGEST}:{route.route}") & DELIVERIES.c.delivered_at.is_(None)
    return _messages(store, select(DELIVERIES.c.message_id).where(waiting))


def _sent(store: Store, route: Route, since: datetime, until: datetime, *, every_kind: bool = False) -> list[Message]:
    """The messages of a stretch of time that left, or are leaving, for the route one by one."""
    for_route = ("," + DELIVERIES.c.routes + ",").contains(f",{route.route},", autoescape=True)
    one_by_one = ~DELIVERIES.c.channel.startswith(f"{ways.DIGEST}:")
    found = _messages(store, select(DELIVERIES.c.message_id).where(for_route & one_by_one), since, until)
    return [message for message in found if every_kind or message.kind in ("alert", "group")]


def _messages(store: Store, names: Any, since: datetime = datetime.min, until: datetime = datetime.max) -> list[Message]:
    asked = select(OUTBOX).where(
        OUTBOX.c.message_id.in_(names), OUTBOX.c.created_at > since.isoformat(), OUTBOX.c.created_at <= until.isoformat()
    )
    return [Message.of(row) for row in store.execute(asked.order_by(OUTBOX.c.created_at, OUTBOX.c.message_id))]


def _message(
    name: str,
    thread: str,
    route: Route,
    digest: Digest,
    period: tuple[datetime, datetime],
    held: list[Message],
    sent: list[Message],
    burden: Load,
    now: datetime,
) -> Message:
    since, until = period
    days = f"du {local(since):%d/%m/%Y} au {local(until):%d/%m/%Y}"
    if held or sent:
        subject = f"[Vigie][RECUEIL] {len(held) + len(sent)} message(s) {days}"
        body = [f"Recueil {digest.period_fr} pour {route.role}, {days}."]
        body += [f"Gardé(s) pour ce recueil : {len(held)}."] if digest.holds else []
        body += [f"{RULE}\n{message.subject}\n\n{message.body.strip()}" for message in held]
        body += [f"{RULE}\nDéjà envoyé(s) :\n" + "\n".join(f"- {message.subject}" for message in sent)] if sent else []
    else:
        subject = f"[Vigie][RIEN À SIGNALER] {days}"
        body = [f"Rien à signaler pour {route.role}, {days} : la veille a fonctionné, et aucun message n'était à envoyer."]
    body.append(f"{RULE}\nCharge de la route « {route.route} » : {burden.sentence()}")
    if digest.every == "week":
        body.append("Sans message à cette heure la semaine prochaine, c'est Vigie qui est muette : prévenir qui l'exploite.")
    else:
        body.append("Sans message à cette heure demain, c'est Vigie qui est muette : prévenir qui l'exploite.")
    lines = [line for message in held for line in message.payload.get("lines") or ()]
    return Message(
        name, thread, "digest" if held or sent else "heartbeat", "orange" if held else "calme", "", "", (), now, subject,
        "\n\n".join(body) + "\n",
        {"occasion": "recueil" if held or sent else "rien à signaler", "route": route.route, "since": since.isoformat(),
         "until": until.isoformat(), "load": burden.messages, "budget": burden.budget, "is_over": burden.is_over, "lines": lines},
    )  # fmt: skip
