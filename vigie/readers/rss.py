"""RSS and Atom feeds: XML made safe first, then read by feedparser.

feedparser's own sanitiser is quadratic on hostile bodies, so it is off and markup is stripped here.
"""

import calendar
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

import feedparser
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from lxml import etree, html

from vigie.feed import DocumentError, Row
from vigie.readers import envelope

ATOM = "{http://www.w3.org/2005/Atom}"
WEB = ("http", "https")


def rows(content: bytes) -> Iterator[Row]:
    """One row per item: link, title, text of the summary, date; the place is the item's path."""
    for entry, path in _entries(content):
        stamp = entry.get("published_parsed") or entry.get("updated_parsed")
        yield Row(
            {
                "kind": "rss_item",
                "link": entry.get("link"),
                "title": plain(entry.get("title", "")),
                "body": plain(entry.get("summary", "")),
                "author": entry.get("author"),
                "published_at": datetime.fromtimestamp(calendar.timegm(stamp), UTC) if stamp else None,
                "published_raw": entry.get("published") or entry.get("updated"),
            },
            path,
        )


def links(content: bytes) -> Iterator[str]:
    """The web addresses the items point to."""
    for entry, _ in _entries(content):
        address = entry.get("link", "")
        if urlsplit(address).scheme in WEB:
            yield address


def plain(markup: str) -> str:
    """Text without its markup, on one line."""
    if not markup.strip():
        return ""
    tree = html.fromstring(f"<div>{markup}</div>")
    etree.strip_elements(tree, "script", "style", with_tail=False)
    return " ".join(tree.text_content().split())


def _entries(content: bytes) -> Iterator[tuple[Any, str]]:
    envelope.refuse_empty(content)
    envelope.refuse_html(content, "du flux RSS attendu")
    root = _root(content)
    items, path = _items(root)
    if not items:
        raise DocumentError(f"le flux RSS ne contient aucun article ({path}) ; un flux vide n'est pas « rien de nouveau »")
    parsed = feedparser.parse(content, sanitize_html=False, resolve_relative_uris=False)
    if len(parsed.entries) != len(items):
        raise DocumentError(
            f"le flux RSS se lit mal : {len(items)} articles écrits ({path}), {len(parsed.entries)} lus ; "
            "signaler le flux à l'équipe technique"
        )
    for number, entry in enumerate(parsed.entries, start=1):
        yield entry, f"{path}[{number}]"


def _root(content: bytes) -> Element:
    try:
        return fromstring(content)
    except DefusedXmlException as error:
        raise DocumentError(
            f"le flux RSS déclare une entité XML ({type(error).__name__}), ce qu'aucun flux n'a à faire ; ne pas l'ouvrir"
        ) from error
    except ParseError as error:
        line, column = error.position
        raise DocumentError(
            f"le flux RSS n'est pas du XML bien formé ou n'est pas dans l'encodage qu'il déclare : ligne {line}, "
            f"colonne {column + 1} ; le redemander à l'éditeur"
        ) from error


def _items(root: Element) -> tuple[list[Element], str]:
    if root.tag == f"{ATOM}feed":
        return root.findall(f"{ATOM}entry"), "/feed/entry"
    if root.tag == "rss":
        return root.findall("channel/item"), "/rss/channel/item"
    raise DocumentError(f"la racine du document est <{root.tag}> et non <rss> ni <feed> ; vérifier l'adresse du flux")
