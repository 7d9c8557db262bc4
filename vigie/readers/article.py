"""Article pages: the main text by trafilatura, the date by the site's own line before any guess.

A guessed date may be one quoted in the body, so a page that states none is refused.
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
BOILERPLATE = re.compile(r"merci d'avoir signalé|cette image sera automatiquement bloquée|cliquez ici pour lire", re.IGNORECASE)
LEAST_TEXT = 200
"""Fewer characters than this is an error page or a paywall, not an article."""


def row(content: bytes) -> Row:
    """The article of a page; its place is the path of the smallest element that holds title and text."""
    envelope.refuse_empty(content)
    page = _parse(envelope.text(content))
    title = _title(page)
    outlet, day, raw = _published(page, title)
    body = _body(content, title)
    return Row(
        {
            "kind": "page",
            "link": _first(page, "//link[@rel='canonical']/@href") or _first(page, "//meta[@property='og:url']/@content"),
            "title": title,
            "body": "\n".join(body),
            "author": _first(page, "//meta[@name='author']/@content"),
            "outlet": outlet or _first(page, "//meta[@property='og:site_name']/@content"),
            "published_at": day,
            "published_raw": raw,
            "lang": _first(page, "/html/@lang"),
        },
        _place(page, title, body),
    )


def _parse(text: str) -> html.HtmlElement:
    try:
        # as bytes: a page may declare its encoding, which lxml refuses to read from text
        return html.fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except etree.ParserError as error:
        raise DocumentError(f"la page HTML est vide de tout élément ({error}) ; vérifier l'adresse") from error


def _first(page: html.HtmlElement, path: str) -> str | None:
    found = page.xpath(path)
    return str(found[0]).strip() if found else None


def _title(page: html.HtmlElement) -> str:
    for path in ("//h1", "//title"):
        found = page.xpath(path)
        if found and found[0].text_content().strip():
            return " ".join(found[0].text_content().split())
    raise DocumentError("la page HTML n'a ni <h1> ni <title> : ce n'est pas un article ; vérifier l'adresse")


def _published(page: html.HtmlElement, title: str) -> tuple[str | None, date, str]:
    stated = STATED.search(" ".join(page.text_content().split()))
    if stated and (day := dates.day(stated["day"])):
        return stated["outlet"], day, stated[0]
    for name in DATE_METAS:
        raw = _first(page, f"//meta[@property='{name}' or @name='{name}' or @itemprop='{name}']/@content")
        if raw and (day := dates.day(raw[:10])):
            return None, day, raw
    raise DocumentError(
        f"la page HTML « {title} » n'annonce aucune date de publication : ce n'est pas un article "
        "(page d'erreur ou d'attente ?) ; vérifier l'adresse"
    )


def _body(content: bytes, title: str) -> list[str]:
    extracted = trafilatura.extract(content, favor_precision=True, include_comments=False, include_tables=False) or ""
    lines = [" ".join(line.split()) for line in extracted.splitlines()]
    body = [line for line in lines if line and line != title and not STATED.match(line) and not BOILERPLATE.search(line)]
    if sum(map(len, body)) < LEAST_TEXT:
        raise DocumentError(
            f"la page HTML « {title} » ne contient pas d'article (moins de {LEAST_TEXT} caractères de texte) ; "
            "page d'erreur ou d'abonnement : vérifier l'adresse"
        )
    return body


def _place(page: html.HtmlElement, title: str, body: list[str]) -> str:
    tree = page.getroottree()
    wanted = [title, body[0], body[-1]]
    place = tree.getpath(page)
    for element in page.iter(etree.Element):
        if all(piece in " ".join(element.text_content().split()) for piece in wanted):
            place = tree.getpath(element)
    return str(place)
