"""Legal texts in the house: how they live, what changes in them, when they bind, and the calendar that says so."""

import csv
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie import cli, clock, legal_calendar
from vigie.extract import law_life, law_tables, law_versions
from vigie.extract.commencement import ZONES
from vigie.extract.law_life import Fact
from vigie.inputs import DBT_PROJECT

TODAY = date(2026, 11, 23)
DAYS = st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1))
FACTS = st.builds(Fact, st.sampled_from(law_life.STATES), DAYS, st.sampled_from("abc"), st.integers(0, 3))


@given(st.lists(FACTS, max_size=12))
def test_whatever_the_sources_tell_no_text_makes_a_step_that_is_not_allowed(facts):
    steps = law_life.life(facts, TODAY)
    taken = [step for step in steps if step.status != "refused"]
    state = None
    for step in taken:
        assert step.state in law_life.TRANSITIONS[state], (state, step)
        state = step.state
    days = [step.since for step in taken if step.since]
    assert days == sorted(days)
    coming = [step.status == "expected" for step in taken]
    assert coming == sorted(coming), "ce qui est à venir suit ce qui est atteint"
    assert all(step.since is None or step.since <= TODAY for step in taken if step.status == "reached")
    told = {(step.state, step.source) for step in steps if step.source}
    assert told <= {(fact.state, fact.source) for fact in facts}
    states = {fact.state for fact in facts}
    assert states == {step.state for step in steps if step.source}, "un fait dit n'est ni pris ni écarté"
    assert steps == law_life.life(list(reversed(facts)), TODAY), "l'ordre dans lequel on apprend ne change rien"


@pytest.mark.parametrize("state", law_life.STATES)
def test_every_state_has_its_row_in_the_table_and_is_reached(state):
    assert state in law_life.TRANSITIONS
    assert any(state in following for following in law_life.TRANSITIONS.values())
    assert law_life.current(law_life.life([Fact(state, date(2020, 1, 1), "registre")], TODAY)).state == state


def test_a_law_to_come_is_published_and_its_entry_into_force_expected():
    facts = [
        Fact("voted", date(2026, 6, 1), "r"),
        Fact("published", date(2026, 7, 1), "r"),
        Fact("in_force", date(2027, 1, 1), "r"),
    ]
    steps = law_life.life(facts, TODAY)
    assert [(step.state, step.status) for step in steps] == [
        ("proposed", "implied"), ("voted", "reached"), ("published", "reached"), ("in_force", "expected"),
    ]  # fmt: skip
    assert law_life.current(steps).state == "published"


def test_a_text_with_effect_from_before_its_publication_binds_from_its_publication():
    steps = law_life.life([Fact("published", date(2025, 11, 24), "r"), Fact("in_force", date(2025, 7, 1), "r")], TODAY)
    assert steps[-1].since == date(2025, 11, 24)


def test_of_two_days_for_one_state_the_better_source_is_believed_and_the_other_shown():
    steps = law_life.life(
        [Fact("in_force", date(2025, 7, 1), "registre", 3), Fact("in_force", date(2025, 7, 2), "journal officiel", 1)], TODAY
    )
    assert [(step.since, step.source) for step in steps if step.status == "reached"] == [(date(2025, 7, 2), "journal officiel")]
    (refused,) = [step for step in steps if step.status == "refused"]
    assert (refused.source, refused.reason_fr) == ("registre", "journal officiel dit un autre jour, le 02/07/2025")


def test_nothing_happens_to_a_repealed_text_that_was_not_before():
    with pytest.raises(ValueError, match="n'est pas un état"):
        law_life.life([Fact("abrogé", None, "r")], TODAY)
    assert law_life.TRANSITIONS["repealed"] == frozenset()


def test_two_versions_are_compared_article_by_article():
    before = {"1": "La loi vise les appels.", "2": "De 9 à 21 heures.", "3": "Deux ans."}
    after = {"1": "La  loi vise\u00a0les appels.", "2": "De 10 à 20 heures.", "4": "La preuve est gardée."}
    changes = {change.article: change for change in law_versions.compare(before, after)}
    assert {name: change.kind for name, change in changes.items()} == {"2": "changed", "4": "added", "3": "removed"}
    assert (changes["2"].before, changes["2"].after) == ("De 9 à 21 heures.", "De 10 à 20 heures.")
    assert law_versions.compare(before, before) == []


ARTICLES = st.dictionaries(st.sampled_from("12345"), st.text("abc ", min_size=1).filter(str.strip), max_size=5)


@given(ARTICLES, ARTICLES)
def test_a_comparison_the_other_way_swaps_what_came_and_what_went(before, after):
    forth = {(c.article, c.kind) for c in law_versions.compare(before, after)}
    swapped = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(c.article, swapped[c.kind]) for c in law_versions.compare(after, before)} == forth


def text(articles: list[dict] | None, **told: object) -> dict:
    return {
        "row_id": "a", "text_id": "t", "jurisdiction": "FR", "published_at": datetime(2025, 7, 1), "is_whole": False,
        "known_at": datetime(2025, 7, 2), "articles": json.dumps(articles) if articles else None,
    } | told  # fmt: skip


def test_the_default_answers_only_for_a_text_that_is_all_there():
    words = [{"article": "1", "text": "Le ministre est chargé de l'exécution du présent décret."}]
    said = [(row["day"], row["basis"]) for row in law_tables.readings([text(words), text(words, is_whole=True), text(None)])]
    assert said == [(None, "not_whole"), (date(2025, 7, 2), "default"), (None, "not_kept")]


def test_a_clause_that_does_not_name_the_text_is_of_its_own_article():
    words = [
        {"article": "13", "text": "Les dispositions relatives au consentement entrent en vigueur le 11 août 2026."},
        {"article": "20", "text": "La présente loi entre en vigueur le lendemain de sa publication."},
    ]
    assert [(row["scope"], row["day"]) for row in law_tables.readings([text(words)])] == [
        ("article 13", date(2026, 8, 11)), ("text", date(2025, 7, 2)),
    ]  # fmt: skip


def test_two_deliveries_of_a_whole_text_are_two_versions_and_a_part_of_it_is_none():
    first = [{"article": "1", "text": "Un."}, {"article": "2", "text": "Deux."}]
    second = [{"article": "1", "text": "Un, corrigé."}]
    rows = [text(first, is_whole=True), text(second, row_id="b"), text(second, row_id="c", is_whole=True)]
    assert [(row["article"], row["kind"], row["after_row_id"]) for row in law_tables.changes(rows)] == [
        ("1", "changed", "c"), ("2", "removed", "c"),
    ]  # fmt: skip


def test_a_version_that_comes_with_its_day_is_dated_by_it():
    told = [
        {"article": "1", "text": "Uno.", "published_on": "2026-03-02", "effective_on": "2026-03-22", "by": "A"},
        {"article": "1", "text": "Dos.", "published_on": "2026-09-30", "effective_on": "2027-01-01", "by": "B"},
        {"article": "2", "text": "(Suprimido)", "published_on": "2026-09-30", "effective_on": "2027-01-01", "by": "B"},
        {"article": "2", "text": "Tres.", "published_on": "2026-03-02", "effective_on": "2026-03-22", "by": "A"},
    ]
    found = law_tables.changes([text(told, jurisdiction="ES", is_whole=True)])
    assert [(row["article"], row["kind"], row["after_on"], row["by"]) for row in found] == [
        ("1", "changed", date(2027, 1, 1), "B"), ("2", "removed", date(2027, 1, 1), "B"),
    ]  # fmt: skip


def test_one_table_of_time_zones_serves_the_reader_and_the_house():
    with (DBT_PROJECT / "seeds" / "time_zones.csv").open() as file:
        zones = {row["jurisdiction"]: row["zone"] for row in csv.DictReader(file)}
    assert len(zones) > 8 and zones.items() >= {place: zone for place, zone in ZONES.items() if place != "UK"}.items()
    for zone in zones.values():
        ZoneInfo(zone)


def row(**told: object) -> dict:
    return {
        "uid": "u@vigie", "title": "Loi, « test » ; article 13", "about_fr": "Consentement préalable au démarchage " * 4,
        "jurisdiction_fr": "France", "kind_fr": "entrée en vigueur", "starts_on": date(2026, 8, 11),
        "ends_before": date(2026, 8, 12), "precision": "day", "precision_fr": "jour connu", "status": "CONFIRMED",
        "status_fr": "sûr", "revision": 0,
        "revised_at": datetime(2025, 8, 20, 8), "time_zone": "Europe/Paris", "source_fr": "le registre", "quote": None,
        "source_url": "https://exemple.fr/" + "a" * 90, "origin": "retyped", "receipt_id": "r",
    } | told  # fmt: skip


def events(content: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))


def test_a_calendar_keeps_to_rfc_5545():
    content = legal_calendar.calendar([row(), row(uid="v@vigie", status="CANCELLED", revision=3)])
    assert content.endswith(b"END:VCALENDAR\r\n") and b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 75
    assert re.search(rb"\r\nVERSION:2\.0\r\n", content) and b"\r\nPRODID:" in content and b"\r\nMETHOD:PUBLISH" in content
    kept, gone = events(content)
    for event in (kept, gone):
        assert {"UID", "DTSTAMP", "DTSTART", "SEQUENCE", "STATUS"} <= set(event)
        assert event.decoded("DTSTAMP").tzinfo is not None
        content_of = event.decoded("DTSTART"), event.decoded("DTEND")
        assert content_of == (date(2026, 8, 11), date(2026, 8, 12)) and type(content_of[0]) is date
    assert (str(kept["STATUS"]), kept["SEQUENCE"], str(gone["STATUS"]), gone["SEQUENCE"]) == ("CONFIRMED", 0, "CANCELLED", 3)
    assert kept["SUMMARY"] == "Entrée en vigueur : Loi, « test » ; article 13" and not gone.walk("VALARM")


def test_reminders_ring_at_nine_in_the_time_zone_of_the_market():
    for zone in ("Europe/Paris", "Africa/Casablanca", "America/New_York"):
        (event,) = events(legal_calendar.calendar([row(time_zone=zone)]))
        rung = [alarm.decoded("TRIGGER").astimezone(ZoneInfo(zone)) for alarm in event.walk("VALARM")]
        assert [(date(2026, 8, 11) - moment.date()).days for moment in rung] == [180, 90, 30, 7, 0]
        assert {moment.hour for moment in rung} == {9}


def test_a_month_is_an_event_of_a_month_and_says_so():
    (event,) = events(
        legal_calendar.calendar([row(precision="month", starts_on=date(2026, 9, 1), ends_before=date(2026, 10, 1))])
    )
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(days=30)
    assert "mois seul connu" in event["SUMMARY"]


def test_the_calendar_of_the_observatory_is_the_published_table_and_the_same_twice(observatory, tmp_path, capsys):
    first, again = tmp_path / "a.ics", tmp_path / "b.ics"
    for path in (first, again):
        assert cli.main(["calendar", "--data", str(observatory.data), "-o", str(path)]) == 0
    assert first.read_bytes() == again.read_bytes()
    found = {str(event["UID"]): event for event in events(first.read_bytes())}
    told = observatory.ask("select uid, starts_on, status, revision from legal_calendar")
    assert len(told) > 20
    assert {(uid, e.decoded("DTSTART"), str(e["STATUS"]), e["SEQUENCE"]) for uid, e in found.items()} == set(told)
    assert not list(tmp_path.glob(".*"))


def test_the_law_on_phone_selling_is_said_by_its_own_words_and_by_the_register(observatory):
    said = observatory.ask(
        "select source, day, agreement from commencements"
        " where text_id = 'FR|2025-594' and lower(scope_fr) like '%article 13' order by 1"
    )
    assert said == [("register", date(2026, 8, 11), "concordant"), ("text", date(2026, 8, 11), "concordant")]
    (state,) = observatory.ask("select state_fr, since from regulation_states where subject_id = 'FR-2025-594' and is_current")
    assert state == ("en vigueur", date(2026, 8, 11))
    (countdown,) = observatory.ask("select countdown_fr from legal_calendar where event_id = 'FR-2025-594'")
    assert countdown == ("J+104",)


def test_a_date_asked_as_of_an_older_edition_is_that_of_the_edition(observatory, tmp_path):
    path = tmp_path / "ancien.ics"
    run = clock.start(observatory.data, "sample", None, "2025-12-31")
    written = legal_calendar.write(run, path)
    found = events(path.read_bytes())
    assert written.events == len(found) > 10
    assert all(event.decoded("DTSTAMP") <= datetime(2026, 1, 1, tzinfo=UTC) for event in found)


def test_a_calendar_that_cannot_be_written_says_so(observatory, tmp_path, capsys):
    (tmp_path / "fichier").write_text("")
    assert cli.main(["calendar", "--data", str(observatory.data), "-o", str(Path(tmp_path / "fichier" / "x.ics"))]) == 1
    assert "écriture impossible" in capsys.readouterr().err
