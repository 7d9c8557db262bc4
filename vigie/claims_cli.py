"""`vigie claims list | show | contest`: the register of public figures, and the objections made to them."""

import argparse
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from vigie import objections
from vigie.clock import CallError, Run
from vigie.lake import to_json
from vigie.objections import Objection

Start = Callable[[argparse.Namespace], Run]
COLUMNS = (
    "claim_id", "claim", "subject_fr", "scope_fr", "period_fr", "value_text", "who_fr", "said_on_fr", "source_url",
    "nature_fr", "method_fr", "qualifier", "inference", "contradictions", "contested_fr",
)  # fmt: skip


def add(verbs: Any, common: argparse.ArgumentParser, start: Start) -> None:
    """Adds the verb and its own verbs to the command line; `start` opens the data folder of a call."""
    help = "le registre des chiffres : voir ce qui est dit, le contester"
    kinds = verbs.add_parser("claims", help=help, description=help).add_subparsers(required=True, metavar="ACTE")

    def verb(name: str, act: Callable[[Run, argparse.Namespace], int], help: str) -> Any:
        added = kinds.add_parser(name, help=help, description=help, parents=[common])
        added.set_defaults(verb=lambda options: act(start(options), options))
        return added

    verb("list", _list, "ce qui est dit, à quel périmètre, et ce qui est contesté")
    verb("show", _show, "un énoncé, ses mots, ses contradictions et ses objections").add_argument("claim", metavar="ÉNONCÉ")
    contesting = verb("contest", _contest, "conteste un énoncé, source à l'appui ; rien n'est effacé")
    contesting.add_argument("claim", metavar="ÉNONCÉ", help="son code (K1) ou l'identifiant d'un de ses chiffres")
    contesting.add_argument("--source", default="", metavar="ADRESSE", help="ce qui le contredit (obligatoire)")
    contesting.add_argument("--by", default="", metavar="NOM", help="qui conteste (obligatoire)")
    contesting.add_argument("--reason", default="", metavar="MOTIF", help="pourquoi (obligatoire)")


def claims(run: Run) -> list[dict[str, Any]]:
    """The published claims, in the order of their codes; LakeError before the first publication."""
    with run.data.open_published("revenir au registre des chiffres") as connection:
        # K2 comes before K10
        order = "claim is null, try_cast(regexp_extract(claim, '[0-9]+') as integer), claim_id"
        rows = connection.execute(f"select {', '.join(COLUMNS)} from claims order by {order}").fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def named(run: Run, code: str) -> list[dict[str, Any]]:
    """The figures of a claim, or the one figure that bears this identifier."""
    known = claims(run)
    found = [claim for claim in known if code in (claim["claim"], claim["claim_id"])]
    if not found:
        codes = ", ".join(dict.fromkeys(claim["claim"] or claim["claim_id"] for claim in known))
        raise CallError(f"énoncé inconnu « {code} » ; énoncés du registre : {codes}")
    return found


def contest(run: Run, code: str, source: str, by: str, reason: str) -> Objection:
    """Records an objection to a claim; CallError when it is not one that can be followed up."""
    missing = [word for word, given in (("--source", source), ("--by", by), ("--reason", reason)) if not given.strip()]
    if missing:
        raise CallError(f"une objection se signe, se motive et se source : ajouter {', '.join(missing)}")
    address = urlsplit(source.strip())
    if address.scheme not in ("http", "https") or not address.hostname:
        raise CallError(f"« {source} » n'est pas une adresse : donner celle de la page ou du document (https://…)")
    named(run, code)
    objection = Objection(code, source.strip(), by.strip(), run.now, reason.strip())
    objections.record(run.data, objection)
    return objection


def _list(run: Run, options: argparse.Namespace) -> int:
    for claim in claims(run):
        print(to_json(claim) if options.json else _line(claim))
    return 0


def _show(run: Run, options: argparse.Namespace) -> int:
    for claim in named(run, options.claim):
        if options.json:
            print(to_json(claim))
            continue
        print(_line(claim))
        for label, column in (
            ("dit", "qualifier"), ("le", "said_on_fr"), ("source", "source_url"), ("nature", "nature_fr"),
            ("méthode", "method_fr"), ("inférence de l'observatoire", "inference"),
        ):  # fmt: skip
            if claim[column]:
                print(f"    {label} : {claim[column]}")
    return 0


def _contest(run: Run, options: argparse.Namespace) -> int:
    objection = contest(run, options.claim, options.source, options.by, options.reason)
    figures = [claim["claim_id"] for claim in named(run, options.claim)]
    if options.json:
        told = {name: getattr(objection, name) for name in ("claim", "source_url", "made_by", "made_at", "reason")}
        print(to_json(told | {"figures": figures}))
    else:
        print(
            f"{objection.claim} : contesté par {objection.made_by} ({', '.join(figures)}) ; "
            "l'énoncé reste au registre, et l'objection paraît à la prochaine publication"
        )
    return 0


def _line(claim: dict[str, Any]) -> str:
    contradicted = f" ; contredit {claim['contradictions']} autre(s)" if claim["contradictions"] else ""
    contested = f"\n    {claim['contested_fr']}" if claim["contested_fr"] else ""
    scope = f"{claim['subject_fr']}, {claim['scope_fr']}, {claim['period_fr']}"
    return f"{claim['claim_id']}  {scope} : {claim['value_text']} ({claim['who_fr']}){contradicted}{contested}"
