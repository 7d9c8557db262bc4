"""What was sent and how the channels are, as published: read from the journal, so that it can be asked as of any moment.

A publication tells of the deliveries made before it: those of its own messages come after.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from vigie import inputs, routes, ways
from vigie.lake import Lake
from vigie.store import Message, Store, exists, open_store
from vigie.store_schema import JOURNAL, OUTBOX

CHANNEL_COLUMNS = {
    "channel": "VARCHAR", "kind": "VARCHAR", "state": "VARCHAR", "last_success_at": "TIMESTAMP", "delivered": "INTEGER",
    "waiting": "INTEGER", "abandoned": "INTEGER", "failing_since": "TIMESTAMP", "last_error": "VARCHAR",
}  # fmt: skip
"""The published `channels` table: one row a way out of the last three months, its address masked."""

MESSAGE_COLUMNS = {
    "message_id": "VARCHAR", "thread_id": "VARCHAR", "created_at": "TIMESTAMP", "kind": "VARCHAR", "degree": "VARCHAR",
    "rule": "VARCHAR", "ref_area": "VARCHAR", "subject": "VARCHAR", "route": "VARCHAR", "role": "VARCHAR",
    "channels": "VARCHAR", "state": "VARCHAR", "delivered_at": "TIMESTAMP", "week_on": "DATE", "messages_in_week": "INTEGER",
    "budget_per_week": "INTEGER", "is_over_budget": "BOOLEAN", "receipt_id": "VARCHAR",
}  # fmt: skip
"""The published `messages` table: one row a message and route, with the route's load of that week against its budget."""

SPAN = timedelta(days=92)

Deliveries = dict[tuple[str, str], dict[str, Any]]


@dataclass
class Health:
    """How a channel has been, delivery after delivery."""

    last_success_at: str | None = None
    failing_since: str | None = None
    last_error: str | None = None
    counts: Counter[str] = field(default_factory=Counter)

    def hear(self, at: str, delivery: dict[str, Any]) -> None:
        if delivery["delivered_at"]:
            self.last_success_at, self.failing_since, self.last_error = delivery["delivered_at"], None, None
        elif delivery["last_error"]:
            self.failing_since, self.last_error = self.failing_since or at, delivery["last_error"]

    @property
    def state(self) -> str:
        if self.failing_since:
            return "en panne"
        return "en état" if self.last_success_at else "pas encore servi"


def channels(lake: Lake, as_of: datetime) -> list[dict[str, Any]]:
    """The health of each channel, in the shape of `CHANNEL_COLUMNS`."""
    if not exists(lake):
        return []
    found: dict[str, Health] = defaultdict(Health)
    latest: Deliveries = {}
    with open_store(lake) as store:
        for at, delivery in _told(store, as_of):
            if ways.kind(delivery["channel"]) == ways.DIGEST:
                continue
            found[delivery["channel"]].hear(at, delivery)
            latest[delivery["message_id"], delivery["channel"]] = delivery
    for delivery in latest.values():
        found[delivery["channel"]].counts[_state(delivery)] += 1
    return [
        {
            "channel": ways.label(name), "kind": ways.kind(name), "state": health.state,
            "last_success_at": _moment(health.last_success_at), "delivered": health.counts["remis"],
            "waiting": health.counts["en attente"], "abandoned": health.counts["abandonné"],
            "failing_since": _moment(health.failing_since), "last_error": health.last_error,
        }
        for name, health in sorted(found.items())
    ]  # fmt: skip


def messages(lake: Lake, as_of: datetime) -> list[dict[str, Any]]:
    """The messages of the last three months, in the shape of `MESSAGE_COLUMNS`, the oldest first."""
    if not exists(lake):
        return []
    known = {route.route: route for route in routes.load(inputs.SECTOR).routes}
    made: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with open_store(lake) as store:
        latest = {(d["message_id"], d["channel"]): d for _, d in _told(store, as_of)}
        posted = [message for message in _posted(store, as_of) if message.created_at <= as_of]
    for (message_id, _), delivery in latest.items():
        made[message_id].append(delivery)
    lines = [line for message in posted for line in _lines(message, made[message.message_id], known)]
    loads = Counter((line["route"], line["week_on"]) for line in lines if line["state"] != HELD)
    for line in lines:
        line["messages_in_week"] = loads[line["route"], line["week_on"]]
        budget = line["budget_per_week"]
        line["is_over_budget"] = None if budget is None else line["messages_in_week"] > budget
    return lines


HELD = "gardé pour le recueil"


def _told(store: Store, as_of: datetime) -> list[tuple[str, dict[str, Any]]]:
    asked = select(JOURNAL.c.at, JOURNAL.c.body).where(
        JOURNAL.c.kind == "delivery", JOURNAL.c.at < as_of.isoformat(), JOURNAL.c.at >= (as_of - SPAN).isoformat()
    )
    return [(row.at, json.loads(row.body)) for row in store.execute(asked.order_by(JOURNAL.c.no))]


def _posted(store: Store, as_of: datetime) -> list[Message]:
    """What was decided by then; what sending itself had to say, before it."""
    asked = select(OUTBOX).where(OUTBOX.c.created_at >= (as_of - SPAN).isoformat())
    found = [Message.of(row) for row in store.execute(asked.order_by(OUTBOX.c.created_at, OUTBOX.c.message_id))]
    return [message for message in found if message.kind in ("alert", "group") or message.created_at < as_of]


def _lines(message: Message, made: list[dict[str, Any]], known: dict[str, routes.Route]) -> list[dict[str, Any]]:
    named = sorted({route for delivery in made for route in delivery["routes"].split(",") if route})
    receipts = [line.get("receipt_id") for line in message.payload.get("lines") or ()]
    whole = {
        "message_id": message.message_id, "thread_id": message.thread_id, "created_at": message.created_at,
        "kind": message.kind, "degree": message.degree, "rule": message.rule or None, "ref_area": message.ref_area or None,
        "subject": message.subject, "week_on": _week(message.created_at), "receipt_id": next(filter(None, receipts), None),
    }  # fmt: skip
    return [whole | _by_route(route, made, known) for route in named or [None]]


def _by_route(route: str | None, made: Iterable[dict[str, Any]], known: dict[str, routes.Route]) -> dict[str, Any]:
    mine = [delivery for delivery in made if route is None or route in delivery["routes"].split(",")]
    states = [_state(delivery) for delivery in mine]
    served = sorted(delivery["delivered_at"] for delivery in mine if delivery["delivered_at"])
    if not mine:
        state = "à envoyer"
    elif all(ways.kind(delivery["channel"]) == ways.DIGEST for delivery in mine):
        state = HELD
    else:
        state = next(one for one in ("abandonné", "en attente", "remis") if one in states)
    rule = known.get(route or "")
    return {
        "route": route, "role": rule.role if rule else None, "state": state,
        "delivered_at": _moment(served[0] if served else None),
        "channels": ", ".join(sorted({ways.label(d["channel"]) for d in mine if ways.kind(d["channel"]) != ways.DIGEST})),
        "budget_per_week": rule.budget_per_week if rule else None,
    }  # fmt: skip


def _state(delivery: dict[str, Any]) -> str:
    if delivery["delivered_at"]:
        return "remis"
    return "abandonné" if delivery["abandoned_at"] else "en attente"


def _week(moment: datetime) -> date:
    """The Monday of a moment's week, in Casablanca."""
    here = routes.local(moment)
    return here.date() - timedelta(days=here.isoweekday() - 1)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
