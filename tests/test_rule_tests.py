"""A rule put to the test: embargo, aftermath, counts and leads, and the words of a rule that nothing has tested."""

import json
from datetime import date, timedelta

import pytest

from vigie import cli, sector
from vigie.science.rule_tests import Episode, Judgement
from vigie.science.rule_tests import backtest as judged_by

START = date(2020, 1, 1)


def quarters(pattern, entity="MA", first=START):
    """A judgement a quarter, on where the pattern has a one."""
    return [
        Judgement(entity, first + timedelta(days=91 * n), mark == "1", float(mark == "1") + n / 100)
        for n, mark in enumerate(pattern)
    ]


def day(quarter):
    return START + timedelta(days=91 * quarter)


def backtest(judgements, starts, horizon_months, until):
    """The verdict when all episodes are of one definition and of one city."""
    return judged_by(judgements, [Episode("MA-CAS", start, horizon_months) for start in starts], horizon_months, until)


def test_a_signal_before_an_episode_is_a_hit_and_its_lead_is_counted():
    found = backtest(quarters("000011000000000000"), [day(6)], 9, day(40))
    # quarters 3 to 5 are within nine months of the episode; 6 to 8 are aside
    assert (found.tp, found.fn, found.fp) == (2, 1, 0)
    assert found.aside == 3 and found.episodes == 1
    assert found.lead_months == pytest.approx(2 * 91 / 30.4375)
    assert found.usefulness == pytest.approx(0.5 - 0.5 / 3)


def test_a_signal_that_nothing_follows_is_a_false_alarm():
    found = backtest(quarters("100000000000001000"), [day(8)], 6, day(40))
    assert (found.tp, found.fp) == (0, 2)
    assert found.lead_months is None and found.nsr is None
    assert found.false_alarms_a_month == pytest.approx(2 / (17 * 91 / 30.4375))


def test_a_judgement_whose_horizon_is_not_over_has_no_outcome():
    found = backtest(quarters("000011000000000000"), [day(6)], 9, day(14))
    # from the eleventh quarter on, nine months are not over
    assert (found.judgements, found.waiting) == (8, 7)
    assert backtest(quarters("111111"), [day(3)], 18, day(6)).tp is None


def test_what_comes_later_changes_no_verdict_that_was_given():
    judgements = quarters("000110000100000000")
    then = backtest(judgements, [day(6)], 6, day(12))
    again = backtest(judgements, [day(6), day(15)], 6, day(12))
    assert (then.judgements, then.tp, then.fp, then.fn, then.tn) == (again.judgements, again.tp, again.fp, again.fn, again.tn)


def test_without_an_episode_or_with_too_few_judgements_nothing_is_said():
    bare = backtest(quarters("0101010101010101"), [], 9, day(40))
    assert bare.tp is None and bare.auroc is None and bare.judgements == 16
    assert backtest(quarters("0101"), [day(2)], 3, day(40)).tp is None
    assert backtest([], [day(2)], 3, day(40)).judgements == 0


def test_each_episode_is_warned_of_within_its_own_horizon():
    signals = quarters("000001000000000000000000")
    near, far = Episode("MA-CAS", day(9), 6), Episode("MA-CAS", day(9), 18)
    assert judged_by(signals, [near], 18, day(60)).tp is not None
    assert judged_by(signals, [near], 18, day(60)).tp == 0 and judged_by(signals, [far], 18, day(60)).tp == 1


def test_a_judgement_of_a_city_is_not_warned_of_by_another_city():
    here, elsewhere = Episode("MA-CAS", day(6), 9), Episode("MA-FES", day(6), 9)
    city = quarters("000011000000000000", "MA-CAS/_T")
    assert judged_by(city, [here], 9, day(40)).tp == 2
    assert judged_by(city, [elsewhere], 9, day(40)).tp is None
    assert judged_by(quarters("000011000000000000", "MA/_T"), [elsewhere], 9, day(40)).tp == 2


def test_the_interval_of_the_area_holds_it_and_is_the_same_twice():
    found = backtest(quarters("000011000011000001100000000011100000"), [day(6), day(13), day(21), day(33)], 6, day(60))
    assert found == backtest(quarters("000011000011000001100000000011100000"), [day(6), day(13), day(21), day(33)], 6, day(60))
    assert found.auroc_low <= found.auroc <= found.auroc_high


def test_every_rule_has_a_verdict_a_date_and_a_basis(observatory):
    rules = {rule.rule for rule in sector.load("morocco_offshoring").alert_rules}
    told = observatory.ask("select rule, verdict_fr, why_fr, threshold_set_on, threshold_basis, tp from rule_backtests")
    assert {rule for rule, *_ in told} == rules and len(told) == len(rules) > 5
    for rule, verdict, why, set_on, basis, tp in told:
        assert why and set_on and basis, rule
        assert (verdict == "sans historique") == (tp is None), rule


def test_the_command_says_what_the_page_says_and_names_the_rules_it_knows(observatory, capsys):
    arguments = ["--data", str(observatory.data)]
    assert cli.main(["alerts", "backtest", "recul_exportations_crm", "--json", *arguments]) == 0
    found = json.loads(capsys.readouterr().out)
    page = observatory.ask(
        "select judgements, waiting, known_episodes, tp from rule_backtests where rule = 'recul_exportations_crm'"
    )
    assert [(found["judgements"], found["waiting"], found["known_episodes"], found["tp"])] == page
    assert cli.main(["alerts", "backtest", "recul_exportations_crm", *arguments]) == 0
    assert "sans historique" in capsys.readouterr().out
    assert cli.main(["alerts", "backtest", "recul_exportations_crm", "--from", "2030-01-01", "--json", *arguments]) == 0
    assert json.loads(capsys.readouterr().out)["waiting"] == 0
    assert cli.main(["alerts", "backtest", "autre", *arguments]) != 0
    assert "règle inconnue « autre » ; règles du secteur : recul_exportations_crm" in capsys.readouterr().err
