"""The pages that Great Expectations keeps of each load, shown to those who are signed in."""

import os
import re
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, request, send_from_directory
from flask_login import current_user

controls = Blueprint("vigie_controls", __name__)
NAME = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
ABSENT = (
    "<!doctype html><html lang='fr'><meta charset='utf-8'><title>Vigie</title><p>Aucune page de contrôles pour ce chargement."
)


@controls.route("/vigie/controles/<feed>/<load>")
def page(feed: str, load: str) -> Response:
    """One load's page; the login form first for those who are not signed in."""
    if not current_user.is_authenticated:
        return redirect(f"/login/?next={request.path}")
    if not (NAME.fullmatch(feed) and NAME.fullmatch(load)):
        abort(404)
    folder = Path(os.environ["VIGIE_PUBLISHED"]).parent / "data_docs" / feed
    if not (folder / f"{load}.html").is_file():
        return Response(ABSENT, status=404, mimetype="text/html")
    return send_from_directory(folder, f"{load}.html", mimetype="text/html", max_age=0)


# read by Talisman: no script, no image, no form, no frame; the page's own style and nothing else
page.talisman_view_options = {
    "content_security_policy": {
        "default-src": "'none'", "style-src": "'unsafe-inline'", "base-uri": "'none'", "form-action": "'none'",
        "frame-ancestors": "'none'",
    },
    "content_security_policy_nonce_in": [],
}  # fmt: skip
