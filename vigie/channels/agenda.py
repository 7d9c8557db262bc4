"""What is to be done by when, as a file that any calendar opens (iCalendar, RFC 5545)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar

from vigie.channels import DeliveryError
from vigie.lake import LakeError, write_atomically
from vigie.store import Message

NAME = "echeances.ics"


def write(folder: Path, messages: Iterable[Message]) -> None:
    """Writes what these messages ask to be done."""
    try:
        write_atomically(folder / NAME, calendar(messages))
    except LakeError as error:
        raise DeliveryError(str(error), is_outage=True) from error


def calendar(messages: Iterable[Message]) -> bytes:
    """One event an alert that asks for something by a day, as its latest message has it.

    An alert that no longer asks for anything stays, as CANCELLED, so that a calendar that holds it strikes it out.
    """
    asked: dict[str, tuple[Message, dict[str, Any]]] = {}
    counts: dict[str, int] = {}
    for message in sorted(messages, key=lambda m: (m.created_at, m.message_id)):
        for line in message.payload.get("lines") or ():
            alert = line.get("alert_id")
            due = line.get("due_on") or (asked[alert][1]["due_on"] if alert in asked else None)
            if not alert or not due:
                continue
            is_over = not line.get("due_on") or line.get("state", "actif") != "actif"
            counts[alert] = counts.get(alert, -1) + 1
            asked[alert] = (message, line | {"due_on": due, "is_over": is_over})
    whole = icalendar.Calendar()
    whole.add("prodid", "-//Vigie//Échéances des alertes//FR")
    whole.add("version", "2.0")
    whole.add("calscale", "GREGORIAN")
    whole.add("method", "PUBLISH")
    whole.add("x-wr-calname", "Vigie : à faire")
    for alert, (message, line) in sorted(asked.items(), key=lambda item: (str(item[1][1]["due_on"]), item[0])):
        whole.add_component(_event(alert, message, line, counts[alert]))
    written: bytes = whole.to_ical()
    return written


def _event(alert: str, message: Message, line: dict[str, Any], revision: int) -> icalendar.Event:
    day = line["due_on"] if isinstance(line["due_on"], date) else datetime.fromisoformat(line["due_on"]).date()
    event = icalendar.Event()
    moment = message.created_at.replace(tzinfo=UTC)
    event.add("uid", f"{alert}@vigie")
    event.add("dtstamp", moment)
    event.add("last-modified", moment)
    event.add("sequence", revision)
    event.add("status", "CANCELLED" if line["is_over"] else "CONFIRMED")
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", f"À faire avant ce jour : {line.get('action') or message.subject}")
    event.add("description", "\n".join(filter(None, [line.get("title"), line.get("finding"), f"Alerte : {alert}"])))
    event.add("categories", [message.degree])
    return event
