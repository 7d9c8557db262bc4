"""`vigie alerts list | acknowledge | backtest`: the alerts under way, and a rule put to the test on what was then known."""

import argparse
from collections.abc import Callable
from datetime import date
from typing import Any

from vigie import alert_acts, sector
from vigie.clock import CallError, Run
from vigie.inputs import SECTOR
from vigie.lake import to_json
from vigie.science import rule_tests

Start = Callable[[argparse.Namespace], Run]


def add(verbs: Any, common: argparse.ArgumentParser, start: Start) -> None:
    """Adds the verb and its own verbs to the command line; `start` opens the data folder of a call."""
    help = "les alertes en cours : les voir, les prendre en charge ; leurs règles : les éprouver"
    kinds = verbs.add_parser("alerts", help=help, description=help).add_subparsers(required=True, metavar="ACTE")
    help = "les alertes actives, et qui s'en occupe"
    listing = kinds.add_parser("list", help=help, description=help, parents=[common])
    listing.set_defaults(verb=lambda options: _list(start(options), options))
    help = "dit que l'on prend une alerte en charge ; rien n'est effacé"
    taking = kinds.add_parser("acknowledge", help=help, description=help, parents=[common])
    taking.add_argument("alert", metavar="ALERTE")
    taking.add_argument("--by", default="", metavar="NOM", help="qui s'en occupe (obligatoire)")
    taking.add_argument("--note", default="", metavar="NOTE", help="ce qui est fait, ou par qui")
    taking.set_defaults(verb=lambda options: _acknowledge(start(options), options))
    help = "éprouve une règle sur les périodes qu'elle a jugées et les épisodes qui ont suivi"
    testing = kinds.add_parser("backtest", help=help, description=help, parents=[common])
    testing.add_argument("rule", metavar="RÈGLE")
    testing.add_argument("--from", dest="first", type=_day, metavar="DATE", help="premier jour des jugements gardés")
    testing.add_argument("--to", dest="last", type=_day, metavar="DATE", help="dernier jour des jugements gardés")
    testing.set_defaults(verb=lambda options: _backtest(start(options), options))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"« {text} » n'est pas une date (AAAA-MM-JJ)") from None


def backtest(run: Run, rule: str, first: date | None = None, last: date | None = None) -> dict[str, Any]:
    """The verdict, the judgements that it rests on and the episodes; LakeError before the first publication."""
    known = sector.load(SECTOR)
    rules = {one.rule: one for one in known.alert_rules}
    if rule not in rules:
        raise CallError(f"règle inconnue « {rule} » ; règles du secteur : {', '.join(rules)}")
    with run.data.open_published("éprouver la règle") as connection:
        (until,) = connection.execute("select as_of::date from publication").fetchone() or (run.now.date(),)
        rows = connection.execute(
            "select entity, said_on, is_on, reach from rule_judgements where rule = ? and said_on between ? and ? order by all",
            [rule, first or date.min, last or until],
        ).fetchall()
        episodes = connection.execute("select episode, ref_area, starts_on from crisis_episodes order by starts_on").fetchall()
    horizons = {line.episode: line.horizon_months for line in known.episode_definitions}
    verdict = rule_tests.backtest(
        [rule_tests.Judgement(*row) for row in rows],
        [rule_tests.Episode(area, start, horizons[name]) for name, area, start in episodes if name in horizons],
        max(horizons.values()),
        until,
    )
    return {
        "rule": rule, "version": rules[rule].version, "until": until, "embargo_months": max(horizons.values()),
        **verdict.as_dict(),
        "signals": [{"entity": entity, "said_on": said_on} for entity, said_on, is_on, _ in rows if is_on],
        "known": [{"episode": name, "ref_area": area, "starts_on": start} for name, area, start in episodes],
    }  # fmt: skip


def _list(run: Run, options: argparse.Namespace) -> int:
    found = alert_acts.under_way(run)
    for line in found:
        if options.json:
            print(to_json(line))
            continue
        print(f"{line['alert_id']}  {line['level']}  {line['title']}\n    {line['finding']}")
        for act in line["acknowledged"]:
            print(f"    prise en charge par {act['by']}, le {act['at']:%d/%m/%Y %H:%M} (UTC)  {act['note']}".rstrip())
    if not found and not options.json:
        print("aucune alerte n'est active")
    return 0


def _acknowledge(run: Run, options: argparse.Namespace) -> int:
    act = alert_acts.acknowledge(run, options.alert, options.by, options.note)
    print(to_json(act.as_dict()) if options.json else act.sentence())
    return 0


def _backtest(run: Run, options: argparse.Namespace) -> int:
    found = backtest(run, options.rule, options.first, options.last)
    if options.json:
        print(to_json(found))
        return 0
    print(f"{found['rule']} (version {found['version']}), sur ce que l'on sait au {found['until']:%d/%m/%Y}")
    print(
        f"jugements : {found['judgements']} dont la suite est connue, {found['waiting']} dont l'échéance court encore,"
        f" {found['aside']} laissés de côté ; épisodes connus : {found['known_episodes']}"
    )
    for signal in found["signals"]:
        print(f"  alerte : {signal['entity']}, dite le {signal['said_on']:%d/%m/%Y}")
    for episode in found["known"]:
        print(f"  épisode : {episode['ref_area']}, à partir du {episode['starts_on']:%d/%m/%Y} ({episode['episode']})")
    if found["tp"] is None:
        print("sans historique : rien ne permet de dire ce que vaut ce seuil")
        return 0
    print(
        f"calibré sur {found['episodes']} épisode(s) : {found['tp']} alertes suivies, {found['fp']} fausses alarmes,"
        f" {found['fn']} calmes suivis d'un épisode, {found['tn']} calmes sans suite"
    )
    for name, label in (
        ("tpr", "part annoncée"), ("fpr", "part de fausses alarmes"), ("nsr", "bruit sur signal"), ("usefulness", "utilité"),
        ("auroc", "aire sous la courbe"), ("auroc_low", "  au moins"), ("auroc_high", "  au plus"),
        ("lead_months", "avance médiane (mois)"), ("false_alarms_a_month", "fausses alarmes par mois"),
    ):  # fmt: skip
        if found[name] is not None:
            print(f"{label} : {found[name]:.3f}".replace(".", ","))
    return 0
