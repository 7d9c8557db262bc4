"""Messages of the outbox → deliveries: which of them readers can see by now, and by which ways each is to leave, and when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import duckdb
from sqlalchemy import select

from vigie import ways
from vigie.clock import Run
from vigie.lake import Lake
from vigie.routes import Directory
from vigie.store import Message, Store
from vigie.store_schema import DELIVERIES, OUTBOX


def address(store: Store, run: Run, known: Directory) -> None:
    """Gives its deliveries to each message that has none and whose alerts readers can see: a way opened later does
    not receive the past.
    """
    unseen = store.execute(
        select(OUTBOX)
        .where(OUTBOX.c.message_id.not_in(select(DELIVERIES.c.message_id)))
        .order_by(OUTBOX.c.created_at, OUTBOX.c.thread_id, OUTBOX.c.message_id)
    ).all()
    if not unseen:
        return
    shown = _shown(run.data)
    for row in unseen:
        message = Message.of(row)
        if all(shown.get(alert, datetime.min) >= message.created_at for alert in message.alert_ids):
            store.expect(message.message_id, deliveries(message, known, run.now), run.now)


def deliveries(message: Message, known: Directory, now: datetime) -> list[Mapping[str, Any]]:
    """By which ways a message is to leave, because of which routes, and not before when."""
    reasons: dict[str, list[str]] = {name: [] for name in ways.ALWAYS}
    holds: dict[str, list[datetime | None]] = {name: [None] for name in ways.ALWAYS}
    for route in known.routes:
        names = list(ways.of(route))
        if not names or not route.takes(message, known.within):
            continue
        waits = None if route.holds(message) else route.not_before(message, now)
        for name in [f"{ways.DIGEST}:{route.route}"] if route.holds(message) else names:
            reasons.setdefault(name, []).append(route.route)
            holds.setdefault(name, []).append(waits)
    return [
        {"channel": name, "routes": ",".join(reasons[name]), "next_try_at": _earliest(holds[name])}
        for name in reasons
        # a channel cannot be told by itself that it is down
        if name != message.payload.get("channel")
    ]


def _earliest(moments: list[datetime | None]) -> str | None:
    known = [moment for moment in moments if moment is not None]
    return min(known).isoformat() if len(known) == len(moments) else None


def _shown(lake: Lake) -> dict[str, datetime]:
    """The alerts that readers can see, and the state of each they see."""
    if not lake.published.exists():
        return {}
    with duckdb.connect(str(lake.published.resolve()), read_only=True) as connection:
        return dict(connection.execute("select alert_id, updated_at from alerts").fetchall())
