"""The rules of the sector file, on cases that show when each fires and when it does not.

The SQL is the project's own, rendered with its own macros and run in memory.
"""

import csv
import functools
import io
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import jinja2
import pytest
import yaml

from vigie import sector

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "dbt_project"
# the levels are a macro that two models share: it is read with the model, without its comments, so that it is mutated too
MODEL = (
    re.sub(r"\{#.*?#\}", "", (PROJECT / "macros" / "alerts.sql").read_text(), flags=re.DOTALL)
    + (PROJECT / "models" / "marts" / "alert_evaluations.sql").read_text()
)
UNIT_TESTS = yaml.safe_load((PROJECT / "models" / "marts" / "alert_evaluations.yml").read_text())["unit_tests"]
CASES = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / "tests" / "alert_rules").glob("*.yml")}
SECTOR = sector.load("morocco_offshoring")
RULES = {rule.rule: rule for rule in SECTOR.alert_rules}
RULES_TABLE = SECTOR.tables()["alert_rules"]

HISTORY = {
    "indicator": "varchar", "ref_area": "varchar", "breakdown": "varchar", "methodology": "varchar",
    "scenario": "varchar", "freq": "varchar", "period": "timestamp", "value": "double", "lower": "double",
    "upper": "double", "class": "varchar", "origin": "varchar", "obs_status": "varchar", "missing_reason": "varchar",
    "known_at": "timestamp", "known_from": "timestamp", "known_to": "timestamp", "receipt_id": "varchar",
}  # fmt: skip
RULE_SHAPE: dict[str, str] = {
    "rule": "varchar", "rule_version": "varchar", "indicator": "varchar", "ref_area": "varchar", "breakdown": "varchar",
    "methodology": "varchar", "scenario": "varchar", "freq": "varchar", "unit": "varchar", "turn": "integer",
    "amber_on": "double", "amber_off": "double", "red_on": "double", "red_off": "double", "applies_from": "double",
    "for_periods": "integer", "keep_periods": "integer", "waits_for_final": "boolean", "is_own": "boolean",
}  # fmt: skip
FEEDS = {"feed": "varchar", "rhythm_days": "integer"}
CASE_LIST = [pytest.param(rule, case, id=f"{rule}-{case['case']}") for rule in sorted(CASES) for case in CASES[rule]]


def render(model: str, as_of: object) -> str:
    """A model as dbt would compile it, its references being tables of the same name."""
    environment = jinja2.Environment()
    environment.globals |= {
        "ref": lambda name: name,
        "source": lambda schema, name: f"{schema}.{name}",
        "var": lambda name: {"as_of": str(as_of), "axis": "known"}[name],
    }
    macros = (PROJECT / "macros" / "time.sql").read_text()
    return environment.from_string(macros + model).render()


def table(connection, name, shape, rows):
    connection.execute(f"create table {name} ({', '.join(f'{column} {kind}' for column, kind in shape.items())})")
    for row in rows:
        connection.execute(f"insert into {name} values ({', '.join('?' * len(shape))})", [row.get(c) for c in shape])


def evaluate(case, rule):
    """The levels that the project's SQL gives the rule of the sector file on a case."""
    watched = RULES[rule]
    defaults = {
        "indicator": watched.indicator,
        "ref_area": "MA",
        "breakdown": "_T" if watched.breakdown in ("any", "each") else watched.breakdown,
        "methodology": "_Z" if watched.freq == "D" else "OC_NEW",
        "scenario": "_Z", "freq": watched.freq, "class": "measured",
    }  # fmt: skip
    history = []
    for reading in case["readings"]:
        row = defaults | reading
        history.append(row | {"known_from": row.get("known_from", row["period"] if row["freq"] == "D" else "2026-01-15")})
    with duckdb.connect() as connection:
        connection.execute("create schema sector")
        connection.register("incoming", RULES_TABLE)
        connection.execute("create table sector.alert_rules as select * from incoming where rule = ?", [rule])
        rules_sql = render((PROJECT / "models" / "intermediate" / "int_alert_rules.sql").read_text(), "")
        connection.execute(f"create table int_alert_rules as {rules_sql}")
        connection.register("owned", SECTOR.tables()["alert_thresholds"])
        connection.execute("create table sector.alert_thresholds as select * from owned where rule = ?", [rule])
        own_sql = render((PROJECT / "models" / "intermediate" / "int_alert_thresholds.sql").read_text(), "")
        connection.execute(f"create table int_alert_thresholds as {own_sql}")
        table(connection, "indicator_history", HISTORY, history)
        feeds = [{"feed": feed, "rhythm_days": days} for feed, days in case.get("feeds", {}).items()]
        table(connection, "int_feeds", FEEDS, feeds)
        sql = render(MODEL, case.get("as_of", "2026-11-23 08:00:00"))
        return [level for (level,) in connection.execute(f"select level from ({sql}) order by period, entity").fetchall()]


def test_every_rule_has_its_cases_and_every_case_its_rule():
    assert RULES
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_has_cases_at_each_degree_and_cases_that_stay_calm(rule):
    levels = {level for case in CASES[rule] for level in case["levels"]}
    calm = [case for case in CASES[rule] if not any(case["levels"])]
    assert levels == {0, 1, 2} and calm


@pytest.mark.parametrize(("rule", "case"), CASE_LIST)
def test_a_rule_fires_when_its_case_says_and_only_then(rule, case):
    assert evaluate(case, rule) == case["levels"]


def lines(block) -> list[dict]:
    """The rows of a unit test, written as mappings or as CSV; an empty cell is missing."""
    rows = block["rows"]
    if isinstance(rows, str):
        rows = [{k: v or None for k, v in row.items()} for row in csv.DictReader(io.StringIO(rows))]
    return rows


@functools.cache
def laboratory() -> duckdb.DuckDBPyConnection:
    """The inputs of each dbt unit test of the model, one schema per test."""
    connection = duckdb.connect()
    for unit in UNIT_TESTS:
        given = {re.search(r"'(\w+)'", block["input"])[1]: lines(block) for block in unit["given"]}
        connection.execute(f"create schema {unit['name']}")
        for name, shape in (("int_feeds", FEEDS), ("int_alert_thresholds", RULE_SHAPE), ("indicator_history", HISTORY)):
            table(connection, f"{unit['name']}.{name}", shape, given[name])
    return connection


def failed_unit_tests(model: str) -> Iterator[str]:
    """The dbt unit tests of the model that a given text of it fails, run in memory."""
    for unit in UNIT_TESTS:
        expected = lines(unit["expect"])
        columns = list(expected[0])
        laboratory().execute(f"use {unit['name']}")
        try:
            sql = render(model, unit["overrides"]["vars"]["as_of"])
            found = laboratory().execute(f"select {', '.join(columns)} from ({sql})").fetchall()
        except duckdb.Error:
            yield unit["name"]
            continue
        if sorted(map(comparable, found)) != sorted(comparable(row.values()) for row in expected):
            yield unit["name"]


def comparable(row) -> tuple[str, ...]:
    """A row as text, numbers and days being written one way."""
    return tuple(plain(value) for value in row)


def plain(value) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, bool) or value in ("true", "false"):
        return str(value).lower()
    try:
        return f"{float(value):g}"
    except (TypeError, ValueError):
        return str(value or "")


INVERSIONS = {
    "<=": (">", "<"), ">=": ("<", ">"), " < ": (" >= ", " <= "), " > ": (" <= ", " >= "), " = ": (" <> ",), " <> ": (" = ",),
    " in (": (" not in (",), " is null": (" is not null",), " is not null": (" is null",),
    "not is_closed": ("is_closed",), " desc": (" asc",),
}  # fmt: skip


def mutants() -> list:
    """The model with one comparison inverted, for each comparison and each way to invert it."""
    found = []
    for sign, inverses in INVERSIONS.items():
        for match in re.finditer(re.escape(sign), MODEL):
            line = MODEL[: match.start()].count("\n")
            is_comment = MODEL.splitlines()[line].lstrip().startswith(("--", "{%"))
            for inverse in () if is_comment else inverses:
                text = MODEL[: match.start()] + inverse + MODEL[match.end() :]
                found.append(pytest.param(text, id=f"line {line + 1}:{match.start()} {sign.strip()} -> {inverse.strip()}"))
    return found


def test_the_unit_tests_hold_on_the_model_as_it_is():
    assert UNIT_TESTS and list(failed_unit_tests(MODEL)) == []


def test_there_are_comparisons_to_invert():
    assert len(mutants()) > 30


@pytest.mark.parametrize("text", mutants())
def test_an_inverted_comparison_in_the_alert_sql_fails_a_unit_test(text):
    assert any(failed_unit_tests(text))
