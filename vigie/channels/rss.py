"""The messages as an Atom feed (RFC 4287) that any reader of feeds follows."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from vigie.channels import DeliveryError
from vigie.lake import LakeError, write_atomically
from vigie.store import Message

ATOM = "http://www.w3.org/2005/Atom"
NAME = "alertes.atom"
KEPT = 200
"""Latest messages that the feed shows."""


def write(folder: Path, messages: Sequence[Message]) -> None:
    """Writes the feed of these messages, the latest first."""
    try:
        write_atomically(folder / NAME, feed(messages))
    except LakeError as error:
        raise DeliveryError(str(error), is_outage=True) from error


def feed(messages: Sequence[Message]) -> bytes:
    """The same messages give the same bytes; each entry has the name of its message for ever."""
    latest = sorted(messages, key=lambda m: (m.created_at, m.message_id), reverse=True)[:KEPT]
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    _add(root, "id", "urn:vigie:alertes")
    _add(root, "title", "Vigie : alertes")
    _add(root, "updated", _moment(latest[0].created_at if latest else datetime(1970, 1, 1)))
    _add(_add(root, "author"), "name", "Vigie")
    for message in latest:
        entry = _add(root, "entry")
        _add(entry, "id", f"urn:uuid:{message.message_id}")
        _add(entry, "title", message.subject)
        _add(entry, "updated", _moment(message.created_at))
        _add(entry, "category").set("term", message.degree)
        _add(entry, "content", message.body).set("type", "text")
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return written


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{ATOM}}}{name}")
    element.text = text
    return element


def _moment(at: datetime) -> str:
    return at.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
