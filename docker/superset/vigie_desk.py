"""The desk (*le bureau*): where people act. Superset's accounts say who, its roles say who may, its forms are signed.

Each act is a command of the pipeline, run as a person would type it: the desk decides nothing and stores nothing.
"""

import functools
import json
import logging
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import abort, flash, redirect, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_login import current_user

ALERT_ACTS = ("acknowledge", "read", "annotate", "snooze", "silence", "reopen")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,200}", re.ASCII)
LOAD = re.compile(r"[a-z0-9_]{1,60}/[A-Za-z0-9_-]{1,100}", re.ASCII)
ACTS = ("review", "quarantine", "contest", "alerts")
"""Rights on the desk, beside that of reading it."""
SECONDS = 120
RECEIPT_BYTES = 20 << 20
POLICY = {
    "content_security_policy": {
        "default-src": "'none'", "style-src": "'unsafe-inline'", "base-uri": "'none'", "form-action": "'self'",
        "frame-ancestors": "'none'",
    },
    "content_security_policy_nonce_in": [],
}  # fmt: skip


class Refused(Exception):
    """The command said no; the sentence is its own."""


def command(*words: str) -> list[dict[str, Any]]:
    """Runs one verb on the data folder; the objects that it prints. Refused with its sentence when it fails."""
    told = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "SUPERSET_CONFIG_PATH")}
    secret = {name for name in told if name.startswith("VIGIE_SUPERSET_")}
    data = str(Path(os.environ["VIGIE_PUBLISHED"]).parent)
    try:
        done = subprocess.run(
            [os.environ["VIGIE_PYTHON"], "-m", "vigie.cli", *words, "--json", f"--data={data}"],
            env={name: value for name, value in told.items() if name not in secret},
            capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Refused(f"pas de réponse en {SECONDS} secondes : une construction est peut-être en cours, réessayer") from None
    if done.returncode:
        logging.getLogger(__name__).warning("%s: %s", words[:2], done.stderr)
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode and not answers:
        said = [line for line in done.stderr.splitlines() if line.startswith("vigie : ")]
        raise Refused(said[-1].removeprefix("vigie : ") if said else "la commande a échoué ; le journal du serveur dit pourquoi")
    return answers


def field(name: str) -> str:
    """What a form says in one of its fields."""
    return request.form.get(name, "").strip()


def guarded(name: str):
    """A page of the desk: who is not signed in signs in first, who may not is refused, and the page runs no script."""

    def wrap(act):
        allowed = has_access(permission_name(name)(act))

        @functools.wraps(allowed)
        def page(self, *arguments, **named):
            if not current_user.is_authenticated:
                return redirect(f"/login/?next={request.path}")
            if not self.may(name):
                return self._page("refused"), 403
            return allowed(self, *arguments, **named)

        page.talisman_view_options = POLICY
        return page

    return wrap


class Bureau(BaseView):
    """One page a kind of act: what waits, and the form to act on it."""

    route_base = "/vigie/bureau"
    class_permission_name = "Bureau"
    default_view = "home"
    template_folder = str(Path(__file__).with_name("desk"))

    @expose("/")
    @guarded("read")
    def home(self):
        """What waits for somebody, and what this account may do about it."""
        return self._page("home", who=current_user.username)

    @expose("/evenements")
    @guarded("review")
    def candidates(self):
        """Events of the press that nobody has read yet."""
        return self._page("candidates", candidates=self._ask("review", "list"))

    @expose("/evenements/<event>", methods=["GET", "POST"])
    @guarded("review")
    def candidate(self, event: str):
        """One event, each report with its words marked, and the form of the decision."""
        _named(NAME, event)
        if request.method == "POST":
            verdict = field("verdict")
            if verdict not in ("accept", "correct", "reject"):
                abort(400)
            cells = [f"{name}={value}" for name, value in _changes().items()] if verdict == "correct" else []
            if self._act("review", verdict, event, *cells, f"--by={current_user.username}", f"--reason={field('reason')}"):
                return redirect(f"{self.route_base}/evenements", 303)
        found = self._ask("review", "show", event)
        if not found:
            return redirect(f"{self.route_base}/evenements", 303)
        return self._page("candidate", one=found[0], types=found[0]["types"], given=request.form)

    @expose("/quarantaine")
    @guarded("quarantine")
    def held(self):
        """What the door holds."""
        return self._page("held", holds=self._ask("quarantine", "list"))

    @expose("/quarantaine/<path:load>", methods=["GET", "POST"])
    @guarded("quarantine")
    def load(self, load: str):
        """One held load: its rows, and the form that fixes, releases or rejects them."""
        _named(LOAD, load)
        holds = [hold for hold in self._ask("quarantine", "list") if f"{hold['feed']}/{hold['load_id']}" == load]
        is_secret = any(hold["is_confidential"] for hold in holds)
        if request.method == "POST":
            verb, row = field("verb"), field("row")
            if verb not in ("fix", "release", "reject") or not re.fullmatch(r"\d{0,7}", row) or (is_secret and verb == "fix"):
                abort(400)
            cell = [f"{field('column')}={field('value')}"] if verb == "fix" and NAME.fullmatch(field("column")) else []
            words = ("quarantine", verb, load, *([row] if row else []), *cell)
            if self._act(*words, f"--by={current_user.username}", f"--reason={field('reason')}"):
                return redirect(f"{self.route_base}/quarantaine", 303)
        rows = [] if is_secret or not holds else self._ask("quarantine", "show", load)
        return self._page("load", load=load, holds=holds, rows=rows, is_secret=is_secret, given=request.form)

    @expose("/chiffres", methods=["GET", "POST"])
    @guarded("contest")
    def claims(self):
        """The register of public figures, and the form to contest one."""
        if request.method == "POST":
            _named(NAME, field("claim"))
            words = (field("claim"), f"--source={field('source')}", f"--reason={field('reason')}")
            if self._act("claims", "contest", *words, f"--by={current_user.username}"):
                return redirect(f"{self.route_base}/chiffres", 303)
        return self._page("claims", claims=self._ask("claims", "list"), given=request.form)

    @expose("/alertes", methods=["GET", "POST"])
    @guarded("alerts")
    def alerts(self):
        """The alerts, and the forms to take one in charge, to read, note, hush or reopen it."""
        if request.method == "POST":
            verb = field("verb")
            if verb not in ALERT_ACTS:
                abort(400)
            target = field("rule") if verb == "silence" else field("alert")
            _named(NAME, target)
            until = [f"--until={field('until')}"] if verb in ("silence", "snooze") and field("until") else []
            if self._act("alerts", verb, target, *until, f"--by={current_user.username}", f"--note={field('note')}"):
                return redirect(f"{self.route_base}/alertes", 303)
        lines = self._ask("alerts", "list", "--all")
        by_state = {state: [line for line in lines if line["state"] == state] for state in ("actif", "résolu")}
        return self._page("alerts", active=by_state["actif"], resolved=by_state["résolu"])

    @expose("/recus", methods=["GET", "POST"])
    @guarded("read")
    def receipts(self):
        """A receipt that somebody holds, verified against the kept bytes."""
        checked = None
        if request.method == "POST":
            sent = request.files.get("receipt")
            content = sent.stream.read(RECEIPT_BYTES + 1) if sent else b""
            if not content or len(content) > RECEIPT_BYTES:
                flash("Choisir un reçu (.json ou .html) de 20 Mio au plus.", "danger")
            else:
                with tempfile.TemporaryDirectory() as folder:
                    kept = Path(folder) / ("recu.json" if content.lstrip().startswith(b"{") else "recu.html")
                    kept.write_bytes(content)
                    checked = (self._ask("verify", str(kept)) or [None])[0]
        return self._page("receipts", checked=checked)

    def may(self, act: str) -> bool:
        """Does the role of this account give it the right to act so?"""
        return self.appbuilder.sm.has_access(f"can_{act}", self.class_permission_name)

    def _page(self, name: str, **told: Any):
        return self.render_template(f"desk_{name}.html", may={act: self.may(act) for act in ACTS}, **told)

    def _ask(self, *words: str) -> list[dict[str, Any]]:
        """What a command answers; nothing, and its sentence on the page, when it refuses."""
        try:
            return command(*words)
        except Refused as error:
            flash(str(error), "danger")
            return []

    def _act(self, *words: str) -> bool:
        """Does it; the page says that it was done, or why not."""
        try:
            command(*words)
        except Refused as error:
            flash(str(error), "danger")
            return False
        flash("C'est enregistré, avec votre nom et l'heure.", "success")
        return True


def _changes() -> Mapping[str, str]:
    """The fields of the form that no longer say what was read; the command knows those that may be corrected."""
    read = [name.removeprefix("read_") for name in request.form if name.startswith("read_")]
    return {name: field(name) for name in read if NAME.fullmatch(name) and field(name) != field(f"read_{name}")}


def _named(pattern: re.Pattern[str], text: str) -> None:
    """Refuses a name that no command would know: it could be taken for an option."""
    if not pattern.fullmatch(text):
        abort(404)


def add_desk(_app) -> None:
    """Gives Superset the desk, before its own views; its entry in the menu follows the right to read it."""
    from superset.extensions import appbuilder

    appbuilder.add_view(Bureau, "Bureau", label="Bureau", href="/vigie/bureau/")
