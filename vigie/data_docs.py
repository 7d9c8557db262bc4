"""Great Expectations' own account of each judgement, as a page that anybody may be shown.

What it says of the rules is kept; what it would show of the rows is not: rows are private, and some
texts may not be kept. The page needs no script and asks nothing of the network.
"""

import json
import re
from functools import cache
from html import escape
from typing import Any

import nh3

from vigie import feed as feeds
from vigie.lake import Load

TAGS = {
    "div",
    "span",
    "p",
    "h4",
    "h5",
    "h6",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "ul",
    "li",
    "strong",
    "em",
    "code",
    "br",
    "i",
}
ATTRIBUTES = {"*": {"class"}, "td": {"colspan", "rowspan"}}
SILENT = {"script", "style", "button"}
WORDS = {
    "Overview": "Vue d'ensemble", "Expectation Suite:": "Suite :", "Data asset: None": "", "Status:": "Verdict :",
    "Failed": "Des attentes ne sont pas remplies", "Succeeded": "Toutes les attentes sont remplies", "Statistics": "Comptes",
    "Evaluated Expectations": "Attentes évaluées", "Successful Expectations": "Remplies",
    "Unsuccessful Expectations": "Non remplies", "Success Percent": "Part remplie",
    "Table-Level Expectations": "Le document entier",
    "Status": "Verdict", "Expectation": "Attente", "Observed Value": "Observé",
}  # fmt: skip
"""The words of the page's frame; each expectation keeps Great Expectations' own sentence."""
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#12312e;background:#fff;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h5{font-size:1.1rem;margin:2rem 0 .5rem}table{border-collapse:collapse;width:100%}
th,td{border:1px solid #cfdad7;padding:.35rem .6rem;text-align:left;vertical-align:top}th{background:#e6f0ed}
dt{font-weight:600}dd{margin:0 0 .8rem}.badge,code{background:#eef2f1;border-radius:.2rem;padding:0 .3rem}
.text-success::before{content:"oui";color:#0b5d57}.text-danger::before{content:"non";color:#a3262a;font-weight:700}
"""


def account(result: Any) -> dict[str, Any]:
    """The validation result as plain JSON, without a value of any row."""
    # a round trip: the pages choke on numbers that are not Python's own
    plain: dict[str, Any] = json.loads(json.dumps(result.to_json_dict()))
    plain["meta"] = {}
    for one in plain["results"]:
        told = one["result"]
        one["result"] = {name: told[name] for name in told if not re.search("unexpected.*(list|counts)|^finding", name)}
        one["expectation_config"]["kwargs"].pop("batch_id", None)
    return plain


def page(load: Load, told: dict[str, Any]) -> str:
    """The page of one judgement, from its account."""
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResultSchema

    renderer, view = _great_expectations()
    document = renderer.render(ExpectationSuiteValidationResultSchema().load(told))
    # the last section tells of the machine, not of the document
    sections = [section.to_json_dict() for section in document.sections[:-1]]
    drawn = "".join(view.render({"section": section, "section_loop": {"index": n}}) for n, section in enumerate(sections, 1))
    body = nh3.clean(drawn, tags=TAGS, attributes=ATTRIBUTES, clean_content_tags=SILENT)
    for english, french in WORDS.items():
        body = re.sub(rf">(\s*){english}(\s*)<", rf">\g<1>{french}\g<2><", body)
    title = f"Contrôles de la porte : {feeds.load(load.feed).title}"
    named = f"{load.file_name or load.address}, connu le {load.known_at:%d/%m/%Y à %H:%M} (UTC), chargement {load.load_id}"
    counts = (
        f"{load.rows_read} lignes lues : {load.rows_landed} chargées, {load.rows_quarantined} retenues, "
        f"{load.rows_rejected} écartées."
    )
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(title)}</h1><p>{escape(named)}.<br>{counts}</p>"
        f"{_failures(told)}<p>Le détail ci-dessous est celui de Great Expectations, dans ses mots.</p>{body}</body></html>\n"
    )


def _failures(told: dict[str, Any]) -> str:
    """What was not met, in the suite's own French words."""
    metas = [one["expectation_config"]["meta"] for one in told["results"] if not one["success"]]
    lines = "".join(f"<dt>{escape(meta['reason'])}</dt><dd>{escape(meta['fix'])}</dd>" for meta in metas)
    return f"<dl>{lines}</dl>" if lines else ""


@cache
def _great_expectations() -> tuple[Any, Any]:
    """The renderer and its templates, once for the whole process: compiling them costs half a second."""
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaSectionView

    return ValidationResultsPageRenderer(run_info_at_end=True), DefaultJinjaSectionView()
