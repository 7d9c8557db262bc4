"""A consolidated text of Spain's official journal, XML: what the text is, and each block with all its versions."""

from collections.abc import Iterator

from vigie.feed import DocumentError, Row
from vigie.readers import hardened_xml, notice
from vigie.readers.hardened_xml import Element

PROVISION = "precepto"
"""The type of the blocks that command; the others are headings, preambles and signatures."""


def rows(content: bytes) -> Iterator[Row]:
    """One row: the text, its articles in all their versions; the place is that of its own part of the answer."""
    answer = hardened_xml.root(content, "du texte consolidé du BOE")
    code = (answer.findtext("status/code") or "").strip()
    if code != "200":
        raise DocumentError(
            f"le BOE répond par une erreur (/response/status) : code {code or 'absent'}, "
            f"« {(answer.findtext('status/text') or '').strip()} » ; vérifier l'identifiant du texte"
        )
    data = answer.find("data")
    meta = None if data is None else data.find("metadatos")
    if meta is None:
        raise DocumentError("la réponse du BOE ne dit pas de quel texte elle parle (/response/data/metadatos) ; la redemander")
    articles = [version for block in data.iterfind("texto/bloque") for version in _versions(block)]
    if not articles:
        raise DocumentError(
            "la réponse du BOE ne contient aucun article (/response/data/texto/bloque) ; demander le texte entier"
        )
    yield Row(
        {
            "local_id": meta.findtext("identificador"),
            "eli": meta.findtext("url_eli"),
            "nature": meta.findtext("rango"),
            "title": hardened_xml.words(meta.find("titulo")),
            "subject": " ; ".join(filter(None, map(hardened_xml.words, data.iterfind("analisis/materias/materia")))) or None,
            "published_at": notice.day(meta.findtext("fecha_publicacion")),
            "effective_at": notice.day(meta.findtext("fecha_vigencia")),
            "adopted_on": notice.day(meta.findtext("fecha_disposicion")),
            "updated_at": meta.findtext("fecha_actualizacion"),
            "status": _status(meta),
            "issuer": meta.findtext("departamento"),
            "link": meta.findtext("url_html_consolidada"),
            "lang": "es",
            "articles": notice.as_json(articles),
            "is_whole": True,
        },
        hardened_xml.path(data),
    )


def _versions(block: Element) -> Iterator[notice.Article]:
    if block.get("tipo") != PROVISION:
        return
    for version in block.iterfind("version"):
        said = "\n".join(filter(None, map(hardened_xml.words, version.iterfind("p"))))
        yield notice.Article(
            (block.get("titulo") or block.get("id") or "").strip(),
            said,
            published_on=notice.day(version.get("fecha_publicacion")),
            effective_on=notice.day(version.get("fecha_vigencia")),
            by=version.get("id_norma"),
        )


def _status(meta: Element) -> str:
    if meta.findtext("estatus_anulacion") == "S":
        return "ANULADA"
    if meta.findtext("estatus_derogacion") == "S":
        return "DEROGADA"
    return "VIGENCIA AGOTADA" if meta.findtext("vigencia_agotada") == "S" else "VIGENTE"
