"""`vigie quarantine list | show | fix | release | reject`: the words of the call, and what is printed."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vigie import quarantine
from vigie.clock import CallError, Run
from vigie.collect import known_feed
from vigie.lake import to_json
from vigie.quarantine import Changes, Decided

Start = Callable[[argparse.Namespace], Run]


def add(verbs: Any, common: argparse.ArgumentParser, start: Start) -> None:
    """Adds the verb and its own verbs to the command line; `start` opens the data folder of a call."""
    help = "les lignes retenues à la porte : voir, corriger, libérer, rejeter"
    kinds = verbs.add_parser("quarantine", help=help, description=help).add_subparsers(required=True, metavar="ACTE")

    def verb(name: str, act: Callable[[Run, argparse.Namespace], int], help: str) -> Any:
        added = kinds.add_parser(name, help=help, description=help, parents=[common])
        added.set_defaults(verb=lambda options: act(start(options), options))
        return added

    def deciding(name: str, act: Callable[[Run, argparse.Namespace], Decided], help: str) -> Any:
        added = verb(name, lambda run, options: _tell(act(run, options), options), help)
        added.add_argument("load", metavar="CHARGEMENT")
        added.add_argument("--by", default="", metavar="NOM", help="qui décide (obligatoire)")
        added.add_argument("--reason", default="", metavar="MOTIF", help="pourquoi (obligatoire pour tout un chargement)")
        return added

    verb("list", _list, "ce qui est retenu, et pourquoi").add_argument("feed", nargs="?", default="", metavar="FLUX")
    showing = verb("show", _show, "les lignes retenues d'un chargement, cellule par cellule")
    showing.add_argument("load", metavar="CHARGEMENT")
    showing.add_argument("row", nargs="?", type=int, metavar="LIGNE")
    fixing = deciding("fix", _fix, "corrige des cellules ; la ligne repasse la porte")
    fixing.add_argument("row", nargs="?", type=int, metavar="LIGNE")
    fixing.add_argument("cells", nargs="*", metavar="COLONNE=VALEUR")
    fixing.add_argument(
        "--file", type=Path, metavar="CORRECTIONS.csv", help="une ligne par correction : row_no, puis des colonnes"
    )
    for name, act, help in (
        ("release", _release, "laisse entrer malgré la règle"), ("reject", _reject, "écarte pour de bon"),
    ):  # fmt: skip
        deciding(name, act, help).add_argument("rows", nargs="*", type=int, metavar="LIGNE")


def _list(run: Run, options: argparse.Namespace) -> int:
    if options.feed:
        known_feed(options.feed)
    held = [hold for load in quarantine.open_loads(run.data, options.feed) for hold in quarantine.holds(run.data, load)]
    for hold in held:
        print(to_json(quarantine.as_dict(hold)) if options.json else hold.sentence())
    if not held and not options.json:
        print("rien n'est retenu")
    return 0


def _show(run: Run, options: argparse.Namespace) -> int:
    load = quarantine.find(run, options.load)
    if not options.json:
        for hold in quarantine.holds(run.data, load):
            if not hold.rows:
                print(hold.sentence())
        for act in quarantine.history(run.data, load):
            rows = ", ".join(map(str, act.rows)) or "document"
            print(f"{act.at:%d/%m/%Y %H:%M} (UTC)  {act.by} : {act.verb} {rows}  {act.reason}")
    for row in quarantine.show(run, options.load, options.row):
        print(to_json(quarantine.as_dict(row)) if options.json else row.sentence())
    return 0


def _fix(run: Run, options: argparse.Namespace) -> Decided:
    return quarantine.fix(run, options.load, _changes(run, options), options.by, options.reason)


def _changes(run: Run, options: argparse.Namespace) -> Changes:
    if options.file is None:
        if options.row is None:
            raise CallError("nommer la ligne à corriger, ou donner --file corrections.csv")
        wrong = [text for text in options.cells if "=" not in text]
        if wrong:
            raise CallError(f"« {wrong[0]} » n'est pas de la forme colonne=valeur")
        cells = dict(text.split("=", 1) for text in options.cells)
        return {options.row: cells} if cells else {}
    if options.row is not None:
        raise CallError("--file dit déjà les lignes et les valeurs : ne pas en nommer d'autres")
    try:
        text = options.file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CallError(f"{options.file} ne peut être lu : {error}") from None
    return quarantine.corrections(text, quarantine.find(run, options.load).feed)


def _release(run: Run, options: argparse.Namespace) -> Decided:
    return quarantine.release(run, options.load, options.rows, options.by, options.reason)


def _reject(run: Run, options: argparse.Namespace) -> Decided:
    return quarantine.reject(run, options.load, options.rows, options.by, options.reason)


def _tell(decided: Decided, options: argparse.Namespace) -> int:
    print(to_json(decided.as_dict()) if options.json else decided.sentence())
    return 0 if decided.succeeded else 1
