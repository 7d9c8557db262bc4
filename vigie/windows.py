"""The windows as the repository has them: `dashboards/` read, and checked without Superset.

A dashboard is a folder, a chart one file named in French, a dataset one file of `dashboards/datasets`.
Each SQL text is prepared by DuckDB on empty tables that have the shape of the published contracts, so a
chart can only name what a mart promises.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from vigie import publish
from vigie.feed import ROOT

FOLDER = ROOT / "dashboards"
MARTS = ROOT / "dbt_project" / "models" / "marts"
COLUMNS = 12
"""Width of a dashboard's grid."""

COLUMN_CONTROLS = (
    "x_axis", "entity", "source", "target", "line_column", "dimension", "series", "start_time", "end_time",
    "y_axis", "groupby", "groupby_b", "columns", "all_columns", "groupbyRows", "groupbyColumns", "js_columns",
    "tooltip_columns",
)  # fmt: skip
VARIABLE = re.compile(r"getvariable\('(\w+)'\)")
"""What a dataset leaves for the reader to choose: a session variable of DuckDB, null until a filter sets it."""
METRIC_CONTROLS = ("metric", "metrics", "metrics_b", "size", "percent_metrics", "tooltip_metrics")


class DashboardError(Exception):
    """The dashboards cannot be installed; one French sentence a line."""


@dataclass(frozen=True)
class Dataset:
    """A question put to the published marts, with the French names of its columns."""

    name: str
    sql: str
    labels: dict[str, str]
    metrics: dict[str, dict[str, str]] = field(default_factory=dict)
    about: str = ""

    @property
    def variables(self) -> set[str]:
        """What its question leaves to the reader's choice."""
        return set(VARIABLE.findall(self.sql))


@dataclass(frozen=True)
class Filter:
    """A choice offered on a dashboard: its values are a column of a dataset, latest first by that dataset's measure.

    It sets the variable that bears the column's name, in the charts whose dataset leaves that variable open, and keeps
    the rows of the value chosen in the charts of its own dataset. `starts_with` is the value chosen from the start.
    """

    name: str
    column: str
    dataset: str
    latest: str
    about: str = ""
    starts_with: str | None = None

    def moves(self, dataset: Dataset) -> bool:
        """Whether a chart of that dataset follows the choice."""
        return self.column in dataset.variables or self.dataset == dataset.name


@dataclass(frozen=True)
class Chart:
    """One file: what is drawn (`kind` and `params` in Superset's own words), from which dataset."""

    name: str
    title: str
    kind: str
    dataset: str
    params: dict[str, Any]
    about: str = ""


@dataclass(frozen=True)
class Dashboard:
    """One folder: tabs of rows; a row holds charts with their widths, or a note."""

    name: str
    title: str
    about: str
    tabs: list[dict[str, Any]]
    filters: list[Filter] = field(default_factory=list)

    def rows(self) -> Iterator[dict[str, Any]]:
        for tab in self.tabs:
            yield from tab["rows"]

    def charts(self) -> list[str]:
        """The charts it shows, in reading order, as `folder/file`."""
        return [self.path_of(name) for row in self.rows() for name in row.get("charts", {})]

    def path_of(self, name: str) -> str:
        return name if "/" in name else f"{self.name}/{name}"


@dataclass(frozen=True)
class Windows:
    """Everything under `dashboards/`, read but not yet checked."""

    dashboards: dict[str, Dashboard]
    charts: dict[str, Chart]
    datasets: dict[str, Dataset]
    looks: str
    palette: dict[str, str]


def contracts(folder: Path = MARTS) -> dict[str, dict[str, str]]:
    """Table → column → type of everything published: the marts' contracts, alerts and publication."""
    tables = {
        model["name"]: {column["name"]: column["data_type"] for column in model["columns"]}
        for path in sorted(folder.glob("*.yml"))
        for model in _yaml(path).get("models", [])
        if model.get("config", {}).get("meta", {}).get("published")
    }
    return {**tables, **publish.BESIDE_COLUMNS}


def read(folder: Path = FOLDER) -> Windows:
    """Reads the folder; DashboardError names a file that is not what its place promises."""
    return Windows(
        dashboards={path.parent.name: _board(path) for path in sorted(folder.glob("*/dashboard.yml"))},
        charts={
            name: _shaped(Chart, path, name)
            for path in sorted(folder.glob("*/*.yml"))
            if path.name != "dashboard.yml" and path.parent.name != "datasets"
            for name in [f"{path.parent.name}/{path.stem}"]
        },
        datasets={path.stem: _shaped(Dataset, path, path.stem) for path in sorted(folder.glob("datasets/*.yml"))},
        looks=(folder / "looks.css").read_text(),
        palette=_yaml(folder / "palette.yml"),
    )


def _yaml(path: Path) -> Any:
    try:
        return YAML(typ="safe", pure=True).load(path.read_text()) or {}
    except YAMLError as error:
        raise DashboardError(f"{path} n'est pas du YAML lisible : {error}") from None


def _shaped(kind: type, path: Path, name: str) -> Any:
    try:
        return kind(name=name, **_yaml(path))
    except TypeError as error:
        raise DashboardError(f"{path.parent.name}/{path.name} : champ manquant ou inconnu ({error})") from None


def _board(path: Path) -> Dashboard:
    board: Dashboard = _shaped(Dashboard, path, path.parent.name)
    try:
        return replace(board, filters=[Filter(**given) for given in board.filters])  # type: ignore[arg-type]
    except TypeError as error:
        raise DashboardError(f"{board.name}/dashboard.yml : filtre mal écrit, champ manquant ou inconnu ({error})") from None


def faults(windows: Windows, tables: dict[str, dict[str, str]]) -> list[str]:
    """Everything wrong on the way dashboard → chart → dataset → contract, in French; empty is good."""
    shapes, found = dataset_shapes(windows, tables)
    placed = [path for board in windows.dashboards.values() for path in board.charts()]
    found += [f"{path} est placé mais son fichier manque" for path in placed if path not in windows.charts]
    found += [f"{path}.yml n'est placé dans aucun tableau de bord" for path in windows.charts if path not in placed]
    for board in windows.dashboards.values():
        if len(set(board.charts())) < len(board.charts()):
            found.append(f"{board.name} : un graphique est placé deux fois")
        for row in board.rows():
            if sum(row.get("charts", {}).values()) not in (0, COLUMNS):
                found.append(f"{board.name} : une rangée ne fait pas {COLUMNS} colonnes : {dict(row['charts'])}")
        found += _filter_faults(board, windows, shapes)
    for path, chart in windows.charts.items():
        if chart.dataset not in windows.datasets:
            found.append(f"{path} : jeu de données inconnu « {chart.dataset} »")
            continue
        known = shapes.get(chart.dataset, {})
        measures = windows.datasets[chart.dataset].metrics
        found += [f"{path} : colonne inconnue « {name} »" for name in chart_columns(chart) if name not in known]
        found += [f"{path} : mesure inconnue « {name} »" for name in chart_metrics(chart) if name not in measures]
    used = {chart.dataset for chart in windows.charts.values()}
    used |= {choice.dataset for board in windows.dashboards.values() for choice in board.filters}
    found += [f"datasets/{name}.yml ne sert aucun graphique, ni aucun filtre" for name in windows.datasets if name not in used]
    for kind, titles in {
        "tableaux de bord": [board.title for board in windows.dashboards.values()],
        "graphiques": [chart.title for chart in windows.charts.values()],
    }.items():
        found += [f"deux {kind} ont le titre « {title} »" for title in {t for t in titles if titles.count(t) > 1}]
    return found


def _filter_faults(board: Dashboard, windows: Windows, shapes: dict[str, dict[str, str]]) -> list[str]:
    """A filter that offers nothing or moves nothing, and a choice that no filter offers."""
    found = []
    asked = {
        path: windows.datasets[chart.dataset]
        for path in board.charts()
        if (chart := windows.charts.get(path)) and chart.dataset in windows.datasets
    }
    for choice in board.filters:
        where = f"{board.name}, filtre « {choice.name} »"
        if choice.column not in shapes.get(choice.dataset, {}):
            found.append(f"{where} : colonne inconnue « {choice.column} » de « {choice.dataset} »")
        elif choice.latest not in windows.datasets[choice.dataset].metrics:
            found.append(f"{where} : mesure inconnue « {choice.latest} »")
        if not any(choice.moves(dataset) for dataset in asked.values()):
            found.append(f"{where} : aucun graphique n'en dépend")
    offered = {choice.column for choice in board.filters}
    for path, dataset in asked.items():
        found += [f"{board.name} : {path} attend un filtre « {name} »" for name in sorted(dataset.variables - offered)]
    return found


def dataset_shapes(windows: Windows, tables: dict[str, dict[str, str]]) -> tuple[dict[str, dict[str, str]], list[str]]:
    """The columns each dataset gives, as DuckDB prepares them on empty tables; and what it refuses."""
    shapes: dict[str, dict[str, str]] = {}
    found = []
    with duckdb.connect() as connection:
        for table, columns in tables.items():
            listed = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
            connection.execute(f"create table {table} ({listed})")
        for name, dataset in windows.datasets.items():
            try:
                shapes[name] = {row[0]: row[1] for row in connection.execute(f"describe {dataset.sql}").fetchall()}
                for metric in dataset.metrics.values():
                    connection.execute(f"select {metric['expression']} from ({dataset.sql})")
            except (duckdb.Error, KeyError) as error:
                found.append(f"datasets/{name} : {error}")
                continue
            found += [f"datasets/{name} : « {c} » sans nom français" for c in shapes[name] if c not in dataset.labels]
            found += [f"datasets/{name} : « {c} » nommée mais absente" for c in dataset.labels if c not in shapes[name]]
    return shapes, found


def chart_columns(chart: Chart) -> list[str]:
    """The dataset columns a chart names, wherever it names them."""
    params = chart.params
    named = [name for control in COLUMN_CONTROLS for name in _listed(params.get(control))]
    named += [json.loads(order)[0] for order in params.get("order_by_cols", [])]
    named += [filtered["subject"] for filtered in params.get("adhoc_filters", [])]
    if params.get("query_mode") == "raw":
        named += [rule["column"] for rule in params.get("conditional_formatting", [])]
        named += list(params.get("column_config", {}))
    return named


def chart_metrics(chart: Chart) -> list[str]:
    """The dataset metrics a chart names."""
    return [name for control in METRIC_CONTROLS for name in _listed(chart.params.get(control))]


def _listed(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)
