"""The windows in Superset's own words: an asset bundle, by path of file."""

import uuid
from pathlib import Path
from typing import Any

from vigie.windows import COLUMNS, Chart, Dashboard, DashboardError, Dataset, Filter, Windows, dataset_shapes, faults

DATABASE = "Observatoire"
NAMESPACE = uuid.UUID("6f3f7f0e-55a4-5d0b-9a53-0d1c7a0c6b5e")
READER = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "lock_configuration": True,
    "threads": 2,
    "memory_limit": "1GB",
}
"""DuckDB as an analyst may have it: no file, no network, and no way to change that."""


ALWAYS_NOW = "État du jour de la publication : ce graphique ne remonte pas le temps."
"""Added to what a chart says of itself when no filter of its dashboard moves it."""


def identity(kind: str, name: str) -> str:
    """The same uuid for the same path, on every machine and at every import."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}/{name}"))


def compile_bundle(windows: Windows, tables: dict[str, dict[str, str]], published: Path) -> dict[str, dict[str, Any]]:
    """The files of a Superset asset bundle, by path; DashboardError lists every fault."""
    if found := faults(windows, tables):
        raise DashboardError("\n".join(found))
    shapes, _ = dataset_shapes(windows, tables)
    files: dict[str, dict[str, Any]] = {
        "metadata.yaml": {"version": "1.0.0", "type": "assets", "timestamp": "2026-11-23T00:00:00+00:00"},
        "databases/observatoire.yaml": _database(published),
    }
    for name, dataset in windows.datasets.items():
        files[f"datasets/observatoire/{name}.yaml"] = _dataset(dataset, shapes[name])
    for path, chart in windows.charts.items():
        files[f"charts/{path.replace('/', '__')}.yaml"] = _chart(path, chart, windows)
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


def _chart(path: str, chart: Chart, windows: Windows) -> dict[str, Any]:
    defaults = {
        "viz_type": chart.kind, "adhoc_filters": [], "annotation_layers": [], "extra_form_data": {},
        "row_limit": 1000, "color_scheme": "vigie", "show_cell_bars": False,
    }  # fmt: skip
    filters = [{"expressionType": "SIMPLE", "clause": "WHERE", **given} for given in chart.params.get("adhoc_filters", [])]
    return {
        "slice_name": chart.title, "description": _about(path, chart, windows), "viz_type": chart.kind,
        "params": {**defaults, **chart.params, "adhoc_filters": filters},
        "query_context": None, "cache_timeout": None, "version": "1.0.0",
        "certified_by": None, "certification_details": None,
        "uuid": identity("chart", path), "dataset_uuid": identity("dataset", chart.dataset),
    }  # fmt: skip


def _about(path: str, chart: Chart, windows: Windows) -> str:
    """What the chart says of itself, and that it does not go back in time where others beside it do."""
    offered = {choice.column for board in windows.dashboards.values() if path in board.charts() for choice in board.filters}
    if not offered or offered & windows.datasets[chart.dataset].variables:
        return chart.about
    return f"{chart.about} {ALWAYS_NOW}".strip()


def _dashboard(board: Dashboard, windows: Windows) -> dict[str, Any]:
    return {
        "dashboard_title": board.title, "description": board.about, "slug": board.name, "css": windows.looks,
        "uuid": identity("dashboard", board.name), "published": True, "version": "1.0.0",
        "certified_by": None, "certification_details": None,
        "position": _positions(board, windows),
        "metadata": {
            # no dashboard-wide palette: Superset would write it back, which an analyst may not do
            "color_scheme": "", "label_colors": windows.palette, "shared_label_colors": [], "refresh_frequency": 0,
            "expanded_slices": {}, "timed_refresh_immune_slices": [], "cross_filters_enabled": False,
            "default_filters": "{}", "chart_configuration": {}, "filter_bar_orientation": "HORIZONTAL",
            "native_filter_configuration": [_filter(choice, board, windows) for choice in board.filters],
            "global_chart_configuration": {"scope": {"rootPath": ["ROOT_ID"], "excluded": []}, "chartsInScope": []},
        },
    }  # fmt: skip


def _filter(choice: Filter, board: Dashboard, windows: Windows) -> dict[str, Any]:
    """A choice of one value among those of a column; the charts that do not depend on it are out of its scope."""
    deaf = [path for path in board.charts() if not choice.moves(windows.datasets[windows.charts[path].dataset])]
    return {
        "id": f"NATIVE_FILTER-{board.name}-{choice.column}", "name": choice.name, "description": choice.about,
        "type": "NATIVE_FILTER", "filterType": "filter_select",
        "targets": [{"datasetUuid": identity("dataset", choice.dataset), "column": {"name": choice.column}}],
        "sortMetric": choice.latest,
        "controlValues": {
            "multiSelect": False, "enableEmptyFilter": choice.starts_with is not None,
            "defaultToFirstItem": False, "inverseSelection": False,
            "searchAllOptions": False, "sortAscending": False,
        },
        "defaultDataMask": _chosen(choice), "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": [_number(path, windows) for path in deaf]},
    }  # fmt: skip


def _chosen(choice: Filter) -> dict[str, Any]:
    """What the filter says before anybody touches it."""
    if choice.starts_with is None:
        return {"extraFormData": {}, "filterState": {}, "ownState": {}}
    chosen = [choice.starts_with]
    return {
        "extraFormData": {"filters": [{"col": choice.column, "op": "IN", "val": chosen}]},
        "filterState": {"value": chosen, "label": choice.starts_with}, "ownState": {},
    }  # fmt: skip


def _number(path: str, windows: Windows) -> int:
    """A chart's number within the bundle, which Superset replaces by its own on import."""
    return sorted(windows.charts).index(path) + 1


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
                    "CHART", path.replace("/", "__"), line, width=width, height=row["height"], chartId=_number(path, windows),
                    sliceName=windows.charts[path].title, uuid=identity("chart", path),
                )  # fmt: skip
    return tree
