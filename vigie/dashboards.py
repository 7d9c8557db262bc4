"""The windows: `dashboards/` → Superset, checked before, pruned after, read back.

A dashboard is a folder, a chart one file named in French, a dataset one file of `dashboards/datasets`.
Everything is checked without Superset: each SQL text is prepared by DuckDB on empty tables that have
the shape of the published contracts, so a chart can only name what a mart promises.
"""

import hashlib
import json
import os
import sqlite3
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from ruamel.yaml import YAML, YAMLError

from vigie import publish, settings, watch
from vigie.clock import Run
from vigie.feed import ROOT
from vigie.lake import Lake, write_atomically

WINDOWS = ROOT / "dashboards"
SUPERSET = ROOT / "docker" / "superset"
MARTS = ROOT / "dbt_project" / "models" / "marts"
LOCK = ROOT / "requirements" / "superset.txt"
DATABASE = "Observatoire"
NAMESPACE = uuid.UUID("6f3f7f0e-55a4-5d0b-9a53-0d1c7a0c6b5e")
COLUMNS = 12
"""Width of a dashboard's grid."""
BOOTSTRAP_SECONDS = 600

COLUMN_CONTROLS = (
    "x_axis", "entity", "source", "target", "line_column", "dimension", "series", "start_time", "end_time",
    "y_axis", "groupby", "groupby_b", "columns", "all_columns", "groupbyRows", "groupbyColumns", "js_columns",
    "tooltip_columns",
)  # fmt: skip
METRIC_CONTROLS = ("metric", "metrics", "metrics_b", "size", "percent_metrics", "tooltip_metrics")
READER = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "lock_configuration": True,
    "threads": 2,
    "memory_limit": "1GB",
}
"""DuckDB as an analyst may have it: no file, no network, and no way to change that."""


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


@dataclass(frozen=True)
class Deployment:
    """What Superset answered when it was read back."""

    dashboards: int
    charts: int
    datasets: int
    pruned: list[str]
    is_new: bool

    def summary(self) -> str:
        state = "" if self.is_new else " (déjà en place)"
        removed = f", {len(self.pruned)} retirés" if self.pruned else ""
        return f"{self.dashboards} tableaux de bord, {self.charts} graphiques{removed}{state}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def contracts(folder: Path = MARTS) -> dict[str, dict[str, str]]:
    """Table → column → type of everything published: the marts' contracts, alerts and publication."""
    tables = {
        model["name"]: {column["name"]: column["data_type"] for column in model["columns"]}
        for path in sorted(folder.glob("*.yml"))
        for model in _yaml(path).get("models", [])
        if model.get("config", {}).get("meta", {}).get("published")
    }
    return {**tables, "alerts": watch.ALERT_COLUMNS, "publication": publish.PUBLICATION_COLUMNS}


def read(folder: Path = WINDOWS) -> Windows:
    """Reads the folder; DashboardError names a file that is not what its place promises."""
    return Windows(
        dashboards={
            path.parent.name: _shaped(Dashboard, path, path.parent.name)
            for path in sorted(folder.glob("*/dashboard.yml"))
        },
        charts={
            name: _shaped(Chart, path, name)
            for path in sorted(folder.glob("*/*.yml"))
            if path.name != "dashboard.yml" and path.parent.name != "datasets"
            for name in [f"{path.parent.name}/{path.stem}"]
        },
        datasets={path.stem: _shaped(Dataset, path, path.stem) for path in sorted(folder.glob("datasets/*.yml"))},
        looks=(folder / "looks.css").read_text(),
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


def faults(windows: Windows, tables: dict[str, dict[str, str]]) -> list[str]:
    """Everything wrong on the way dashboard → chart → dataset → contract, in French; empty is good."""
    shapes, found = _dataset_shapes(windows, tables)
    placed = [path for board in windows.dashboards.values() for path in board.charts()]
    found += [f"{path} est placé mais son fichier manque" for path in placed if path not in windows.charts]
    found += [f"{path}.yml n'est placé dans aucun tableau de bord" for path in windows.charts if path not in placed]
    for board in windows.dashboards.values():
        if len(set(board.charts())) < len(board.charts()):
            found.append(f"{board.name} : un graphique est placé deux fois")
        for row in board.rows():
            if sum(row.get("charts", {}).values()) not in (0, COLUMNS):
                found.append(f"{board.name} : une rangée ne fait pas {COLUMNS} colonnes : {dict(row['charts'])}")
    for path, chart in windows.charts.items():
        if chart.dataset not in windows.datasets:
            found.append(f"{path} : jeu de données inconnu « {chart.dataset} »")
            continue
        known = shapes.get(chart.dataset, {})
        measures = windows.datasets[chart.dataset].metrics
        found += [f"{path} : colonne inconnue « {name} »" for name in chart_columns(chart) if name not in known]
        found += [f"{path} : mesure inconnue « {name} »" for name in chart_metrics(chart) if name not in measures]
    used = {chart.dataset for chart in windows.charts.values()}
    found += [f"datasets/{name}.yml ne sert aucun graphique" for name in windows.datasets if name not in used]
    for kind, titles in {
        "tableaux de bord": [board.title for board in windows.dashboards.values()],
        "graphiques": [chart.title for chart in windows.charts.values()],
    }.items():
        found += [f"deux {kind} ont le titre « {title} »" for title in {t for t in titles if titles.count(t) > 1}]
    return found


def _dataset_shapes(
    windows: Windows, tables: dict[str, dict[str, str]]
) -> tuple[dict[str, dict[str, str]], list[str]]:
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


def identity(kind: str, name: str) -> str:
    """The same uuid for the same path, on every machine and at every import."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}/{name}"))


def bundle(windows: Windows, tables: dict[str, dict[str, str]], published: Path) -> dict[str, dict[str, Any]]:
    """The files of a Superset asset bundle, by path; DashboardError lists every fault."""
    if found := faults(windows, tables):
        raise DashboardError("\n".join(found))
    shapes, _ = _dataset_shapes(windows, tables)
    files: dict[str, dict[str, Any]] = {
        "metadata.yaml": {"version": "1.0.0", "type": "assets", "timestamp": "2026-11-23T00:00:00+00:00"},
        "databases/observatoire.yaml": _database(published),
    }
    for name, dataset in windows.datasets.items():
        files[f"datasets/observatoire/{name}.yaml"] = _dataset(dataset, shapes[name])
    for path, chart in windows.charts.items():
        files[f"charts/{path.replace('/', '__')}.yaml"] = _chart(path, chart)
    for name, board in windows.dashboards.items():
        files[f"dashboards/{name}.yaml"] = _dashboard(board, windows)
    return files


def _database(published: Path) -> dict[str, Any]:
    return {
        "database_name": DATABASE, "uuid": identity("database", DATABASE), "version": "1.0.0",
        "sqlalchemy_uri": f"duckdb:///{published}?access_mode=read_only",
        "cache_timeout": None, "expose_in_sqllab": True, "allow_run_async": False,
        "allow_ctas": False, "allow_cvas": False, "allow_dml": False, "allow_file_upload": False,
        "extra": {
            "allows_virtual_table_explore": True, "metadata_params": {}, "schemas_allowed_for_file_upload": [],
            "engine_params": {"connect_args": {"config": READER}},
        },
    }  # fmt: skip


def _dataset(dataset: Dataset, shape: dict[str, str]) -> dict[str, Any]:
    times = [column for column, kind in shape.items() if kind.startswith(("TIMESTAMP", "DATE"))]
    return {
        "table_name": dataset.name, "schema": "main", "sql": dataset.sql, "description": dataset.about,
        "main_dttm_col": times[0] if times else None, "offset": 0, "cache_timeout": None, "params": None,
        "filter_select_enabled": True, "normalize_columns": False, "always_filter_main_dttm": False,
        "uuid": identity("dataset", dataset.name), "database_uuid": identity("database", DATABASE),
        "version": "1.0.0",
        "columns": [
            {
                "column_name": column, "verbose_name": dataset.labels[column], "type": kind,
                "is_dttm": column in times, "is_active": True, "groupby": True, "filterable": True,
                "expression": None, "description": None, "python_date_format": None, "extra": {},
            }
            for column, kind in shape.items()
        ],
        "metrics": [
            {
                "metric_name": name, "verbose_name": metric["label"], "expression": metric["expression"],
                "d3format": metric.get("format"), "metric_type": None, "description": None,
                "warning_text": None, "extra": {},
            }
            for name, metric in dataset.metrics.items()
        ],
    }  # fmt: skip


def _chart(path: str, chart: Chart) -> dict[str, Any]:
    defaults = {
        "viz_type": chart.kind, "adhoc_filters": [], "annotation_layers": [], "extra_form_data": {},
        "row_limit": 1000, "color_scheme": "vigie", "time_range": "No filter",
    }  # fmt: skip
    filters = [
        {"expressionType": "SIMPLE", "clause": "WHERE", **given} for given in chart.params.get("adhoc_filters", [])
    ]
    return {
        "slice_name": chart.title, "description": chart.about, "viz_type": chart.kind,
        "params": {**defaults, **chart.params, "adhoc_filters": filters},
        "query_context": None, "cache_timeout": None, "version": "1.0.0",
        "certified_by": None, "certification_details": None,
        "uuid": identity("chart", path), "dataset_uuid": identity("dataset", chart.dataset),
    }  # fmt: skip


def _dashboard(board: Dashboard, windows: Windows) -> dict[str, Any]:
    return {
        "dashboard_title": board.title, "description": board.about, "slug": board.name, "css": windows.looks,
        "uuid": identity("dashboard", board.name), "published": True, "version": "1.0.0",
        "certified_by": None, "certification_details": None,
        "position": _positions(board, windows),
        "metadata": {
            "color_scheme": "vigie", "label_colors": {}, "shared_label_colors": [], "refresh_frequency": 0,
            "expanded_slices": {}, "timed_refresh_immune_slices": [], "cross_filters_enabled": False,
            "default_filters": "{}", "chart_configuration": {}, "native_filter_configuration": [],
            "global_chart_configuration": {"scope": {"rootPath": ["ROOT_ID"], "excluded": []}, "chartsInScope": []},
        },
    }  # fmt: skip


def _positions(board: Dashboard, windows: Windows) -> dict[str, Any]:
    """Superset's tree of a dashboard: grid → (tabs →) rows → charts and notes."""
    tree: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": board.title}},
    }

    def add(kind: str, name: str, parent: str, **meta: Any) -> str:
        key = f"{kind}-{name}"
        above = [*tree[parent].get("parents", []), parent]
        tree[key] = {"type": kind, "id": key, "children": [], "parents": above, "meta": meta}
        tree[parent]["children"].append(key)
        return key

    has_tabs = len(board.tabs) > 1
    frame = add("TABS", "onglets", "GRID_ID") if has_tabs else "GRID_ID"
    for tab_no, tab in enumerate(board.tabs):
        place = add("TAB", str(tab_no), frame, text=tab["title"]) if has_tabs else frame
        for row_no, row in enumerate(tab["rows"]):
            line = add("ROW", f"{tab_no}-{row_no}", place, background="BACKGROUND_TRANSPARENT")
            if "note" in row:
                add("MARKDOWN", f"{tab_no}-{row_no}", line, width=COLUMNS, height=row["height"], code=row["note"])
            for name, width in row.get("charts", {}).items():
                path = board.path_of(name)
                add(
                    "CHART", path.replace("/", "__"), line, width=width, height=row["height"], chartId=0,
                    sliceName=windows.charts[path].title, uuid=identity("chart", path),
                )  # fmt: skip
    return tree


def superset_environment(lake: Lake, secrets: dict[str, str]) -> dict[str, str]:
    """What any Superset process of this data folder needs to know."""
    home = settings.read().superset_home or lake.root / "superset"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return settings.environment(
        SUPERSET_CONFIG_PATH=str(SUPERSET / "superset_config.py"),
        PYTHONPATH=str(SUPERSET),
        VIGIE_SUPERSET_HOME=str(home),
        VIGIE_PUBLISHED=str(lake.published),
        **secrets,
    )


def deploy(run: Run, secrets: dict[str, str]) -> Deployment:
    """Installs the repository's dashboards in Superset, prunes the others, and checks by reading back.

    A stamp of everything that could matter spares a second start the half minute this takes.
    """
    lake = run.data
    files = bundle(read(), contracts(), lake.published)
    environment = superset_environment(lake, secrets)
    home = Path(environment["VIGIE_SUPERSET_HOME"])
    expected = _expected(files)
    seal = home / "bootstrap.json"
    mark = _fingerprint(files, secrets)
    if seal.exists() and (done := json.loads(seal.read_text())) and done["mark"] == mark:
        if _revision(environment) == done["revision"]:
            return Deployment(*map(len, expected.values()), pruned=[], is_new=False)
    with lake.lock("superset"):
        answer = _bootstrap(files, environment)
        if {name: answer[name] for name in expected} != expected:
            raise DashboardError("Superset ne rend pas ce que le dépôt déclare : relancer vigie dashboards")
        write_atomically(seal, json.dumps({"mark": mark, "revision": answer["revision"]}))
    return Deployment(*map(len, expected.values()), pruned=answer["pruned"], is_new=True)


def _expected(files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What reading back must give: each dashboard with its charts, all charts, all datasets."""

    def uuids(folder: str) -> list[str]:
        return sorted(content["uuid"] for path, content in files.items() if path.startswith(f"{folder}/"))

    boards = {
        content["uuid"]: sorted(
            place["meta"]["uuid"]
            for place in content["position"].values()
            if isinstance(place, dict) and place["type"] == "CHART"
        )
        for path, content in files.items()
        if path.startswith("dashboards/")
    }
    return {"dashboards": boards, "charts": uuids("charts"), "datasets": uuids("datasets")}


def _fingerprint(files: dict[str, dict[str, Any]], secrets: dict[str, str]) -> str:
    digest = hashlib.sha256(json.dumps([files, sorted(secrets.items())], sort_keys=True).encode())
    for path in [LOCK, *sorted(SUPERSET.glob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _revision(environment: dict[str, str]) -> str | None:
    """The schema revision of the embedded metadata database; None where it cannot be known."""
    database = Path(environment["VIGIE_SUPERSET_HOME"]) / "superset.db"
    if environment.get("VIGIE_SUPERSET_METADATA_URI") or not database.exists():
        return None
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            return " ".join(sorted(row[0] for row in connection.execute("select version_num from alembic_version")))
    except sqlite3.Error:
        return None


def _bootstrap(files: dict[str, dict[str, Any]], environment: dict[str, str]) -> dict[str, Any]:
    """Runs `docker/superset/bootstrap.py` with Superset's Python; returns what it read back."""
    python = settings.read().superset_python
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            # JSON is YAML, and says exactly what is meant
            target.write_text(json.dumps(content, ensure_ascii=False))
        try:
            done = subprocess.run(
                [python, SUPERSET / "bootstrap.py", folder],
                env=environment, capture_output=True, text=True, timeout=BOOTSTRAP_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise DashboardError(f"Superset n'a pas pu être préparé ({python}) : {error}") from None
    if done.returncode:
        raise DashboardError(f"Superset a refusé les tableaux de bord : {done.stderr.strip()[-1500:]}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def server_command(port: int) -> list[str]:
    """The command that serves Superset on this machine only."""
    return [
        str(settings.read().superset_python), "-m", "gunicorn", "--preload", "--workers", "2",
        "--worker-class", "gthread", "--threads", "4", "--timeout", "120", "--keep-alive", "65",
        "--bind", f"127.0.0.1:{port}", "superset.app:create_app()",
    ]  # fmt: skip
