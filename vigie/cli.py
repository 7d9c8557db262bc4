"""The command line: the same chain as the DAGs, without any server.

Exit status: 0 done, 1 the work failed, 2 the call is wrong.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from vigie import (
    alerts_cli,
    arrivals,
    bulletin_cli,
    claims_cli,
    clock,
    collect,
    export_cli,
    extract_cli,
    quarantine_cli,
    receipt_cli,
    rehearsal_cli,
    returns_cli,
    review_cli,
    settings,
)
from vigie.build import BuildError
from vigie.check import DoorError, SuiteError
from vigie.clock import CallError, Run
from vigie.declared import DeclarationError
from vigie.examine import examine
from vigie.export import ExportError
from vigie.feed import names
from vigie.fetch import FetchError
from vigie.lake import Lake, LakeError, to_json
from vigie.publish import PublishError
from vigie.quarantine import QuarantineError
from vigie.receipt import ReceiptError
from vigie.report import STAGE_LABELS
from vigie.science import ScienceError
from vigie.sector import SectorError
from vigie.settings import SettingError
from vigie.windows import DashboardError

log = logging.getLogger("vigie")

WORK_ERRORS = (
    LakeError, BuildError, PublishError, DoorError, SuiteError, FetchError, SectorError, SettingError,
    DashboardError, ExportError, QuarantineError, ReceiptError, DeclarationError, ScienceError,
)  # fmt: skip
STAGES = tuple(STAGE_LABELS)
LAB = ("composite", "bounds", "siting", "disclosure", "backtest", "adjust", "scenario", "measure")


class Parser(argparse.ArgumentParser):
    """Says in French that a call is wrong."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"vigie : appel incorrect : {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb; returns its exit status."""
    options = _parser().parse_args(arguments)
    _speak()
    try:
        status: int = options.verb(options)
        return status
    except CallError as error:
        print(f"vigie : {error}", file=sys.stderr)
        return 2
    except WORK_ERRORS as error:
        print(f"vigie : {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # whoever read the answer has read enough; the interpreter would complain again when it closes the stream
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("vigie : interrompu ; relancer la même commande reprend où elle en était", file=sys.stderr)
        return 1


def _speak() -> None:
    """Progress goes to the error stream, one line a step, whatever else this process logs."""
    voice = logging.StreamHandler(sys.stderr)
    voice.setFormatter(logging.Formatter("%(message)s"))
    log.handlers, log.propagate = [voice], False
    log.setLevel(logging.INFO)


def _parser() -> Parser:
    common = Parser(add_help=False)
    common.add_argument("--data", type=Path, metavar="DOSSIER", help="dossier de données (défaut : VIGIE_DATA ou ./data)")
    common.add_argument("--now", metavar="DATE", help="le présent (défaut : 2026-11-23 en échantillon, l'horloge en réel)")
    common.add_argument("--json", action="store_true", help="un objet JSON par ligne")
    asked = Parser(add_help=False)
    asked.add_argument("--as-of", metavar="DATE", help="ce que l'observatoire savait à cette date")
    asked.add_argument("--as-published", metavar="DATE", help="ce que les éditeurs avaient publié à cette date")
    live = Parser(add_help=False)
    live.add_argument("--live", action="store_true", help="adresses des éditeurs au lieu des documents fournis")

    parser = Parser(prog="vigie", description="Observatoire d'un secteur : collecter, construire, veiller, publier, envoyer.")
    verbs = parser.add_subparsers(required=True, metavar="VERBE")

    def verb(name: str, action: Callable[[argparse.Namespace], int], help: str, *parents: Parser) -> Any:
        added = verbs.add_parser(name, help=help, description=help, parents=[common, *parents])
        added.set_defaults(verb=action)
        return added

    verb("run", _run, "toute la chaîne : collecte, construction, veille, publication, envoi", asked, live)
    collecting = verb("collect", _collect, "collecte les flux nommés, ou tous", live)
    collecting.add_argument("feeds", nargs="*", metavar="FLUX")
    origin = collecting.add_mutually_exclusive_group()
    origin.add_argument(
        "--from", dest="source", type=export_cli.named, metavar="CHEMIN", help="un fichier, un dossier ou un motif, pour un flux"
    )
    origin.add_argument("--replay", action="store_true", help="relit les octets gardés avec le lecteur d'aujourd'hui")
    for name, help in (
        ("build", "construit et contrôle l'entrepôt"), ("publish", "publie une nouvelle version des tables"),
    ):  # fmt: skip
        verb(name, _stage(name), help, asked)
    watching = verb("watch", _watch, "décide les alertes sur l'entrepôt construit", asked)
    watching.add_argument("--dry-run", action="store_true", help="dit ce qui serait décidé et envoyé ; n'écrit rien")
    sending = verb("notify", _notify, "envoie les messages en attente", asked)
    sending.add_argument("--dry-run", action="store_true", help="dit ce qui partirait, par où et quand ; n'envoie rien")
    quarantine_cli.add(verbs, common, _start)
    claims_cli.add(verbs, common, _start)
    review_cli.add(verbs, common, _start)
    alerts_cli.add(verbs, common, _start)
    extract_cli.add(verbs, common)
    receipt_cli.add(verbs, common, _start)
    returns_cli.add(verbs, common, _start)
    rehearsal_cli.add(verbs, common)
    export_cli.add(verbs, common, asked, _start)
    help = "écrit le calendrier de ce qui oblige dans un fichier .ics, que tout agenda ouvre"
    dating = verb("calendar", _calendar, help, asked)
    dating.add_argument("-o", "--output", type=export_cli.named, required=True, metavar="FICHIER.ics")
    bulletin_cli.add(verbs, [common, asked], _start)
    verb("dashboards", _dashboards, "installe les tableaux de bord dans Superset")
    serving = verb("serve", _serve, "démarre Airflow et Superset, et laisse l'ordonnanceur faire la chaîne", live)
    serving.add_argument("--once", action="store_true", help="s'arrête quand la chaîne est finie")
    serving.add_argument("--no-superset", action="store_true", help="Airflow seul : Superset tourne ailleurs")
    help = "garde tout le dossier de données dans un fichier (.tar.gz)"
    verb("backup", _backup, help).add_argument("file", type=Path, metavar="FICHIER")
    help = "remet une sauvegarde dans un dossier neuf (--data)"
    verb("restore", _restore, help).add_argument("file", type=Path, metavar="FICHIER")
    checking = verb("check", _check, "essai à blanc de la porte : rien n'est chargé")
    checking.add_argument("feed", metavar="FLUX")
    checking.add_argument("file", type=Path, metavar="FICHIER")
    help = "essaie une méthode de la maison sur une table à soi (CSV ou Parquet, et un petit YAML)"
    bench = verb("lab", _lab, help)
    bench.add_argument("method", choices=LAB, metavar="MÉTHODE", help=", ".join(LAB))
    bench.add_argument("table", type=Path, metavar="TABLE")
    bench.add_argument("--with", dest="spec", type=Path, required=True, metavar="FICHIER.yml")
    new = verbs.add_parser("new", help="crée les fichiers d'un flux").add_subparsers(required=True, metavar="QUOI")
    help = "écrit les cinq fichiers d'un flux, prêts à remplir"
    scaffolding = new.add_parser("feed", parents=[common], help=help, description=help)
    scaffolding.add_argument("name", metavar="NOM")
    scaffolding.add_argument("--from", dest="source", type=Path, required=True, metavar="FICHIER")
    scaffolding.set_defaults(verb=_new_feed)
    return parser


def _folder(options: argparse.Namespace) -> Path:
    folder: Path = options.data or settings.read().data
    return folder.expanduser().resolve()


def _start(options: argparse.Namespace) -> Run:
    folder = _folder(options)
    live = getattr(options, "live", False)
    born = Lake.stamped_mode(folder)
    mode = "live" if live else born or "sample"
    return clock.start(folder, mode, options.now, getattr(options, "as_of", None), getattr(options, "as_published", None))


def _print(options: argparse.Namespace, stage: str, report: Any) -> None:
    if options.json:
        print(to_json({"stage": stage, **report.as_dict()}), flush=True)
    else:
        print(f"{STAGE_LABELS[stage]} : {report.summary()}", flush=True)


def perform(stage: str, run: Run, *, live: bool = False) -> Any:
    """One stage of the chain on a run; returns its report."""
    # each stage is imported when it runs: dbt and Great Expectations cost seconds
    if stage == "collect":
        return collect.collect(run, live=live)
    if stage == "build":
        from vigie import build

        return build.build(run)
    if stage == "watch":
        from vigie import watch

        return watch.watch(run)
    if stage == "publish":
        from vigie import publish

        return publish.publish(run)
    from vigie import notify

    return notify.notify(run)


def _run(options: argparse.Namespace) -> int:
    run = _start(options)
    failed = 0
    with run.data.lock("run", wait=0):
        run.data.sweep_drafts()
        for number, stage in enumerate(STAGES, start=1):
            log.info("[%d/%d] %s…", number, len(STAGES), STAGE_LABELS[stage])
            report = perform(stage, run, live=options.live)
            _print(options, stage, report)
            failed += _failures(report)
            run = run.caught_up()
    return 1 if failed else 0


def _failures(report: Any) -> int:
    """How many documents were refused or messages given up on in a stage's report."""
    return len(getattr(report, "refused", ())) + int(getattr(report, "dead_letters", 0))


def _collect(options: argparse.Namespace) -> int:
    run = _start(options)
    tell = _tell if options.json else None
    if options.replay:
        from vigie import replay

        report = replay.replay(run, options.feeds, tell)
    else:
        report = collect.collect(run, options.feeds, options.source, options.live, tell)
    if not options.json:
        _print(options, "collect", report)
    return 1 if report.refused else 0


def _tell(outcome: collect.Outcome) -> None:
    print(to_json(asdict(outcome)), flush=True)


def _watch(options: argparse.Namespace) -> int:
    if not options.dry_run:
        return _stage("watch")(options)
    from vigie import watch

    report = watch.watch(_start(options), is_preview=True)
    _print(options, "watch", report)
    for subject, body in report.preview or () if not options.json else ():
        print(f"\n{subject}\n\n{body}", end="")
    return 0


def _stage(name: str) -> Callable[[argparse.Namespace], int]:
    def act(options: argparse.Namespace) -> int:
        report = perform(name, _start(options))
        _print(options, name, report)
        return 1 if _failures(report) else 0

    return act


def _notify(options: argparse.Namespace) -> int:
    if not options.dry_run:
        return _stage("notify")(options)
    from vigie import notify

    planned = notify.rehearse(_start(options))
    for delivery in planned:
        print(to_json(delivery.as_dict()) if options.json else delivery.sentence())
    if not planned and not options.json:
        print("rien ne partirait")
    return 0


def _calendar(options: argparse.Namespace) -> int:
    from vigie import legal_calendar

    return _said(options, legal_calendar.write(_start(options), options.output))


def _backup(options: argparse.Namespace) -> int:
    from vigie import backup

    folder = _folder(options)
    if Lake.stamped_mode(folder) is None:
        raise CallError(f"{folder} n'est pas un dossier de données : il n'y a rien à garder ; vérifier --data")
    run = _start(options)
    return _said(options, backup.backup(run.data, options.file, run.now))


def _restore(options: argparse.Namespace) -> int:
    from vigie import backup

    return _said(options, backup.restore(options.file, _folder(options)))


def _said(options: argparse.Namespace, report: Any) -> int:
    print(to_json(report.as_dict()) if options.json else report.summary())
    return 0


def _check(options: argparse.Namespace) -> int:
    if options.feed not in names():
        raise CallError(f"flux inconnu « {options.feed} » ; flux connus : {', '.join(names())}")
    try:
        content = arrivals.read(options.feed, options.file)
    except OSError as error:
        raise CallError(f"{options.file} ne peut être lu : {error.strerror}") from None
    if content is None:
        raise CallError(f"{options.file} pèse plus que ce que le flux {options.feed} admet ; il n'a pas été lu : le couper")
    examination = examine(options.feed, content)
    held = examination.lines()
    counts = {"read": len(examination.records), "good": len(examination.good), "bad": len(examination.held)}
    if options.json:
        print(to_json({**counts, "refusal": examination.refusal, "quarantine": held}))
    else:
        if examination.refusal:
            print(f"refusé : {examination.refusal}")
        for line in held:
            print(f"{_where(line)} : {line['reason']} → {line['fix']}")
        print(f"{counts['read']} lignes lues, {counts['good']} bonnes, {counts['bad']} à mettre en quarantaine")
    return 1 if examination.refusal else 0


def _where(line: dict[str, Any]) -> str:
    return f"ligne {line['row_no']} ({line['place']})" if line["row_no"] else "document entier"


def _new_feed(options: argparse.Namespace) -> int:
    from vigie import scaffold

    for path in scaffold.new_feed(options.name, options.source):
        print(path)
    return 0


def _lab(options: argparse.Namespace) -> int:
    from vigie import lab

    result = lab.run(options.method, options.table, options.spec)
    if options.json:
        print(to_json(result.as_dict()))
        return 0
    for name, figure in result.figures.items():
        print(f"{name} : {figure}")
    for name, records in result.tables.items():
        print(f"\n{name}")
        for record in records:
            print("  " + "  ".join(f"{key}={value}" for key, value in record.items()))
    return 0


def _dashboards(options: argparse.Namespace) -> int:
    from vigie import dashboards, keys

    run = _start(options)
    print(dashboards.deploy(run, keys.superset(run.data)).summary())
    return 0


def _serve(options: argparse.Namespace) -> int:
    from vigie import serve

    folder = _folder(options)
    return serve.serve(folder, "live" if options.live else "sample", options.once, windows=not options.no_superset)


if __name__ == "__main__":
    sys.exit(main())
