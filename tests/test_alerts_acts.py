"""Alerts on a built folder: what people do, what speaks for what, what is said together, what nothing may change."""

import json
import shutil
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

import duckdb
import pytest

from tests.test_alerts import KEY, NOW, RULE, history, lay_out, run_at
from tests.test_alerts import lake as lake
from vigie import alert_acts, alert_replay, cli, messages, sector, watch
from vigie.clock import CallError
from vigie.store import open_store

DAY = timedelta(days=1)


def decide(lake, evaluations, at):
    lay_out(lake, evaluations, as_of=at, now=at)
    return watch.watch(run_at(lake, at))


def outbox(lake):
    with open_store(lake) as state:
        return state.messages()


def the_alert(lake):
    return watch.published_alerts(lake, datetime.max)[-1]


def test_a7_a_threshold_of_a_place_is_data_with_its_owner_and_its_day():
    watching = sector.load("morocco_offshoring")
    own = watching.rule_at("silence_flux", "MA", "boe_notices")
    usual = watching.rule_at("silence_flux", "MA", "press_articles")
    assert (own.amber_on, usual.amber_on) == (4, 2) and own.threshold_basis != usual.threshold_basis
    assert own.threshold_owner and own.threshold_set_on and own.title == usual.title


def test_a8_a_compound_rule_is_calm_until_the_other_is_crossed_in_the_same_place():
    from vigie.evaluations import compound

    line = history(1, 1)
    other = [replace(line[1], rule="autre", entity="MA/x", level=0), replace(line[1], rule="autre", entity="MA/y", level=1)]
    elsewhere = replace(other[1], ref_area="MA-FES")
    asked = {line[0].rule: "autre"}
    assert [e.level for e in compound([*line, elsewhere], asked)][:2] == [0, 0]
    assert [e.level for e in compound([*line, *other], asked)][:2] == [0, 1], "franchie au second semestre seulement"
    assert [e.level for e in compound([*line, *other], {})][:2] == [1, 1]


def cities(count, level=2):
    return [
        replace(one, rule="effet_juridique_proche", entity=f"V{number:02}/FR-LOI/_Z", ref_area=f"V{number:02}", unit="DAYS",
                breakdown="FR-LOI", methodology="_Z", freq="D", is_closed=False, period=NOW, level=level)
        for number in range(count)
        for one in history(level)
    ]  # fmt: skip


def test_a11_thirty_cities_crossing_for_one_law_make_one_message_that_lists_them(lake):
    report = decide(lake, cities(30), NOW)
    assert (report.active, report.messages) == (30, 1)
    (sent,) = outbox(lake)
    assert sent.kind == "group" and len(sent.alert_ids) == 30 and sent.degree == "rouge"
    assert sent.body.count("(alerte ") == 30 and "30 alertes" in sent.subject
    assert decide(lake, cities(30), NOW).messages == 0, "la même décision ne redit rien"


def test_a11_what_is_said_of_one_city_later_stands_in_the_same_thread(lake):
    decide(lake, cities(3, level=1), NOW)
    later = [*cities(3, level=1), *(replace(e, period=NOW + DAY, level=2) for e in cities(1))]
    decide(lake, later, NOW + DAY)
    first, second = outbox(lake)
    assert (first.kind, second.kind) == ("group", "alert") and first.thread_id == second.thread_id


def test_a12_a_dead_feed_speaks_for_what_rests_on_it_and_names_it(lake):
    silence = replace(
        history(2)[0], rule="silence_flux", entity="MA/oc_exports/_Z", indicator="feed_freshness", breakdown="oc_exports",
        methodology="_Z", freq="D", is_closed=False, period=NOW, unit="RHYTHM", receipt_id="s", value=9,
    )  # fmt: skip
    report = decide(lake, [*history(0, 2), silence], NOW)
    assert (report.active, report.messages, report.muted) == (2, 1, 1)
    (sent,) = outbox(lake)
    assert sent.rule == "silence_flux"
    lines = {line["rule"]: line for line in watch.published_alerts(lake, NOW)}
    held = lines["recul_exportations_crm"]
    assert held["hushed_by"] == "le flux se tait : oc_exports" and held["title"] in sent.body
    spoken = replace(silence, period=NOW + DAY, level=0, value=0.5)
    assert decide(lake, [*history(0, 2), silence, spoken], NOW + DAY).messages == 2, "le flux parle, l'alerte retenue se dit"
    with open_store(lake) as state:
        states = [row.state for row in state.execute("select state from notices where alert_id = :a", {"a": held["alert_id"]})]
    assert sorted(states) == ["muted", "sent"]


def test_a19_a_rule_that_cannot_be_read_is_said_once_and_its_alerts_stay(lake):
    decide(lake, history(0, 2), NOW)
    with duckdb.connect(str(lake.warehouse)) as warehouse:
        warehouse.execute("alter table marts.alert_evaluations rename to evaluations_as_built")
        warehouse.execute(
            "create view marts.alert_evaluations as select * replace ("
            f"case when rule = '{KEY[0]}' then error('la formule est cassée') else level end as level)"
            " from marts.evaluations_as_built"
        )
    for count in (1, 0):
        report = watch.watch(run_at(lake))
        assert (report.active, report.messages, list(report.errors)) == (1, count, [KEY[0]])
    failure = next(one for one in outbox(lake) if one.kind == "failure")
    assert failure.subject.startswith("[Vigie][ERREUR]") and KEY[0] in failure.subject
    assert the_alert(lake)["state"] == "actif"


def test_a20_to_a23_each_act_is_a_command_signed_and_kept(lake, capsys):
    decide(lake, history(0, 2), NOW)
    alert = the_alert(lake)["alert_id"]
    data = ["--data", str(lake.root), "--now", (NOW + 3 * DAY / 24).isoformat()]
    calls = [
        ["acknowledge", alert, "--by", "Amina", "--note", "je m'en occupe"],
        ["annotate", alert, "--by", "Amina", "--note", "appelé l'Office des changes"],
        ["read", alert, "--by", "Driss", "--note", "un reclassement plutôt qu'un recul"],
        ["snooze", alert, "--by", "Amina", "--until", "14j"],
        ["silence", KEY[0], "--by", "Amina", "--until", "2026-12-31", "--note", "chiffre contesté"],
    ]
    for call in calls:
        assert cli.main(["alerts", *call, *data]) == 0, call
    capsys.readouterr()
    assert cli.main(["alerts", "list", "--json", *data]) == 0
    (listed,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [act["kind"] for act in listed["acts"]] == [call[0] for call in calls]
    decide(lake, history(0, 2), NOW + DAY)
    line = the_alert(lake)
    assert line["acknowledged_by"] == "Amina" and "Office des changes" in line["annotations"]
    assert line["economic_note"].startswith("un reclassement") and "Driss" in line["economic_note"]
    assert line["hushed_by"].startswith("silence de Amina, jusqu'au 01/01/2027")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (["acknowledge", "inconnue", "--by", "A"], "aucune alerte « inconnue »"),
        (["acknowledge", "{alert}"], "se signe"),
        (["annotate", "{alert}", "--by", "A"], "--note"),
        (["reopen", "{alert}", "--by", "A", "--note", "x"], "à l'état résolu"),
        (["snooze", "{alert}", "--by", "A"], "a une fin"),
        (["snooze", "{alert}", "--by", "A", "--until", "bientôt"], "ne dit pas jusqu'à quand"),
        (["snooze", "{alert}", "--by", "A", "--until", "2020-01-01"], "déjà passé"),
        (["snooze", "{alert}", "--by", "A", "--until", "9000j"], "la règle qu'il faut changer"),
        (["silence", "inconnue", "--by", "A", "--until", "3j", "--note", "x"], "règle inconnue"),
        (["silence", "recul_exportations_crm/nulle", "--by", "A", "--until", "3j", "--note", "x"], "aucune alerte de"),
        (["silence", "recul_exportations_crm", "--by", "A", "--until", "3j"], "--note"),
    ],
)
def test_an_act_that_cannot_be_kept_is_refused_in_french_and_leaves_nothing(lake, capsys, call, said):
    decide(lake, history(0, 2), NOW)
    words = [word.format(alert=the_alert(lake)["alert_id"]) for word in call]
    assert cli.main(["alerts", *words, "--data", str(lake.root), "--now", NOW.isoformat()]) == 2
    assert said in capsys.readouterr().err
    with open_store(lake) as state:
        assert state.acts() == []


def test_a21_a_silence_that_ends_while_the_threshold_is_crossed_says_so(lake):
    decide(lake, history(0, 1), NOW)
    alert_acts.act(run_at(lake), "silence", KEY[0], "Amina", "vérification", NOW + 3 * DAY)
    assert decide(lake, history(0, 1, 2), NOW + DAY).muted == 1
    assert decide(lake, history(0, 1, 2), NOW + 3 * DAY).messages == 1
    assert outbox(lake)[-1].subject.startswith("[Vigie][ROUGE][AGGRAVATION]")


def test_a23_a_reopened_alert_keeps_what_closed_it_written(lake):
    decide(lake, history(0, 1), NOW)
    decide(lake, history(0, 1, 0), NOW + DAY)
    alert = the_alert(lake)["alert_id"]
    alert_acts.act(run_at(lake, NOW + DAY), "reopen", alert, "Amina", "la baisse est réelle")
    decide(lake, history(0, 1, 0), NOW + 2 * DAY)
    assert outbox(lake)[-1].subject.startswith("[Vigie][ORANGE][ROUVERTE]")
    with open_store(lake) as state:
        states = [json.loads(row.line)["state"] for row in state.execute("select line from episodes order by no")]
    assert states == ["actif", "résolu", "actif"]


def test_a24_each_rule_is_published_with_the_messages_that_its_vintages_would_have_sent(observatory, tmp_path, capsys):
    shown = {row[0]: row[1:] for row in observatory.ask("select rule, moments, messages from rule_replays")}
    assert set(shown) == {rule.rule for rule in sector.load("morocco_offshoring").alert_rules}
    data = tmp_path / "data"
    shutil.copytree(observatory.data, data, symlinks=True)
    for left in data.glob("state.sqlite*"):
        left.unlink()
    assert cli.main(["alerts", "backtest", "silence_flux", "--json", "--data", str(data)]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])["replay"]
    assert told["source"] == "millésimes"
    assert (told["moments"], len(told["messages"])) == shown["silence_flux"] and shown["silence_flux"][1] > 5


def test_a24_the_log_of_a_stretch_is_what_its_replay_says_message_for_message(lake):
    days = [history(0), history(0, 1), history(0, 1, 2), history(0, 1, 0), history(0, 1, 0, 1), history(0, 0, 0, 1), history(0)]
    for number, line in enumerate(days):
        at = NOW + number * DAY
        decide(lake, line, at)
        if number == 2:
            alert_acts.act(run_at(lake, at), "snooze", the_alert(lake)["alert_id"], "Amina", until=at + 2 * DAY)
    live = [(one.created_at, one.message_id, one.subject) for one in outbox(lake)]
    assert len(live) >= 4
    with duckdb.connect() as nothing:
        for first in range(len(days)):
            for last in range(first, len(days)):
                start, end = (NOW + first * DAY).date(), (NOW + last * DAY).date()
                again = alert_replay.replay(run_at(lake), KEY[0], start, end, nothing)
                told = [(one.created_at, one.message_id, one.subject) for one in again.messages]
                assert told == [one for one in live if start <= one[0].date() <= end]
                assert again.source == "décisions"


def test_a25_a_dry_run_says_all_and_writes_nothing(lake, capsys):
    lay_out(lake, history(0, 2))
    data = ["--data", str(lake.root), "--now", NOW.isoformat()]
    assert cli.main(["watch", "--dry-run", *data]) == 0
    said = capsys.readouterr().out
    assert "essai à blanc" in said and "[Vigie][ROUGE]" in said
    assert outbox(lake) == [] and watch.published_alerts(lake, NOW) == []
    assert watch.watch(run_at(lake)).messages == 1


def test_a32_the_journal_is_whole_and_a_change_anywhere_breaks_it(lake, capsys):
    decide(lake, history(0, 2), NOW)
    alert_acts.act(run_at(lake), "annotate", the_alert(lake)["alert_id"], "Amina", "vu")
    data = ["--data", str(lake.root)]
    assert cli.main(["alerts", "audit", *data]) == 0
    with sqlite3.connect(lake.state) as state:
        state.execute("update outbox set body = replace(body, 'rouge', 'calme')")
    assert cli.main(["alerts", "audit", *data]) == 1
    assert "du journal" in capsys.readouterr().out


def test_a32_a_journal_whose_end_was_cut_is_seen_through_the_versions_that_cite_it(observatory, tmp_path, capsys):
    data = tmp_path / "data"
    shutil.copytree(observatory.data, data, symlinks=True)
    assert cli.main(["alerts", "audit", "--data", str(data)]) == 0
    with sqlite3.connect(data / "state.sqlite") as state:
        state.execute("delete from journal where no >= (select min(no) from journal where kind = 'message')")
        state.execute("delete from outbox")
    assert cli.main(["alerts", "audit", "--data", str(data)]) == 1
    assert "la fin du journal manque" in capsys.readouterr().out


def test_a36_a_red_alert_awaits_its_reading_and_an_amber_one_does_not(lake):
    decide(lake, history(0, 2), NOW)
    assert the_alert(lake)["economic_note"] == "lecture attendue"
    assert "Lecture attendue" in outbox(lake)[0].body
    decide(lake, history(1), NOW)
    assert messages.SEVERITY["rouge"] > messages.SEVERITY["orange"]


def test_a30_a_message_says_what_stood_before(lake):
    decide(lake, history(0, 1), NOW)
    decide(lake, history(0, 1, 2), NOW + DAY)
    first, second = outbox(lake)
    assert "État précédent\nCalme." in first.body and "État précédent\nOrange, actif." in second.body
    assert RULE.threshold_basis in second.body


def test_a_silence_may_not_be_given_without_an_end(lake):
    decide(lake, history(0, 2), NOW)
    with pytest.raises(CallError, match="a une fin"):
        alert_acts.act(run_at(lake), "silence", KEY[0], "Amina", "x")


def test_a35_a_rule_past_its_review_date_warns_once_and_still_rings(lake):
    late = datetime.combine(RULE.review_by, datetime.min.time()) + 10 * DAY
    decide(lake, history(0), datetime.combine(RULE.review_by, datetime.min.time()))
    assert outbox(lake) == []
    decide(lake, history(0, 2), late)
    decide(lake, history(0, 2), late + DAY)
    warned = [one for one in outbox(lake) if one.payload["occasion"] == "revue"]
    due = {rule.rule for rule in sector.load("morocco_offshoring").alert_rules if rule.review_by < late.date()}
    assert {one.rule for one in warned} == due and len(warned) == len(due) and RULE.rule in due
    assert sum(one.kind == "alert" for one in outbox(lake)) == 1


def test_a_disk_that_is_nearly_full_is_said_once_a_day_and_never_in_a_sample(lake, monkeypatch):
    monkeypatch.setattr(watch, "DISK_RED", 1.1)
    decide(lake, history(0), NOW)
    assert outbox(lake) == []
    live = replace(lake, mode="live")
    with open_store(lake) as state:
        state.execute("update meta set value = 'live' where name = 'mode'")
    for at in (NOW, NOW, NOW + DAY):
        decide(live, history(0), at)
    told = [one for one in outbox(live) if one.payload["occasion"] == "disque"]
    assert [one.degree for one in told] == ["rouge", "rouge"] and "disque" in told[0].subject
