"""The whole way from a dashboard to a published column, without any server."""

import re
import shutil
import uuid
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from vigie import bundle, windows
from vigie.windows import DashboardError, Windows

READ = windows.read()
TABLES = windows.contracts()
SHAPES = windows.dataset_shapes(READ, TABLES)
DASHBOARDS = {
    "vue-d-ensemble", "emplois-et-territoires", "exportations-et-dependances", "droit-et-exposition", "actualites-et-alertes",
    "fiabilite",
}  # fmt: skip
FITTING_KINDS = {
    "big_number", "big_number_total", "echarts_timeseries_line", "echarts_timeseries_bar", "gauge_chart",
    "sankey_v2", "treemap_v2", "table", "deck_polygon", "gantt_chart", "pie", "echarts_timeseries_scatter",
}  # fmt: skip
ENGLISH = re.compile(
    r"\b(the|of|and|with|by|from|value|values|total exports|jobs?|employment|date|status|source name|unknown|none|null"
    r"|loading|chart|dashboard|dataset|feed|row|rows|claim|claims|headcount|growth|share|target|updated|latest)\b",
    re.IGNORECASE,
)
FRENCH_TOO = {"date", "source", "total"}


def faults(read: Windows) -> list[str]:
    return windows.faults(read, TABLES)


@pytest.fixture
def prepared(monkeypatch):
    """The datasets as DuckDB prepared them once: for tests that change charts or places only."""
    monkeypatch.setattr(windows, "dataset_shapes", lambda *_: (SHAPES[0], list(SHAPES[1])))


def without_chart(path: str) -> Windows:
    return replace(READ, charts={name: chart for name, chart in READ.charts.items() if name != path})


def compiled() -> dict:
    return bundle.compile_bundle(READ, TABLES, Path("/donnees/published.duckdb"))


def test_every_chart_reaches_published_columns_only():
    assert faults(READ) == []


def test_the_dashboards_are_those_of_the_observatory():
    assert set(READ.dashboards) == DASHBOARDS
    assert {folder.name for folder in windows.FOLDER.iterdir() if folder.is_dir()} == DASHBOARDS | {"datasets"}


def test_chart_files_are_exactly_what_the_dashboards_place():
    files = {
        f"{path.parent.name}/{path.stem}"
        for path in windows.FOLDER.glob("*/*.yml")
        if path.name != "dashboard.yml" and path.parent.name != "datasets"
    }
    placed = {path for board in READ.dashboards.values() for path in board.charts()}
    assert files == placed == set(READ.charts)
    assert len(files) >= 16


def test_the_kinds_fit_what_is_shown():
    assert {chart.kind for chart in READ.charts.values()} == FITTING_KINDS


@pytest.mark.parametrize("path", sorted(READ.charts))
def test_removing_a_chart_file_is_refused(path, prepared):
    assert any(path in fault and "manque" in fault for fault in faults(without_chart(path)))


@pytest.mark.parametrize("path", sorted(READ.charts))
def test_a_chart_that_is_placed_nowhere_is_refused(path, prepared):
    boards = {
        name: replace(
            board,
            tabs=[
                {**tab, "rows": [row for row in tab["rows"] if path not in map(board.path_of, row.get("charts", {}))]}
                for tab in board.tabs
            ],
        )
        for name, board in READ.dashboards.items()
    }
    assert f"{path}.yml n'est placé dans aucun tableau de bord" in faults(replace(READ, dashboards=boards))


@pytest.mark.parametrize("name", sorted(READ.datasets))
def test_removing_a_dataset_is_refused(name):
    left = {key: dataset for key, dataset in READ.datasets.items() if key != name}
    assert any(f"« {name} »" in fault for fault in faults(replace(READ, datasets=left)))


@pytest.mark.parametrize(
    "table", ["headlines", "changes", "alerts", "publication", "observations", "indicator_values", "claims",
              "regulation_history", "site_history", "map_shapes", "loads", "feeds", "notices", "quarantine_summary",
              "indicators", "indicator_history", "revisions", "revision_triangles", "revision_statistics", "alert_history",
              "alert_hindsight", "completeness", "completeness_curves", "reading_completeness"],
)  # fmt: skip
def test_a_table_that_is_no_longer_published_is_refused(table):
    left = {name: columns for name, columns in TABLES.items() if name != table}
    assert any(table in fault for fault in windows.faults(READ, left))


@pytest.mark.parametrize("path", sorted(READ.charts))
def test_every_column_and_measure_that_a_chart_names_is_verified(path, prepared):
    chart = READ.charts[path]
    named = windows.chart_columns(chart) + windows.chart_metrics(chart)
    assert named
    for name in named:
        wrong = replace(chart, params=_renamed(chart.params, name))
        assert any("« absent »" in fault for fault in faults(replace(READ, charts={**READ.charts, path: wrong}))), name


def _renamed(value, name):
    if isinstance(value, dict):
        return {("absent" if key == name else key): _renamed(inner, name) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, name) for inner in value]
    if isinstance(value, str):
        return "absent" if value == name else value.replace(f'"{name}"', '"absent"')
    return value


def test_a_row_that_does_not_fill_the_grid_is_refused():
    board = READ.dashboards["vue-d-ensemble"]
    narrow = replace(board, tabs=[{"title": "T", "rows": [*board.rows(), {"height": 5, "charts": {"a-la-une": 4}}]}])
    found = faults(replace(READ, dashboards={**READ.dashboards, "vue-d-ensemble": narrow}))
    assert any("12 colonnes" in fault for fault in found)


def with_filters(name: str, filters: list) -> Windows:
    return replace(READ, dashboards={**READ.dashboards, name: replace(READ.dashboards[name], filters=filters)})


@pytest.mark.parametrize("name", sorted(DASHBOARDS))
def test_every_dashboard_lets_one_choose_the_day_and_needs_it(name, prepared):
    board = READ.dashboards[name]
    assert "known_on" in [choice.column for choice in board.filters]
    for choice in board.filters:
        left = [other for other in board.filters if other != choice]
        opened = any(choice.column in READ.datasets[READ.charts[path].dataset].variables for path in board.charts())
        assert opened or choice.dataset in {READ.charts[path].dataset for path in board.charts()}
        refused = any(f"attend un filtre « {choice.column} »" in fault for fault in faults(with_filters(name, left)))
        assert refused is opened
        for key, said in {"column": "colonne inconnue", "dataset": "colonne inconnue", "latest": "mesure inconnue"}.items():
            wrong = [*left, replace(choice, **{key: "absent"})]
            assert any(said in fault and "absent" in fault for fault in faults(with_filters(name, wrong))), key
    nobody = [*board.filters, replace(board.filters[0], column="known_from", name="Personne")]
    assert f"{name}, filtre « Personne » : aucun graphique n'en dépend" in faults(with_filters(name, nobody))


def test_a_filter_that_lacks_a_field_is_named_with_its_file(tmp_path):
    shutil.copytree(windows.FOLDER, tmp_path / "dashboards")
    path = tmp_path / "dashboards/fiabilite/dashboard.yml"
    path.write_text(path.read_text().replace("  latest: dernier\n", "", 1))
    with pytest.raises(DashboardError, match=r"fiabilite/dashboard\.yml : filtre mal écrit.*latest"):
        windows.read(tmp_path / "dashboards")


def test_a_question_to_the_history_lets_the_reader_choose_the_day():
    history = re.compile(
        r"\b(from|join) (observations|indicator_history|indicator_values|regulations|sites|regulation_history|site_history)\b"
    )
    asking = {name for name, dataset in READ.datasets.items() if history.search(dataset.sql)}
    # the list of days itself; and claims, which have no history of their own
    assert {name for name in asking if "known_on" not in READ.datasets[name].variables} == {"moments", "affirmations"}
    assert len(asking) >= 10


def test_a_filter_reaches_exactly_the_charts_that_depend_on_it_and_the_others_say_so():
    files = compiled()
    abouts = {content["uuid"]: content["description"] for path, content in files.items() if path.startswith("charts/")}
    reached = 0
    for name in DASHBOARDS:
        content = files[f"dashboards/{name}.yaml"]
        places = [place["meta"] for place in content["position"].values() if isinstance(place, dict) and place["type"] == "CHART"]
        numbers = {place["chartId"]: place["uuid"] for place in places}
        assert len(numbers) == len(places)
        paths = {bundle.identity("chart", path): path for path in READ.dashboards[name].charts()}
        moved = set()
        for given in content["metadata"]["native_filter_configuration"]:
            column = given["targets"][0]["column"]["name"]
            within = {paths[numbers[number]] for number in numbers.keys() - set(given["scope"]["excluded"])}
            (choice,) = (filtered for filtered in READ.dashboards[name].filters if filtered.column == column)
            follows = {p for p in paths.values() if READ.charts[p].dataset == choice.dataset}
            assert within == follows | {p for p in paths.values() if column in READ.datasets[READ.charts[p].dataset].variables}
            moved |= within
        reached += len(moved)
        for identity, path in paths.items():
            assert (bundle.ALWAYS_NOW in abouts[identity]) is (path not in moved), path
    assert reached > 20


def test_faults_stop_the_bundle():
    with pytest.raises(DashboardError, match="manque"):
        bundle.compile_bundle(without_chart("vue-d-ensemble/a-la-une"), TABLES, Path("/x"))


def test_identities_follow_the_path_and_are_unique():
    files = compiled()
    uuids = [content["uuid"] for content in files.values() if "uuid" in content]
    assert len(set(uuids)) == len(uuids) == len(READ.charts) + len(READ.datasets) + len(DASHBOARDS) + 1
    assert all(uuid.UUID(identity).version == 5 for identity in uuids)
    assert compiled() == files


def test_every_position_leads_to_a_chart_of_the_bundle():
    files = compiled()
    charts = {content["uuid"] for path, content in files.items() if path.startswith("charts/")}
    for name in DASHBOARDS:
        tree = files[f"dashboards/{name}.yaml"]["position"]
        places = {key: place for key, place in tree.items() if isinstance(place, dict)}
        shown = [place["meta"]["uuid"] for place in places.values() if place["type"] == "CHART"]
        assert len(shown) == len(READ.dashboards[name].charts())
        assert set(shown) <= charts
        for key, place in places.items():
            assert all(places[child]["parents"][-1] == key for child in place.get("children", []))


def test_every_dashboard_says_first_what_data_it_shows():
    for board in READ.dashboards.values():
        first = next(iter(board.rows()))
        assert [board.path_of(name) for name in first["charts"]] == ["fiabilite/bandeau"]


def test_the_first_screen_holds_the_tiles_the_alerts_and_what_changed():
    rows = list(READ.dashboards["vue-d-ensemble"].rows())
    assert [list(row["charts"]) for row in rows[:3]] == [
        ["fiabilite/bandeau"], ["a-la-une"], ["alertes-actives", "ce-qui-a-change"]
    ]  # fmt: skip
    assert sum(row["height"] for row in rows[:3]) <= 100


def test_two_perimeters_are_two_series():
    chart = READ.charts["exportations-et-dependances/exportations-par-perimetre"]
    assert chart.params["groupby"] == ["series"]
    assert chart.params["connectNulls"] is False
    sql = READ.datasets["exportations"].sql
    assert "case methodology" in sql.split(" as series")[0]


def test_an_incomplete_period_is_a_grey_series_of_its_own_and_says_how_much_is_usual():
    figure = {
        "indicator": "export_revenue", "methodology": "OC_NEW", "source": "OC", "feed": "oc_exports", "freq": "A",
        "segment": "_T", "known_from": "2025-01-01", "is_withdrawn": False,
    }  # fmt: skip
    told = {
        "completeness_fr": "provisoire : 60 % de ce qui arrive d'habitude à cet âge",
        "is_complete": False,
        "completeness_pct": 60,
    }
    group = {key: figure[key] for key in ("indicator", "methodology", "source", "feed", "freq")}
    with duckdb.connect() as connection:
        for table in ("observations", "completeness", "gaps", "publication"):
            listed = ", ".join(f'"{column}" {kind}' for column, kind in TABLES[table].items())
            connection.execute(f"create table {table} ({listed})")

        def put(table: str, **line) -> None:
            marks = ", ".join("?" * len(line))
            connection.execute(f"insert into {table} ({', '.join(line)}) values ({marks})", list(line.values()))

        put("publication", as_of="2026-11-23 08:00:00")
        for year, amount in (("2023", 10), ("2024", 12), ("2025", 5)):
            put("observations", **figure, period=f"{year}-01-01", obs_value=amount)
        put("completeness", **group, period="2024-01-01", is_complete=True, completeness_fr="complet")
        put("completeness", **group, period="2025-01-01", **told)
        asked = f"select period_label, series, completeness_fr from ({READ.datasets['exportations'].sql}) order by period"
        whole = "Nouveau périmètre · Office des changes"
        assert connection.execute(asked).fetchall() == [
            ("2023", whole, None), ("2024", whole, "complet"),
            ("2025 · provisoire, 60\u202f%", f"{whole} · période incomplète", told["completeness_fr"]),
        ]  # fmt: skip
        connection.execute("set variable known_on = timestamp '2025-06-01'")
        past = connection.execute(asked).fetchall()
        assert {line[1] for line in past} == {whole} and {line[2] for line in past} == {"non calculée pour un jour passé"}
    grey = {READ.palette[name] for name in READ.palette if name.endswith("période incomplète")}
    assert grey == {"#b9c2c0"} and f"{whole} · période incomplète" in READ.palette


def test_maps_ask_no_tiles_of_anybody():
    maps = [chart for chart in READ.charts.values() if chart.kind.startswith("deck_")]
    assert maps and all(chart.params["mapbox_style"] == "" for chart in maps)


def test_the_reader_of_the_published_file_can_open_nothing_else():
    database = compiled()["databases/observatoire.yaml"]
    assert database["sqlalchemy_uri"].endswith("?access_mode=read_only")
    config = database["extra"]["engine_params"]["connect_args"]["config"]
    assert config["enable_external_access"] is False and config["lock_configuration"] is True
    assert not any(database[right] for right in ("allow_dml", "allow_ctas", "allow_cvas", "allow_file_upload"))


def spoken() -> dict[str, str]:
    """Every text of ours that a reader of the screens may see, by where it is written."""
    texts = {}
    for name, board in READ.dashboards.items():
        texts |= {f"{name}/titre": board.title, f"{name}/à propos": board.about}
        texts |= {f"{name}/onglet {tab['title']}": tab["title"] for tab in board.tabs}
        for choice in board.filters:
            texts |= {f"{name}/filtre {choice.column}": choice.name, f"{name}/filtre {choice.column}, à propos": choice.about}
    for path, chart in READ.charts.items():
        texts |= {f"{path}/titre": chart.title, f"{path}/à propos": chart.about}
        words = ("subtitle", "y_axis_title", "x_axis_title", "value_formatter")
        texts |= {f"{path}/{word}": chart.params[word].replace("{value}", "") for word in words if word in chart.params}
    for name, dataset in READ.datasets.items():
        texts[f"{name}/à propos"] = dataset.about
        texts |= {f"{name}/{column}": label for column, label in dataset.labels.items()}
        texts |= {f"{name}/{metric}": told["label"] for metric, told in dataset.metrics.items()}
    return texts


def test_every_text_is_french():
    texts = spoken()
    assert len(texts) > 150
    english = {
        where: found for where, text in texts.items() if (found := {word.lower() for word in ENGLISH.findall(text)} - FRENCH_TOO)
    }
    assert english == {}
    assert all(dataset.labels and dataset.about for dataset in READ.datasets.values())


def test_a_filter_that_starts_with_a_value_says_so_to_superset_and_the_others_say_nothing():
    started = 0
    for name in DASHBOARDS:
        for given in compiled()[f"dashboards/{name}.yaml"]["metadata"]["native_filter_configuration"]:
            column = given["targets"][0]["column"]["name"]
            (choice,) = (filtered for filtered in READ.dashboards[name].filters if filtered.column == column)
            mask = given["defaultDataMask"]
            if choice.starts_with is None:
                assert mask == {"extraFormData": {}, "filterState": {}, "ownState": {}}
            else:
                started += 1
                assert mask["extraFormData"]["filters"] == [{"col": column, "op": "IN", "val": [choice.starts_with]}]
                assert given["controlValues"]["enableEmptyFilter"] is True
    assert started
