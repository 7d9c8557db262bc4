"""The monthly note of the version that the dashboards read: the pipeline's command writes it when it is first asked for."""

import os
import re
from html import escape
from pathlib import Path

from flask import Blueprint, Response, redirect, request
from flask_login import current_user
from vigie_desk import Refused, command
from vigie_published import published
from vigie_receipts import POLICY
from vigie_superset import published_version

notes = Blueprint("vigie_bulletin", __name__)
RECEIPT = re.compile(r"<code data-recu>([A-Za-z0-9_/-]+)</code>")
PAPER = "<p class=\"surtitre\">Vigie · note mensuelle · <a href='/vigie/bulletin.pdf'>à imprimer (PDF)</a></p>"


@notes.route("/vigie/bulletin")
def page() -> Response:
    """The note; here each of its receipts opens."""
    answer = _answer("html")
    if isinstance(answer, Response):
        return answer
    linked = RECEIPT.sub(r"<a href='/vigie/recu/\1'><code>\1</code></a>", answer.decode())
    return Response(linked.replace('<p class="surtitre">Vigie · note mensuelle</p>', PAPER), mimetype="text/html")


@notes.route("/vigie/bulletin.pdf")
def paper() -> Response:
    """The same note, to print."""
    answer = _answer("pdf")
    return answer if isinstance(answer, Response) else Response(answer, mimetype="application/pdf")


page.talisman_view_options = POLICY
paper.talisman_view_options = POLICY


def _answer(kind: str) -> bytes | Response:
    """The note's bytes, or what is answered instead: the login form, or why there is none."""
    if not current_user.is_authenticated:
        return redirect(f"/login/?next={request.path}")
    with published():
        version = Path(published_version())
    folder = Path(os.environ["VIGIE_SUPERSET_HOME"]) / "bulletins"
    # a folder that was restored may give the same name to another version
    kept = folder / f"{version.stem}-{version.stat().st_mtime_ns}.{kind}"
    if not kept.exists():
        try:
            command("bulletin", f"--output={kept}")
        except Refused as refused:
            return Response(f"<!doctype html><html lang='fr'><title>Note</title><p>{escape(str(refused))}</p>", 503)
        for old in folder.iterdir():
            if old.stem != kept.stem:
                old.unlink(missing_ok=True)
    return kept.read_bytes()
