"""Article pages: the main text by trafilatura, the date by the site's own line before any guess.

A guessed date may be one quoted in the body, so a page that states none has none. Whatever has a main text
is an article, well or badly formed: the suite judges what it lacks.
"""

import re
from datetime import date

import trafilatura
from lxml import etree, html
from trafilatura.settings import Extractor

from vigie.feed import DocumentError, Row
from vigie.readers import dates, envelope

STATED = re.compile(
    r"publié\s+(?:dans\s+(?P<outlet>.{2,60}?)\s+)?le\s+"
    r"(?P<day>\d{1,2}\s*[-/]\s*\d{1,2}\s*[-/]\s*\d{4}|\d{1,2}(?:er)?\s+\w+\s+\d{4})",
    re.IGNORECASE,
)
SAYS_WHEN = "publié"
DATE_METAS = ("article:published_time", "datePublished", "date", "dc.date")
NAMING = ("property", "name", "itemprop")
WRITTEN = etree.XPath("string()", smart_strings=False)
BOILERPLATE = ("merci d'avoir signalé", "cette image sera automatiquement bloquée", "cliquez ici pour lire")
WANTED = tuple(Extractor(precision=True, comments=around, tables=around) for around in (False, True))
"""How trafilatura is asked: for the text alone, then with its tables and comments when there is nothing else to read."""


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
    outlet, day, raw = _published(page)
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
    return next((str(found) for options in WANTED if (found := trafilatura.extract(page, options=options))), "")


def _first(page: html.HtmlElement, path: str) -> str | None:
    found = page.xpath(path)
    return str(found[0]).strip() if found else None


def _title(page: html.HtmlElement) -> str:
    for path in ("//h1", "//title"):
        found = page.xpath(path)
        if found and found[0].text_content().strip():
            return " ".join(found[0].text_content().split())
    return ""


def _published(page: html.HtmlElement) -> tuple[str | None, date | None, str | None]:
    """The outlet and the day that the page states, and in what words."""
    written = WRITTEN(page)
    stated = STATED.search(" ".join(written.split())) if SAYS_WHEN in written.lower() else None
    if stated and (day := dates.day(stated["day"])):
        return stated["outlet"], day, stated[0]
    metas: dict[str, str] = {}
    for meta in page.iter("meta"):
        if (said := meta.get("content")) is not None:
            for name in filter(None, map(meta.get, NAMING)):
                metas.setdefault(name, said.strip())
    for name in DATE_METAS:
        raw = metas.get(name)
        if raw and (day := dates.day(raw[:10])):
            return None, day, raw
    return None, None, None


def _body(extracted: str, title: str) -> list[str]:
    lines = [" ".join(line.split()) for line in extracted.splitlines()]
    return [line for line in lines if line and line != title and not is_around(line)]


def is_around(line: str) -> bool:
    """True for what a site writes under each of its articles, and for the date."""
    lowered = line.lower()
    return (SAYS_WHEN in lowered and STATED.match(line) is not None) or any(words in lowered for words in BOILERPLATE)


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
    if all(piece in written for piece in wanted):
        return True
    written = " ".join(written.split())
    return all(piece in written for piece in wanted)
