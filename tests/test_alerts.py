"""The life of alerts: one message per episode, on what was known, decided and kept in one transaction."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie import clock, sector, watch
from vigie.decisions import Policy, decide
from vigie.episodes import message_id
from vigie.evaluations import Evaluation
from vigie.lake import Lake
from vigie.store import open_store
from vigie.wording import ALERT_COLUMNS, alert_line, message

NOW = datetime(2026, 11, 23, 8)
LATER = NOW + timedelta(days=30)
RULE = next(rule for rule in sector.load("morocco_offshoring").alert_rules if rule.rule == "recul_exportations_crm")
KEY = ("recul_exportations_crm", "1", "MA/CRM/OC_NEW")
POLICY = Policy({KEY[0]: None}, {})


def reading(period, level, *, is_closed=True, **changes):
    return replace(
        Evaluation(
            rule="recul_exportations_crm", rule_version="1", entity="MA/CRM/OC_NEW", indicator="eco_export_growth",
            ref_area="MA", breakdown="CRM", methodology="OC_NEW", freq="S", period=datetime.fromisoformat(period),
            is_closed=is_closed, unit="PCT", value=-12.7, lower=-12.8, upper=-12.6, value_class="modelled",
            obs_status="P", origin="retyped", level=level, missing_reason=None, known_at=datetime(2025, 10, 20, 8),
            receipt_id="r",
        ),
        **changes,
    )  # fmt: skip


def history(*levels, is_closed=True):
    return [
        reading(f"{2020 + i // 2}-{'01' if i % 2 == 0 else '07'}-01", level, is_closed=is_closed)
        for i, level in enumerate(levels)
    ]


def settle(*runs):
    """Decides run after run as the store would; returns the occasions of each run and the episodes left."""
    episodes, watched, occasions = {}, set(), []
    for number, evaluations in enumerate(runs):
        changes = decide(evaluations, episodes.values(), NOW + timedelta(days=number), watched, POLICY)
        episodes |= {change.episode.alert_id: change.episode for change in changes}
        watched |= {(e.rule, e.rule_version, e.entity) for e in evaluations}
        occasions.append([change.occasion for change in changes if change.occasion])
    return occasions, sorted(episodes.values(), key=lambda e: e.opened_on)


def test_the_first_run_speaks_only_of_what_is_open_now():
    occasions, episodes = settle(history(0, 2, 0, 1))
    assert occasions == [["ouverture"]]
    assert [(e.state, e.told) for e in episodes] == [("résolu", 0), ("actif", 1)]


def test_ten_runs_on_the_same_data_make_one_message():
    occasions, _ = settle(*[history(0, 1)] * 10)
    assert [kind for run in occasions for kind in run] == ["ouverture"]


def test_an_episode_speaks_when_it_opens_worsens_and_ends_and_at_no_other_time():
    runs = [history(0), history(0, 1), history(0, 1, 1), history(0, 1, 1, 2), history(0, 1, 1, 2, 1), history(0, 1, 1, 2, 1, 0)]
    occasions, episodes = settle(*runs)
    assert occasions == [[], ["ouverture"], [], ["aggravation"], [], ["levée"]]
    assert [e.state for e in episodes] == ["résolu"]


def test_red_told_once_is_not_told_again_after_a_lull_in_the_same_episode():
    occasions, _ = settle(history(0), history(0, 2), history(0, 2, 1), history(0, 2, 1, 2))
    assert occasions == [[], ["ouverture"], [], []]


def test_a_revision_that_erases_the_crossing_annuls_the_alert():
    occasions, episodes = settle(history(0, 2), history(0, 0), history(0, 0))
    assert occasions == [["ouverture"], ["annulation"], []]
    assert [e.state for e in episodes] == ["annulé (révision)"]


def test_a_crossing_that_returns_after_being_annulled_is_another_alert():
    _, episodes = settle(history(0, 2), history(0, 0), history(0, 2))
    assert [e.state for e in episodes] == ["annulé (révision)", "actif"]
    assert len({e.alert_id for e in episodes}) == 2


def test_a_revision_that_shows_a_past_crossing_says_that_it_should_have_rung():
    occasions, episodes = settle(history(0, 0, 0), history(0, 1, 0))
    assert occasions == [[], ["après coup"]]
    assert [e.state for e in episodes] == ["résolu"]


def test_a_revision_that_undoes_the_end_reopens_the_same_alert():
    occasions, episodes = settle(history(1), history(1, 0), history(1, 1))
    assert occasions == [["ouverture"], ["levée"], ["reprise"]]
    assert [e.state for e in episodes] == ["actif"]


def test_a_missing_period_neither_ends_nor_speaks():
    missing = replace(history(0, 2, 2)[2], missing_reason="not_published", value=None, lower=None, upper=None)
    occasions, (episode,) = settle(history(0, 2), [*history(0, 2), missing])
    assert occasions == [["ouverture"], []]
    assert episode.state == "actif" and episode.is_missing and episode.reading.value == -12.7


def test_an_entity_that_vanishes_keeps_its_alert_with_its_data_missing():
    occasions, (episode,) = settle(history(2), [])
    assert (episode.state, episode.is_missing, occasions) == ("actif", True, [["ouverture"], []])


def test_a_countdown_read_another_day_stays_the_same_alert():
    first = [reading("2026-11-23", 1, is_closed=False)]
    next_day = [reading("2026-11-24", 1, is_closed=False)]
    red = [reading("2026-11-28", 2, is_closed=False)]
    over = [reading("2026-12-29", 0, is_closed=False)]
    occasions, episodes = settle(first, next_day, red, over, over)
    assert occasions == [["ouverture"], [], ["aggravation"], ["levée"], []]
    assert [(e.state, e.opened_on) for e in episodes] == [("résolu", datetime(2026, 11, 23))]


def test_a_silence_broken_on_the_day_it_rang_is_resolved():
    occasions, (episode,) = settle([reading("2026-11-23", 2, is_closed=False)], [reading("2026-11-23", 0, is_closed=False)])
    assert occasions == [["ouverture"], ["levée"]] and episode.state == "résolu"


levels = st.lists(st.integers(0, 2), max_size=8)


@given(st.lists(levels, min_size=1, max_size=5), st.booleans())
def test_whatever_the_histories_deciding_twice_changes_nothing(runs, is_closed):
    episodes, watched = {}, set()
    if not is_closed:
        # readings of the moment only grow in number: each build adds that of its own day to those before
        longest = max(runs, key=len)
        runs = [longest[: len(run)] for run in sorted(runs, key=len)]
    for number, run in enumerate(runs):
        evaluations = history(*run, is_closed=is_closed)
        at = NOW + timedelta(days=number)
        changes = decide(evaluations, episodes.values(), at, watched, POLICY)
        episodes |= {change.episode.alert_id: change.episode for change in changes}
        watched |= {(e.rule, e.rule_version, e.entity) for e in evaluations}
        assert decide(evaluations, episodes.values(), at + timedelta(hours=1), watched, POLICY) == []
        # what is no longer told stands with its data missing
        standing = [e for e in episodes.values() if e.state == "actif" and not e.is_missing]
        assert len(standing) == (1 if run and run[-1] else 0)
        assert all(e.level == run[-1] for e in standing)


def test_the_same_decision_makes_the_same_names():
    first, again = (decide(history(0, 2), [], NOW, (), POLICY) for _ in range(2))
    assert first == again and message_id(first[0].episode) == message_id(again[0].episode)


def test_a_message_says_all_that_a_reader_needs():
    (change,) = decide(history(0, 2), [], NOW, {KEY}, POLICY)
    label = sector.load("morocco_offshoring").label
    line = alert_line(change.episode, RULE, label, ["oc_exports l1 (par vigie)"])
    text = message(change, line)
    assert set(line) == set(ALERT_COLUMNS)
    assert text.subject == (
        "[Vigie][ROUGE] Recul des exportations de la relation client — "
        "nouveau périmètre de l'Office des Changes, 2e semestre 2020"
    )
    for said in (
        "−12,7\u202f%", "de −12,8\u202f% à −12,6\u202f%", "valeur modélisée", "Donnée provisoire",
        "rouge : au plus −10\u202f%", "Fixé par : Vigie, a priori", RULE.threshold_basis, "Pourquoi cela peut tromper",
        "un reclassement", "« Selon Vigie (données connues au 20 octobre 2025)", "À faire avant le 8 décembre 2026",
        "Ce qui lèverait l'alerte", "oc_exports l1 (par vigie)", change.episode.alert_id,
    ):  # fmt: skip
        assert said.lower() in text.body.lower(), said


@pytest.fixture
def lake(tmp_path):
    """A built folder whose warehouse holds one red evaluation and what it rests on."""
    lake = Lake.open(tmp_path / "data", "sample")
    with duckdb.connect(str(lake.warehouse)) as warehouse:
        warehouse.execute("create schema marts; create schema lake")
        shape = "receipt_id varchar, feed varchar, load_id varchar"
        warehouse.execute(f"create table marts.indicator_inputs ({shape})")
        warehouse.execute("insert into marts.indicator_inputs values ('r', 'oc_exports', 'l1')")
        warehouse.execute(
            "create table marts.alert_flags (kind varchar, rule varchar, entity varchar, period timestamp, sentence varchar)"
        )
        warehouse.execute("create table marts.alert_hindsight (rule varchar, entity varchar, period timestamp, sentence varchar)")
        warehouse.execute("create table lake.loads as select 'oc_exports' as feed, 'l1' as load_id, 'planificateur' as caused_by")
    lay_out(lake, history(0, 2))
    return lake


def lay_out(lake, evaluations, as_of=NOW, now=NOW, axis="known"):
    with duckdb.connect(str(lake.warehouse)) as warehouse:
        rows = [list(vars(e).values()) for e in evaluations]
        names = ['"class"' if name == "value_class" else name for name in vars(evaluations[0])]
        types = {
            "period": "timestamp",
            "known_at": "timestamp",
            "is_closed": "boolean",
            "level": "integer",
            "possible_level": "integer",
        }
        types |= dict.fromkeys(("value", "lower", "upper"), "double")
        shape = ", ".join(f"{name} {types.get(name, 'varchar')}" for name in names)
        warehouse.execute(f"create or replace table marts.alert_evaluations ({shape})")
        warehouse.executemany(f"insert into marts.alert_evaluations values ({', '.join('?' * len(names))})", rows)
    stamp = {"as_of": as_of.isoformat(), "now": now.isoformat(), "axis": axis, "inputs_hash": "x", "loads": 1}
    (lake.root / "build.json").write_text(json.dumps(stamp))


def run_at(lake, now=NOW, as_of=None):
    return clock.Run(lake, now, as_of or now)


def test_watching_twice_writes_one_message_and_the_published_line_names_its_loads(lake):
    reports = [watch.watch(run_at(lake)) for _ in range(2)]
    assert [(report.messages, report.active) for report in reports] == [(1, 1), (0, 1)]
    (line,) = watch.published_alerts(lake, NOW)
    assert list(line) == list(ALERT_COLUMNS)
    assert (line["level"], line["state"], line["loads"]) == ("rouge", "actif", "oc_exports l1 (par planificateur)")
    assert line["opened_at"] == NOW and line["period"] == datetime(2020, 7, 1)


def flag(lake, kind, period):
    with duckdb.connect(str(lake.warehouse)) as warehouse:
        warehouse.execute("insert into marts.alert_flags values (?, ?, ?, ?, 'ce qui se dit')", [kind, KEY[0], KEY[2], period])


def test_a_threshold_crossed_by_a_possible_reclassification_raises_no_economic_alert(lake):
    flag(lake, "reclassification", datetime(2020, 7, 1))
    report = watch.watch(run_at(lake))
    assert (report.evaluations, report.active, report.messages) == (2, 0, 0)
    assert watch.published_alerts(lake, NOW) == []


def test_a_reclassification_of_another_period_holds_nothing_back(lake):
    flag(lake, "reclassification", datetime(2020, 1, 1))
    assert watch.watch(run_at(lake)).active == 1


def test_an_alert_on_a_contested_figure_says_so_in_its_line_and_its_message(lake):
    flag(lake, "contested", datetime(2020, 7, 1))
    watch.watch(run_at(lake))
    (line,) = watch.published_alerts(lake, NOW)
    assert line["caution"].endswith(" ; ce qui se dit") and line["caution"].startswith(RULE.caution)
    with open_store(lake) as store:
        (message,) = store.messages()
    assert "ce qui se dit" in message.body


@pytest.mark.parametrize(
    "past", [{"as_of": NOW - timedelta(days=1)}, {"axis": "published"}, {"now": NOW + timedelta(days=1)}], ids=str
)
def test_a_question_about_the_past_decides_nothing(lake, past):
    lay_out(lake, history(0, 2), **past)
    report = watch.watch(run_at(lake))
    assert report.is_retrospective and report.evaluations == 2
    assert watch.published_alerts(lake, LATER) == []


def test_a_build_older_than_the_last_decision_decides_nothing(lake):
    lay_out(lake, history(0, 2), as_of=LATER, now=LATER)
    watch.watch(run_at(lake, LATER))
    lay_out(lake, history(0, 0))
    assert watch.watch(run_at(lake)).is_retrospective
    assert [line["state"] for line in watch.published_alerts(lake, LATER)] == ["actif"]


def test_the_alerts_of_a_date_are_those_decided_by_then(lake):
    watch.watch(run_at(lake))
    lay_out(lake, history(0, 2, 0), as_of=LATER, now=LATER)
    watch.watch(run_at(lake, LATER))
    assert watch.published_alerts(lake, NOW - timedelta(days=1)) == []
    assert [line["state"] for line in watch.published_alerts(lake, NOW)] == ["actif"]
    assert [line["state"] for line in watch.published_alerts(lake, LATER)] == ["résolu"]


def test_a_crash_while_deciding_leaves_neither_alert_nor_message(lake, monkeypatch):
    def crash(*_):
        raise RuntimeError("killed")

    monkeypatch.setattr(watch.messages, "compose", crash)
    with pytest.raises(RuntimeError):
        watch.watch(run_at(lake))
    monkeypatch.undo()
    with open_store(lake) as store:
        counts = [
            store.execute(f"select count(*) from {name}").scalar() for name in ("episodes", "outbox", "decisions", "journal")
        ]
    assert counts == [0, 0, 0, 0]
    assert watch.watch(run_at(lake)).messages == 1


def test_the_samples_ring_the_alerts_that_their_figures_call_for(observatory):
    found = observatory.ask("select rule, entity, level from alerts where state = 'actif' order by all")
    assert found == [
        ("concentration_segments", "MA/_T/OC_NEW", "rouge"),
        ("dependance_premier_marche", "MA/*/CRM", "rouge"),
        ("ecart_objectif_emplois", "MA/_T/OFFSHORING", "rouge"),
        ("ecart_objectif_exportations", "MA/_T/OC_NEW", "rouge"),
        ("effet_juridique_proche", "ES/ES-2025-LEY10:DEADLINE/_Z", "orange"),
        ("reclassement_possible", "MA/*/OC_NEW", "orange"),
        ("silence_flux", "MA/press_articles/_Z", "rouge"),
    ]
    delivered = sorted((observatory.data / "outbox").glob("*.txt"))
    assert len(delivered) == len(found)
    assert all(path.read_text().startswith("[Vigie][") for path in delivered)
