"""RSS 2.0 as newspapers' software writes it, read in one pass: a sound feed needs no leniency.

Each entry is what feedparser says of it, under feedparser's names. A feed with anything else in it (another
vocabulary, an element twice, an attribute that bears on what follows, a DTD, an unusual date or link, text
encoded twice) is not for here: feedparser knows what to make of it.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html.entities import entitydefs
from time import struct_time
from typing import Any

from lxml import etree

BEGINNING = re.compile(
    rb"""(?:<\?xml\s+version=["']1\.0["'](?:\s+encoding=["'][uU][tT][fF]-8["'])?(?:\s+standalone=["']yes["'])?\s*\?>)?\s*<rss[\s>]"""
)
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
NAMES = {
    "title": "title", "link": "link", "description": "description", ENCODED: "content", "pubDate": "published",
    "author": "author", CREATOR: "author",
}  # fmt: skip
"""What is taken from an entry."""
IDLE = {
    "guid", "category", "comments", "enclosure", "{http://purl.org/rss/1.0/modules/slash/}comments",
    "{http://wellformedweb.org/CommentAPI/}commentRss", "{com-wordpress:feed-additions:1}post-id",
    "{http://search.yahoo.com/mrss/}content", "{http://search.yahoo.com/mrss/}thumbnail",
}  # fmt: skip
"""What else an entry may hold without a bearing on what is taken."""
ABOUT = {
    "title", "link", "description", "language", "copyright", "managingEditor", "webMaster", "pubDate", "lastBuildDate",
    "category", "generator", "docs", "ttl", "{http://www.w3.org/2005/Atom}link",
    "{http://purl.org/rss/1.0/modules/syndication/}updatePeriod",
    "{http://purl.org/rss/1.0/modules/syndication/}updateFrequency", "{com-wordpress:feed-additions:1}site",
}  # fmt: skip
"""What a channel may say of itself."""
IMAGE = {"url", "title", "link", "width", "height", "description"}
LINK = re.compile(r"https?://[\w.-][^\s;<>]*")
MONTHS = {
    "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11, "Dec": 12,
}  # fmt: skip
DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d?) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) "
    r"(\d\d):(\d\d):(\d\d) (?:GMT|([+-])(\d\d)(\d\d))"
)
REFERENCES = re.compile(r"&(#?\w+);")
C1 = re.compile("[\x80-\x9f]")


class _UnusualError(Exception):
    """Something that feedparser should look at."""


def entries(content: bytes) -> list[dict[str, Any]] | None:
    """The entries of a sound feed, in order; None when it is not one, or has none."""
    if not BEGINNING.match(content):
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return [_entry(item) for item in _items(etree.fromstring(content, parser))] or None
    except (etree.XMLSyntaxError, _UnusualError, ValueError, OverflowError):
        return None


def _items(rss: Any) -> Iterator[Any]:
    if len(rss) != 1 or rss[0].tag != "channel" or rss[0].keys() or set(rss.keys()) - {"version"}:
        raise _UnusualError
    for element in rss[0]:
        if element.tag == "item":
            yield element
        elif element.tag == "image":
            if any(len(part) or part.tag not in IMAGE for part in element):
                raise _UnusualError
        elif len(element) or element.tag not in ABOUT:
            raise _UnusualError


def _entry(item: Any) -> dict[str, Any]:
    if item.keys():
        raise _UnusualError
    taken: dict[str, str] = {}
    for element in item:
        name = NAMES.get(element.tag)
        if len(element) or (name and (name in taken or element.keys())) or not (name or element.tag in IDLE):
            raise _UnusualError
        if name:
            taken[name] = _written(element)
    if not LINK.fullmatch(taken.get("link", "")) or "@" in taken.get("author", ""):
        raise _UnusualError
    entry: dict[str, Any] = {name: taken[name] for name in ("link", "author") if name in taken}
    if "title" in taken:
        entry["title"] = taken["title"]
        entry["title_detail"] = {"type": _kind(taken["title"])}
    if "published" in taken:
        entry["published"] = taken["published"]
        entry["published_parsed"] = _moment(taken["published"])
    if "content" in taken:
        entry["content"] = [{"value": taken["content"]}]
    if summary := [taken[name] for name in ("description", "content") if name in taken]:
        entry["summary"] = summary[0]
    return entry


def _written(element: Any) -> str:
    text: str = (element.text or "").strip()
    if not text.isascii():
        try:
            text.encode("iso-8859-1").decode()
        except UnicodeError:
            pass
        else:
            raise _UnusualError
        if C1.search(text):
            raise _UnusualError
    return text


def _kind(title: str) -> str:
    """Plain text, or text with HTML's references: the latter say so, all of them being known."""
    if "<" in title:
        raise _UnusualError
    names = REFERENCES.findall(title) if "&" in title else ()
    known = all(name.startswith("#") or name in entitydefs for name in names)
    return "text/html" if names and known else "text/plain"


def _moment(printed: str) -> struct_time:
    found = DATE.fullmatch(printed)
    if not found:
        raise _UnusualError
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    moment = datetime(int(year), MONTHS[month], int(day), int(hour), int(minute), int(second))
    if sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        moment += offset if sign == "-" else -offset
    return moment.utctimetuple()
