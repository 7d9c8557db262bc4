"""`vigie receipt` and `vigie verify`: the words of the call, and what is printed."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vigie import receipt_page, settings, verify
from vigie.clock import CallError, Run
from vigie.documents import Documents
from vigie.lake import Lake, to_json, write_atomically
from vigie.receipt import READINGS, Issuer, to_json_in_order
from vigie.selection import Wanted, choose

Start = Callable[[argparse.Namespace], Run]


def add(verbs: Any, common: argparse.ArgumentParser, start: Start) -> None:
    """Adds both verbs to the command line; `start` opens the data folder of a call."""
    help = "écrit le reçu d'une valeur publiée : ses entrées, jusqu'aux octets"
    issuing = verbs.add_parser("receipt", help=help, description=help, parents=[common])
    issuing.add_argument("indicator", nargs="?", default="", metavar="INDICATEUR")
    for name, meta, told in (
        ("place", "LIEU", "code ou nom du lieu"), ("period", "PÉRIODE", "2024, 2025-S1, 2025-T3, 2025-09, 2025-09-30"),
        ("breakdown", "DÉTAIL", "segment, texte, flux (défaut : le total)"), ("methodology", "PÉRIMÈTRE", "périmètre"),
        ("scenario", "SCÉNARIO", "scénario"), ("id", "REÇU", "le reçu d'une ligne publiée (colonne receipt_id)"),
    ):  # fmt: skip
        issuing.add_argument(f"--{name}", default="", metavar=meta, help=told)
    issuing.add_argument("--as-of", metavar="DATE", help="la valeur que l'observatoire connaissait à cette date")
    issuing.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FICHIER", help="le reçu : .json, ou .html pour une page"
    )
    issuing.set_defaults(verb=lambda options: _receipt(start(options), options))

    help = "vérifie un reçu : octets, lignes relues, valeur refaite"
    checking = verbs.add_parser("verify", help=help, description=help, parents=[common])
    checking.add_argument("file", type=Path, metavar="FICHIER")
    checking.add_argument("--documents", type=Path, metavar="DOSSIER", help="les documents, sous n'importe quels noms")
    checking.set_defaults(verb=_verify)


def _receipt(run: Run, options: argparse.Namespace) -> int:
    if bool(options.id) == bool(options.indicator):
        raise CallError("nommer un indicateur, ou donner --id REÇU")
    with Issuer(run) as issuer:
        if options.id:
            written = issuer.of(options.id)
        else:
            wanted = Wanted(
                options.indicator, options.place, options.period, options.breakdown, options.methodology, options.scenario
            )
            written = issuer.receipt(issuer.lineage.node(READINGS), choose(issuer, wanted, run.as_of))
    is_page = options.output.suffix.lower() in (".html", ".htm")
    write_atomically(options.output.absolute(), receipt_page.page(written) if is_page else to_json_in_order(written) + "\n")
    if options.json:
        told = {key: written[key] for key in ("receipt_id", "table", "title", "reading")}
        print(to_json(told | {"file": options.output, "documents": len(written["documents"]), "inputs": len(written["inputs"])}))
    else:
        print(f"{options.output} : {written['title']} : {written['reading']}".removesuffix(" : "))
        for line in receipt_page.printers(written):
            print(f"  {line}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    try:
        written = verify.read(options.file)
    except OSError as error:
        raise CallError(f"{options.file} ne peut être lu : {error.strerror}") from None
    except ValueError as error:
        raise CallError(f"{options.file} n'est pas un reçu de Vigie ({error})") from None
    folder: Path = (options.data or settings.read().data).expanduser().resolve()
    lake = None
    if options.documents:
        if not options.documents.is_dir():
            raise CallError(f"--documents {options.documents} n'est pas un dossier")
        folders = [options.documents.expanduser().resolve()]
    else:
        folders = []
        if options.data and Lake.stamped_mode(folder) is None:
            raise CallError(
                f"{folder} n'est pas un dossier de données de Vigie ; pour un simple dossier de documents : --documents"
            )
        lake = Lake.open(folder) if Lake.stamped_mode(folder) else None
        if lake is None:
            folders = [options.file.absolute().parent]
    verdict = verify.Verifier(Documents(lake, folders), lake).verify(written)
    print(to_json(verdict.as_dict()) if options.json else verdict.summary())
    return 0 if verdict.is_good else 1
