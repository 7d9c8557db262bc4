"""A receipt as a page that people read, with the receipt itself inside: it opens anywhere and can be verified."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from vigie.receipt import to_json_in_order
from vigie.receipt_words import KINDS

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#12312e;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;margin-bottom:.2rem} h2{font-size:1.1rem;border-bottom:1px solid #b7c4b1;margin-top:2rem}
.reading{font-size:1.8rem;font-weight:700;color:#0b5d57} .note{color:#4d6069}
table{border-collapse:collapse;width:100%} th{text-align:left;width:14rem;font-weight:600;vertical-align:top;
padding:.15rem .6rem .15rem 0}
td{padding:.15rem 0;overflow-wrap:anywhere} article{border-left:3px solid #7fb7a6;padding-left:1rem;margin:1rem 0}
code,pre{font:13px/1.4 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere;background:#eef4f1;padding:.1rem .3rem}
.invented{background:#f6dfa4;padding:.3rem .6rem;font-weight:600}
"""
AXES = {"known": "ce que l'observatoire savait", "published": "ce que les éditeurs avaient publié"}
ORIGINS = {
    "recorded": "document de l'éditeur, octets d'origine",
    "retyped": "chiffres retapés d'après une publication",
    "invented": "données illustratives : personne n'a imprimé ce chiffre",
}


def printers(receipt: Mapping[str, Any]) -> list[str]:
    """Who printed each figure, once: a publisher, whom a typed document names, or nobody."""
    origins = {(document["feed"], document["load_id"]): document["origin"]["kind"] for document in receipt["documents"]}
    said = []
    for given in receipt["inputs"]:
        if given["kind"] == "reading":
            said += printers(given["receipt"])
            continue
        kind = origins.get((given["feed"], given["load_id"]), "")
        if kind == "invented":
            line = "données illustratives : personne n'a imprimé ce chiffre"
        elif given["printed_by"]:
            line = f"imprimé par {given['printed_by']}" + (
                " (chiffres retapés)" if kind == "retyped" else " (ses propres octets)"
            )
        else:
            line = "auteur du chiffre non nommé"
        said.append(line)
    return list(dict.fromkeys(said)) or ["aucun document : personne n'a publié ce chiffre"]


def page(receipt: Mapping[str, Any]) -> str:
    """The whole page: no script, no link to load, the JSON of the receipt at its end."""
    inside = to_json_in_order(receipt).replace("<", "\\u003c")
    return (
        f"<!doctype html>\n<html lang='fr'><head><meta charset='utf-8'><title>Reçu — {escape(receipt['title'])}</title>"
        f"<style>{STYLE}</style></head><body>\n{''.join(_body(receipt))}\n"
        f'<script type="application/json" id="recu">{inside}</script>\n</body></html>\n'
    )


def _body(receipt: Mapping[str, Any]) -> Iterator[str]:
    row, formula = receipt["row"], receipt["formula"]
    yield f"<p class='note'>Reçu d'un chiffre publié par Vigie</p><h1>{escape(receipt['title'])}</h1>"
    yield f"<p class='reading'>{escape(receipt['reading'] or '—')}</p>"
    if row.get("origin") == "invented":
        yield "<p class='invented'>Données illustratives</p>"
    yield _table({
        "Nature": receipt.get("class_fr"), "Origine": receipt.get("origin_fr"), "Statut": receipt.get("obs_status_fr"),
        "Pourquoi il manque": receipt.get("missing_reason_fr"), "Valeur": row.get("value", row.get("obs_value")),
        "Borne basse": row.get("lower"), "Borne haute": row.get("upper"),
        "Unité": formula.get("unit_fr") or row.get("unit") or row.get("unit_measure"),
        "Connu depuis": row.get("known_from"), "Remplacé le": row.get("known_to"),
        "Demandé au": receipt["asked"]["as_of"],
        "Axe": AXES[receipt["asked"]["axis"]],
    })  # fmt: skip
    yield "<h2>Comment il est calculé</h2>"
    yield _table({
        "Définition": formula.get("definition"), "Formule": formula.get("formula"), "Limites": formula.get("limits"),
        "Version de l'indicateur": formula.get("version"), "Code": receipt["code"]["commit"] or receipt["code"]["sources_sha256"],
    })  # fmt: skip
    yield f"<h2>Qui l'a imprimé</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in printers(receipt))}</ul>"
    yield "<h2>De quelles lignes il est fait</h2>"
    documents = {(document["feed"], document["load_id"]): document for document in receipt["documents"]}
    for given in receipt["inputs"]:
        yield from _input(given, documents.get((given["feed"], given["load_id"])))
    if receipt.get("withheld"):
        yield f"<p>Ce chiffre est {escape(receipt['withheld'])}.</p>"
    elif not receipt["inputs"]:
        yield "<p>Aucune ligne d'aucun document : c'est ce qui en fait un inconnu.</p>"
    yield "<h2>Les documents</h2>"
    for document in receipt["documents"]:
        yield from _document(document)
    yield "<h2>Vérifier ce reçu</h2><p>Avec Vigie et les documents, sur n'importe quelle machine :</p>"
    yield "<p><code>vigie verify ce-fichier.html --documents DOSSIER</code></p>"
    for step in (receipt["rebuild"] or {}).get("steps", ()):
        yield f"<details><summary>{escape(step['model'])}</summary><pre>{escape(step['sql'].strip())}</pre></details>"


def _input(given: Mapping[str, Any], document: Mapping[str, Any] | None) -> Iterator[str]:
    row = given["row"]
    yield "<article>"
    yield _table({
        "Ligne": KINDS[given["kind"]], "Document": document and (document["file_name"] or document["address"]),
        "Endroit": given["place"], "Texte à cet endroit": given["text"],
        "Valeur": row.get("obs_value", row.get("value", row.get("headcount"))),
        "Imprimé par": given["printed_by"], "À l'adresse": given["printed_at"], "Le": given["printed_on"],
    })  # fmt: skip
    if given["landed"]:
        yield f"<details><summary>Toutes les colonnes lues</summary>{_table(given['landed'])}</details>"
    yield "</article>"


def _document(document: Mapping[str, Any]) -> Iterator[str]:
    origin = document["origin"]
    yield "<article>"
    yield _table({
        "Document": document["file_name"], "Titre": document["title"], "Éditeur suivi": document["publisher"],
        "Origine": ORIGINS.get(origin["kind"]), "D'après": origin["by"], "Publication d'origine": origin["address"],
        "Empreinte SHA-256": document["sha256"], "Octets": document["bytes"], "Adresse": document["address"],
        "Collecté le (UTC)": document["collected_at"], "Connu le (UTC)": document["known_at"],
        "Publié le": document["published_at"], "Licence": document["licence"],
        "Décisions humaines": " ; ".join(f"{act['by']} : {act['verb']} ({act['reason']})" for act in document["acts"]),
    })  # fmt: skip
    yield "</article>"


def _table(lines: Mapping[str, Any]) -> str:
    told = "".join(
        f"<tr><th>{escape(str(name))}</th><td>{escape(str(value))}</td></tr>"
        for name, value in lines.items()
        if value not in (None, "", [])
    )
    return f"<table>{told}</table>"
