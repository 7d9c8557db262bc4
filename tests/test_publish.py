"""What is published: whole versions, through one link, with nothing that may not be seen."""

import shutil
from contextlib import closing

import duckdb
import pytest

from tests.conftest import Observatory
from vigie import build, cli, publish

CONTRACT = {
    "indicator_values": [
        "sector", "indicator", "ref_area", "breakdown", "scenario", "freq", "period", "value", "lower", "upper", "class",
        "origin", "obs_status", "conf_status", "missing_reason", "methodology", "unit", "published_at", "known_at",
        "receipt_id",
    ],
    "publication": ["version", "published_at", "mode", "as_of", "axis", "inputs_hash", "loads", "caused_by", "journal_head"],
}  # fmt: skip
TABLES = {
    "alerts", "alert_evaluations", "changes", "claims", "events", "headlines", "indicator_history", "indicator_inputs",
    "indicator_values", "indicators", "loads", "map_shapes", "notices", "observations", "publication", "quarantine_summary",
    "regulations", "sites",
}  # fmt: skip


@pytest.fixture
def copy(observatory, tmp_path) -> Observatory:
    """A private copy of the observatory, free to be changed."""
    shutil.copytree(observatory.data, tmp_path / "data", symlinks=True)
    return Observatory(tmp_path / "data")


def columns(observatory, table):
    return [name for (name,) in observatory.ask(f"select column_name from (describe {table})")]


def test_the_published_tables_are_exactly_the_contract(observatory):
    assert set(observatory.tables()) >= TABLES
    for table, expected in CONTRACT.items():
        assert columns(observatory, table) == expected
    assert {"known_from", "known_to"} < set(columns(observatory, "indicator_history"))


def test_no_published_table_is_empty_of_what_the_samples_hold(observatory):
    may_be_empty = {"quarantine_summary", "changes"}
    empty = {name for name in TABLES - may_be_empty if not observatory.value(f"select count(*) from {name}")}
    assert empty == set()


def test_the_2024_segments_sum_to_the_published_total_on_the_new_perimeter(observatory):
    total = observatory.value(
        "select sum(obs_value) from observations where indicator = 'export_revenue' and methodology = 'OC_NEW' "
        "and freq = 'A' and year(period) = 2024 and segment in ('CRM', 'ITO', 'ESO', 'BPO', 'KPO')"
    )
    assert total == pytest.approx(26.219, abs=0.001)


def test_the_segment_hhi_of_2024_is_the_golden_one(observatory):
    rows = observatory.ask(
        "select value, methodology from indicator_values "
        "where indicator = 'eco_service_hhi' and freq = 'A' and year(period) = 2024"
    )
    assert [(round(value, 4), perimeter) for value, perimeter in rows] == [(0.3278, "OC_NEW")]


def test_no_indicator_value_rests_on_two_perimeters_of_the_same_figure(observatory):
    mixed = observatory.ask(
        "select i.receipt_id from indicator_inputs i join observations o on i.input_id = o.observation_id "
        "join indicator_history h on i.receipt_id = h.receipt_id and h.missing_reason is null "
        "where o.indicator = 'export_revenue' group by 1 having count(distinct o.methodology) > 1"
    )
    known = observatory.value("select count(*) from indicator_inputs i join observations o on i.input_id = o.observation_id")
    assert known > 0 and mixed == []


def test_publishing_again_keeps_the_version(copy):
    version = copy.value("select version from publication")
    assert cli.main(["publish", "--data", str(copy.data)]) == 0
    assert copy.value("select version from publication") == version


def test_a_reader_keeps_its_version_and_the_next_query_sees_the_new_one(copy):
    link = str(copy.data / "published.duckdb")
    with closing(duckdb.connect(link, read_only=True)) as held:
        assert held.execute("select version from publication").fetchall() == [(1,)]
        stamp = build.House(copy.data).stamp
        stamp.write_text(stamp.read_text().replace('"inputs_hash": "', '"inputs_hash": "changed'))
        assert cli.main(["publish", "--data", str(copy.data)]) == 0
        assert held.execute("select version from publication").fetchall() == [(1,)]
        with closing(duckdb.connect(link, read_only=True)) as fresh:
            assert fresh.execute("select version from publication").fetchall() == [(2,)]


def test_a_confidential_row_stops_the_publication_and_what_was_published_stays(copy, capsys):
    before = (copy.data / "published.duckdb").resolve()
    with closing(duckdb.connect(str(copy.data / "warehouse.duckdb"))) as warehouse:
        # the house would not build such a row: its contract is taken away to see that the gate holds alone
        warehouse.execute(
            "create or replace table marts.indicator_values as select * replace ("
            "case indicator when 'job_headcount' then 'C' else conf_status end as conf_status) from marts.indicator_values"
        )
    stamp = build.House(copy.data).stamp
    stamp.write_text(stamp.read_text().replace('"inputs_hash": "', '"inputs_hash": "changed'))
    assert cli.main(["publish", "--data", str(copy.data)]) == 1
    assert "confidentielle" in capsys.readouterr().err
    assert (copy.data / "published.duckdb").resolve() == before
    assert not list(copy.data.glob(".published*"))


def test_an_unfinished_build_is_not_published(copy, capsys):
    build.House(copy.data).stamp.unlink()
    assert cli.main(["publish", "--data", str(copy.data)]) == 1
    assert "pas complète" in capsys.readouterr().err


def test_only_the_latest_versions_are_kept(copy):
    stamp = build.House(copy.data).stamp
    for round_ in range(publish.KEPT_VERSIONS + 1):
        stamp.write_text(stamp.read_text().replace('"inputs_hash": "', f'"inputs_hash": "{round_}'))
        assert cli.main(["publish", "--data", str(copy.data)]) == 0
    assert len(list(copy.data.glob("published-*.duckdb"))) == publish.KEPT_VERSIONS


def test_yesterdays_question_has_yesterdays_answer_whatever_was_loaded_since(copy, tmp_path):
    day = "2025-12-31"
    assert cli.main(["run", "--data", str(copy.data), "--as-of", day]) == 0
    then = tmp_path / "then"
    assert cli.main(["run", "--data", str(then), "--now", f"{day}T23:59:59"]) == 0
    for table in ("indicator_values", "observations", "regulations", "claims"):
        assert copy.ask(f"select * from {table} order by all") == Observatory(then).ask(f"select * from {table} order by all")
