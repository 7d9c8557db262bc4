"""`vigie lab`: each method on a table of one's own, from the command line."""

import csv
import json
import textwrap

import pytest

from tests.test_time_series import AIR_PASSENGERS
from vigie import cli, lab

COMPOSITE = """
unit: country
groups:
  - {code: hdi, aggregation: geometric}
  - {code: health, parent: hdi}
  - {code: education, parent: hdi}
indicators:
  - {code: life, parent: health, low: 20, high: 85}
  - {code: expected, parent: education, low: 0, high: 18}
  - {code: mean, parent: education, low: 0, high: 15}
bottom: 0
top: 1
ceiling: 1
draws: 200
"""
BOUNDS = """
dimensions: [city, market]
sum: [{where: {market: FR}, weight: 0.5}]
by: city
questions: [[city, market]]
"""
SITING = "{place: city, weight: jobs, lat: lat, lon: lon, sites: 1, draws: 20}"
DISCLOSURE = "{dimensions: [city, segment], contributor: firm, value: jobs}"
ADJUST = "{period: month, value: flights, horizon: 3}"
BACKTEST = "{period: quarter, signal: signal, event: crisis, horizon: 2, mu: 0.7, first: 2003-01}"
SCENARIO = """
group: city
headcount: jobs
small: small
revenue_per_job: revenue
markets:
  FR: {revenue_share: fr, outbound_share: fr_out}
laws:
  - {code: demarchage, market: FR, starts_on: 2026-02-11, completes_on: 2027-08-11}
on: 2027-08-11
draws: 256
compare: [[half, none]]
scenarios:
  - &half
    code: half
    version: 1
    author: essai
    dated: 2026-08-11
    basis: {coverage: a, enforcement: b, retention: c, elasticity: d, redeployment: e, closure: f, closes_at: g}
    coverage: 0.5
    enforcement: 1
    retention: 0
    elasticity: 1
    redeployment: [0.1, 0.2, 0.3]
    closure: 0.4
    closes_at: 0.35
  - {<<: *half, code: none, coverage: 0}
"""

CASES = {
    "composite": (
        COMPOSITE, [["country", "life", "expected", "mean"], ["MAR", 74.042, 14.152, 5.916], ["FRA", 82.499, 15.812, ""]],
    ),
    "bounds": (BOUNDS, [["city", "market", "value"], ["A", "_T", 60], ["B", "_T", 40], ["_T", "FR", 80], ["_T", "ES", 20]]),
    "siting": (SITING, [["city", "jobs", "lat", "lon"], ["A", 10, 33.6, -7.6], ["B", 4, 34.0, -6.8], ["C", 1, 34.0, -5.0]]),
    "disclosure": (
        DISCLOSURE,
        [["city", "segment", "firm", "jobs"]]
        + [[c, s, f"{c}{s}{n}", v] for c in "AB" for s in "XY" for n, v in enumerate((90, 80, 70))]
        + [["C", "X", "seul", 500], ["C", "Y", "autre", 90], ["C", "Y", "tiers", 80], ["C", "Y", "quart", 70]],
    ),
    "backtest": (
        BACKTEST,
        [["quarter", "signal", "crisis"]]
        + [[f"200{n // 4}-{n % 4 * 3 + 1:02}", 9 if n % 8 in (5, 6) else 1, int(n % 8 == 7)] for n in range(24)],
    ),
    "adjust": (
        ADJUST,
        [["month", "flights"]] + [[f"{1949 + n // 12}-{n % 12 + 1:02}", value] for n, value in enumerate(AIR_PASSENGERS)],
    ),
    "measure": (
        "{measure: concentration, columns: {value: jobs}, by: [city]}",
        [["city", "segment", "jobs"], ["A", "X", 80], ["A", "Y", 20], ["B", "X", 50], ["B", "Y", 50]],
    ),
    "scenario": (
        SCENARIO,
        [["city", "jobs", "fr", "fr_out", "small", "revenue"], ["A", 1000, 0.8, 0.5, "false", 150000],
         ["B", 100, 1, 0.7, "true", 90000]],
    ),
}  # fmt: skip


def played(tmp_path, capsys, method, spec=None, rows=None, arguments=("--json",)):
    written = tmp_path / "banc.yml"
    written.write_text(textwrap.dedent(CASES[method][0] if spec is None else spec))
    table = tmp_path / "table.csv"
    with table.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows or CASES[method][1])
    status = cli.main(["lab", method, str(table), "--with", str(written), *arguments])
    return status, capsys.readouterr()


def test_the_command_and_the_bench_know_the_same_methods():
    assert set(cli.LAB) == set(lab.METHODS) == set(CASES)


@pytest.mark.parametrize("method", CASES)
def test_a_method_answers_the_same_twice_and_in_words_too(tmp_path, capsys, method):
    status, said = played(tmp_path, capsys, method)
    assert status == 0
    answer = json.loads(said.out)
    assert answer["method"] == method
    assert played(tmp_path, capsys, method)[1].out == said.out
    assert played(tmp_path, capsys, method, arguments=())[1].out


def test_the_answers_are_those_of_the_methods(tmp_path, capsys):
    def answer(method):
        return json.loads(played(tmp_path, capsys, method)[1].out)

    scores = {row["unit"]: row for row in answer("composite")["scores"] if row["node"] == "hdi"}
    assert scores["MAR"]["score"] == pytest.approx((0.831415 * (14.152 / 18 + 5.916 / 15) / 2) ** 0.5, abs=1e-5)
    whole = answer("bounds")
    assert (whole["lower"], whole["upper"]) == (pytest.approx(40), pytest.approx(40))
    assert whole["by"][0] == {"city": "A", "lower": pytest.approx(20), "upper": pytest.approx(30)}
    assert answer("siting")["chosen"] == ["A"]
    hidden = answer("disclosure")
    assert (
        hidden["is_safe"]
        and {"city": "C", "segment": "X", "value": None, "obs_status": "Q", "conf_status": "A"} in hidden["cells"]
    )
    tested = answer("backtest")
    assert (tested["auroc"], tested["tp"], tested["fp"], tested["fn"]) == (1.0, 6, 0, 0)
    assert [row["lead"] for row in tested["leads"]] == [2, 2, 2]
    adjusted = answer("adjust")
    assert adjusted["is_adjusted"] and adjusted["seasonal_strength"] == pytest.approx(0.9593, abs=1e-4)
    assert [row["adjusted"] for row in adjusted["values"][:4]] == pytest.approx([120.75, 122.52, 123.50, 124.46], abs=0.01)
    assert [row["period"] for row in adjusted["forecast"]] == ["1961-01", "1961-02", "1961-03"]
    measured = answer("measure")["values"]
    assert [(row["city"], row["hhi"]) for row in measured] == [("A", pytest.approx(0.68)), ("B", pytest.approx(0.5))]
    drawn = answer("scenario")
    found = {(row["scenario"], row["city"]): row for row in drawn["intervals"]}
    assert set(found) == {(scenario, city) for scenario in ("half", "none") for city in ("A", "B", "_T")}
    assert found[("half", "A")]["gross_hit_p50"] == pytest.approx(1000 * 0.8 * 0.5 * 0.5)
    assert found[("half", "A")]["net_loss_p50"] == pytest.approx(160, rel=0.01)
    assert found[("half", "B")]["net_loss_p50"] == pytest.approx(35 * 0.8 + 30 * 0.4, rel=0.01)
    assert found[("none", "_T")]["net_loss_p95"] == 0
    apart = {row["city"]: row["net_loss_p50"] for row in drawn["differences"]}
    assert apart["_T"] == pytest.approx(found[("half", "_T")]["net_loss_p50"])
    assert drawn["laws"] == [{"law": "demarchage", "market": "FR", "on": "2027-08-11", "ramp": 1.0}]
    assert {"scenario": "half", "version": 1, "author": "essai", "dated": "2026-08-11", "parameter": "redeployment",
            "subject": None, "low": 0.1, "mode": 0.2, "high": 0.3, "basis": "e"} in drawn["assumptions"]  # fmt: skip


def test_a_short_or_holed_series_is_left_raw_and_a_break_is_dated(tmp_path, capsys):
    def answer(spec, rows):
        status, said = played(tmp_path, capsys, "adjust", spec, rows)
        assert status == 0
        return json.loads(said.out)

    quarters = [["q", "jobs"], *([f"{2022 + n // 4}-Q{n % 4 + 1}", 100 + n % 4] for n in range(10))]
    short = answer("{period: q, value: jobs, frequency: Q, horizon: 2}", quarters)
    assert not short["is_adjusted"] and short["missing_periods"] == 2
    assert short["reason"] == "il manque 2 trimestres : 10 trimestres de suite, il en faut 12"
    assert [row["adjusted"] for row in short["values"]] == [row[1] for row in quarters[1:]] and "forecast" not in short
    quarters[5][1] = ""
    assert answer("{period: q, value: jobs, frequency: Q}", quarters)["values"][4]["value"] is None
    level = [
        ["day", "jobs"],
        *([f"{2018 + n // 12}-{n % 12 + 1:02}-01", (10 if n < 48 else 7) + n * 7 % 5 / 10] for n in range(72)),
    ]
    assert answer("{period: day, value: jobs, ramadan: never}", level)["change_points"] == [{"period": "2022-01"}]


@pytest.mark.parametrize(
    ("method", "spec", "rows", "said"),
    [
        ("siting", "{place: city, weight: jobs, lat: lat, lon: lon, sites: un}", None, "banc.yml:1 : sites"),
        ("siting", "{place: ville, weight: jobs, lat: lat, lon: lon, sites: 1}", None, "absente(s) de la table : ville"),
        ("siting", SITING, [["city", "jobs", "lat", "lon"], ["A", "dix", 1, 1]], "ligne 1 de la table : « dix »"),
        ("bounds", BOUNDS, [["city", "market", "value"], ["A", "FR", 60], ["A", "_T", 50]], "deux marges se contredisent"),
        ("disclosure", DISCLOSURE, [["city", "segment", "firm", "jobs"], ["A", "X", "f", -1]], "nombre positif"),
        ("composite", "{unit: country, groups: [{code: v}], indicators: [{code: life, parent: v}]}", None, "sans bornes"),
        ("backtest", "{period: quarter, signal: signal, event: crisis, oubli: 1}", None, "champ inconnu"),
        ("adjust", "{period: month, value: flights, ramadan: parfois}", None, "banc.yml:1 : ramadan : « parfois »"),
        ("adjust", ADJUST, [["month", "flights"], ["mars 2024", 1]], "ligne 1 de la table : « mars 2024 » ne dit pas"),
        ("adjust", ADJUST, [["month", "flights"], ["2024-03", 1], ["2024-03", 2]], "ligne 2 de la table : deuxième valeur"),
        ("adjust", ADJUST, [["month", "flights"], ["2024-03", "n.d."]], "« n.d. » n'est pas un nombre"),
        ("adjust", ADJUST, [["month", "flights"], ["2024-03", ""]], "aucune valeur connue"),
        ("measure", "{measure: hhi, columns: {value: jobs}}", None, "banc.yml:1 : measure : mesure inconnue"),
        ("measure", "{measure: trend, columns: {value: jobs}}", None, "demande les colonnes : time, value ; sans colonne : time"),
        ("measure", "{measure: count, columns: {events: city}}", None, "colonne « city » : « A » n'est pas un nombre"),
        ("measure", "{measure: count, columns: {events: n}}", [["n"], ["1"], ["NA"]], "une valeur manque"),
        ("measure", "{measure: trend, columns: {time: t, value: v}}", [["t", "v"], [1, 0], [2, 1]], "pas de sens"),
        ("scenario", SCENARIO.replace("redeployment: e, ", ""), None, "« half », redeployment : dire sur quoi"),
        # the second scenario takes the figure from the first: its line is that of the scenario
        ("scenario", SCENARIO.replace("[0.1, 0.2, 0.3]", "[0.1, 0.2]"), None, "banc.yml:24 : scenarios.0.redeployment : un n"),
        ("scenario", SCENARIO, [["city", "jobs"], ["A", 1]], "absente(s) de la table : fr, fr_out, revenue, small"),
        ("scenario", SCENARIO.replace("on: 2027-08-11\n", "on: demain\n"), None, "n'est pas une date"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place_and_nothing_else_is_printed(tmp_path, capsys, method, spec, rows, said):
    status, told = played(tmp_path, capsys, method, spec, rows)
    assert status == 1 and said in told.err and told.out == ""


@pytest.mark.parametrize("method", CASES)
def test_whatever_a_table_holds_is_answered_or_refused_in_a_sentence(tmp_path, capsys, method):
    rows = CASES[method][1]
    tables = {"sans ligne": rows[:1], "une ligne": rows[:2], "une ligne deux fois": [*rows, rows[1]], "rien": []}
    for column, name in enumerate(rows[0]):
        for cell in ("abc", "NaN", "1e400", "-5", ""):
            changed = [list(row) for row in rows]
            changed[min(2, len(rows) - 1)][column] = cell
            tables[f"{name} = {cell}"] = changed
    assert len(tables) > 13
    for what, table in tables.items():
        status, told = played(tmp_path, capsys, method, rows=table or [[]])
        if status == 0:
            assert told.err == "" and json.loads(told.out, parse_constant=pytest.fail), what
        else:
            assert (status, told.out) == (1, "") and told.err.startswith("vigie : "), what


def test_a_table_of_a_french_spreadsheet_is_read_as_it_is(tmp_path, capsys):
    written = tmp_path / "banc.yml"
    written.write_text(COMPOSITE)
    answers = []
    for name, rows, encoding in (
        ("a.csv", "country,life,expected,mean\nMAR,74.042,14.152,5.916\nFRA,82.499,15.812,11.61\n", "utf-8"),
        ("b.csv", "country;life;expected;mean\nMAR;74,042;14,152;5,916\nFRA;82,499;15,812;11,61\n", "utf-8-sig"),
    ):
        (tmp_path / name).write_text(rows, encoding=encoding)
        assert cli.main(["lab", "composite", str(tmp_path / name), "--with", str(written), "--json"]) == 0
        answers.append(json.loads(capsys.readouterr().out))
    assert answers[0] == answers[1]


def test_a_yes_or_a_no_is_read_as_its_word(tmp_path, capsys):
    rows = [["city", "jobs", "lat", "lon", "ok"], ["A", 10, 33.6, -7.6, "non"], ["B", 4, 34.0, -6.8, "oui"]]
    spec = "{place: city, weight: jobs, lat: lat, lon: lon, sites: 1, draws: 0, allowed: ok}"
    _, told = played(tmp_path, capsys, "siting", spec, rows)
    assert json.loads(told.out)["chosen"] == ["B"]
    rows[1][4] = "peut-être"
    assert "« peut-être » n'est pas oui ou non" in played(tmp_path, capsys, "siting", spec, rows)[1].err
