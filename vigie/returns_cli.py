"""`vigie returns template | submit | list`: the words of the call, and what is printed."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vigie import returns
from vigie.clock import Run
from vigie.lake import to_json

Start = Callable[[argparse.Namespace], Run]


def add(verbs: Any, common: argparse.ArgumentParser, start: Start) -> None:
    """Adds the verb and its own verbs to the command line; `start` opens the data folder of a call."""
    help = "les déclarations des groupes : le modèle à remplir, le dépôt, la liste"
    kinds = verbs.add_parser("returns", help=help, description=help).add_subparsers(required=True, metavar="ACTE")
    help = "écrit le classeur à remplir, avec ses consignes"
    writing = kinds.add_parser("template", help=help, description=help)
    writing.add_argument("-o", "--output", type=Path, required=True, metavar="FICHIER.xlsx")
    writing.set_defaults(verb=_template)
    help = "dépose une déclaration : un numéro de reçu, ou ce qu'il faut corriger, cellule par cellule"
    giving = kinds.add_parser("submit", help=help, description=help, parents=[common])
    giving.add_argument("file", type=Path, metavar="FICHIER")
    giving.add_argument("--by", default="", metavar="NOM", help="qui dépose (obligatoire ; gardé du côté privé)")
    giving.set_defaults(verb=lambda options: _submit(start(options), options))
    help = "numéro, état, périodes et date de chaque déclaration ; jamais un chiffre"
    listing = kinds.add_parser("list", help=help, description=help, parents=[common])
    listing.set_defaults(verb=lambda options: _list(start(options), options))


def _template(options: argparse.Namespace) -> int:
    returns.template(options.output)
    print(f"modèle écrit : {options.output}")
    return 0


def _submit(run: Run, options: argparse.Namespace) -> int:
    receipt = returns.submit(run, options.file, options.by)
    print(to_json(receipt.as_dict()) if options.json else receipt.sentence())
    return 1 if receipt.status == "held" else 0


def _list(run: Run, options: argparse.Namespace) -> int:
    found = list(returns.listed(run.data))
    for declared in found:
        print(to_json(declared.as_dict()) if options.json else declared.sentence())
    if not found and not options.json:
        print("aucune déclaration")
    return 0
