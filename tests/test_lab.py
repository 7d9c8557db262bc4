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
    cells = CASES["scenario"][1]
    words = [[{"true": "oui", "false": "Non"}.get(str(cell).lower(), cell) for cell in row] for row in cells]
    assert words != cells
    answers = [played(tmp_path, capsys, "scenario", rows=rows)[1].out for rows in (cells, words)]
    assert answers[0] == answers[1] != ""
    rows = [["city", "jobs", "lat", "lon", "ok"], ["A", 10, 33.6, -7.6, "non"], ["B", 4, 34.0, -6.8, "oui"]]
    spec = "{place: city, weight: jobs, lat: lat, lon: lon, sites: 1, draws: 0, allowed: ok}"
    _, told = played(tmp_path, capsys, "siting", spec, rows)
    assert json.loads(told.out)["chosen"] == ["B"]
    rows[1][4] = "peut-être"
    assert "« peut-être » n'est pas oui ou non" in played(tmp_path, capsys, "siting", spec, rows)[1].err


def test_the_optimiser_says_nothing_among_the_answers(tmp_path, capfd):
    # HiGHS writes to the descriptor itself
    rows = [["cell", "firm", "jobs"], ["X", "a", 10], ["X", "b", 10]]
    rows += [[cell, f"{cell}{n}", 50] for cell in "AB" for n in range(40)]
    spec = "{dimensions: [cell], contributor: firm, value: jobs, rules: {minimum: 3, one: null, p: null}}"
    status, told = played(tmp_path, capfd, "disclosure", spec, rows)
    assert (status, told.err) == (0, "") and json.loads(told.out)["is_safe"]


def scored(tmp_path, capsys, spec, rows):
    status, said = played(tmp_path, capsys, "composite", spec, rows)
    assert status == 0, said.err
    return json.loads(said.out)


def test_goalposts_are_numbers_of_any_size_and_a_unit_without_figures_is_kept(tmp_path, capsys):
    spec = """
        unit: u
        groups: [{code: index}]
        indicators:
          - {code: 'a "b"', parent: index, low: 1.2620283837735116, high: 119.18584905580984}
          - {code: c, parent: index, low: 1.0e+300, high: 1.0e-300}
        bottom: 0
        top: 100
    """
    found = scored(tmp_path, capsys, spec, [["u", 'a "b"', "c"], ["x", 60.22393871979168, 0], ["y", "", ""]])
    rows = {(row["unit"], row["node"]): row for row in found["scores"]}
    assert rows["x", "index"]["score"] == pytest.approx(75) and rows["x", "index"]["rank"] == 1
    assert rows["x", "c"]["rank"] is None
    assert rows["y", "index"] == {"unit": "y", "node": "index", "score": None, "coverage": 0.0, "rank": None}


@pytest.mark.parametrize(
    ("aggregation", "scores", "said"),
    [
        ("dual_geometric", (100, 50), (100, 0)), ("dual_geometric", (0, 0), (0, 0)), ("dual_geometric", (100, 100), (50, 50)),
        ("geometric", (0, 50), (0, 0)), ("geometric", (1, 1), (0.5, 0.5)), ("arithmetic", (0, 50), (0, 25)),
    ],
)  # fmt: skip
def test_contributions_sum_to_the_score_where_a_logarithm_has_no_end(tmp_path, capsys, aggregation, scores, said):
    spec = f"""
        unit: u
        groups: [{{code: index, aggregation: {aggregation}}}]
        indicators: [{{code: a, parent: index}}, {{code: b, parent: index}}]
        normalisation: none
        bottom: 0
        top: 100
    """
    found = scored(tmp_path, capsys, spec, [["u", "a", "b"], ["x", *scores]])
    parts = {row["child"]: row["contribution"] for row in found["contributions"]}
    assert (parts["a"], parts["b"]) == pytest.approx(said)
    assert sum(parts.values()) == pytest.approx(next(row["score"] for row in found["scores"] if row["node"] == "index"))


@pytest.mark.parametrize(
    ("changed", "rows", "said"),
    [
        ("bottom: 9, top: 1", None, "bottom doit être au-dessous de top"),
        ("ceiling: 50", None, "ceiling (50)"),
        ("least_coverage: 2", None, "least_coverage : la valeur est trop grande"),
        ("normalisation: none", [["u", "a"], ["x", 3], ["y", 101]], "ligne 2 de la table : « 101 » (a) sort de l'échelle"),
        ("normalisation: zscore", [["u", "a"], ["x", 1e308], ["y", -1e308]], "ne se calcule pas sur cette table"),
    ],
)
def test_a_scale_that_cannot_hold_its_scores_is_refused(tmp_path, capsys, changed, rows, said):
    spec = "{unit: u, groups: [{code: i, aggregation: dual_geometric}], indicators: [{code: a, parent: i, low: 0, high: 9}], %s}"
    status, told = played(tmp_path, capsys, "composite", spec % changed, rows or [["u", "a"], ["x", 3]])
    assert status == 1 and said in told.err


@pytest.mark.parametrize("period", [str, "P{}".format, "2001-{}".format])
def test_periods_go_in_their_order_however_they_are_written(tmp_path, capsys, period):
    lines = [[period(n), n >= 10, n == 12] for n in range(1, 13)]
    rows = [["quarter", "signal", "crisis"], *([p, int(signal), int(crisis)] for p, signal, crisis in reversed(lines))]
    spec = "{period: quarter, signal: signal, event: crisis, horizon: 2, excluded: crisis}"
    found = json.loads(played(tmp_path, capsys, "backtest", spec, rows)[1].out)
    assert found["auroc"] == 1 and found["leads"] == [{"period": period(12), "lead": 2}]


def test_real_time_thresholds_serve_the_preference_that_was_asked_for(tmp_path, capsys):
    quarters = [[f"{2000 + n // 4}-Q{n % 4 + 1}", n * 7 % 10 + 3 * (n % 11 > 8), int(n % 11 == 0)] for n in range(88)]
    spec = "{period: q, signal: s, event: e, horizon: 2, first: 2010-Q1, mu: %s}"
    found = [
        json.loads(played(tmp_path, capsys, "backtest", spec % mu, [["q", "s", "e"], *quarters])[1].out)["real_time"][0]
        for mu in (0.5, 0.95)
    ]
    # whoever fears a miss more hears more alarms
    assert found[0]["tp"] + found[0]["fp"] < found[1]["tp"] + found[1]["fp"]


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e7, 1e12])
def test_bounds_do_not_depend_on_the_unit_of_the_margins(tmp_path, capsys, size):
    margins = [["A", "_T", 60], ["B", "_T", 40], ["_T", "FR", 80], ["_T", "ES", 20]]
    rows = [["city", "market", "value"], *([city, market, repr(value * size)] for city, market, value in margins)]
    spec = "{dimensions: [city, market], sum: [{where: {city: A, market: FR}}]}"
    found = json.loads(played(tmp_path, capsys, "bounds", spec, rows)[1].out)
    assert (found["lower"] / size, found["upper"] / size) == pytest.approx((40, 60), rel=1e-9)
    rows[1][2] = repr(61 * size)
    assert "ne tiennent pas ensemble" in played(tmp_path, capsys, "bounds", spec, rows)[1].err


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("sum: [{where: {market: FRR}}]", "aucune marge ne nomme market=FRR"),
        ("sum: [{where: {marche: FR}}]", "aucune marge ne nomme marche=FR"),
        ("sum: [{}], by: ville", "by : « ville » n'est pas une dimension"),
    ],
)
def test_a_sum_over_what_no_margin_names_is_refused_and_not_zero(tmp_path, capsys, spec, said):
    status, told = played(tmp_path, capsys, "bounds", f"{{dimensions: [city, market], {spec}}}")
    assert status == 1 and said in told.err


@pytest.mark.parametrize(
    ("changed", "rows", "said"),
    [
        ("sites: 2, required: [A, A]", None, "un site imposé l'est deux fois"),
        ("sites: 1, draws: 2, seed: -1", None, "seed : la valeur est trop petite"),
        ("sites: 1", [["city", "jobs", "lat", "lon"], ["A", 1, 335731, -7]], "lieu n° 1 : latitude 335731"),
        ("sites: 1", [["city", "jobs", "lat", "lon"], ["A", 1e308, 33, -7], ["B", 1e308, 34, -7]], "changer d'unité"),
        ("sites: 1", [["city", "jobs", "lat", "lon"], ["A", "", 33, -7]], "ligne 1 de la table : jobs est vide"),
    ],
)
def test_a_choice_of_sites_that_means_nothing_is_refused(tmp_path, capsys, changed, rows, said):
    spec = f"{{place: city, weight: jobs, lat: lat, lon: lon, {changed}}}"
    status, told = played(tmp_path, capsys, "siting", spec, rows)
    assert (status, told.out) == (1, "") and said in told.err


@pytest.mark.parametrize(
    ("measure", "columns", "row", "said"),
    [
        ("concentration", {"value": "b"}, [0, -1, 0, 0], "une part n'est jamais négative"),
        ("quotient", {"place": "a", "sector": "b", "whole": "c"}, [0, 3, 2, 0], "le secteur dépasse le tout"),
        ("proportion", {"successes": "a", "trials": "b"}, [5, 3, 0, 0], "de 0 à trials"),
        ("count", {"events": "a"}, [2.5, 0, 0, 0], "un compte est un entier"),
        ("false_discoveries", {"test": "b", "p": "a"}, [1.5, 0, 0, 0], "une probabilité va de 0 à 1"),
        ("trend", {"time": "a", "value": "b"}, [1, 3, 0, 0], "deux lignes pour un même temps"),
        ("outlier", {"time": "a", "value": "b"}, [1, 3, 0, 0], "deux lignes pour un même temps"),
        ("shift_share", {"before": "a", "after": "b", "country_before": "d", "country_after": "c"}, [1, 1, 1, 0], "part de rien"),
    ],
)
def test_a_statistic_refuses_the_line_that_means_nothing(tmp_path, capsys, measure, columns, row, said):
    rows = [["a", "b", "c", "d"], [1, 1, 2, 1], row]
    status, told = played(tmp_path, capsys, "measure", json.dumps({"measure": measure, "columns": columns}), rows)
    assert (status, told.out) == (1, "") and said in told.err and "ligne" in told.err


def test_groups_may_be_called_like_a_part_and_none_is_lost(tmp_path, capsys):
    rows = [["value", "t", "v"], ["x", 1, 5], ["y", 1, 4], ["y", 2, 5], ["y", 3, 9]]
    spec = "{measure: %s, by: [value]}"
    parts = json.loads(played(tmp_path, capsys, "measure", spec % "concentration, columns: {value: v}", rows)[1].out)
    assert [(row["value"], row["parts"]) for row in parts["values"]] == [("x", 1), ("y", 3)]
    refused = played(tmp_path, capsys, "measure", spec % "outlier, columns: {time: t, value: v}", rows)
    assert refused[0] == 1 and "« value » est aussi le nom d'un résultat" in refused[1].err
    rows[0][0] = "group"
    spec = "{measure: outlier, columns: {time: t, value: v}, by: [group]}"
    last = json.loads(played(tmp_path, capsys, "measure", spec, rows)[1].out)["values"]
    assert [(row["group"], row["past"], row["robust_z"] is None) for row in last] == [("x", 0, True), ("y", 2, False)]


def test_the_effects_of_a_change_sum_to_it_for_a_segment_new_to_the_place(tmp_path, capsys):
    rows = [["a", "b", "c", "d"], [0, 5, 10, 20], [3, 4, 5, 6]]
    spec = "{measure: shift_share, columns: {before: a, after: b, country_before: c, country_after: d}}"
    effects = json.loads(played(tmp_path, capsys, "measure", spec, rows)[1].out)["values"][0]
    assert effects["change"] == 6 and effects["national"] + effects["mix"] + effects["own"] == pytest.approx(6)


@pytest.mark.parametrize(
    ("name", "bytes_", "said"),
    [
        ("t.csv", "ville;v\nFès;3,5\n".encode("latin-1"), "t.csv:2 : ce n'est pas de l'UTF-8"),
        ("t.csv", b"v,w\n1,2\n3\n4,5,6\n", "t.csv:3 : cette ligne n'a pas les cellules de l'en-tête"),
        ("t.csv", b"v,V\n1,2\n", "t.csv:1 : deux colonnes se nomment"),
        ("t.csv", b"v,w\n1,2\n", None),
        ("T.CSV", b"v\n1,5\n2,5\n", None),
        ("t.xlsx", b"PK\x03\x04", "donner un fichier CSV ou Parquet"),
        ("t.parquet", b"PAR1", "table illisible"),
    ],
)
def test_a_file_is_read_whole_or_refused_with_its_line(tmp_path, capsys, name, bytes_, said):
    (tmp_path / name).write_bytes(bytes_)
    written = tmp_path / "banc.yml"
    written.write_text("{measure: concentration, columns: {value: v}}")
    status = cli.main(["lab", "measure", str(tmp_path / name), "--with", str(written), "--json"])
    told = capsys.readouterr()
    assert (status, told.err) == (0, "") if said is None else status == 1 and said in told.err


@pytest.mark.parametrize("content", [b"measure: a\n\x00", b"\xe9"])
def test_a_yaml_of_other_bytes_is_refused_in_a_sentence(tmp_path, capsys, content):
    (tmp_path / "banc.yml").write_bytes(content)
    (tmp_path / "t.csv").write_text("v\n1\n")
    assert cli.main(["lab", "measure", str(tmp_path / "t.csv"), "--with", str(tmp_path / "banc.yml")]) == 1
    assert "banc.yml" in capsys.readouterr().err
