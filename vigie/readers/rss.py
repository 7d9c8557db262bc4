"""RSS, RDF, Atom and CDF feeds, as generously as feedparser reads them: what has entries is read.

feedparser's own sanitiser is quadratic on hostile bodies, so it is off and markup is made text here. It
expands no nested entity and asks nobody for an external one.
"""

import calendar
import html
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from html.entities import entitydefs
from typing import Any
from urllib.parse import urlsplit
from xml.sax import SAXParseException

import feedparser
from lxml import etree

from vigie.feed import DocumentError, Row
from vigie.readers import dates, envelope

# feedparser asks chardet for a guess wherever some other package has brought it: what is read must not depend on that
feedparser.encodings.lazy_chardet_encoding = None

WEB = ("http", "https")
PATHS = {"atom": "/feed/entry", "rss090": "/rdf:RDF/item", "rss10": "/rdf:RDF/item", "rss": "/rss/channel/item"}
"""Where the entries stand, by the beginning of the version that feedparser names."""
BLOCK_NAME = "(?:[pP]|[dD][iI][vV]|[lL][iI]|[bB][rR]|[tT][rRdDhH]|[hH]|[bB][lL][oO][cC][kK]|[fF][iI][gG])"
"""How the names of the tags begin that part words from each other; no inline one begins so. Cases are spelled out for speed."""
BLOCK = re.compile(f"<(?=/?{BLOCK_NAME})")
PLAIN_BLOCK = re.compile(f"</?{BLOCK_NAME}[^<>]*>")
PLAIN_INLINE = re.compile(
    r"</?(?:a|abbr|article|b|cite|code|em|font|i|img|ol|q|s|section|small|span|strong|sub|sup|time|u|ul)(?:[\s/][^<>]*)?>"
)
CHARACTER = re.compile(r"&(#?\w*;?)")
FEW = 30
"""So many kinds of references are faster replaced one after the other than by `html.unescape`."""
ROOT = re.compile(r"<([A-Za-z_][\w:.-]*)")
REFERENCE = re.compile(rb"&#([xX][0-9a-fA-F]{1,400}|[0-9]{1,400});?")
MARKUP = re.compile(r"[<&]")
WRITTEN = etree.XPath("string()", smart_strings=False)
PARSER = etree.HTMLParser(remove_comments=True, remove_pis=True, collect_ids=False, default_doctype=False, encoding="utf-8")


def rows(content: bytes) -> Iterator[Row]:
    """One row per entry: link, title, text of the summary, date; the place is the entry's path.

    `bozo` says what is ill-formed in a feed that could be read all the same.
    """
    parsed, path = _parse(content)
    ill_formed = _ill_formed(parsed)
    for number, found in enumerate(parsed.entries, start=1):
        # feedparser's own access by name looks for each name's former synonyms
        entry = dict(found)
        published = entry.get("published") or entry.get("updated")
        yield Row(
            {
                "kind": "rss_item",
                "link": entry.get("link"),
                "title": _text(entry, "title"),
                "body": _text(entry, "summary") or " ".join(plain(part.get("value", "")) for part in entry.get("content", ())),
                "author": entry.get("author"),
                "published_at": _moment(entry, published),
                "published_raw": published,
                "bozo": ill_formed,
            },
            f"{path}[{number}]",
        )


def links(content: bytes) -> Iterator[str]:
    """The web addresses the entries point to."""
    for entry in _parse(content)[0].entries:
        address = entry.get("link") or ""
        if _is_web(address):
            yield address


def _is_web(address: str) -> bool:
    try:
        return urlsplit(address).scheme in WEB
    except ValueError:
        return False


def plain(markup: str) -> str:
    """Text without its markup, on one line; a block's end is a space."""
    if not MARKUP.search(markup):
        return " ".join(markup.split())
    written = _unmarked(markup)
    return " ".join((_parsed(markup) if written is None else written).split())


def _unmarked(markup: str) -> str | None:
    """The text of markup made of plain tags and common characters alone; None for any other, which asks for a parser."""
    text = PLAIN_INLINE.sub("", PLAIN_BLOCK.sub(" ", markup))
    # a sign that is left may be one of an attribute's
    if "<" in text or ">" in text or "\0" in text:
        return None
    if "&" not in text:
        return text
    references = set(CHARACTER.findall(text))
    if not all(map(_is_common, references)):
        return None
    if len(references) > FEW:
        return html.unescape(text)
    for written in (f"&{reference}" for reference in references):
        # an ampersand that a reference gives begins no other: it stands aside until the end
        text = text.replace(written, html.unescape(written).replace("&", "\0"))
    return text.replace("\0", "&")


def _is_common(reference: str) -> bool:
    """A reference, closed, to a character that every version of HTML names alike."""
    name, closed = reference[:-1], reference.endswith(";")
    if not name.startswith("#"):
        return closed and name in entitydefs
    number = int(name[1:]) if name[1:].isascii() and name[1:].isdigit() and len(name) < 7 else 0
    return closed and (32 <= number < 127 or 160 <= number < 0xD800)


def _parsed(markup: str) -> str:
    spaced = BLOCK.sub(" <", markup.replace("\0", ""))
    tree = etree.fromstring(f"<div>{spaced}</div>".encode(errors="replace"), PARSER)
    if tree is None:
        return ""
    etree.strip_elements(tree, "script", "style", with_tail=False)
    return str(WRITTEN(tree))


def _text(entry: dict[str, Any], name: str) -> str:
    """An entry's text; what a feed declares to be plain keeps its « < »."""
    written = entry.get(name) or ""
    if not MARKUP.search(written) or dict.get(entry.get(f"{name}_detail", {}), "type") == "text/plain":
        return " ".join(written.split())
    return plain(written)


def _moment(entry: dict[str, Any], published: str | None) -> datetime | None:
    """feedparser's date, or ours when it read none or an impossible one."""
    read = entry.get("published_parsed") or entry.get("updated_parsed")
    moment = None
    if read:
        try:
            moment = datetime.fromtimestamp(calendar.timegm(read), UTC)
        except (ValueError, OverflowError, OSError):
            moment = None
    if published and (moment is None or not dates.is_plausible(moment)):
        return dates.stamp(published) or moment
    return moment


def _parse(content: bytes) -> tuple[Any, str]:
    """What feedparser reads, and the path of its entries; DocumentError when it reads none."""
    envelope.refuse_empty(content)
    parsed = _read(content)
    version = parsed.get("version") or ""
    path = next((path for start, path in PATHS.items() if version.startswith(start)), "/channel/item")
    if parsed.entries:
        return parsed, path
    envelope.refuse_html(content, "du flux RSS attendu")
    root = ROOT.search(envelope.harmless(content[: envelope.WINDOW].decode(errors="replace")))
    if version:
        raise DocumentError(f"le flux RSS ne contient aucun article ({path}) ; un flux vide n'est pas « rien de nouveau »")
    if root:
        raise DocumentError(
            f"aucun article dans ce document, dont la racine est <{root[1][:60]}> et non <rss>, <feed> ou <rdf:RDF> "
            f"({_ill_formed(parsed) or 'XML bien formé'}) ; vérifier l'adresse du flux"
        )
    raise DocumentError(
        f"ce document n'est pas un flux RSS : il ne contient aucun élément XML ({len(content)} octets reçus) ; vérifier l'adresse"
    )


def _read(content: bytes) -> Any:
    try:
        # given as a stream: bytes that happen to be the name of a file would have it opened
        return feedparser.parse(io.BytesIO(content), sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, OverflowError, AttributeError, KeyError, IndexError, TypeError, AssertionError) as error:
        repaired = REFERENCE.sub(_character, content)
        if repaired != content:
            return _read(repaired)
        raise DocumentError(
            f"le flux RSS est trop mal formé pour être lu ({type(error).__name__} : {error}) ; le redemander à l'éditeur"
        ) from error


def _character(reference: re.Match[bytes]) -> bytes:
    """The reference as written, nothing when it is to no character: feedparser stops at half of a pair."""
    digits = reference[1].lower()
    code = int(digits[1:], 16) if digits.startswith(b"x") else int(digits)
    return b"" if 0xD800 <= code <= 0xDFFF or code > sys.maxunicode else reference[0]


def _ill_formed(parsed: Any) -> str | None:
    """Why the feed is ill-formed, with the line; None when it is sound."""
    if not parsed.get("bozo"):
        return None
    error = parsed.get("bozo_exception")
    if isinstance(error, SAXParseException):
        return (
            f"XML mal formé, ligne {error.getLineNumber()}, colonne {(error.getColumnNumber() or 0) + 1} : {error.getMessage()}"
        )
    if isinstance(error, feedparser.CharacterEncodingOverride):
        return f"encodage autre que celui annoncé : lu en {parsed.get('encoding')}"
    return f"{type(error).__name__} : {error}" if error else "mal formé"
