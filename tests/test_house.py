"""The house keeps its shape: layers, contracts, one list of indicators, and dbt's own unit tests."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from vigie import build

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ROOT / "dbt_project"
MODELS = HOUSE / "models"

MAY_READ = {
    "staging": {"source:landed"},
    "intermediate": {"source:lake", "source:sector", "staging", "intermediate", "computed", "seeds"},
    "computed": {"intermediate"},
    # one indicator is made of others: the composite
    "indicators": {"intermediate", "indicators"},
    "marts": {"intermediate", "indicators", "studies", "marts", "seeds"},
    # what a method makes of the readings, before a mart says it
    "studies": {"intermediate", "marts"},
}
META = {
    "family", "label_fr", "label_en", "definition", "question", "formula", "unit", "unit_fr",
    "direction", "frequency", "grain", "feeds", "limits", "missing_rule", "revision_rule", "seasonality_rule",
    "uncertainty_rule", "min_history", "owner", "version",
}  # fmt: skip
WANTED = {"needs", "held_by"}
"""What would establish a figure, or narrow it, and who holds that."""
RULES = {"missing_rule": "M[0-4]", "revision_rule": "V[0-3]", "seasonality_rule": "S[0-3]", "uncertainty_rule": "U[0-7]"}
PUBLISHED = {
    "alert_evaluations", "alert_flags", "alert_hindsight", "alert_history", "changes", "claims", "commencements", "completeness",
    "completeness_curves", "contradictions", "counterfactual_series", "coverage", "crisis_episodes",
    "data_requests", "diversification_targets", "event_links", "event_mentions", "events", "exposure_bounds",
    "exposure_questions", "feeds", "gaps", "headlines",
    "indicator_history", "indicator_inputs", "indicator_values", "indicators", "labels", "legal_calendar", "loads",
    "map_shapes", "notices",
    "objections", "observations", "quarantine_summary", "reading_completeness", "regulation_changes",
    "regulation_history", "regulation_states", "regulations",
    "review_quality", "revision_statistics", "revision_triangles", "revisions", "rule_backtests", "rule_judgements",
    "scenario_assumptions", "series_components", "series_status", "site_history", "sites", "sitings",
    "stories", "vulnerability",
}  # fmt: skip
VALUES = [
    "sector", "indicator", "ref_area", "breakdown", "scenario", "freq", "period", "value", "lower", "upper", "class",
    "origin", "obs_status", "conf_status", "missing_reason", "methodology", "unit", "published_at", "known_at", "receipt_id",
]  # fmt: skip


@pytest.fixture(scope="module")
def manifest(observatory) -> dict:
    return json.loads((observatory.data / "dbt" / "target" / "manifest.json").read_text())


def models(manifest: dict) -> dict[str, dict]:
    return {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}


def layer_of(manifest: dict, key: str) -> str:
    if key in manifest["sources"]:
        return "source:" + manifest["sources"][key]["source_name"]
    node = manifest["nodes"][key]
    return "seeds" if node["resource_type"] == "seed" else node["fqn"][1]


def files(layer: str, suffix: str) -> set[str]:
    return {path.stem for path in (MODELS / layer).glob(f"*{suffix}")}


def test_data_flow_one_way_through_the_layers(manifest):
    edges = {
        (node["name"], layer_of(manifest, key), layer_of(manifest, parent))
        for key, node in models(manifest).items()
        for parent in node["depends_on"]["nodes"]
    }
    against = sorted(edge for edge in edges if edge[2] not in MAY_READ[edge[1]])
    assert not against, f"ces modèles lisent une couche qui ne leur est pas ouverte : {against}"
    assert {layer for _, layer, _ in edges} == set(MAY_READ)
    assert {parent for _, _, parent in edges} == set.union(*MAY_READ.values())


def test_a_model_is_named_for_its_layer(manifest):
    prefixes = {"staging": "stg_", "intermediate": "int_", "indicators": "ind_"}
    for node in models(manifest).values():
        layer = node["fqn"][1]
        if layer in prefixes:
            assert node["name"].startswith(prefixes[layer]), f"{node['name']} n'est pas à sa place dans {layer}"
        else:
            assert not re.match("stg_|int_|ind_", node["name"]), f"{node['name']} : un mart porte un nom simple"


def test_every_mart_is_under_an_enforced_contract_with_described_columns(manifest):
    marts = {node["name"]: node for node in models(manifest).values() if node["fqn"][1] == "marts"}
    assert set(marts) == files("marts", ".sql") == files("marts", ".yml")
    for name, node in marts.items():
        assert node["config"]["contract"]["enforced"] is True, f"{name} n'a pas de contrat"
        assert node["columns"], name
        for column in node["columns"].values():
            assert column["data_type"] and column["description"], f"{name}.{column['name']} n'est pas décrit"


def test_the_published_marts_are_exactly_those_that_others_may_rely_on(manifest, observatory):
    declared = {node["name"] for node in models(manifest).values() if node["config"]["meta"].get("published")}
    assert declared == PUBLISHED
    assert set(observatory.tables()) == PUBLISHED | {
        "alerts",
        "channels",
        "messages",
        "rule_replays",
        "table_sources",
        "publication",
    }


def test_indicator_values_has_exactly_the_columns_of_its_contract(observatory):
    columns = [name for name, *_ in observatory.ask("describe indicator_values")]
    assert columns == VALUES
    history = [name for name, *_ in observatory.ask("describe indicator_history")]
    assert history == [*VALUES, "known_from", "known_to"]


def test_each_indicator_is_one_model_one_sheet_one_line_and_one_catalogue_row(manifest, observatory):
    written = files("indicators", ".sql")
    assert written
    assert files("indicators", ".yml") == written
    (union,) = [node for node in models(manifest).values() if node["name"] == "indicator_vintages"]
    listed = {key.rsplit(".", 1)[1] for key in union["depends_on"]["nodes"]}
    assert listed == written, "la liste de indicator_vintages.sql et les fichiers ind_*.sql diffèrent"
    catalogue = {f"ind_{name}" for (name,) in observatory.ask("select indicator from indicators")}
    assert catalogue == written
    read = {f"ind_{name}" for (name,) in observatory.ask("select distinct indicator from indicator_values")}
    assert read == written, "un indicateur ne donne aucune lecture, pas même manquante"


def test_each_indicator_sheet_says_what_it_means_and_has_a_unit_test():
    sheets = sorted((MODELS / "indicators").glob("*.yml"))
    assert len(sheets) > 40
    waiting = set()
    for path in sheets:
        sheet = yaml.safe_load(path.read_text())
        (model,) = sheet["models"]
        meta = model["config"]["meta"]
        assert model["name"] == path.stem
        assert set(meta) - WANTED == META and len(set(meta) & WANTED) in (0, 2), path.name
        assert all(str(value).strip() for value in meta.values()), path.name
        for rule, code in RULES.items():
            assert re.fullmatch(f"{code}(, {code})*", meta[rule]), f"{path.name} : {rule}"
        assert meta["feeds"] or meta["family"] == "observatory" or "needs" in meta, f"{path.name} : ni flux, ni ce qu'il faudrait"
        if path.with_suffix(".sql").read_text().startswith("{{ no_reading("):
            # there is nothing to compute, and nothing to feed it
            waiting.add(path.stem)
            assert not meta["feeds"] and "unit_tests" not in sheet, path.name
        else:
            assert {case["model"] for case in sheet["unit_tests"]} == {path.stem}
    assert 0 < len(waiting) < 12


def test_the_codes_of_a_sheet_are_those_that_the_page_of_names_explains():
    page = (ROOT / "docs" / "names.md").read_text()
    used = {
        code
        for path in (MODELS / "indicators").glob("*.yml")
        for rule in RULES
        for code in yaml.safe_load(path.read_text())["models"][0]["config"]["meta"][rule].split(", ")
    }
    assert {"M0", "V0", "S0", "U0"} < used
    assert not {code for code in used if f"| `{code}` |" not in page}


def test_house_rules_of_portable_sql_hold():
    forbidden = re.compile(r"\b(asof\s+join|pivot|quantile_cont|union\s+(all\s+)?by\s+name)\b", re.IGNORECASE)
    read = list(MODELS.rglob("*.sql"))
    assert len(read) > 50
    offenders = [path.name for path in read if forbidden.search(path.read_text())]
    assert not offenders


def test_the_unit_tests_of_the_house_pass(observatory, manifest, tmp_path):
    written = {
        case["name"] for path in MODELS.rglob("*.yml") for case in (yaml.safe_load(path.read_text()) or {}).get("unit_tests", [])
    }
    shutil.copy(observatory.data / "warehouse.duckdb", tmp_path / "warehouse.duckdb")
    variables = {
        "as_of": "2026-11-23 08:00:00", "axis": "known", "sector": "morocco_offshoring", "mode": "sample",
    } | build.project_lists()  # fmt: skip
    subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")), "test", "--select", "test_type:unit", "--quiet", "--no-version-check",
            "--project-dir", str(HOUSE), "--profiles-dir", str(HOUSE), "--vars", json.dumps(variables),
            "--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs"),
        ],
        env=os.environ | {"VIGIE_WAREHOUSE": str(tmp_path / "warehouse.duckdb"), "DO_NOT_TRACK": "1"},
        check=False, capture_output=True, timeout=600,
    )  # fmt: skip
    results = json.loads((tmp_path / "target" / "run_results.json").read_text())["results"]
    failed = {result["unique_id"]: result["message"] for result in results if result["status"] != "pass"}
    assert not failed
    assert {result["unique_id"].rsplit(".", 1)[1] for result in results} == written
