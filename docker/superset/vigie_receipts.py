"""A published number's provenance as a page: what it rests on, who printed it, and whether the bytes are still the same.

Read from the published file and from the kept bytes; the whole receipt, which anybody can verify, is made by
`vigie receipt`.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from datetime import date, datetime
from html import escape
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, request
from flask_login import current_user
from vigie_published import published

receipts = Blueprint("vigie_receipts", __name__)
NAME = re.compile(r"[A-Za-z0-9_/-]{1,150}", re.ASCII)
HASH = re.compile(r"[0-9a-f]{64}")
FEED = re.compile(r"[a-z0-9_]{1,60}")
NAMED_BY = ("receipt_id", "observation_id")
FIRST = "indicator_history"
"""Other tables repeat its receipts."""
FEED_OF = {"sites": "operator_sites", "regulations": "regulations"}
HIDDEN = {
    "receipt_id", "inputs", "receipt_ids", "contour", "sector", "conf_status", "checks_path", "observation_id", "series_id",
    "freq", "unit", "unit_measure", "load_id", "row_no",
}  # fmt: skip
LISTS = {
    "class": "class", "origin": "origin", "obs_status": "status", "missing_reason": "reason", "ref_area": "area",
    "methodology": "methodology", "scope": "methodology", "breakdown": "breakdown", "segment": "breakdown", "source": "source",
}  # fmt: skip
"""Columns of codes, and the list that names each in French."""
SILENT = {"_Z", ""}
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#12312e;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;margin:.2rem 0} h2{font-size:1.1rem;border-bottom:1px solid #b7c4b1;margin-top:2rem}
.reading{font-size:1.7rem;font-weight:700;color:#0b5d57;margin:.4rem 0} .note{color:#4d6069}
table{border-collapse:collapse;width:100%} td{padding:.15rem 0;overflow-wrap:anywhere;vertical-align:top}
th{text-align:left;width:17rem;font-weight:600;vertical-align:top;padding:.15rem .6rem .15rem 0}
article{border-left:3px solid #7fb7a6;padding-left:1rem;margin:1rem 0} a{color:#0b5d57}
code{font:13px ui-monospace,monospace;background:#eef4f1;padding:.1rem .3rem;overflow-wrap:anywhere}
.good{color:#0b5d57;font-weight:600} .bad{color:#8c3b4a;font-weight:600} .invented{background:#f6dfa4;padding:.3rem .6rem}
.button{display:inline-block;background:#0b5d57;color:#fff;padding:.4rem .9rem;border-radius:4px;text-decoration:none}
"""

# read by Talisman: no script, no image, no form, no frame; the page's own style and nothing else
POLICY = {
    "content_security_policy": {
        "default-src": "'none'", "style-src": "'unsafe-inline'", "base-uri": "'none'", "form-action": "'none'",
        "frame-ancestors": "'none'",
    },
    "content_security_policy_nonce_in": [],
}  # fmt: skip


@receipts.route("/vigie/recu/<path:receipt_id>")
def page(receipt_id: str) -> Response:
    """One number's page; the login form first for those who are not signed in."""
    if not current_user.is_authenticated:
        return redirect(f"/login/?next={request.path}")
    if not NAME.fullmatch(receipt_id):
        abort(404)
    with published() as ask:
        found = _row(ask, receipt_id)
        if found is None:
            return _html("Reçu introuvable", ["<p>Aucun chiffre publié n'a ce reçu dans la version que l'on regarde.</p>"], 404)
        labels = {(line["list"], line["code"]): line["label_fr"] for line in ask("select * from labels")}
        body = list(_body(ask, labels, receipt_id, found, is_checked=request.args.get("verifier") == "1"))
    return _html("Provenance d'un chiffre", body)


page.talisman_view_options = POLICY


def _row(ask, receipt_id: str) -> tuple[str, dict, dict[str, str]] | None:
    """The table, the row and the French names of its columns."""
    columns = ask("select table_name, column_name, comment from duckdb_columns() where not internal")
    described: dict[str, dict[str, str]] = {}
    for column in columns:
        described.setdefault(column["table_name"], {})[column["column_name"]] = column["comment"] or column["column_name"]
    tables = sorted((table for table in described if table != "indicator_inputs"), key=lambda table: (table != FIRST, table))
    for key in NAMED_BY:
        for table in tables:
            if key in described[table] and (found := ask(f"select * from {table} where {key} = ? limit 1", receipt_id)):
                return table, found[0], described[table]
    return None


def _body(ask, labels: dict, receipt_id: str, found: tuple[str, dict, dict[str, str]], is_checked: bool) -> Iterator[str]:
    table, row, described = found
    catalogue = (
        next(iter(ask("select * from indicators where indicator = ?", row.get("indicator"))), {}) if table == FIRST else {}
    )
    title = catalogue.get("label_fr") or next(
        (
            row[name]
            for name in ("title_fr", "title", "subject_fr", "feed_title", "name_fr", "operator", "comment", "feed")
            if row.get(name)
        ),
        table,
    )
    yield f"<p class='note'>Provenance d'un chiffre publié</p><h1>{escape(str(title))}</h1>"
    yield f"<p class='reading'>{escape(_reading(row, catalogue, labels))}</p>"
    if row.get("origin") == "invented":
        yield "<p class='invented'>Données illustratives</p>"
    yield _table({_short(described[name]): _said(labels, row, name) for name in row if name not in HIDDEN})
    if catalogue:
        yield "<h2>Comment il est calculé</h2>"
        yield _table({
            "Définition": catalogue["definition"], "Formule": catalogue["formula"], "Unité": catalogue["unit_fr"],
            "Limites": catalogue["limits"], "Version de l'indicateur": catalogue["version"], "Responsable": catalogue["owner"],
        })  # fmt: skip
    inputs = list(_inputs(ask, receipt_id, table, row))
    yield f"<h2>De quoi il est fait ({len(inputs)} ligne{'s' if len(inputs) > 1 else ''})</h2>"
    if not inputs:
        yield "<p>Aucune ligne d'aucun document : c'est ce qui en fait un inconnu.</p>"
    for given in inputs:
        yield from _input(labels, given, receipt_id)
    documents = {load["receipt_id"]: load for given in inputs if (load := given["load"])}
    yield f"<h2>Les documents ({len(documents)})</h2>"
    if documents and not is_checked:
        yield "<p><a class='button' href='?verifier=1'>Vérifier les octets</a></p>"
    for load in documents.values():
        yield from _document(labels, load, is_checked)
    yield "<h2>Emporter le reçu</h2><p>Le reçu complet, avec la formule exécutable, se vérifie sans Vigie en service :</p>"
    yield f"<p><code>vigie receipt --id {escape(receipt_id)} -o recu.html</code> puis <code>vigie verify recu.html</code></p>"


def _inputs(ask, receipt_id: str, table: str, row: dict) -> Iterator[dict]:
    """Each row that the number is made of, with the line of the ledger that brought it."""
    if table == FIRST:
        for given in ask("select * from indicator_inputs where receipt_id = ? order by all", receipt_id):
            yield given | {"load": _load(ask, given["feed"], given["load_id"])}
        return
    stated = [receipt_id] if row.get("load_id") else []
    for name in row.get("inputs") or stated:
        found = (table, row, {}) if name == receipt_id else _row(ask, name)
        if found:
            where, line, _ = found
            feed = line.get("feed") or FEED_OF.get(where)
            yield {
                "input_id": name, "feed": feed, "place": line.get("place"), "source": line.get("who_fr") or line.get("source"),
                "value": line.get("obs_value", line.get("value", line.get("headcount"))), "period": line.get("period"),
                "load": _load(ask, feed, line.get("load_id")),
            }  # fmt: skip


def _load(ask, feed: str | None, load_id: str | None) -> dict | None:
    found = ask("select * from loads where feed = ? and load_id = ?", feed, load_id) if load_id else []
    licence = ask("select licence, publisher from feeds where feed = ?", feed) if found else []
    return found[0] | (licence[0] if licence else {}) if found else None


def _input(labels: dict, given: dict, receipt_id: str) -> Iterator[str]:
    load = given["load"]
    yield "<article>"
    yield _table({
        "Document": load and (load["file_name"] or load["address"]),
        "Endroit": given["place"] or (None if load else given["feed"]),
        "Valeur lue": _figure(given["value"]), "Période": _said(labels, given, "period"), "Imprimé par": _printer(given),
    })  # fmt: skip
    if given["input_id"] != receipt_id and NAME.fullmatch(given["input_id"]):
        yield f"<p><a href='/vigie/recu/{escape(given['input_id'])}'>La provenance de cette ligne</a></p>"
    yield "</article>"


def _printer(given: dict) -> str | None:
    load = given["load"]
    if load is None:
        return given["source"]
    if load["origin"] == "invented":
        return "personne : données illustratives"
    if load["origin"] == "recorded":
        return f"{load.get('publisher') or load['feed_title']}, par ses propres octets"
    return f"{load['origin_by'] or given['source'] or 'non nommé'} (chiffres retapés)"


def _document(labels: dict, load: dict, is_checked: bool) -> Iterator[str]:
    yield "<article>"
    yield _table({
        "Document": load["file_name"], "Flux": load["feed_title"], "Éditeur suivi": load.get("publisher"),
        "Origine": _said(labels, load, "origin"), "D'après": load["origin_by"], "Publication d'origine": load["origin_address"],
        "Empreinte SHA-256": load["document"], "Adresse": load["address"],
        "Collecté le": _said(labels, load, "collected_at"), "Connu le": _said(labels, load, "known_at"),
        "Publié le": _said(labels, load, "published_at"), "Licence": load.get("licence"),
    })  # fmt: skip
    if is_checked:
        yield _checked(load)
    yield "</article>"


def _checked(load: dict) -> str:
    """What the kept bytes say of themselves now."""
    if not (HASH.fullmatch(load["document"] or "") and FEED.fullmatch(load["feed"])):
        return "<p class='bad'>✘ aucun document n'est gardé pour ce chargement</p>"
    path = Path(os.environ["VIGIE_PUBLISHED"]).parent / "documents" / load["feed"] / load["document"]
    if not path.is_file():
        return "<p class='bad'>✘ les octets ne sont plus gardés (licence limitée, ou fichier perdu)</p>"
    with path.open("rb") as kept:
        found = hashlib.file_digest(kept, "sha256").hexdigest()
    if found == load["document"]:
        return f"<p class='good'>✔ {path.stat().st_size} octets relus, empreinte identique</p>"
    return (
        f"<p class='bad'>✘ le document a changé : empreinte <code>{found}</code> au lieu de <code>{load['document']}</code></p>"
    )


def _reading(row: dict, catalogue: dict, labels: dict) -> str:
    unit = f" {catalogue['unit_fr']}" if catalogue.get("unit_fr") else ""
    value = row.get("value", row.get("obs_value", row.get("headcount")))
    if row.get("missing_reason"):
        return f"inconnu ({_said(labels, row, 'missing_reason')})"
    if row.get("value_text") or row.get("days_text"):
        return row.get("value_text") or row["days_text"]
    if isinstance(value, int | float):
        return f"{_figure(value)}{unit}"
    lower, upper = row.get("lower"), row.get("upper")
    if lower is not None and upper is not None:
        return f"de {_figure(lower)} à {_figure(upper)}{unit}"
    if lower is not None:
        return f"au moins {_figure(lower)}{unit}"
    return ""


def _figure(value) -> str | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value
    text = f"{value:,.9f}".rstrip("0").rstrip(".")
    return text.replace(",", "\u202f").replace(".", ",").replace("-", "−")


def _said(labels: dict, row: dict, name: str) -> str | None:
    """A cell in French: codes by their labels, dates and numbers as they are written."""
    value = row.get(name)
    if isinstance(value, bool):
        return "oui" if value else "non"
    if name == "period" and isinstance(value, datetime):
        return _period(value, row.get("freq"))
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}" if value.time() != datetime.min.time() else f"{value:%d/%m/%Y}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if value in SILENT:
        return None
    if name in LISTS and isinstance(value, str):
        code, _, source = value.partition("@")
        told = labels.get((LISTS[name], code), code)
        return f"{told}, selon {labels.get(('source', source), source)}" if source else told
    return _figure(value)


def _period(value: datetime, freq: str | None) -> str:
    match freq:
        case "A":
            return f"{value:%Y}"
        case "S":
            return f"{'1er' if value.month == 1 else '2e'} semestre {value:%Y}"
        case "Q":
            rank = (value.month + 2) // 3
            return f"{'1er' if rank == 1 else f'{rank}e'} trimestre {value:%Y}"
        case "M":
            return f"{MONTHS[value.month - 1]} {value:%Y}"
        case _:
            return f"{value:%d/%m/%Y}"


def _short(description: str) -> str:
    """The name of a column, without the list of its codes."""
    return re.split(r" [:;(«]| ?, «", description)[0].rstrip(" ,")


def _table(lines: dict) -> str:
    told = "".join(
        f"<tr><th>{escape(str(name))}</th><td>{escape(str(value))}</td></tr>"
        for name, value in lines.items()
        if value not in (None, "")
    )
    return f"<table>{told}</table>"


def _html(title: str, body: list[str], status: int = 200) -> Response:
    text = (
        f"<!doctype html><html lang='fr'><head><meta charset='utf-8'><title>{title} — Vigie</title><style>{STYLE}</style></head>"
        f"<body>{''.join(body)}</body></html>"
    )
    return Response(text, status=status, mimetype="text/html")
