"""The tables of the store, and how a store of an earlier layout becomes one of today's.

Times are ISO 8601 texts in naive UTC: they sort as moments do, in SQLite as in PostgreSQL.
"""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Integer, MetaData, Table, Text, inspect, text

VERSION = 1

METADATA = MetaData()


def _key(name: str, kind: type[Text] | type[Integer] = Text) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _texts(*names: str, nullable: bool = False) -> list[Column[Any]]:
    return [Column(name, Text, nullable=nullable) for name in names]


META = Table("meta", METADATA, _key("name"), *_texts("value"))
DECISIONS = Table(
    "decisions", METADATA, _key("no", Integer), *_texts("decided_at"), Column("evaluations", Integer, nullable=False),
    Column("acts", Integer, nullable=False),
)  # fmt: skip
"""Each decision: on what is known at `decided_at`, after how many human acts."""

WATCHED = Table("watched", METADATA, _key("rule"), _key("version"), _key("entity"), *_texts("since", nullable=True))
EVALUATIONS = Table(
    "evaluations", METADATA, _key("decision", Integer), _key("rule"), _key("entity"), _key("period"),
    *_texts("body", nullable=True),
)  # fmt: skip
"""What each decision was taken on, written where it differs from the decision before; no body when it was no longer told."""

EPISODES = Table("episodes", METADATA, _key("alert_id"), _key("no", Integer), *_texts("decided_at", "episode", "line"))
"""Appended, never rewritten: each version says when it was decided."""

ACTS = Table(
    "acts", METADATA, _key("no", Integer), *_texts("kind", "target", "by_whom", "at"), *_texts("until", nullable=True),
    *_texts("note"),
)  # fmt: skip
"""What people did; also appended."""

NOTICES = Table(
    "notices", METADATA, _key("notice_id"),
    *_texts("alert_id", "occasion", "degree", "group_key", "created_at", "due_at", "state"), *_texts("why", nullable=True),
    *_texts("subject", "body", "line"),
)  # fmt: skip
"""What there is to say of one alert, before it is grouped into a message: `waiting`, `sent` or `muted` (why)."""

OUTBOX = Table(
    "outbox", METADATA, _key("message_id"), *_texts("thread_id", "kind", "degree", "rule", "ref_area", "alert_ids"),
    *_texts("created_at", "subject", "body", "payload"),
)  # fmt: skip
DELIVERIES = Table(
    "deliveries", METADATA, Column("message_id", Text, ForeignKey("outbox.message_id"), primary_key=True), _key("channel"),
    Column("routes", Text, nullable=False, server_default=""), Column("attempts", Integer, nullable=False, server_default="0"),
    *_texts("last_error", "next_try_at", "delivered_at", "abandoned_at", nullable=True),
)  # fmt: skip
"""By which ways a message leaves, each on account of which `routes`, and how far it got."""
JOURNAL = Table("journal", METADATA, _key("no", Integer), *_texts("at", "kind", "body", "hash"))
"""The audit, appended in the transaction of what it tells; each row's hash covers the one before."""

DEGREES = {"rouge": "rouge", "orange": "orange"}


def prepare(connection: Connection, retell: Callable[[dict[str, list[dict[str, Any]]]], None]) -> None:
    """Makes the tables that are missing; `retell` writes back the rows of an earlier layout, in today's."""
    tables = inspect(connection)
    if tables.has_table("meta"):
        return
    before = _take_out(connection) if tables.has_table("outbox") else {}
    METADATA.create_all(connection)
    connection.execute(META.insert(), {"name": "schema", "value": str(VERSION)})
    if before:
        retell(before)


def _take_out(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """The rows of the layout without `meta`, as today's tables have them; its changed tables are dropped."""
    # a store older than the prise en charge has no table of it
    known = set(inspect(connection).get_table_names())
    rows = {
        name: [dict(row) for row in connection.execute(text(f"select * from {name}")).mappings()] if name in known else []
        for name in ("decisions", "episodes", "acknowledgements", "outbox", "deliveries")
    }
    for name in ("deliveries", "outbox", "acknowledgements", "episodes", "decisions"):
        connection.execute(text(f"drop table if exists {name}"))
    acts = [
        {"kind": "acknowledge", "target": row["alert_id"], "by_whom": row["by_whom"], "at": row["at"], "until": None,
         "note": row["note"]}
        for row in rows["acknowledgements"]
    ]  # fmt: skip
    return {
        "decisions": [
            {"no": no, **row, "acts": 0}
            for no, row in enumerate(sorted(rows["decisions"], key=lambda r: r["decided_at"]), start=1)
        ],
        "episodes": rows["episodes"],
        "acts": acts,
        "outbox": [_message(row) for row in rows["outbox"]],
        "deliveries": [{"routes": "", "next_try_at": None} | row for row in rows["deliveries"]],
    }


def _message(row: dict[str, Any]) -> dict[str, Any]:
    line = json.loads(row["line"])
    return {
        "message_id": row["message_id"], "thread_id": row["alert_id"], "kind": "alert",
        "degree": DEGREES.get(line.get("level"), "calme"), "rule": line.get("rule") or "", "ref_area": line.get("ref_area") or "",
        "alert_ids": json.dumps([row["alert_id"]]), "created_at": row["created_at"], "subject": row["subject"],
        "body": row["body"], "payload": json.dumps({"occasion": row["occasion"], "lines": [line]}, ensure_ascii=False),
    }  # fmt: skip
