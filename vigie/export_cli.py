"""`vigie export`: published tables in files, or all of them in one package."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vigie.clock import CallError, Run
from vigie.export import FORMATS
from vigie.lake import to_json


def add(
    verbs: Any, common: argparse.ArgumentParser, asked: argparse.ArgumentParser, start: Callable[[argparse.Namespace], Run]
) -> None:
    """Adds the verb; `start` opens the data folder that the options name, `asked` holds the options of a past day."""
    help = "écrit des tables publiées dans des fichiers, telles quelles ou à une date"
    verb = verbs.add_parser("export", help=help, description=help, parents=[common, asked])
    verb.add_argument("tables", nargs="*", metavar="TABLE")
    verb.add_argument("--all", action="store_true", help="toutes les tables publiées")
    verb.add_argument("--format", choices=FORMATS, help="défaut : selon le nom du fichier, csv dans un dossier")
    where = verb.add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--output", type=named, metavar="CHEMIN", help="un fichier, ou un dossier")
    help = "toutes les tables et leur description en un Data Package : un fichier .zip, ou un dossier neuf"
    where.add_argument("--package", type=named, metavar="CHEMIN", help=help)

    def act(options: argparse.Namespace) -> int:
        for written in _write(options, start(options)):
            print(to_json(written.as_dict()) if options.json else written.summary())
        return 0

    verb.set_defaults(verb=act)


def _write(options: argparse.Namespace, run: Run) -> list[Any]:
    from vigie import data_package, export

    if options.package:
        if options.tables or options.all or options.format:
            raise CallError("un paquet tient toutes les tables, en CSV : --package ne prend ni TABLE, ni --all, ni --format")
        return [data_package.write(run, options.package)]
    if bool(options.tables) == options.all:
        raise CallError("nommer les tables à exporter, ou --all pour toutes")
    return list(export.export(run, options.tables, options.output, options.format))


def named(text: str) -> Path:
    """The path that a person gives; an empty one, which would be the folder we are in, is a slip of a script."""
    if not text.strip():
        raise argparse.ArgumentTypeError("chemin vide")
    return Path(text)
