"""`vigie review list | show | accept | correct | reject`: events of the press, read by people."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

from vigie import reviews
from vigie.clock import CallError, Run
from vigie.lake import to_json
from vigie.reviews import Candidate, Decision, Verdict

Start = Callable[[argparse.Namespace], Run]
MARK, UNMARK = "\x1b[1;33m", "\x1b[0m"


def add(verbs: Any, common: argparse.ArgumentParser, start: Start) -> None:
    """Adds the verb and its own verbs to the command line; `start` opens the data folder of a call."""
    help = "les événements que la presse rapporte : les lire, les accepter, les corriger, les rejeter"
    kinds = verbs.add_parser("review", help=help, description=help).add_subparsers(required=True, metavar="ACTE")

    def verb(name: str, act: Callable[[Run, argparse.Namespace], int], help: str) -> Any:
        added = kinds.add_parser(name, help=help, description=help, parents=[common])
        added.set_defaults(verb=lambda options: act(start(options), options))
        return added

    def deciding(name: Verdict, help: str) -> Any:
        added = verb(name, lambda run, options: _tell(_decide(run, options, name), options), help)
        added.add_argument("event", metavar="ÉVÉNEMENT")
        added.add_argument("--by", default="", metavar="NOM", help="qui décide (obligatoire)")
        added.add_argument("--reason", default="", metavar="MOTIF", help="pourquoi (obligatoire pour corriger ou rejeter)")
        return added

    verb("list", _list, "ce qui attend d'être relu, le plus récent d'abord")
    verb("show", _show, "un événement et chaque article qui le rapporte, ses mots marqués").add_argument(
        "event", metavar="ÉVÉNEMENT"
    )
    deciding("accept", "retient l'événement tel qu'il est lu")
    help = f"retient l'événement corrigé ; colonnes : {', '.join(reviews.CORRECTABLE)} ; natures : {', '.join(reviews.TYPES)}"
    deciding("correct", help).add_argument("cells", nargs="*", metavar="COLONNE=VALEUR")
    deciding("reject", "écarte l'événement : l'article ne le dit pas, ou il est déjà connu")


def _list(run: Run, options: argparse.Namespace) -> int:
    found = reviews.candidates(run)
    for one in found:
        print(to_json(dict(one.values)) if options.json else _line(one))
    if not found and not options.json:
        print("rien n'attend d'être relu")
    return 0


def _show(run: Run, options: argparse.Namespace) -> int:
    found = reviews.candidate(run, options.event)
    if options.json:
        print(to_json(found.as_dict()))
        return 0
    print(_line(found))
    for mention in found.mentions:
        said = _marked(str(mention["quote"] or ""), mention["marks"])
        print(f"    {mention['outlet'] or 'source inconnue'} : « {said} »\n      {mention['link'] or mention['title']}")
    return 0


def _marked(quote: str, marks: Sequence[tuple[int, int]]) -> str:
    """The quoted words; what was read in them in colour on a terminal, in brackets elsewhere."""
    before, after = (MARK, UNMARK) if sys.stdout.isatty() else ("[", "]")
    for start, end in reversed(marks):
        quote = f"{quote[:start]}{before}{quote[start:end]}{after}{quote[end:]}"
    return quote


def _line(one: Candidate) -> str:
    values = one.values
    told = (
        values["event_type_fr"], values["place_name"], values["operator"],
        None if values["jobs"] is None else f"{values['jobs']:g} emplois",
        None if values["happened_on"] is None else f"{values['happened_on']:%d/%m/%Y}",
        "données illustratives" if values["origin"] == "invented" else None,
    )  # fmt: skip
    return f"{one.event_id}  {' · '.join(part for part in told if part)}\n    {values['title']}"


def _decide(run: Run, options: argparse.Namespace, verdict: Verdict) -> Decision:
    cells = getattr(options, "cells", [])
    wrong = [text for text in cells if "=" not in text]
    if wrong:
        raise CallError(f"« {wrong[0]} » n'est pas de la forme colonne=valeur")
    return reviews.decide(run, options.event, verdict, options.by, options.reason, dict(text.split("=", 1) for text in cells))


def _tell(decision: Decision, options: argparse.Namespace) -> int:
    print(to_json(decision.as_dict()) if options.json else decision.sentence())
    return 0
