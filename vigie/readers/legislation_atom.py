"""Atom feeds of new legislation as legislation.gov.uk writes them, with its own metadata elements."""

import re
from collections.abc import Iterator

from vigie.feed import DocumentError, Row
from vigie.readers import hardened_xml, notice
from vigie.readers.hardened_xml import Element

ATOM = "{http://www.w3.org/2005/Atom}"
METADATA = "{http://www.legislation.gov.uk/namespaces/metadata}"
IDENTITY = re.compile(r"^https?://www\.legislation\.gov\.uk/id/(\S+)$")


def rows(content: bytes) -> Iterator[Row]:
    """One row an entry; `updated` is when the site changed, never when the text came out."""
    feed = hardened_xml.root(content, "du fil Atom")
    if feed.tag != f"{ATOM}feed":
        raise DocumentError(f"la racine du document est <{feed.tag}> et non <feed> ; vérifier l'adresse du fil")
    entries = feed.findall(f"{ATOM}entry")
    if not entries:
        raise DocumentError("le fil Atom ne contient aucun texte (/feed/entry) ; un fil vide n'est pas « rien de nouveau »")
    for entry in entries:
        yield _row(entry)


def _row(entry: Element) -> Row:
    written = (entry.findtext(f"{ATOM}id") or "").strip()
    named = IDENTITY.match(written)
    headings = [category.get("term") for category in entry.findall(f"{ATOM}category")]
    summary = hardened_xml.words(entry.find(f"{ATOM}summary"))
    return Row(
        {
            "local_id": named[1] if named else written,
            "nature": _metadata(entry, "DocumentMainType", "Value"),
            "title": hardened_xml.words(entry.find(f"{ATOM}title")),
            "subject": " ; ".join(filter(None, [*headings, summary])) or None,
            "published_at": entry.findtext(f"{ATOM}published"),
            "updated_at": entry.findtext(f"{ATOM}updated"),
            "adopted_on": notice.day(_metadata(entry, "CreationDate", "Date")),
            "link": next((link.get("href") for link in entry.findall(f"{ATOM}link") if not link.get("rel")), written),
            "lang": "en",
        },
        hardened_xml.path(entry),
    )


def _metadata(entry: Element, name: str, attribute: str) -> str | None:
    found = entry.find(f"{METADATA}{name}")
    return None if found is None else found.get(attribute)
