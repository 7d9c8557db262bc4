"""The statistics of the catalogue: worked cases, and each against its definition written another way."""

from math import log

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, poisson

from vigie.science import ScienceError, measures

SEGMENTS_2024 = [10.578, 9.797, 3.462, 2.334, 0.048]
"""Exports of 2024 in MAD bn by segment (Office des Changes)."""


def measured(name, rows, columns, by=()):
    with duckdb.connect() as connection:
        marks = ", ".join(f"({', '.join('?' for _ in columns)})" for _ in rows)
        named = ", ".join(f'"{column}"' for column in columns)
        values = [value for row in rows for value in row]
        connection.execute(f"create table given as select * from (values {marks}) as given ({named})", values)
        return measures.compute(connection, "given", name, {c: c for c in columns if c not in by}, by)


def one(name, rows, columns):
    (found,) = measured(name, rows, columns)
    return found


def parts(values):
    return one("concentration", [[value] for value in values], ["value"])


def test_three_concentrations_of_one_year_and_the_rest_of_its_mix():
    found = parts(SEGMENTS_2024)
    expected = {
        "hhi": 0.3277550343, "hhi_normalised": 0.1596937929, "root_concentration": 0.2266433142, "effective_number": 3.0510591608,
        "entropy": 1.2282519517, "theil": 0.3811859608, "cr2": 0.7771082040, "total": 26.219, "parts": 5,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9)


def test_shares_of_seven_markets_and_of_four_groups():
    assert parts([0.8, 0.08, 0.04, 0.03, 0.02, 0.02, 0.01])["hhi"] == pytest.approx(0.6498)
    assert parts([0.8, 0.08, 0.04, 0.03, 0.02, 0.02, 0.01])["largest_share"] == pytest.approx(0.8)
    assert parts([9000, 7000, 6000, 5000, 4000, 3000])["cr4"] == pytest.approx(0.794118, abs=1e-6)


def test_inequality_of_five_firms_is_that_between_their_classes_and_that_within():
    rows = [["A", 100], ["A", 300], ["B", 50], ["B", 50], ["B", 800]]
    found = one("inequality", rows, ["class", "value"])
    assert found["theil"] == pytest.approx(0.5243517872)
    assert found["theil_between"] == pytest.approx(0.018342, abs=1e-6)
    assert found["theil_within"] == pytest.approx(0.506009, abs=1e-6)
    assert parts([50, 50, 100, 300, 800])["gini"] == pytest.approx(0.5384615385)


positive = st.lists(st.floats(0.01, 1e6), min_size=2, max_size=12)


@given(positive)
def test_a_concentration_is_what_its_definition_says(values):
    found, n, total = parts(values), len(values), sum(values)
    shares = [value / total for value in values]
    assert found["hhi"] == pytest.approx(sum(share * share for share in shares))
    assert found["theil"] == pytest.approx(log(n) + sum(share * log(share) for share in shares), abs=1e-9)
    # half the mean distance over all ordered pairs, over the mean
    apart = sum(abs(a - b) for a in values for b in values) / n**2
    assert found["gini"] == pytest.approx(apart / (2 * total / n), abs=1e-9)
    assert found["cr4"] == pytest.approx(sum(sorted(values, reverse=True)[:4]) / total)
    assert -1e-9 <= found["root_concentration"] <= 1 + 1e-9


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.floats(0.01, 1e6)), min_size=2, max_size=12))
def test_between_and_within_sum_to_the_whole_inequality(rows):
    found = one("inequality", [list(row) for row in rows], ["class", "value"])
    assert found["theil_between"] + found["theil_within"] == pytest.approx(found["theil"], abs=1e-9)
    assert found["theil_between"] >= -1e-9


def test_location_quotients_of_three_cities():
    rows = [["Casablanca", 60000, 1200000], ["Fès", 8000, 250000], ["Oujda", 4000, 100000]]
    found = {row["place"]: row["quotient"] for row in measured("quotient", rows, ["place", "sector", "whole"])}
    assert found == pytest.approx({"Casablanca": 1.0763888889, "Fès": 0.6888888889, "Oujda": 0.8611111111})


def test_the_three_effects_of_a_change_of_jobs():
    rows = [[8000, 7600, 100000, 104000], [1000, 1300, 48500, 54320]]
    found = one("shift_share", rows, ["before", "after", "country_before", "country_after"])
    assert (found["national"], found["mix"], found["own"]) == pytest.approx((595.1515151515, -155.1515151515, -540.0))
    assert found["national"] + found["mix"] + found["own"] == pytest.approx(found["change"]) == pytest.approx(-100)


def test_a_trend_leaves_residuals_and_grows():
    values = [100, 104, 112, 109, 121, 118, 130]
    years = [[2018 + n, value] for n, value in enumerate(values)]
    assert one("trend", years, ["time", "value"])["residual_error"] == pytest.approx(0.0311116008)
    found = one("trend", [[2022, 130000], [2024, 148500]], ["time", "value"])
    assert found["compound_growth"] == pytest.approx(0.06878795, abs=1e-8)
    assert found["residual_error"] is None


def test_a_week_out_of_the_usual_by_its_distance_and_by_its_chance():
    weeks = [4, 6, 5, 7, 5, 4, 6, 5, 16]
    found = one("outlier", [[week, n] for week, n in enumerate(weeks)], ["time", "value"])
    assert found["robust_z"] == pytest.approx(7.4193983542)
    assert found["poisson_tail"] == pytest.approx(poisson.sf(15, 5.25)) == pytest.approx(1.197e-4, rel=1e-3)
    still = one("outlier", [[week, 5] for week in range(9)], ["time", "value"])
    assert still["robust_z"] is None


def test_the_interval_of_a_proportion_and_of_a_count():
    found = one("proportion", [[21, 50]], ["successes", "trials"])
    assert (found["value"], found["lower"], found["upper"]) == pytest.approx((0.42, 0.2937500335, 0.5576655823))
    closures = one("count", [[1], [2]], ["events"])
    assert (closures["value"], closures["lower"], closures["upper"]) == pytest.approx((3, 0.618672, 8.767273), abs=1e-5)


def test_three_revised_periods():
    found = one("revisions", [[2.38, 2.4], [2.41, 2.4], [2.39, 2.4]], ["first", "last"])
    assert found["mean_revision"] == pytest.approx(0.02 / 3)
    assert found["mean_absolute_revision"] == pytest.approx(0.04 / 3)
    assert found["root_mean_square_revision"] == pytest.approx((0.0006 / 3) ** 0.5)
    assert found["upward_share_pct"] == pytest.approx(200 / 3)


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=15))
def test_a_rate_of_false_discoveries_is_that_of_scipy(values):
    found = measured("false_discoveries", [[str(n), p] for n, p in enumerate(values)], ["test", "p"])
    expected = dict(enumerate(false_discovery_control(values)))
    assert {int(row["test"]): row["q"] for row in found} == pytest.approx(expected)


def test_eight_p_values_keep_three():
    values = [0.001, 0.008, 0.012, 0.041, 0.042, 0.06, 0.2, 0.5]
    found = [row["q"] for row in measured("false_discoveries", [[f"{p}", p] for p in values], ["test", "p"])]
    assert found == pytest.approx([0.008, 0.032, 0.032, 0.0672, 0.0672, 0.08, 0.2286, 0.5], abs=1e-4)
    assert sum(q <= 0.05 for q in found) == 3


def test_each_group_has_its_own_measure():
    rows = [["A", 1, 80], ["A", 2, 20], ["B", 1, 50], ["B", 2, 50]]
    found = measured("concentration", [[city, jobs] for city, _, jobs in rows], ["city", "value"], by=["city"])
    assert [(row["city"], row["hhi"]) for row in found] == [("A", pytest.approx(0.68)), ("B", pytest.approx(0.5))]


def test_a_measure_says_what_it_asks_for_and_a_number_that_is_none():
    assert len(measures.MEASURES) > 5
    for name, measure in measures.MEASURES.items():
        with pytest.raises(ScienceError, match="sans colonne"):
            measured(name, [[1]], ["ailleurs"])
        assert measure.roles
    for text, said in (("dix", "« dix » n'est pas un nombre"), ("inf", "n'est pas un nombre"), (None, "une valeur manque")):
        with pytest.raises(ScienceError, match=said):
            measured("count", [[text]], ["events"])
