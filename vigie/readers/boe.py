"""The daily summary of Spain's official journal, XML: sections, departments, headings, items.

Its JSON turns a list of one into an object, so only the XML is read.
"""

from collections.abc import Iterator

from vigie.feed import DocumentError, Row
from vigie.readers import hardened_xml, notice
from vigie.readers.hardened_xml import Element


def rows(content: bytes) -> Iterator[Row]:
    """One row an item, wherever it stands; the place is its path."""
    if content.lstrip()[:1] in (b"{", b"["):
        raise DocumentError("le sommaire est en JSON, où une liste d'un seul élément change de forme ; demander le XML")
    answer = hardened_xml.root(content, "du sommaire du BOE")
    code = (answer.findtext("status/code") or "").strip()
    if code != "200":
        raise DocumentError(
            f"le BOE répond par une erreur (/response/status) : code {code or 'absent'}, "
            f"« {(answer.findtext('status/text') or '').strip()} » ; rien ne paraît le dimanche, sinon vérifier la date"
        )
    summary = answer.find("data/sumario")
    if summary is None or not (summary.findtext("metadatos/fecha_publicacion") or "").strip():
        raise DocumentError("le sommaire du BOE ne dit pas sa date (/response/data/sumario/metadatos) ; le redemander")
    day = notice.day(summary.findtext("metadatos/fecha_publicacion").strip())
    items = list(summary.iter("item"))
    if not items:
        raise DocumentError(
            f"le sommaire du BOE du {day} est vide (aucun item) ; un numéro paru n'est jamais vide, le redemander"
        )
    for item in items:
        yield _row(item, day)


def _row(item: Element, day: str | None) -> Row:
    section = _above(item, "seccion")
    heading = _above(item, "epigrafe")
    return Row(
        {
            "local_id": item.findtext("identificador"),
            "nature": section,
            "title": hardened_xml.words(item.find("titulo")),
            "subject": " ; ".join(filter(None, (section, heading))) or None,
            "published_at": day,
            "issuer": _above(item, "departamento"),
            "link": item.findtext("url_html"),
            "lang": "es",
        },
        hardened_xml.path(item),
    )


def _above(item: Element, tag: str) -> str | None:
    """The name of the nearest section, department or heading that holds the item."""
    holder = next(item.iterancestors(tag), None)
    return None if holder is None else holder.get("nombre")
