"""`vigie alerts …`: the alerts, what people do about them, a rule put to the test on what was then known; `vigie pulse`."""

import argparse
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from vigie import alert_acts, alert_replay, publish, pulse, sector
from vigie.clock import CallError, Run
from vigie.inputs import SECTOR
from vigie.lake import to_json
from vigie.science import rule_tests
from vigie.wording import degree_text

Start = Callable[[argparse.Namespace], Run]


def add(verbs: Any, common: argparse.ArgumentParser, start: Start) -> None:
    """Adds the verb and its own verbs to the command line; `start` opens the data folder of a call."""
    help = "les alertes : les voir, les prendre en charge, les faire taire, les annoter ; leurs règles : les éprouver"
    kinds = verbs.add_parser("alerts", help=help, description=help).add_subparsers(required=True, metavar="ACTE")

    def verb(name: str, act: Callable[[Run, argparse.Namespace], int], help: str) -> Any:
        added = kinds.add_parser(name, help=help, description=help, parents=[common])
        added.set_defaults(verb=lambda options: act(start(options), options))
        return added

    def acting(name: str, kind: alert_acts.Kind, help: str, target: str = "ALERTE", *, until: bool = False) -> None:
        added = verb(name, lambda run, options: _act(run, options, kind), help)
        added.add_argument("target", metavar=target)
        added.add_argument("--by", default="", metavar="NOM", help="qui le fait (obligatoire)")
        added.add_argument("--note", default="", metavar="TEXTE", help="pourquoi, ou ce qui est fait")
        if until:
            added.add_argument("--until", metavar="DATE", help="jusqu'à quand : 2026-12-31, ou une durée : 14j, 36h")

    listing = verb("list", _list, "les alertes actives, et ce que l'on en a fait")
    listing.add_argument("--all", action="store_true", help="aussi celles qui sont closes")
    acting("acknowledge", "acknowledge", "prend une alerte en charge : plus de rappel, jusqu'à ce qu'elle s'éteigne")
    acting("silence", "silence", "fait taire une règle, ou une de ses entités, jusqu'à une date", "RÈGLE[/ENTITÉ]", until=True)
    acting("snooze", "snooze", "met une alerte en veille jusqu'à une date ; elle reste suivie", until=True)
    acting("reopen", "reopen", "rouvre une alerte levée à tort ; ce qui l'a levée reste écrit")
    acting("annotate", "annotate", "écrit une note sur une alerte")
    acting("read", "read", "écrit la lecture économique d'une alerte : ce qu'elle veut dire, et ne veut pas dire")
    verb("audit", _audit, "vérifie que rien du journal n'a été changé ni retiré")
    testing = verb("backtest", _backtest, "éprouve une règle sur ce que l'on savait alors, par la fonction qui décide en réel")
    testing.add_argument("rule", metavar="RÈGLE")
    testing.add_argument("--from", dest="first", type=_day, metavar="DATE", help="premier jour gardé")
    testing.add_argument("--to", dest="last", type=_day, metavar="DATE", help="dernier jour gardé")

    help = "échoue si l'observatoire servi ne bat plus : à lancer par une surveillance extérieure"
    beating = verbs.add_parser("pulse", help=help, description=help, parents=[common])
    beating.add_argument("--max-minutes", type=int, default=15, metavar="MINUTES", help="âge du dernier battement (défaut : 15)")
    beating.set_defaults(verb=lambda options: _pulse(start(options), options))


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
        again = alert_replay.replay(run, rule, first, last, connection)
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
        "replay": again.as_dict(),
    }  # fmt: skip


def _list(run: Run, options: argparse.Namespace) -> int:
    found = alert_acts.under_way(run, is_all=options.all)
    for line in found:
        if options.json:
            print(to_json(line))
            continue
        state = "" if line["state"] == "actif" else f"  ({line['state']})"
        print(f"{line['alert_id']}  {degree_text(line)}{state}  {line['title']}\n    {line['finding']}")
        if line["hushed_by"]:
            print(f"    retenue : {line['hushed_by']}")
        for act in line["acts"]:
            until = f", jusqu'au {act['until']:%d/%m/%Y %H:%M}" if act["until"] else ""
            done = f"{act['kind_fr']} par {act['by']}, le {act['at']:%d/%m/%Y %H:%M} (UTC){until}"
            print(f"    {done}  {act['note']}".rstrip())
    if not found and not options.json:
        print("aucune alerte n'est active")
    return 0


def _act(run: Run, options: argparse.Namespace, kind: alert_acts.Kind) -> int:
    until = getattr(options, "until", None)
    moment = alert_acts.moment(run, until) if until else None
    done = alert_acts.act(run, kind, options.target, options.by, options.note, moment)
    print(to_json(done.as_dict()) if options.json else done.sentence())
    return 0


def _audit(run: Run, options: argparse.Namespace) -> int:
    found = alert_acts.broken(run, publish.journal_heads(run.data))
    if options.json:
        print(to_json({"is_whole": found is None, "row": found and found[0], "reason": found and found[1]}))
    else:
        print(f"ligne {found[0]} du journal : {found[1]}" if found else "le journal des alertes est entier")
    return 1 if found else 0


def _pulse(run: Run, options: argparse.Namespace) -> int:
    found = pulse.read(run.data, timedelta(minutes=options.max_minutes))
    print(to_json(found.as_dict()) if options.json else found.sentence())
    return 1 if found.is_stale else 0


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
    again = found["replay"]
    print(
        f"rejoué sur {again['moments']} moment(s) ({again['source']}) : {len(again['messages'])} message(s),"
        f" {again['messages_a_month'] or 0:.2f} par mois".replace(".", ",")
    )
    for sent in again["messages"]:
        print(f"  {sent['at']:%d/%m/%Y %H:%M}  {sent['subject']}")
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
