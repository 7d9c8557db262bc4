"""The read-only service (*les données publiées*): the published tables over HTTP, for programs.

Superset's accounts say who, its roles say who may, by the session of a page or by the token of `/api/v1/security/login`.
"""

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import vigie_openapi
from flask import Response, g, request
from flask_appbuilder.api import BaseApi, expose
from flask_appbuilder.security.decorators import permission_name, protect
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt import PyJWTError
from vigie_published import published
from vigie_query import Answer, Problem, Published, chosen_format, to_csv, to_json
from werkzeug.exceptions import Forbidden

TITLES = {
    400: "Question mal écrite", 401: "Compte inconnu", 403: "Accès refusé", 404: "Rien n'a ce nom", 409: "Version changée",
}  # fmt: skip
SIGN_IN = "ouvrir une session, ou joindre le jeton que rend POST /api/v1/security/login (Authorization: Bearer …)"


def refusal(problem: Problem) -> Response:
    """A refusal as programs read it (RFC 9457), in French."""
    told = {"type": "about:blank", "title": TITLES[problem.status], "status": problem.status, "detail": problem.detail}
    if problem.parameter:
        told["parameter"] = problem.parameter
    text = json.dumps(told, ensure_ascii=False)
    return Response(text, status=problem.status, mimetype="application/problem+json", headers={"Cache-Control": "no-store"})


def answered(ask: Callable[..., Answer | dict[str, Any]]) -> Callable[..., Response]:
    """A question of the service: who may not read is refused, what has not changed is not sent again."""

    @protect(allow_browser_login=True)
    @permission_name("read")
    @functools.wraps(ask)
    def allowed(self, **named: str) -> Response:
        given = request.args.to_dict(flat=False)
        with published() as sql:
            source = Published(sql, row_rights())
            kind = chosen_format(given, request.headers.get("Accept", ""))
            mark = fingerprint(source, given, kind)
            if mark in seen():
                return marked(Response(status=304), mark)
            answer = ask(self, source, given, **named)
            if isinstance(answer, dict):
                return marked(Response(json.dumps(answer, ensure_ascii=False), mimetype="application/json"), mark)
            return marked(page(answer, source, given, kind), mark)

    @functools.wraps(ask)
    def guarded(self, **named: str) -> Response:
        try:
            response = allowed(self, **named)
        except (JWTExtendedException, PyJWTError):
            return refusal(Problem(401, SIGN_IN))
        except Forbidden:
            return refusal(Problem(403, "ce compte ne lit pas l'observatoire"))
        except Problem as problem:
            return refusal(problem)
        return response if response.status_code != 403 else refusal(Problem(403, "le rôle de ce compte ne lit pas les données"))

    return permission_name("read")(guarded)


def row_rights() -> list[str]:
    """The row-level rules of Superset that hold for the account, whatever dataset they were written for.

    Rules of one group allow what any of them allows; a base rule holds for all but its roles.
    """
    from superset import db, security_manager
    from superset.connectors.sqla.models import RowLevelSecurityFilter

    held = {role.id for role in security_manager.get_user_roles(g.user)}
    groups: dict[Any, list[str]] = {}
    for rule in db.session.query(RowLevelSecurityFilter).order_by(RowLevelSecurityFilter.id):
        named = bool(held & {role.id for role in rule.roles})
        if named == (rule.filter_type == "Regular"):
            groups.setdefault(rule.group_key or rule.id, []).append(rule.clause)
    return [" or ".join(f"({clause})" for clause in clauses) for clauses in groups.values()]


def fingerprint(source: Published, given: dict[str, list[str]], kind: str) -> str:
    """What an answer depends on: the version, the question, the rows that the account may read."""
    told = source.publication
    parts = [told["version"], told["inputs_hash"], told["published_at"].isoformat(), request.path, sorted(given.items()), kind]
    return hashlib.sha256(json.dumps([*parts, source.rights]).encode()).hexdigest()


def seen() -> set[str]:
    """The marks that the reader already has; a proxy or the compression may have added its own word to one."""
    return {mark.split(":")[0] for mark in request.if_none_match.as_set()}


def marked(response: Response, mark: str) -> Response:
    """Kept by the reader alone, and asked again each time."""
    response.set_etag(mark)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Accept, Authorization, Cookie"
    return response


def page(answer: Answer, source: Published, given: dict[str, list[str]], kind: str) -> Response:
    """One page of rows, with the address of the next one."""
    following = None
    if answer.next_offset is not None:
        told = {**given, "offset": [answer.next_offset], "version": [source.publication["version"]]}
        following = f"{request.path}?{urlencode(told, doseq=True)}"
    if kind == "csv":
        response = Response(to_csv(answer), mimetype="text/csv")
        day = answer.as_of or source.publication["as_of"]
        name = f"{answer.name}.as-of-{day:%Y-%m-%d}.csv"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    else:
        response = Response(to_json(answer, source.publication, following), mimetype="application/json")
    if following:
        response.headers["Link"] = f'<{following}>; rel="next"'
    response.headers["X-Total-Count"] = str(answer.total)
    return response


class Data(BaseApi):
    """The addresses of the service."""

    route_base = vigie_openapi.BASE
    class_permission_name = "Données publiées"
    allow_browser_login = True

    @expose("/indicators", methods=["GET"])
    @answered
    def indicators(self, source: Published, given: dict[str, list[str]]) -> Answer:
        """The catalogue."""
        return source.indicators(given)

    @expose("/indicators/<indicator>/values", methods=["GET"])
    @answered
    def values(self, source: Published, given: dict[str, list[str]], indicator: str) -> Answer:
        """The values of an indicator."""
        return source.values(indicator, given)

    @expose("/tables", methods=["GET"])
    @answered
    def tables(self, source: Published, given: dict[str, list[str]]) -> Answer:
        """The list of the tables."""
        return source.tables(given)

    @expose("/tables/<table>", methods=["GET"])
    @answered
    def table(self, source: Published, given: dict[str, list[str]], table: str) -> Answer:
        """The rows of a table."""
        return source.table(table, given)

    @expose("/openapi.json", methods=["GET"])
    @answered
    def openapi(self, source: Published, _given: dict[str, list[str]]) -> dict[str, Any]:
        """The description of the service."""
        return vigie_openapi.document(source)


def add_api(_app) -> None:
    """Gives Superset the service, before its own views."""
    from superset.extensions import appbuilder

    appbuilder.add_api(Data)
