"""The read-only service in the real Superset: the same accounts, the same numbers as its charts, and nobody else."""

import gzip
import json
import re
import sqlite3
import subprocess
from dataclasses import dataclass, field
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import duckdb
import jsonschema
import pytest
from openapi_spec_validator import validate

from tests.superset_site import SECRETS, serving, sign_in
from vigie import dashboards, keys, settings, windows

pytestmark = pytest.mark.real
BASE = "/vigie/api/v1"
REGION, REGIONAL_ROWS = "regionale", "ref_area in ('MA', 'MA-06')"
PASSWORD = "Vigie-essai-0"
ACCOUNTS = f"""
from superset.app import create_app
with create_app().app_context():
    from superset import db, security_manager as security
    from superset.connectors.sqla.models import RowLevelSecurityFilter, SqlaTable
    whole = list(security.find_role("Analyste").permissions)
    region, deaf = security.add_role("Région"), security.add_role("Sans données")
    region.permissions = whole
    deaf.permissions = [right for right in whole if right.view_menu.name != "Données publiées"]
    for name, role in (("{REGION}", region), ("sourde", deaf)):
        assert security.add_user(name, name, "Vigie", name + "@vigie.invalid", role, password="{PASSWORD}")
    dataset = db.session.query(SqlaTable).filter_by(table_name="indicateurs").one()
    db.session.add(RowLevelSecurityFilter(
        name="région", filter_type="Regular", clause="{REGIONAL_ROWS}", tables=[dataset], roles=[region]
    ))
    db.session.commit()
print("fini")
"""


@dataclass
class Answer:
    """What the server answered: its headers by lower-case name."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body)


@dataclass
class Client:
    """A program that reads the service, with the token of an account or with none."""

    address: str
    token: str = ""
    asked: list[str] = field(default_factory=list)

    def ask(self, path: str, body: dict | None = None, method: str = "", **headers: str) -> Answer:
        told = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.token:
            told["Authorization"] = f"Bearer {self.token}"
        content = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.address}{path}", data=content, headers=told, method=method or None)
        try:
            with urlopen(request, timeout=60) as answer:
                return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
        except HTTPError as refusal:
            return Answer(refusal.code, {k.lower(): v for k, v in refusal.headers.items()}, refusal.read())


@pytest.fixture(scope="module")
def site(observatory, tmp_path_factory):
    with serving(observatory.data, tmp_path_factory.mktemp("service") / "data") as running:
        secrets = keys.superset(running.run.data)
        done = subprocess.run(
            [settings.read().superset_python, "-c", ACCOUNTS],
            env=dashboards.superset_environment(running.run.data, secrets), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stdout.strip().endswith("fini"), done.stderr[-2000:]
        yield running


def signed_in(site, account: str) -> Client:
    password = keys.superset(site.run.data)[SECRETS[account]] if account in SECRETS else PASSWORD
    body = {"username": account, "password": password, "provider": "db", "refresh": False}
    answer = Client(site.address).ask("/api/v1/security/login", body)
    assert answer.status == 200
    return Client(site.address, answer.json()["access_token"])


@pytest.fixture(scope="module")
def analyst(site) -> Client:
    return signed_in(site, "analyste")


@pytest.fixture(scope="module")
def regional(site) -> Client:
    return signed_in(site, REGION)


@pytest.fixture(scope="module")
def document(analyst) -> dict:
    answer = analyst.ask(f"{BASE}/openapi.json")
    assert answer.status == 200
    return answer.json()


def places(document: dict) -> list[tuple[str, str]]:
    """Every address that the description gives, each name of a path in turn, with the path it is an instance of."""
    found = []
    for path, told in document["paths"].items():
        names = [given for given in told["get"]["parameters"] if given["in"] == "path"]
        values = names[0]["schema"]["enum"] if names else [""]
        found += [(path, path.replace(f"{{{names[0]['name']}}}", value) if names else path) for value in values]
    return found


def refusal(answer: Answer, status: int) -> dict:
    assert answer.status == status and answer.headers["content-type"].startswith("application/problem+json"), answer
    told = answer.json()
    assert told["status"] == status and told["title"] and re.search(r"[a-zà-ÿ] ", told["detail"])
    return told


def test_nobody_reads_without_an_account_and_an_account_without_the_right_is_refused(site, analyst, document):
    strangers = (Client(site.address), Client(site.address, "faux"), Client(site.address, analyst.token[:-3] + "abc"))
    for path in document["paths"]:
        address = path.replace("{table}", "labels").replace("{indicator}", "eco_export_revenue")
        for stranger in strangers:
            assert "security/login" in refusal(stranger.ask(address), 401)["detail"]
        assert analyst.ask(address).status == 200
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert analyst.ask(address, {}, method).status == 405, method
    refusal(signed_in(site, "sourde").ask(f"{BASE}/tables"), 403)


def test_each_address_of_the_description_answers_what_it_says(analyst, document):
    validate(document)
    walked = places(document)
    assert len(walked) > 110
    for path, address in walked:
        answer = analyst.ask(f"{address}?limit=5" if "openapi" not in path else address)
        assert answer.status == 200 and answer.headers["etag"] and answer.headers["cache-control"] == "private, no-cache", address
        told = document["paths"][path]["get"]["responses"]["200"]["content"]
        if "text/csv" in told:
            written = analyst.ask(f"{address}?limit=5", Accept="text/csv")
            assert (
                written.headers["content-type"].startswith("text/csv")
                and ".as-of-2026-11-23.csv" in written.headers["content-disposition"]
            )
        jsonschema.validate(
            answer.json(), {**told["application/json"]["schema"], "components": document["components"]},
            jsonschema.Draft202012Validator,
        )  # fmt: skip


def test_a_page_leads_to_the_next_until_all_is_read(analyst, observatory):
    address, read = f"{BASE}/tables/indicator_values?limit=400", []
    while address:
        answer = analyst.ask(address)
        told = answer.json()
        read += told["data"]
        assert answer.headers["x-total-count"] == str(told["total"])
        address = told["next"]
        assert answer.headers.get("link") == (f'<{address}>; rel="next"' if address else None)
    assert len(read) == told["total"] == observatory.value("select count(*) from indicator_values")
    assert len({line["receipt_id"] for line in read}) == len(read)


def test_what_has_not_changed_is_not_sent_again_and_each_question_has_its_own_mark(analyst, regional):
    address = f"{BASE}/indicators/job_declared_headcount/values"
    first = analyst.ask(address)
    assert first.headers["etag"].startswith('"'), "une marque forte"
    again = analyst.ask(address, If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"") and again.headers["etag"] == first.headers["etag"]
    packed = analyst.ask(address, Accept_Encoding="gzip")
    assert gzip.decompress(packed.body) == first.body
    assert analyst.ask(address, If_None_Match=packed.headers["etag"], Accept_Encoding="gzip").status == 304
    others = [
        analyst.ask(f"{address}?ref_area=MA"), analyst.ask(f"{address}?format=csv"), regional.ask(address),
        analyst.ask(f"{BASE}/indicators/job_headcount/values"),
    ]  # fmt: skip
    assert len({answer.headers["etag"] for answer in [first, *others]}) == 5
    assert regional.ask(address, If_None_Match=first.headers["etag"]).status == 200, "la marque d'un autre ne vaut pas"


def test_a_refusal_is_french_and_names_the_parameter(analyst):
    for question, status, parameter in (
        ("indicators/inconnu/values", 404, "indicator"), ("tables/firm_returns", 404, "table"),
        (f"tables/{quote('labels; drop table labels')}", 404, "table"), ("tables/claims?as_of=2025-01-01", 400, "as_of"),
        ("tables/observations?as_of=demain", 400, "as_of"), ("tables/observations?couleur=bleu", 400, "couleur"),
        ("tables/observations?version=99", 409, "version"), ("indicators?format=xml", 400, "format"),
    ):  # fmt: skip
        assert refusal(analyst.ask(f"{BASE}/{question}"), status)["parameter"] == parameter


def chart_rows(client: Client, site, dataset: str, columns: list[str]) -> list[dict]:
    """What a chart of that dataset is sent."""
    with sqlite3.connect(site.home / "superset.db") as metadata:
        ((number,),) = metadata.execute("select id from tables where table_name = ?", [dataset]).fetchall()
    query = {"columns": columns, "metrics": [], "filters": [], "orderby": [], "row_limit": 10000}
    body = {"datasource": {"id": number, "type": "table"}, "queries": [query], "result_format": "json", "result_type": "full"}
    answer = client.ask("/api/v1/chart/data", body)
    assert answer.status == 200, answer.body[:500]
    return answer.json()["result"][0]["data"]


def test_chart_service_and_mart_say_the_same_of_every_indicator(analyst, site, observatory):
    mart = {
        receipt: (indicator, value, lower, upper, reason)
        for indicator, receipt, value, lower, upper, reason in observatory.ask(
            "select indicator, receipt_id, value, lower, upper, missing_reason from indicator_values"
        )
    }
    catalogue = {line["label_fr"]: line for line in analyst.ask(f"{BASE}/indicators").json()["data"]}
    told = {}
    for line in catalogue.values():
        answer = analyst.ask(f"{BASE}/indicators/{line['indicator']}/values?limit=10000").json()
        assert answer["next"] is None and answer["data"]
        told |= {
            row["receipt_id"]: (row["indicator"], *(row[name] for name in ("value", "lower", "upper", "missing_reason")))
            for row in answer["data"]
        }
    assert told == mart
    shown = chart_rows(analyst, site, "indicateurs", ["label_fr", "unit_fr", "value_text", "provenance"])
    assert {row["label_fr"] for row in shown} == set(catalogue)
    checked = 0
    for row in shown:
        indicator = catalogue[row["label_fr"]]
        assert row["unit_fr"] == indicator["unit_fr"]
        receipt = re.search(r"/vigie/recu/([^\"]+)\"", row["provenance"])
        if not receipt or row["value_text"].startswith("un par flux"):
            continue
        code, value, lower, _, reason = told[receipt[1]]
        assert code == indicator["indicator"]
        first = re.match(r"[−-]?\d[\d\u202f]*(?:,\d+)?", row["value_text"])
        if reason or not first:
            assert (value, lower) == (None, None)
            continue
        number = float(first[0].replace("\u202f", "").replace(",", ".").replace("−", "-"))
        digits = len(first[0].partition(",")[2])
        assert abs(number - (lower if value is None else value)) <= 0.5 * 10**-digits * (1 + 1e-9)
        checked += 1
    assert checked > 20
    drawn = [row["value"] for row in chart_rows(analyst, site, "concentration", ["period", "value"]) if row["value"] is not None]
    service = analyst.ask(f"{BASE}/indicators/eco_service_hhi/values?freq=A&breakdown=_T").json()["data"]
    assert sorted(drawn) == sorted(row["value"] for row in service if row["value"] is not None) != []


def private_words(site) -> set[str]:
    """What only the confidential rows hold: the groups that declared, the names of their rows."""
    with duckdb.connect(str(site.run.data.root / "warehouse.duckdb"), read_only=True) as warehouse:
        lines = warehouse.execute("select distinct holding_id, row_id from intermediate.int_firm_returns").fetchall()
    assert len(lines) > 100
    return {word for line in lines for word in line}


def test_no_account_obtains_a_confidential_row_by_chart_filter_file_question_or_service(
    site, analyst, regional, document, chromium
):
    secret = private_words(site)

    def leaks(text: str) -> set[str]:
        return secret & set(re.findall(r"[A-Za-z0-9-]+", text))

    for client in (analyst, regional):
        read = 0
        for path, address in places(document):
            if "openapi" not in path:
                answer = client.ask(f"{address}?limit=10000")
                assert answer.status in (200, 403) and not leaks(answer.body.decode()), address
                read += answer.status == 200
        assert read > 70
        for name, dataset in windows.read().datasets.items():
            if client is regional and name == "indicateurs":
                continue
            rows = chart_rows(client, site, name, list(dataset.labels))
            assert not leaks(json.dumps(rows, ensure_ascii=False)), name
        assert client.ask("/api/v1/sqllab/").status == 403
    # a rule that a dataset cannot apply shows nothing rather than everything
    with pytest.raises(AssertionError):
        chart_rows(regional, site, "indicateurs", ["label_fr"])
    engineer = sign_in(chromium, site, "ingenieur")
    token = engineer.request.get(f"{site.address}/api/v1/security/csrf_token/").json()["result"]
    with sqlite3.connect(site.home / "superset.db") as metadata:
        ((database,),) = metadata.execute("select id from dbs where database_name = 'Observatoire'").fetchall()
    data = site.run.data.root
    for sql, works in (
        ("select count(*) from indicator_values", True),
        (f"attach '{data}/warehouse.duckdb' as w", False),
        (f"select * from read_text('{data}/secrets/superset_admin_password')", False),
        (f"select * from '{next(data.glob('landed/firm_returns/*.parquet'))}'", False),
        ("select * from intermediate.int_firm_returns", False),
        ("set enable_external_access = true", False),
    ):
        answer = engineer.request.post(
            f"{site.address}/api/v1/sqllab/execute/", data={"database_id": database, "sql": sql, "schema": "main"},
            headers={"X-CSRFToken": token, "Referer": site.address},
        )  # fmt: skip
        assert answer.ok is works and not leaks(answer.text()), (sql, answer.status)


def test_a_regional_account_reads_the_rows_of_its_places_alone(analyst, regional, observatory):
    whole = analyst.ask(f"{BASE}/indicators/job_declared_headcount/values").json()
    mine = regional.ask(f"{BASE}/indicators/job_declared_headcount/values").json()
    assert 0 < mine["total"] < whole["total"] and {row["ref_area"] for row in mine["data"]} <= {"MA", "MA-06"}
    assert regional.ask(f"{BASE}/indicators/job_declared_headcount/values?ref_area=MA-FES").json()["total"] == 0
    past = regional.ask(f"{BASE}/tables/indicator_history?as_of=2026-11-01&limit=10000").json()
    assert past["data"] and {row["ref_area"] for row in past["data"]} <= {"MA", "MA-06"}
    assert "ne lit qu'une partie" in refusal(regional.ask(f"{BASE}/tables/indicator_inputs"), 403)["detail"]


def test_the_session_of_a_page_reads_as_the_token_does(site, analyst, chromium):
    page = sign_in(chromium, site, "analyste")
    told = page.request.get(f"{site.address}{BASE}/indicators")
    assert told.status == 200 and told.body() == analyst.ask(f"{BASE}/indicators").body
