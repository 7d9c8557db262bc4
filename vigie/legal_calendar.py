"""The calendar of what binds as a file that any calendar opens (iCalendar, RFC 5545).

An event is a whole day, or the whole month or year when no more is known, and says so. Its reminders are moments of its own
market's time zone. Names are stable; a revised date comes with a greater SEQUENCE, a withdrawn one as CANCELLED, so that a
calendar that holds the event already moves it or strikes it out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import icalendar

from vigie.clock import Run
from vigie.export import ExportError, drawn

REMINDERS = (180, 90, 30, 7, 0)
"""Days before a date at which a calendar speaks up."""
AT = time(9)
"""The hour of a reminder, in the time zone of the market."""
SHORTENED = {"day": "", "month": " (mois seul connu)", "year": " (année seule connue)"}


@dataclass(frozen=True)
class WrittenCalendar:
    """A calendar as written."""

    path: Path
    events: int
    as_of: datetime

    def summary(self) -> str:
        return f"{self.path} : {self.events} date(s), connues au {self.as_of:%d/%m/%Y}"

    def as_dict(self) -> dict[str, Any]:
        return {"path": str(self.path), "events": self.events, "as_of": self.as_of}


def write(run: Run, target: Path) -> WrittenCalendar:
    """Writes the published calendar, as it stands or as of the run's day, whole or not at all; ExportError otherwise."""
    with duckdb.connect(str(drawn(run)), read_only=True) as connection:
        cursor = connection.execute("select * from legal_calendar order by starts_on, uid")
        names = [column[0] for column in cursor.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        ((as_of,),) = connection.execute("select as_of from publication").fetchall()
    draft = target.with_name(f".{target.name}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(calendar(rows))
        draft.replace(target)
    except OSError as error:
        raise ExportError(f"écriture impossible de {target} : {error.strerror}") from error
    finally:
        if draft.parent.is_dir():
            draft.unlink(missing_ok=True)
    return WrittenCalendar(target, len(rows), as_of)


def calendar(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The iCalendar object of rows of `legal_calendar`; the same rows give the same bytes."""
    whole = icalendar.Calendar()
    whole.add("prodid", "-//Vigie//Calendrier juridique//FR")
    whole.add("version", "2.0")
    whole.add("calscale", "GREGORIAN")
    whole.add("method", "PUBLISH")
    whole.add("x-wr-calname", "Vigie : calendrier juridique")
    for row in rows:
        whole.add_component(_event(row))
    written: bytes = whole.to_ical()
    return written


def _event(row: Mapping[str, Any]) -> icalendar.Event:
    event = icalendar.Event()
    moment = row["revised_at"].replace(tzinfo=UTC)
    event.add("uid", row["uid"])
    event.add("dtstamp", moment)
    event.add("last-modified", moment)
    event.add("sequence", row["revision"])
    event.add("status", row["status"])
    event.add("dtstart", row["starts_on"])
    event.add("dtend", row["ends_before"])
    event.add("transp", "TRANSPARENT")
    doubt = "" if row["status"] == "CONFIRMED" else f" ({row['status_fr']})"
    event.add("summary", f"{_capital(row['kind_fr'])} : {row['title']}{SHORTENED[row['precision']]}{doubt}")
    event.add("description", _description(row))
    event.add("categories", [row["jurisdiction_fr"], row["kind_fr"]])
    if row["source_url"]:
        event.add("url", row["source_url"])
    if row["status"] != "CANCELLED":
        for days in REMINDERS:
            event.add_component(_reminder(row, days))
    return event


def _description(row: Mapping[str, Any]) -> str:
    said = [
        row["about_fr"],
        f"Marché : {row['jurisdiction_fr']} ; fuseau : {row['time_zone']}.",
        f"Précision : {row['precision_fr']}. Statut : {row['status_fr']}.",
        f"Selon {row['source_fr']}." + (f" « {row['quote']} »" if row["quote"] else ""),
        "Données illustratives, à ne pas citer." if row["origin"] == "invented" else None,
        f"Reçu : {row['receipt_id']}",
    ]
    return "\n".join(filter(None, said))


def _reminder(row: Mapping[str, Any], days: int) -> icalendar.Alarm:
    alarm = icalendar.Alarm()
    day: date = row["starts_on"] - timedelta(days=days)
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", datetime.combine(day, AT, ZoneInfo(row["time_zone"])).astimezone(UTC))
    when = f"J−{days}" if days else "Jour J"
    alarm.add("description", f"{when} : {row['title']}{SHORTENED[row['precision']]}")
    return alarm


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
