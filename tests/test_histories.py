"""The series of the house: which treatment each gets, what is too short says so, and a nowcast from earlier series."""

from datetime import date, datetime, time

import numpy as np
import pytest
from statsmodels.datasets import macrodata

from tests.test_time_series import AIR_PASSENGERS, seasonal
from vigie.science import ScienceError, histories, nowcast, periods, time_series

ASKED = date(2026, 11, 23)
QUARTERS = macrodata.load_pandas().data
"""United States, 1959 to 2009 (public domain, shipped with statsmodels)."""


def day(number, frequency):
    return datetime.combine(periods.first_day(number, frequency), time.min)


def readings(values, rule, frequency="M", until=ASKED, **named):
    """One series whose last period is the one before the one that holds `until`."""
    key = {
        "indicator": "jobs",
        "ref_area": "MA",
        "breakdown": "_T",
        "scenario": "_Z",
        "freq": frequency,
        "methodology": "X",
    } | named
    last = periods.holding(until, frequency) - 1
    return [
        {**key, "seasonality_rule": rule, "period": day(last - len(values) + 1 + n, frequency),
         "value": float(value), "class": "measured", "origin": "recorded", "receipt_id": f"r{n}"}
        for n, value in enumerate(values) if value is not None
    ]  # fmt: skip


def treated(*given, panels=()):
    return {row["indicator"]: row for row in histories.treat([line for one in given for line in one], panels, ASKED)}


def kinds(row):
    return [point["kind"] for point in row["points"]]


def test_the_code_of_the_sheet_decides_the_treatment():
    found = treated(
        readings(seasonal(60), "S2"), readings(seasonal(60), "S1", indicator="exports"),
        readings(seasonal(60), "S0", indicator="raw"),
        readings([float(n + 5) for n in range(20)], "S2", "A", indicator="yearly"),
    )  # fmt: skip
    assert {name: row["treatment"] for name, row in found.items()} == {
        "jobs": "season", "exports": "year_on_year", "raw": "raw", "yearly": "raw",
    }  # fmt: skip
    assert all(row["is_treated"] for row in found.values())
    assert [row["is_adjusted"] for row in found.values()] == [name == "jobs" for name in found]
    alone = time_series.adjust(time_series.series(dict(enumerate(seasonal(60), start=2021 * 12 + 10)), "M"))
    points = [point for point in found["jobs"]["points"] if point["kind"] == "observed"]
    assert [point["adjusted"] for point in points] == pytest.approx(alone.adjusted.tolist())
    assert all(point["adjusted_lower"] < point["adjusted"] < point["adjusted_upper"] for point in points)
    assert [point["adjusted"] for point in found["raw"]["points"] if point["kind"] == "observed"] == [None] * 60


@pytest.mark.parametrize("rule", ["S0", "S1", "S2"])
@pytest.mark.parametrize(("frequency", "known", "missing"), [("M", 35, "1 mois"), ("Q", 4, "8 trimestres"), ("A", 9, "3 années")])
def test_a_short_series_says_how_many_periods_it_lacks_and_nothing_is_told_of_it(rule, frequency, known, missing):
    row = treated(readings(np.arange(1.0, known + 1), rule, frequency))["jobs"]
    assert row["reason_fr"].startswith(f"il manque {missing} : ") and not row["is_treated"] and row["n_known"] == known
    assert row["forecast_fr"] == row["reason_fr"] and set(kinds(row)) == {"observed"}
    assert all(point["z"] is None and not point["is_anomaly"] for point in row["points"])


def test_one_period_more_is_enough_and_a_hole_starts_the_count_again():
    assert treated(readings(seasonal(36), "S2"))["jobs"]["is_treated"]
    holed = [*seasonal(30), None, *seasonal(33)]
    row = treated(readings(holed, "S2"))["jobs"]
    assert (row["n_known"], row["n_in_a_row"], row["n_missing"]) == (63, 33, 3) and not row["is_treated"]


def test_a_value_to_come_has_its_interval_and_today_s_period_is_told_from_the_later_ones():
    row = treated(readings(seasonal(60), "S2"))["jobs"]
    coming = [point for point in row["points"] if point["kind"] != "observed"]
    assert [point["kind"] for point in coming] == ["nowcast"] + ["forecast"] * 6
    assert [point["period"].month for point in coming][:2] == [11, 12]
    assert all(point["lower"] < point["forecast"] < point["upper"] and point["class"] == "modelled" for point in coming)
    late = treated(readings(seasonal(60), "S1", until=date(2026, 7, 1)))["jobs"]
    assert kinds(late)[60:65] == ["nowcast"] * 5 and {p["method"] for p in late["points"][60:]} == {"year_on_year"}


def test_a_series_that_has_ended_is_not_forecast():
    row = treated(readings(seasonal(60), "S2", until=date(2020, 1, 1)))["jobs"]
    assert set(kinds(row)) == {"observed"} and row["is_adjusted"] and "sans valeur nouvelle depuis 83 mois" in row["forecast_fr"]


def test_an_odd_value_and_a_new_level_are_marked_where_they_are():
    values = list(seasonal(72))
    values[50] *= 1.2
    row = treated(readings(values, "S2"))["jobs"]
    # the same month of the years beside it leans on the odd one, and may be marked with it
    assert {50} <= {n for n, point in enumerate(row["points"]) if point["is_anomaly"]} <= {26, 38, 50, 62}
    assert max(row["points"][:72], key=lambda point: abs(point["z"])) is row["points"][50]
    fall = [*(seasonal(48)), *(seasonal(72)[48:] * 0.7)]
    row = treated(readings(fall, "S2"))["jobs"]
    assert 48 in [n for n, point in enumerate(row["points"]) if point["is_change_point"]]


def test_a_sound_series_is_seldom_marked():
    marked = [
        sum(p["is_anomaly"] for p in treated(readings(seasonal(60, seed=seed), "S2"))["jobs"]["points"]) for seed in range(20)
    ]
    assert sum(marked) <= 0.02 * 60 * 20


def test_the_change_over_a_year_carries_the_year_before():
    given = time_series.series(dict(enumerate(map(float, AIR_PASSENGERS[:138]), start=1949 * 12)), "M")
    coming = time_series.forecast_over_year(given, 6)
    truth = np.array(AIR_PASSENGERS[138:], dtype=float)
    assert np.mean(np.abs(np.log(coming.value / truth))) < np.mean(np.abs(np.log(np.array(AIR_PASSENGERS[126:132]) / truth)))
    assert (coming.lower < coming.value).all() and (coming.value < coming.upper).all()
    assert time_series.forecast_over_year(given, 13) is None


def test_two_values_of_one_period_are_refused():
    once = readings(seasonal(40), "S2")
    with pytest.raises(ScienceError, match="deux valeurs pour une même période"):
        histories.treat([*once, once[3]], [], ASKED)


# --- from series that are known earlier ------------------------------------------------------------------------


def quarterly(column, start, end):
    return time_series.series(dict(enumerate(QUARTERS[column][start:end].astype(float), start=1959 * 4 + start)), "Q")


def test_a_quarter_is_better_told_by_what_is_already_known_of_it(monkeypatch):
    monkeypatch.setattr(nowcast, "LAST_TRIED", 1)
    told, alone = [], []
    for end in range(100, 200, 20):
        target, truth = quarterly("realgdp", end - 60, end), QUARTERS["realgdp"][end]
        early = {name: quarterly(name, end - 60, end + 1) for name in ("realcons", "realinv", "realdpi")}
        found = nowcast.nowcast(target, early)
        assert found.reason is None and len(found.coming.value) == 1
        assert found.coming.lower[0] < found.coming.value[0] < found.coming.upper[0]
        told.append(np.log(found.coming.value[0] / truth))
        alone.append(np.log(time_series.forecast(target, time_series.unadjusted(target, "brute"), 1).value[0] / truth))
    assert np.sqrt(np.mean(np.square(told))) < np.sqrt(np.mean(np.square(alone)))


def test_months_tell_of_the_quarter_that_holds_them(monkeypatch):
    monkeypatch.setattr(nowcast, "LAST_TRIED", 1)
    told, alone = [], []
    for seed in range(6):
        random = np.random.default_rng(seed)
        path = np.cumsum(random.normal(0.002, 0.01, 96))
        early = {
            name: time_series.series(dict(enumerate(np.exp(5 + path + random.normal(0, 0.002, 96)), start=2016 * 12)), "M")
            for name in ("appels", "salariés")
        }
        quarters = np.exp(3 + path).reshape(-1, 3).mean(axis=1)
        target = time_series.series(dict(enumerate(quarters[:-1], start=2016 * 4)), "Q")
        told.append(np.log(nowcast.nowcast(target, early).coming.value[0] / quarters[-1]))
        alone.append(np.log(time_series.forecast(target, time_series.unadjusted(target, "brute"), 1).value[0] / quarters[-1]))
    assert np.sqrt(np.mean(np.square(told))) < 0.75 * np.sqrt(np.mean(np.square(alone)))


def test_the_house_says_which_early_series_is_missing_or_too_short_and_uses_it_once_it_is_there(monkeypatch):
    monkeypatch.setattr(nowcast, "LAST_TRIED", 1)
    named = {"indicator": "exports", "ref_area": "MA", "breakdown": "_T", "freq": "Q", "methodology": "X"}
    panel = {**named, "early_indicator": "months", "early_ref_area": "MA", "early_breakdown": "_T", "early_freq": "M",
             "early_methodology": "X", "early_fr": "salariés déclarés"}  # fmt: skip
    path = np.cumsum(np.random.default_rng(1).normal(0.002, 0.02, 60))
    quarters = readings(np.exp(3 + path).reshape(-1, 3).mean(axis=1), "S1", "Q", date(2026, 8, 1), indicator="exports")
    absent = treated(quarters, panels=[panel])["exports"]
    assert absent["nowcast_fr"] == "par d'autres séries, non faite : salariés déclarés : pas encore de valeur"
    months = np.exp(5 + np.append(path, path[-4:]))
    short = treated(quarters, readings(months[-30:], "S2", indicator="months"), panels=[panel])["exports"]
    assert "salariés déclarés : il manque 6 mois" in short["nowcast_fr"]
    there = treated(quarters, readings(months, "S2", indicator="months"), panels=[panel])["exports"]
    by_factor = [point for point in there["points"] if point["method"] == "factor"]
    assert there["nowcast_fr"] is None and [point["period"].month for point in by_factor] == [7, 10]
    assert all(point["lower"] < point["forecast"] < point["upper"] for point in by_factor)
    ahead = nowcast.nowcast(quarterly("cpi", 0, 60), {"même fin": quarterly("m1", 0, 60)})
    assert ahead.coming is None and "aucune série précoce ne dépasse" in ahead.reason


def test_a_table_of_no_series_keeps_its_types():
    whole = histories.relation(histories.treat(readings(seasonal(40), "S2"), [], ASKED))
    assert histories.relation([]).schema == whole.schema and whole.num_rows == 1
