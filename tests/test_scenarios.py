"""Scenarios as files, and what the house makes of them: figures worked again on arrays from the kept draws."""

import csv
import json
from datetime import datetime

import numpy as np
import pytest

from vigie import sector
from vigie.feed import SECTORS
from vigie.inputs import DBT_PROJECT, SECTOR
from vigie.scenarios import paths, read
from vigie.science import counterfactual
from vigie.science.scenario import PARAMETERS
from vigie.sector import SectorError

FOLDER = SECTORS / SECTOR
CENTRAL = (FOLDER / "scenarios" / "central.yml").read_text()
WHERE = "known_to is null and ref_area = 'MA' and methodology = 'CRM'"


@pytest.fixture(scope="module")
def draws() -> dict[str, np.ndarray]:
    with (DBT_PROJECT / "seeds" / "scenario_draws.csv").open() as lines:
        return {row["parameter"]: np.array(json.loads(row["numerators"])) / 2**30 for row in csv.DictReader(lines)}


def triangular(u, low, mode, high):
    if high == low:
        return np.full(len(u), float(low))
    at = (mode - low) / (high - low)
    rising = low + np.sqrt(u * (high - low) * (mode - low))
    return np.where(u < at, rising, high - np.sqrt((1 - u) * (high - low) * (high - mode)))


def drawn(name, draws):
    """Net loss and gross hits of the country by draw, as the formulas stand, from the file of a scenario."""
    given = read(FOLDER / "scenarios" / f"{name}.yml")
    value = {p: triangular(draws[p], *getattr(given, p)) for p in PARAMETERS[:7]}
    lines = {line["assumption"]: line["mode"] for line in sector.load(SECTOR).lines("assumptions")}
    large, small = (
        lines[f"headcount.{size}"] * lines["market_share.FR"] * lines[f"outbound_share.FR.{size}"] for size in ("LARGE", "SMALL")
    )
    reached = value["coverage"] * value["enforcement"] * (1 - value["retention"])
    hit = (large + small) * np.minimum(1, reached * value["elasticity"])
    activity = small / lines["headcount.SMALL"]
    closed = (lines["headcount.SMALL"] - small) * value["closure"] * np.minimum(1, activity * reached / value["closes_at"])
    return hit * (1 - value["redeployment"]) + closed, hit


def test_the_kept_draws_are_a_net_of_4096_points_in_as_many_columns_as_there_are_parameters(draws):
    assert tuple(draws) == PARAMETERS
    for numbers in draws.values():
        # one point in each 4096th: what a Sobol sequence of that length promises of each of its columns
        assert sorted(np.floor(numbers * 4096).astype(int)) == list(range(4096))


@pytest.mark.parametrize("name", ["mild", "central", "severe"])
def test_the_published_figures_are_those_of_the_kept_draws_and_of_the_files(observatory, draws, name):
    loss, hit = drawn(name, draws)
    told = {
        breakdown: numbers
        for breakdown, *numbers in observatory.ask(
            "select breakdown, lower, value, upper from indicator_history where indicator = 'job_net_loss'"
            f" and scenario = '{name.upper()}' and breakdown in ('_T', 'GROSS_HIT') and {WHERE}"
        )
    }
    assert told["_T"] == pytest.approx(np.quantile(loss, [0.05, 0.5, 0.95]), rel=1e-9)
    assert told["GROSS_HIT"] == pytest.approx(np.quantile(hit, [0.05, 0.5, 0.95]), rel=1e-9)


@pytest.mark.parametrize(
    ("name", "low", "median", "high", "revenue_bn"),
    [("mild", 1_493, 1_949, 2_533, 0.29), ("central", 6_618, 8_438, 10_613, 1.27), ("severe", 18_045, 21_049, 24_170, 3.16)],
)
def test_the_calibrated_losses_of_the_country(observatory, name, low, median, high, revenue_bn):
    where = f"scenario = '{name.upper()}' and breakdown = '_T' and {WHERE}"
    ((*loss,),) = observatory.ask(
        f"select lower, value, upper from indicator_history where indicator = 'job_net_loss' and {where}"
    )
    assert loss == pytest.approx([low, median, high], rel=0.007)
    rate = observatory.value(f"select value from indicator_history where indicator = 'job_loss_rate' and {where}")
    assert rate == pytest.approx(loss[1] / 120_000, abs=1e-8)
    revenue = observatory.value(f"select value from indicator_history where indicator = 'job_revenue_at_risk' and {where}")
    assert revenue / 1e9 == pytest.approx(revenue_bn, abs=0.01)


def test_one_scenario_less_another_is_told_both_ways_draw_by_draw(observatory, draws):
    apart = drawn("severe", draws)[0] - drawn("central", draws)[0]
    told = {
        scenario: numbers
        for scenario, *numbers in observatory.ask(
            "select scenario, lower, value, upper from indicator_history where indicator = 'job_net_loss'"
            f" and breakdown in ('LESS_CENTRAL', 'LESS_SEVERE') and scenario in ('SEVERE', 'CENTRAL') and {WHERE}"
        )
    }
    assert told["SEVERE"] == pytest.approx(np.quantile(apart, [0.05, 0.5, 0.95]), rel=1e-9)
    assert told["CENTRAL"] == pytest.approx([-told["SEVERE"][2], -told["SEVERE"][1], -told["SEVERE"][0]], rel=1e-9)


def test_every_file_of_scenarios_is_computed_with_its_band_and_its_assumptions_are_published(observatory):
    files = {path.stem.upper() for path in paths(FOLDER)}
    assert len(files) >= 3
    computed = observatory.ask("select distinct scenario from indicator_history where scenario <> '_Z' and value is not null")
    assert {name for (name,) in computed} == files
    assert (
        observatory.value("select count(*) from indicator_history where scenario <> '_Z' and value not between lower and upper")
        == 0
    )
    assert observatory.value(
        "select count(*) from indicator_history where scenario <> '_Z' and value is not null and class <> 'modelled'"
    ) == 0  # fmt: skip
    told = observatory.ask(
        "select scenario, count(*), count(author), count(stated_on), count(basis) from scenario_assumptions group by all"
    )
    assert {name for name, *_ in told} == files and all(len(set(counts)) == 1 for _, *counts in told)


def test_a_city_that_secrecy_hides_has_no_figure_in_any_scenario(observatory):
    hidden = observatory.ask(
        "select distinct ref_area from indicator_values where indicator = 'job_net_loss' and missing_reason = 'suppressed'"
    )
    assert hidden
    for (area,) in hidden:
        told = observatory.ask(
            "select count(*), count(value), count(lower), count(upper) from indicator_values"
            f" where scenario <> '_Z' and ref_area = '{area}'"
        )
        assert told[0][0] > 0 and told[0][1:] == (0, 0, 0), area


def put(folder, name, text):
    (folder / "scenarios").mkdir(exist_ok=True)
    path = folder / "scenarios" / name
    path.write_text(text)
    return path


def test_a_file_of_ones_own_is_read_by_being_there(tmp_path, monkeypatch):
    (tmp_path / SECTOR).mkdir()
    put(tmp_path / SECTOR, "mien.yml", CENTRAL.replace("CENTRAL", "MIEN"))
    monkeypatch.setattr(sector, "SECTORS", tmp_path)
    assert [one.code for one in sector.load_scenarios(SECTOR, sector.read(FOLDER / "sector.yml"))] == ["MIEN"]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("coverage: [0.60, 0.75, 0.90]", "coverage: [0.60, 0.55, 0.90]", "coverage: [", "trois nombres croissants"),
        ("retention: [0.10, 0.20, 0.30]", "retention: [0.10, 0.20, 1.30]", "retention: [", "une part va de 0 à 1"),
        ("elasticity: [0.80, 0.90, 1.00]", "elasticity: [0.80, 0.90]", "elasticity: [", "un nombre, ou trois"),
        ("closes_at: 0.35", "closes_at: 0.35\ndiversification: {LUNE: 0.1}", "diversification: {", "« LUNE » n'est pas déclaré"),
        ("closes_at: 0.35", "closes_at: 0.35\ncoverage_by_law: {XX: 0.1}", "coverage_by_law: {", "« XX » n'est pas déclaré"),
        ("  elasticity: >-\n    hypothèse de l'Observatoire\n", "", "elasticity: [", "sur quoi repose « elasticity »"),
        ("code: CENTRAL", "code: AUTRE", "#", "ne suit pas le nom du fichier"),
        ("horizon: 2027-08-11", "horizon: demain", "horizon: ", "date"),
        ("version: 1", "version: 1\nrabais: 2", "rabais: ", "champ inconnu"),
    ],
)
def test_a_file_that_cannot_be_used_says_its_line(tmp_path, monkeypatch, old, new, line, said):
    (tmp_path / SECTOR).mkdir()
    assert CENTRAL.count(old) == 1
    text = CENTRAL.replace(old, new)
    path = put(tmp_path / SECTOR, "central.yml", text)
    monkeypatch.setattr(sector, "SECTORS", tmp_path)
    with pytest.raises(SectorError) as refused:
        sector.load_scenarios(SECTOR, sector.read(FOLDER / "sector.yml"))
    number = next(number for number, written in enumerate(text.splitlines(), start=1) if written.startswith(line))
    assert str(refused.value).startswith(f"{path}:{number} : ") and said in str(refused.value)


def months(count, first=2022, jump=0.0, area="MA"):
    """Invented months of a seasonal series that grows, with a fall from February 2026 on."""
    start = datetime(2026, 2, 11)
    random = np.random.default_rng(5)
    rows = []
    for step in range(count):
        day = datetime(first + step // 12, step % 12 + 1, 1)
        level = 100_000 * 1.003**step * (1 + 0.02 * np.sin(2 * np.pi * step / 12)) * (1 + 0.002 * random.standard_normal())
        rows.append({
            "vintage": datetime(2026, 11, 23), "ref_area": area, "source": "CNSS", "methodology": "CRM", "period": day,
            "value": level + (jump if day >= start else 0), "starts_on": start,
        })  # fmt: skip
    return rows


def test_a_fall_after_the_law_is_seen_against_the_months_before_it():
    given = months(58, jump=-6_500)
    found = {row["period"]: row for row in counterfactual.forecasts(given)}
    after = [row for row in given if row["period"] >= row["starts_on"]]
    assert len(after) == 8 and all(row["period"] in found for row in after)
    gaps = [row["value"] - found[row["period"]]["value"] for row in after]
    assert np.mean(gaps) == pytest.approx(-6_500, abs=1_500)
    assert all(row["value"] < found[row["period"]]["lower"] for row in after[:4])
    # the months after teach the forecast nothing
    assert [row["value"] for row in counterfactual.forecasts(months(58))] == [found[period]["value"] for period in sorted(found)]


def test_without_thirty_six_months_before_the_law_nothing_is_compared():
    short = [row for row in months(58) if row["period"] >= datetime(2023, 2, 1)]
    assert sum(row["period"] < datetime(2026, 2, 1) for row in short) == 36 and counterfactual.forecasts(short)
    assert counterfactual.forecasts(short[1:]) == []
    holed = [row for row in months(58) if row["period"] != datetime(2024, 6, 1)]
    assert counterfactual.forecasts(holed) == []
    assert counterfactual.relation([]).column_names == [*counterfactual.KEY, "period", "value", "lower", "upper"]


def test_a_country_without_months_says_how_many_are_missing(observatory):
    ((before, missing, words),) = observatory.ask(
        "select n_before, n_missing, standing_fr from counterfactual_series where ref_area = 'MA'"
    )
    assert (before, missing) == (0, 36) and "il manque 36 mois" in words
    assert observatory.ask("select value, missing_reason from indicator_values where indicator = 'job_realised_gap'") == [
        (None, "not_collected")
    ]
