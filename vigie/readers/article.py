"""Article pages: the main text by trafilatura, the date by the site's own line before any guess.

A guessed date may be one quoted in the body, so a page that states none has none. Whatever has a main text
is an article, well or badly formed: the suite judges what it lacks.
"""

import re
from datetime import date

import trafilatura
from lxml import etree, html

from vigie.feed import DocumentError, Row
from vigie.readers import dates, envelope

STATED = re.compile(
    r"publié\s+(?:dans\s+(?P<outlet>.{2,60}?)\s+)?le\s+"
    r"(?P<day>\d{1,2}\s*[-/]\s*\d{1,2}\s*[-/]\s*\d{4}|\d{1,2}(?:er)?\s+\w+\s+\d{4})",
    re.IGNORECASE,
)
DATE_METAS = ("article:published_time", "datePublished", "date", "dc.date")
WRITTEN = etree.XPath("string()", smart_strings=False)
BOILERPLATE = re.compile(r"merci d'avoir signalé|cette image sera automatiquement bloquée|cliquez ici pour lire", re.IGNORECASE)


def row(content: bytes) -> Row:
    """The article of a page; its place is the path of the smallest element that holds title and text.

    DocumentError when the page has no main text at all.
    """
    envelope.refuse_empty(content)
    page = _parse(content)
    title = _title(page)
    extracted = _main_text(page)
    if not extracted:
        named = f"la page HTML « {title[:100]} »" if title else "la page HTML sans titre"
        raise DocumentError(f"{named} ne contient pas d'article ; page d'erreur, d'attente ou d'abonnement : vérifier l'adresse")
    written = " ".join(page.text_content().split())
    outlet, day, raw = _published(page, written)
    body = _body(extracted, title)
    return Row(
        {
            "kind": "page",
            "link": _first(page, "//link[@rel='canonical']/@href") or _first(page, "//meta[@property='og:url']/@content"),
            "title": title or None,
            "body": "\n".join(body),
            "author": _first(page, "//meta[@name='author']/@content"),
            "outlet": outlet or _first(page, "//meta[@property='og:site_name']/@content"),
            "published_at": day,
            "published_raw": raw,
            "lang": _first(page, "/html/@lang"),
        },
        _place(page, [piece for piece in (title, *body[:1], *body[-1:]) if piece]),
    )


def _parse(content: bytes) -> html.HtmlElement:
    """The page as trafilatura parses it, once; bytes that are not of the announced encoding are guessed."""
    try:
        page = trafilatura.load_html(envelope.text(content))
    except DocumentError:
        page = trafilatura.load_html(content)
    if page is None:
        raise DocumentError("la page HTML est vide de tout élément ; vérifier l'adresse")
    return page


def _main_text(page: html.HtmlElement) -> str:
    """The text alone; with its tables and comments when there is nothing else to read."""
    for around in (False, True):
        found = trafilatura.extract(page, favor_precision=True, include_comments=around, include_tables=around)
        if found:
            return str(found)
    return ""


def _first(page: html.HtmlElement, path: str) -> str | None:
    found = page.xpath(path)
    return str(found[0]).strip() if found else None


def _title(page: html.HtmlElement) -> str:
    for path in ("//h1", "//title"):
        found = page.xpath(path)
        if found and found[0].text_content().strip():
            return " ".join(found[0].text_content().split())
    return ""


def _published(page: html.HtmlElement, written: str) -> tuple[str | None, date | None, str | None]:
    """The outlet and the day that the page states, and in what words."""
    stated = STATED.search(written)
    if stated and (day := dates.day(stated["day"])):
        return stated["outlet"], day, stated[0]
    for name in DATE_METAS:
        raw = _first(page, f"//meta[@property='{name}' or @name='{name}' or @itemprop='{name}']/@content")
        if raw and (day := dates.day(raw[:10])):
            return None, day, raw
    return None, None, None


def _body(extracted: str, title: str) -> list[str]:
    lines = [" ".join(line.split()) for line in extracted.splitlines()]
    return [line for line in lines if line and line != title and not STATED.match(line) and not BOILERPLATE.search(line)]


def _place(page: html.HtmlElement, wanted: list[str]) -> str:
    """The path of the smallest element that holds all these pieces, of the page when none does."""
    element = page
    while (inside := next((child for child in element.iterchildren(etree.Element) if _holds(child, wanted)), None)) is not None:
        element = inside
    return str(page.getroottree().getpath(element))


def _holds(element: html.HtmlElement, wanted: list[str]) -> bool:
    # an element that is shorter than one of the pieces is not worth its spaces being made one
    written = WRITTEN(element)
    if len(written) < max(map(len, wanted), default=0):
        return False
    written = " ".join(written.split())
    return all(piece in written for piece in wanted)
