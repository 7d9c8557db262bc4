"""`vigie rehearse`: the words of the call, and what is printed."""

import argparse
import sys
from contextlib import nullcontext, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vigie.clock import CallError
from vigie.inputs import SECTOR
from vigie.lake import to_json

if TYPE_CHECKING:
    from vigie.rehearsal.plan import Plan


def add(verbs: Any, common: argparse.ArgumentParser) -> None:
    """Adds the verb to the command line."""
    help = "répète une crise : un plan daté, des incidents, le vrai ordonnanceur ; dit ce qui devait être dit et ce qui l'a été"
    rehearsing = verbs.add_parser("rehearse", help=help, description=help, parents=[common])
    rehearsing.add_argument("--plan", type=Path, metavar="FICHIER.yml", help="un autre plan que celui du secteur (rehearsal.yml)")
    rehearsing.add_argument("--dry-run", action="store_true", help="contrôle le plan et en dit le déroulé ; ne lance rien")
    rehearsing.add_argument("--pause", action="store_true", help="attend Entrée entre deux étapes, pour que chacun agisse")
    rehearsing.set_defaults(verb=_rehearse)


def _rehearse(options: argparse.Namespace) -> int:
    from vigie.rehearsal import picture, plan, play
    from vigie.serve import Stopped
    from vigie.servers import ServerError

    if options.now:
        raise CallError("l'heure d'une répétition est celle de son plan : retirer --now")
    wanted = plan.read(options.plan, SECTOR) if options.plan else plan.load(SECTOR)
    if options.dry_run:
        for told in _told(wanted):
            print(to_json(told) if options.json else told["sentence"])
        return 0
    if options.data is None:
        raise CallError("dire où répéter : --data et un dossier neuf, qui ne servira qu'à cela")
    folder = options.data.expanduser().resolve()
    try:
        # what a program reads is the verdict alone
        with redirect_stdout(sys.stderr) if options.json else nullcontext():
            came = play.rehearse(folder, wanted, _wait if options.pause else None)
            page = picture.write(folder, wanted, came)
    except ServerError as error:
        print(f"vigie : {error}", file=sys.stderr)
        return 1
    except Stopped:
        print("vigie : répétition interrompue ; la rejouer depuis le début, dans un dossier neuf", file=sys.stderr)
        return 1
    differences = came.differences()
    if options.json:
        for state, line in came.verdicts():
            print(to_json({"verdict": state} | line.as_dict()))
        print(to_json({"differences": differences, "page": page}))
    else:
        table = [f"{state:<8}{line.on:%d/%m/%Y}  {line.sentence()}" for state, line in came.verdicts()]
        for text in ("", *table, *(f"ÉCART   {said}" for said in differences), f"Frise : {page}"):
            print(text)
        count = len(came.got)
        print(f"{len(differences)} écart(s) avec le plan" if differences else f"Tout est comme prévu : {count} message(s)")
    return 1 if differences else 0


def _told(wanted: "Plan") -> list[dict[str, Any]]:
    """What a plan holds, a line a step, a fault, a message and an act."""
    from vigie.alert_acts import DONE
    from vigie.rehearsal.plan import FAULT_FR

    lines = []
    for number, step in enumerate(wanted.steps, start=1):
        told = [("step", f"Étape {number}/{len(wanted.steps)}, {step.on:%d/%m/%Y} : {step.story.strip()}")]
        told += [("fault", f"  incident : {FAULT_FR[one.kind]}. {one.story.strip()}") for one in step.faults]
        told += [("message", f"  attendu : {one.occasion} ({one.degree}), {one.subject}") for one in step.expected]
        told += [("act", f"  geste : {DONE[one.act]} ({one.rule}) par {one.by}") for one in step.acts]
        lines += [{"on": step.on, "kind": kind, "sentence": sentence} for kind, sentence in told]
    return lines


def _wait() -> None:
    with suppress(EOFError):
        input("\nEntrée pour l'étape suivante…")
