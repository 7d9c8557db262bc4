"""Events of the press, read by people: what waits, what a decision leaves, and what the register makes of it."""

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from vigie import cli, clock, reviews
from vigie import feed as feeds
from vigie.extract import events

CLOSURE = "event_type = 'closure' and review = 'candidat' and jobs is not null"


@pytest.fixture
def house(observatory, tmp_path) -> Path:
    """A copy of the observatory where people may decide."""
    data = tmp_path / "data"
    shutil.copytree(observatory.data, data, symlinks=True, ignore=shutil.ignore_patterns("superset", "airflow"))
    return data


def ask(data: Path, question: str) -> list[tuple]:
    with duckdb.connect(str((data / "published.duckdb").resolve()), read_only=True) as connection:
        return connection.execute(question).fetchall()


def test_the_natures_of_a_decision_are_those_that_extraction_reads():
    assert set(reviews.TYPES) == set(events.TYPES) - {"none"}
    suite = Path(__file__).parents[1].joinpath("expectations/reviewed_events.yml").read_text()
    assert f"[{', '.join(reviews.TYPES)}]" in suite


def test_the_sample_decisions_are_on_events_that_the_press_still_tells(observatory):
    (document,) = feeds.sample_documents("reviewed_events")
    decided = {row["event_id"] for row in csv.DictReader(document.open())}
    told = observatory.ask("select event_id, n_reports from events where review <> 'candidat' and feed <> 'operator_sites'")
    assert {event for event, reports in told if reports} == decided and len(decided) > 2


def test_each_candidate_is_listed_with_its_words_marked_where_they_stand(house, capsys):
    waiting = ask(house, "select event_id from events where review = 'candidat'")
    assert cli.main(["review", "list", "--json", "--data", str(house)]) == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["event_id"] for line in listed} == {event for (event,) in waiting} and len(listed) > 10
    for line in listed:
        assert cli.main(["review", "show", line["event_id"], "--json", "--data", str(house)]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["mentions"], line["event_id"]
        for mention in found["mentions"]:
            named = {mention["operator"], mention["place_name"], *(mention["figures_text"] or "").split(" ; ")}
            assert all(mention["quote"][start:end] in named for start, end in mention["marks"])


def test_an_accepted_event_leaves_the_queue_at_once_and_enters_the_register_with_its_source(house, capsys):
    ((event, jobs),) = ask(house, f"select event_id, jobs from events where {CLOSURE} order by 1 limit 1")
    data = ["--data", str(house)]
    assert (
        cli.main(["review", "correct", event, "jobs=61", "happened_on=2026-02-03", "--by", "amina", "--reason", "compté", *data])
        == 0
    )
    assert jobs != 61 and event not in capsys.readouterr().err
    assert cli.main(["review", "list", *data]) == 0
    assert event not in capsys.readouterr().out, "ce qui est décidé n'attend plus, même avant la collecte"
    assert cli.main(["run", *data]) == 0
    ((review, kept, day, receipt, reports),) = ask(
        house, f"select review, jobs, happened_on, receipt_id, n_reports from events where event_id = '{event}'"
    )
    assert (review, kept, str(day)) == ("accepté", 61, "2026-02-03") and reports
    capsys.readouterr()
    assert cli.main(["receipt", "--id", receipt, "-o", str(house / "recu.json"), *data]) == 0
    assert "reviewed_events" in (house / "recu.json").read_text()


def test_the_last_word_is_the_one_that_counts_and_two_readers_are_compared(house):
    ((event,),) = ask(house, f"select event_id from events where {CLOSURE} order by 1 limit 1")
    data = ["--data", str(house)]
    assert cli.main(["review", "accept", event, "--by", "amina", *data]) == 0
    assert cli.main(["review", "reject", event, "--by", "brahim", "--reason", "doublon", *data, "--now", "2026-11-23T10:00"]) == 0
    ((twice,),) = ask(house, "select n_twice from review_quality where event_type = '_T'")
    assert cli.main(["run", *data, "--now", "2026-11-23T11:00"]) == 0
    assert ask(house, f"select review from events where event_id = '{event}'") == [("rejeté",)]
    ((after, agreement, kappa),) = ask(house, "select n_twice, agreement, kappa from review_quality where event_type = '_T'")
    assert after == twice + 1 and agreement < 1 and kappa < 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["accept", "{event}"], "ajouter --by"),
        (["reject", "{event}", "--by", "amina"], "ajouter --reason"),
        (["correct", "{event}", "--by", "amina", "--reason", "x"], "au moins une valeur"),
        (["correct", "{event}", "jobs=beaucoup", "--by", "amina", "--reason", "x"], "« beaucoup » n'est pas"),
        (["correct", "{event}", "ref_area=MA-XXX", "--by", "amina", "--reason", "x"], "n'est pas un lieu"),
        (["correct", "{event}", "event_type=miracle", "--by", "amina", "--reason", "x"], "n'est pas une nature"),
        (["correct", "{event}", "quote=autre", "--by", "amina", "--reason", "x"], "ne se corrige pas"),
        (["accept", "inconnu", "--by", "amina"], "événement inconnu"),
    ],
)
def test_a_decision_that_cannot_be_kept_is_refused_and_leaves_nothing(house, capsys, words, said):
    ((event,),) = ask(house, f"select event_id from events where {CLOSURE} order by 1 limit 1")
    assert cli.main(["review", *(word.format(event=event) for word in words), "--data", str(house)]) == 2
    assert said in capsys.readouterr().err
    assert not list((house / "inbox").rglob("*.csv")) and event in {
        one.event_id for one in reviews.candidates(clock.start(house))
    }


def test_a_line_of_a_register_is_not_decided_on_here(house, capsys):
    ((site,),) = ask(house, "select event_id from events where feed = 'operator_sites' limit 1")
    assert cli.main(["review", "accept", site, "--by", "amina", "--data", str(house)]) == 2
    assert "se corrige dans le registre" in capsys.readouterr().err
