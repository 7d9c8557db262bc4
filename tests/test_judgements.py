"""A document judged twice is counted once, at every date, whatever its feed produces."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pytest

from vigie import build, clock, quarantine
from vigie import feed as feeds
from vigie.collect import Collection, collect

from .test_quarantine import answer

BELIEVED = """
  select freq, ref_area, indicator, source, methodology, segment, counterpart_area, unit_measure, size, period, obs_value, class
  from intermediate.int_observations where known_to is null and not is_withdrawn
"""
SEEN = {
    "observations": BELIEVED,
    "articles": "select link, title from intermediate.int_articles",
    "notices": "select jurisdiction, local_id, title from intermediate.int_notices",
    "sites": "select site_id, headcount from intermediate.int_sites where known_to is null",
    "regulations": "select event_id, in_force_on from intermediate.int_regulations where known_to is null",
    "quarantine": "select feed, rule, count from marts.quarantine_summary",
    "feeds": "select feed, landed_at, loads_landed, loads_refused, rows_landed, rows_quarantined from marts.feeds",
    "freshness": "select breakdown, value from marts.indicator_values where indicator = 'feed_freshness'",
    "values": "select indicator, ref_area, breakdown, period, value, missing_reason from marts.indicator_values"
    " where indicator <> 'feed_freshness'",
}


def seen(folder: Path) -> dict[str, list[tuple]]:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        return {name: connection.execute(f"{sql} order by all").fetchall() for name, sql in SEEN.items()}


@dataclass
class Lived:
    """What the warehouse said before, after a second judgement of everything, and asked then about before."""

    before: dict[str, list[tuple]]
    after: dict[str, list[tuple]]
    asked_back: dict[str, list[tuple]]


@pytest.fixture(scope="module")
def lived(observatory, tmp_path_factory) -> Lived:
    folder = tmp_path_factory.mktemp("judged") / "data"
    shutil.copytree(observatory.data, folder, symlinks=True)
    before, then = seen(folder), clock.start(folder)
    run = clock.start(folder, now=f"{then.now:%Y-%m-%d}T18:00:00")
    for name in feeds.names():
        collection = Collection(run, name)
        for load in list(collection.ledger.standing()):
            collection.judge_again(load)
    build.build(run)
    after = seen(folder)
    build.build(replace(run, as_of=then.as_of))
    return Lived(before, after, seen(folder))


@pytest.mark.parametrize("kind", [kind for kind in SEEN if kind not in ("freshness",)])
def test_judging_every_document_again_changes_nothing_that_is_seen(lived, kind):
    assert lived.after[kind] == lived.before[kind]
    assert kind == "quarantine" or lived.before[kind]


@pytest.mark.parametrize("kind", SEEN)
def test_asked_about_before_the_second_judgement_the_first_one_answers(lived, kind):
    assert lived.asked_back[kind] == lived.before[kind]


def test_an_old_document_corrected_late_says_what_only_it_says_and_no_more(tmp_path):
    folder, file = tmp_path / "data", tmp_path / "réponse.json"

    def given(day: str, text: str):
        file.write_text(text)
        (load,) = collect(clock.start(folder, now=day), ["wb_indicators"], file).loads
        return load

    old = given("2026-11-20", answer({11: "n.d.", 90: "n.d."}))
    given("2026-11-21", answer(years=60, step=1.0))
    late = clock.start(folder, now="2026-11-22")
    quarantine.fix(late, old.load_id, {11: {"value": "1500"}, 90: {"value": "1600"}}, "Amina")
    build.build(late)
    assert believed(folder) == {number: 1001.0 + number if number <= 60 else 1000.0 + number for number in range(1, 101)} | {
        90: 1600.0
    }
    build.build(clock.start(folder, now="2026-11-22", as_of="2026-11-20"))
    assert believed(folder) == {number: 1000.0 + number for number in range(1, 101) if number not in (11, 90)}


def believed(folder: Path) -> dict[int, float]:
    """The figure of each year, by the number of its row."""
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select 2025 - year(period), obs_value from intermediate.int_observations"
            " where known_to is null and not is_withdrawn and feed = 'wb_indicators'"
        ).fetchall()
    assert len({number for number, _ in rows}) == len(rows)
    return dict(rows)
