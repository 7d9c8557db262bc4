"""What is missing is said: each input blanked in turn leaves words, never numbers, on everything that used it."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from vigie import build, windows
from vigie import feed as feeds
from vigie.clock import Run
from vigie.lake import Lake, Load
from vigie.publish import BESIDE_COLUMNS

READ = windows.read()
NOW = datetime(2026, 11, 23, 8)
REASONS = {"not_published", "not_collected", "late", "suppressed", "quarantined", "not_applicable", "source_dead"}
WORDS = re.compile(
    r"non collecté|non publié|source arrêtée|en quarantaine|secret statistique|inconnu|jamais reçu|données manquantes",
    re.IGNORECASE,
)
"""The words by which an absence is told."""
RECEIPT = re.compile(r'<a href="/vigie/recu/[^"]*"[^>]*>reçu</a>( · )?')
JOURNALS = {
    "alertes_apres_coup", "bilan_des_revisions", "changements", "chargements", "couleurs", "couverture", "moments", "provenance",
    "publication", "quarantaine", "revisions", "statistiques_des_revisions", "triangle_des_revisions",
}  # fmt: skip
"""What happened, line by line: what did not happen has no line there."""
SEGMENTS = ("CRM", "ITO", "ESO", "BPO", "KPO")


class House:
    """The house built from the samples, and built again as it would be without some documents.

    Models are run as dbt compiled them, in the order of the graph: seconds instead of a whole build.
    """

    def __init__(self, data: Path, folder: Path) -> None:
        self.lake = Lake.open(data)
        self.folder = folder
        manifest = json.loads(build.House(self.lake.root).manifest.read_text())
        self.nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}

    def without(
        self, name: str, lost: Callable[[Load], bool], change: Callable[[duckdb.DuckDBPyConnection], None] = lambda _: None
    ) -> duckdb.DuckDBPyConnection:
        """The marts as they would be without the lost loads, once `change` was made to what dbt reads."""
        folder = self.folder / name
        folder.mkdir()
        shutil.copy(self.lake.root / "mode.json", folder)
        shutil.copy(self.lake.warehouse, folder)
        for kept in ("landed", "quarantine"):
            (folder / kept).symlink_to(self.lake.root / kept)
        lake = Lake.open(folder)
        for load in self.lake.loads():
            if not lost(load):
                lake.commit(load)
        copy = build.House(folder)
        build._lay_out(copy, Run(lake, NOW, NOW), lake.loads(), None)
        connection = duckdb.connect(str(copy.warehouse))
        change(connection)
        for node in self._in_order():
            if node["language"] == "python":
                compute(connection, node)
                continue
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            connection.execute(f"create or replace {kind} {node['schema']}.{node['alias']} as {node['compiled_code']}")
        connection.execute("use marts")
        for table, columns in BESIDE_COLUMNS.items():
            connection.execute(f"create temp table {table} ({', '.join(f'{c} {kind}' for c, kind in columns.items())})")
        connection.execute("insert into publication (version, mode, as_of, loads) values (1, 'sample', ?, 0)", [NOW])
        return connection

    def _in_order(self) -> Iterator[dict]:
        waiting = dict(self.nodes)
        while waiting:
            ready = [key for key, node in waiting.items() if not set(node["depends_on"]["nodes"]) & set(waiting)]
            assert ready, "le graphe des modèles a une boucle"
            yield from [waiting.pop(key) for key in ready]


def compute(connection: duckdb.DuckDBPyConnection, node: dict) -> None:
    """Runs a model written in Python as dbt's adapter does."""
    written: dict = {}
    exec(node["compiled_code"], written)
    found = written["model"](written["dbtObj"](lambda name: connection.query(f"select * from {name}")), connection)
    connection.register("computed", found)
    connection.execute(f"create or replace table {node['schema']}.{node['alias']} as select * from computed")
    connection.unregister("computed")


@pytest.fixture(scope="module")
def house(observatory, tmp_path_factory) -> House:
    return House(observatory.data, tmp_path_factory.mktemp("without"))


@pytest.fixture(scope="module")
def whole(house) -> dict[str, list[tuple]]:
    """What every dataset shows when nothing is missing."""
    connection = house.without("nothing", lambda load: False)
    return {name: shown(connection, name) for name in READ.datasets} | {
        "indicators": connection.execute("select indicator, feeds from indicators").fetchall(),
        "lines": dict(connection.execute("select indicator, count(*) from indicator_values group by all").fetchall()),
        "rules": connection.execute("select distinct rule, indicator from alert_evaluations").fetchall(),
    }


def shown(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple]:
    rows = connection.execute(
        f"select columns(* exclude (rank)) from ({READ.datasets[name].sql})"
        if "rank" in READ.datasets[name].labels
        else READ.datasets[name].sql
    ).fetchall()
    # a link to a receipt names a reading; what the reading says stands beside it
    said = [tuple(RECEIPT.sub("", cell) if isinstance(cell, str) else cell for cell in row) for row in rows]
    # the tile of the last document that came is no number of a feed
    return [row for row in said if name != "a_la_une" or row[0] != "Dernière mise à jour"]


def measures(name: str) -> list[str]:
    """The columns that the metrics of a dataset add up."""
    dataset = READ.datasets[name]
    told = " ".join(metric["expression"] for metric in dataset.metrics.values())
    return [column for column in dataset.labels if re.search(rf"\b{column}\b", told)]


@pytest.mark.parametrize("feed", feeds.names())
def test_a_blanked_feed_leaves_words_and_no_number_wherever_it_was_used(feed, house, whole):
    connection = house.without(feed, lambda load: load.feed == feed)
    fed = {indicator: names for indicator, names in whole["indicators"] if feed in names}
    values = connection.execute("select indicator, value, lower, upper, missing_reason from indicator_values").fetchall()
    assert {reason for *_, reason in values if reason} <= REASONS
    for indicator, names in fed.items():
        mine = [row for row in values if row[0] == indicator]
        assert mine, f"{indicator} ne dit rien"
        if names == [feed]:
            assert all((value, low, high) == (None, None, None) and reason for _, value, low, high, reason in mine), indicator
        # in the composite what is missing leaves its weight to the others, and a city of which nothing is known is bounded
        # with all such cities: its line goes
        is_fewer = indicator in ("ivt", "job_gross_exposed") and len(mine) < whole["lines"][indicator]
        assert is_fewer or any(reason == "not_collected" for *_, reason in mine), indicator
        words = connection.execute("select missing_fr from gaps where indicator = ?", [indicator]).fetchall()
        assert words and all(WORDS.search(word) or "sans objet" in word for (word,) in words)
    flagged = {rule for (rule,) in connection.execute("select rule from alert_flags where kind = 'missing'").fetchall()}
    assert {rule for rule, indicator in whole["rules"] if fed.get(indicator) == [feed]} <= flagged
    changed = set()
    for name in set(READ.datasets) - JOURNALS:
        before, after = whole[name], shown(connection, name)
        if set(before) <= set(after):
            continue
        changed.add(name)
        new = [row for row in after if row not in before]
        assert any(WORDS.search(cell) for row in new for cell in row if isinstance(cell, str)), f"{name} se tait"
    assert "flux" in changed
    check_no_number_was_made(connection, whole)


def check_no_number_was_made(connection, whole) -> None:
    for name in set(READ.datasets) - JOURNALS:
        for column in measures(name):
            index = [label for label in READ.datasets[name].labels if label != "rank"].index(column)
            known = {row[index] for row in whole[name]}
            made = {row[index] for row in shown(connection, name)} - known - {None}
            assert not made, f"{name}.{column} : {made}"


def test_every_indicator_names_the_feeds_it_rests_on(observatory):
    declared = dict(observatory.ask("select indicator, feeds from indicators"))
    wanting = {indicator for (indicator,) in observatory.ask("select indicator from indicators where needs is not null")}
    found: dict[str, set[str]] = {}
    for indicator, feed in observatory.ask(
        "select distinct indicator, feed from indicator_history join indicator_inputs using (receipt_id)"
    ):
        found.setdefault(indicator, set()).add(feed)
    assert declared
    for indicator, names in declared.items():
        # the observatory's own state rests on every feed; the sector file is no feed
        if not indicator.startswith("feed_"):
            assert set(names) >= found.get(indicator, set()) - {"sector"}, indicator
            assert set(names) <= set(feeds.names()) and (names or indicator in wanting), indicator


def test_an_indicator_that_no_feed_brings_says_what_it_would_take_and_who_holds_it(observatory):
    told = observatory.ask(
        "select indicators.indicator, needs, held_by, missing_reason, missing_fr, holders, is_whole"
        " from indicators left join gaps using (indicator) where feeds = [] and family <> 'observatory'"
    )
    assert len(told) > 8
    for indicator, needs, holder, reason, words, holders, is_whole in told:
        assert reason == "not_collected" and is_whole, indicator
        assert words == f"non collecté : il faudrait {needs} (détenteur : {holder})" and holder in holders, indicator
    values = observatory.ask(
        "select count(value), count(lower), count(upper) from indicator_values where indicator = 'job_realised_gap'"
    )
    assert values == [(0, 0, 0)]


def blanked(segment: str) -> Callable[[duckdb.DuckDBPyConnection], None]:
    def change(connection: duckdb.DuckDBPyConnection) -> None:
        (sql,) = connection.execute(
            "select sql from duckdb_views() where schema_name = 'landed' and view_name = 'oc_exports'"
        ).fetchall()
        connection.execute(sql[0].replace("oc_exports", "oc_exports_whole", 1))
        cell = f"segment = '{segment}' and period = '2024-01-01' and freq = 'A' and perimeter = 'OC_NEW'"
        connection.execute(
            f"create or replace view landed.oc_exports as select * replace (case when {cell} then null else value end as value,"
            f" case when {cell} then 'O' else obs_status end as obs_status) from landed.oc_exports_whole"
        )

    return change


@pytest.mark.parametrize("segment", SEGMENTS)
def test_a_blank_cell_is_a_word_on_what_shows_it_and_on_what_is_computed_from_it(segment, house, whole):
    connection = house.without(f"blank-{segment}", lambda load: False, blanked(segment))
    of_2024 = "freq = 'A' and period = '2024-01-01' and methodology = 'OC_NEW'"
    for indicator, breakdown in (("eco_export_revenue", segment), ("eco_service_hhi", "_T"), ("tec_value_added_share", "_T")):
        rows = connection.execute(
            f"select value, missing_reason from indicator_values where indicator = '{indicator}'"
            f" and breakdown = '{breakdown}' and {of_2024}"
        ).fetchall()
        assert rows == [(None, "not_published")], indicator
    told = connection.execute(
        f"select billions, status_fr from ({READ.datasets['exportations'].sql}) where segment = '{segment}' and {of_2024}"
    ).fetchall()
    assert told == [(None, "non publié")]
    check_no_number_was_made(connection, {**whole, "concentration": whole["concentration"]})


def test_a_row_held_at_the_door_is_said_to_be_in_quarantine(house):
    def hold(connection: duckdb.DuckDBPyConnection) -> None:
        blanked("CRM")(connection)
        load, feed = connection.execute(
            "select load_id, feed from lake.loads where feed = 'oc_exports' order by known_at desc limit 1"
        ).fetchall()[0]
        connection.execute(
            "insert into lake.quarantine values (?, ?, 1, 'Feuille!C7', 'règle', 'raison', 'remède', date '2024-01-01')",
            [load, feed],
        )

    connection = house.without("held", lambda load: False, hold)
    (found,) = connection.execute(
        "select missing_reason, missing_fr from gaps where indicator = 'eco_service_hhi' and freq = 'A' and period = '2024-01-01'"
    ).fetchall()
    assert found == ("quarantined", "en quarantaine")


def test_without_the_invented_documents_no_unmarked_value_changes(house, whole):
    everything = house.without("all", lambda load: False)
    real = house.without("real", lambda load: load.origin == "invented")
    marked = 0
    with_origin = [
        name
        for (name,) in everything.execute(
            "select distinct table_name from information_schema.columns where table_schema = 'marts' and column_name = 'origin'"
        ).fetchall()
    ]
    assert {"indicator_values", "observations", "headlines", "claims", "notices", "sites", "regulations", "loads"} <= set(
        with_origin
    )
    for table in sorted(set(with_origin) & set(windows.contracts())):
        # when a reading began to hold depends on the days when something came; what it says does not
        told = "* exclude (receipt_id)" if table in ("alert_evaluations", "indicator_values") else "*"
        told = "* exclude (receipt_id, known_from, known_to)" if table in ("indicator_history", "alert_history") else told
        # that an indicator has no value at all is no value
        told = "* exclude (is_whole)" if table == "gaps" else told
        columns = [name for name, *_ in everything.execute(f"describe select {told} from {table}").fetchall()]
        origin = columns.index("origin")
        # a countdown is read on each day when something came, and says nothing else on another
        dated = " where freq <> 'D'" if table in ("alert_evaluations", "alert_history", "indicator_history") else ""
        before, after = (
            {repr(row): row for row in marts.execute(f"select {told} from {table}{dated}").fetchall()}
            for marts in (everything, real)
        )
        for key in before.keys() - after.keys():
            marked += 1
            assert before[key][origin] == "invented", f"{table} : {before[key]}"
        for key in after.keys() - before.keys():
            row = dict(zip(columns, after[key], strict=True))
            is_clock = table == "headlines" and row["tile"] == "mise_a_jour"
            # what a series lacks is no value
            is_lack = table == "series_status" and row["n_missing"]
            assert is_clock or is_lack or row.get("missing_reason"), f"{table} : {row}"
    assert marked > 50
    for name in set(READ.datasets) - JOURNALS | {"chargements"}:
        rows = shown(real, name)
        for row in whole[name]:
            if row not in rows:
                assert any("données illustratives" in str(cell).lower() for cell in row), f"{name} : {row}"


def test_missing_is_never_zero_in_anything_published(observatory):
    for table, columns in {
        "indicator_values": ("value", "lower", "upper"), "indicator_history": ("value", "lower", "upper"),
    }.items():  # fmt: skip
        wrong = " or ".join(f"{column} is not null" for column in columns)
        assert observatory.value(f"select count(*) from {table} where missing_reason is not null and ({wrong})") == 0
    assert observatory.value("select count(*) from gaps where missing_fr is null") == 0
    missing = "select receipt_id from indicator_values where missing_reason is not null"
    assert observatory.value(f"select count(*) from ({missing}) where receipt_id not in (select receipt_id from gaps)") == 0
    assert {reason for (reason,) in observatory.ask("select distinct missing_reason from gaps")} <= REASONS


def test_an_overdue_period_is_late_and_says_since_when(observatory):
    (told,) = observatory.ask(
        "select missing_reason, missing_fr from gaps where indicator = 'eco_export_revenue' and breakdown = '_T'"
        " and freq = 'S' and period = '2025-07-01'"
    )
    assert told == ("late", "non publié (attendu le 8 juillet 2026, en retard)")
    (status,) = observatory.ask("select status_text from headlines where tile = 'exportations'")
    assert "non publié (attendu le 8 juillet 2026, en retard)" in status[0]
