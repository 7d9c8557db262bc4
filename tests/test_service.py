"""The read-only service without its server: what it refuses, how it pages, what it says of itself, whom it tells what."""

import csv
import io
import json
import subprocess

import jsonschema
import pytest
from openapi_spec_validator import validate

from tests import served
from vigie import dashboards, settings

HOSTILE = (
    "publication; drop table x",
    "../publication",
    "duckdb_tables",
    "information_schema.tables",
    "sqlite_master",
    "",
    "LOADS",
)


@pytest.fixture(scope="module")
def source(observatory):
    with served.reading(observatory.data) as opened:
        yield opened


def refused(ask, *words) -> served.query.Problem:
    with pytest.raises(served.query.Problem) as caught:
        ask(*words)
    return caught.value


@pytest.mark.parametrize(
    ("given", "parameter", "said"),
    [
        ({"as_of": ["hier"]}, "as_of", "AAAA-MM-JJ"),
        ({"as_of": ["2026-11-24"]}, "as_of", "ne sait rien après le 23/11/2026"),
        ({"as_of": ["2025-01-01", "2025-01-02"]}, "as_of", "plusieurs fois"),
        ({"from": ["2025-13"]}, "from", "n'est pas une période"),
        ({"to": ["25"]}, "to", "n'est pas une période"),
        ({"limit": ["0"]}, "limit", "de 1 à 10000"),
        ({"limit": ["10001"]}, "limit", "de 1 à 10000"),
        ({"limit": ["٣"]}, "limit", "de 1 à 10000"),
        ({"offset": ["-1"]}, "offset", "nombre entier"),
        ({"version": ["7"]}, "version", "reprendre du début"),
        ({"known_from": ["x"]}, "known_from", "paramètre inconnu"),
        ({'ref_area" or 1=1 --': ["x"]}, 'ref_area" or 1=1 --', "paramètre inconnu"),
    ],
)
def test_a_question_that_is_badly_put_names_its_parameter(source, given, parameter, said):
    problem = refused(source.values, "eco_export_revenue", given)
    assert problem.status == (409 if parameter == "version" else 400)
    assert problem.parameter == parameter and said in problem.detail


def test_a_value_of_the_wrong_kind_is_told_and_one_that_is_sql_is_a_value(source):
    for column, value, said in (
        ("is_withdrawn", "peut-être", "true ou false"), ("decimals", "deux", "nombre entier"), ("obs_value", "x", "un nombre"),
        ("known_at", "hier", "un instant"),
    ):  # fmt: skip
        problem = refused(source.table, "observations", {column: [value]})
        assert (problem.status, problem.parameter) == (400, column) and said in problem.detail
    assert source.table("observations", {"segment": ["'; drop table observations; --"]}).total == 0
    assert source.table("observations", {"segment": ["CRM"], "is_withdrawn": ["false"]}).total > 3
    assert source.table("indicators", {"feeds": ["oc_exports"]}).total > 3


@pytest.mark.parametrize("name", HOSTILE)
def test_only_a_published_table_is_a_table(source, name):
    assert refused(source.table, name, {}).status == 404
    assert refused(source.values, name, {}).status == 404


def test_a_table_without_a_history_says_which_have_one(source, observatory):
    problem = refused(source.table, "claims", {"as_of": ["2026-01-01"]})
    assert problem.parameter == "as_of" and "indicator_history" in problem.detail and "vigie export --as-of" in problem.detail
    assert refused(source.table, "labels", {"from": ["2025"]}).parameter == "from"
    for table in source.with_history:
        told = source.table(table, {"as_of": ["2026-02-05"], "limit": ["1"]}).total
        moment = f"timestamp '{served.query.end_of_day(served.query.date(2026, 2, 5))}'"
        assert told == observatory.value(f"select count(*) from {table}_as_of({moment})"), table
    assert len(source.with_history) > 4


def test_all_that_is_published_is_served_whole_and_in_the_order_of_its_pages(source, observatory):
    listed = {line["table"]: line for line in source.tables({}).rows}
    assert set(listed) == set(observatory.tables())
    for table, line in listed.items():
        whole = source.table(table, {"limit": ["10000"]})
        assert line["rows"] == whole.total == observatory.value(f"select count(*) from {table}")
        assert [column["name"] for column in line["columns"]] == whole.columns
        if whole.total <= 10_000:
            half = str(whole.total // 2 + 1)
            pages = [source.table(table, {"limit": [half], "offset": [offset]}).rows for offset in ("0", half)]
            assert [*pages[0], *pages[1]] == whole.rows, table


def test_no_text_is_a_formula_and_no_number_is_touched(observatory, tmp_path):
    answer = served.query.Answer("x", ["title", "value", "list", "flag"], [], 1, 1, 0)
    answer.rows.append({"title": "=1+1", "value": -1.5, "list": ["@a", "b"], "flag": True})
    assert list(csv.reader(io.StringIO(served.query.to_csv(answer))))[1] == ["'=1+1", "-1.5", "'@a ; b", "true"]


def test_an_account_with_rights_on_rows_reads_those_alone_by_every_table(observatory):
    rights = ["ref_area in ('MA', 'MA-06')"]
    with served.reading(observatory.data, rights) as regional, served.reading(observatory.data) as whole:
        read = refused_tables = 0
        for table, columns in whole.columns.items():
            if "ref_area" not in columns and table != "indicators":
                assert refused(regional.table, table, {}).status == 403
                refused_tables += 1
                continue
            found = regional.table(table, {"limit": ["10000"]})
            assert {line.get("ref_area", "MA") for line in found.rows} <= {"MA", "MA-06"}, table
            read += found.total < whole.table(table, {}).total
            for area in ("MA-FES", "MA-10"):
                if "ref_area" in columns:
                    assert regional.table(table, {"ref_area": [area]}).total == 0, table
        assert read > 10 and refused_tables > 10
        assert regional.values("job_declared_headcount", {}).total < whole.values("job_declared_headcount", {}).total
        listed = {line["table"]: line["rows"] for line in regional.tables({}).rows}
        assert listed["indicator_values"] < whole.table("indicator_values", {}).total and listed["feeds"] is None


DOCUMENT = """
import json, sys, duckdb
import vigie_openapi, vigie_query
connection = duckdb.connect(sys.argv[1], read_only=True)
def ask(sql, *values):
    cursor = connection.execute(sql, list(values))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, line)) for line in cursor.fetchall()]
print(json.dumps(vigie_openapi.document(vigie_query.Published(ask))))
"""


@pytest.fixture(scope="module")
def document(observatory) -> dict:
    """What the service says of itself, written by Superset's Python."""
    done = subprocess.run(
        [settings.read().superset_python, "-c", DOCUMENT, str((observatory.data / "published.duckdb").resolve())],
        env={"PYTHONPATH": str(dashboards.SUPERSET)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_the_description_is_openapi_and_every_answer_is_what_it_says(document, source):
    validate(document)
    base = "/vigie/api/v1"
    assert set(document["paths"]) == {
        f"{base}/{path}" for path in ("indicators", "indicators/{indicator}/values", "tables", "tables/{table}", "openapi.json")
    }
    asked = [("tables", source.tables({})), ("indicators", source.indicators({}))]
    asked += [("tables/{table}", source.table(table, {"limit": ["40"]})) for table in source.descriptions]
    asked += [
        ("indicators/{indicator}/values", source.values(line["indicator"], {"limit": ["40"]}))
        for line in source.indicators({}).rows
    ]
    for path, answer in asked:
        schema = document["paths"][f"{base}/{path}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        rows = schema["properties"]["data"]["items"]
        if path == "tables/{table}":
            # of all the tables, the one that was asked
            schema = json.loads(json.dumps(schema))
            schema["properties"]["data"]["items"] = {"$ref": f"#/components/schemas/{answer.name}"}
            assert schema["properties"]["data"]["items"] in rows["anyOf"]
        told = json.loads(served.query.to_json(answer, source.publication, None))
        jsonschema.validate(told, {**schema, "components": document["components"]}, jsonschema.Draft202012Validator)
    assert len(asked) > 110


def test_every_parameter_of_the_description_is_read_and_every_name_of_a_path_exists(document, source):
    given = {"as_of": "2026-01-31", "from": "2024", "to": "2024-06", "limit": "3", "offset": "1", "version": "1", "format": "csv"}
    version = str(source.publication["version"])
    for path, ask in (
        ("indicators/{indicator}/values", lambda words: source.values("eco_export_revenue", words)),
        ("tables/{table}", lambda words: source.table("observations", words)),
        ("tables", source.tables), ("indicators", source.indicators),
    ):  # fmt: skip
        parameters = document["paths"][f"/vigie/api/v1/{path}"]["get"]["parameters"]
        names = [told["name"] for told in parameters if told["in"] == "query" and told["name"] != "filters"]
        assert len(names) >= 4
        for name in names:
            ask({name: [version if name == "version" else given.get(name, "MA")]})
        for told in (told for told in parameters if told["in"] == "path"):
            assert told["schema"]["enum"] == [line[told["name"]] for line in (
                source.tables({}).rows if told["name"] == "table" else source.indicators({}).rows
            )]  # fmt: skip
