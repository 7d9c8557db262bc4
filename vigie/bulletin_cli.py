"""`vigie bulletin`: the monthly note."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from vigie.clock import Run
from vigie.lake import to_json


def add(verbs: Any, parents: Sequence[argparse.ArgumentParser], start: Callable[[argparse.Namespace], Run]) -> None:
    """Adds the verb; `start` opens the data folder that the options name."""
    help = "écrit la note mensuelle (page .html et .pdf) de ce que l'on sait, ou savait à une date"
    noting = verbs.add_parser("bulletin", help=help, description=help, parents=list(parents))
    what = "un fichier .html ou .pdf, ou un dossier pour les deux (défaut : celui où l'on est)"
    noting.add_argument("-o", "--output", "--target", type=Path, default=Path(), metavar="CHEMIN", help=what)
    noting.set_defaults(verb=lambda options: _write(options, start))


def _write(options: argparse.Namespace, start: Callable[[argparse.Namespace], Run]) -> int:
    # imported when it runs: templates and charts cost others half a second
    from vigie import bulletin

    written = bulletin.write(start(options), options.output)
    print(to_json(written.as_dict()) if options.json else written.summary())
    return 0
