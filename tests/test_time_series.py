"""Season, odd values, breaks and forecasts: each against published figures, brute force, or a known truth."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from vigie.science import ScienceError, periods, time_series

AIR_PASSENGERS = [
    112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140,
    145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166, 171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194,
    196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201, 204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229,
    242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278, 284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306,
    315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336, 340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337,
    360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405, 417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432,
]  # fmt: skip
"""Box and Jenkins (1976), series G: passengers of international airlines, thousands a month, 1949-1960."""
YEAR = 2016 * 12


def series(values, first=YEAR, frequency="M"):
    return time_series.series(dict(enumerate(values, start=first)), frequency)


def seasonal(months, ramadan=0.0, noise=0.02, season=0.1, seed=0):
    """A monthly series of known make: a slow rise, a season, Ramadan, and noise, on logarithms."""
    time = np.arange(months)
    share = np.array([periods.ramadan_share(YEAR + month, "M") for month in time])
    shocks = np.random.default_rng(seed).normal(0, noise, months)
    return np.exp(4 + 0.003 * time + season * np.sin(time * np.pi / 6) + ramadan * share + shocks)


# --- season ---------------------------------------------------------------------------------------------------


def test_the_airline_series_is_adjusted_as_published():
    assert (len(AIR_PASSENGERS), sum(AIR_PASSENGERS)) == (144, 40363)
    found = time_series.adjust(series(AIR_PASSENGERS, first=1949 * 12))
    assert found.adjusted[:4] == pytest.approx([120.75, 122.52, 123.50, 124.46], abs=0.01)
    assert found.strength == pytest.approx(0.9593, abs=1e-4)
    assert found.reason is None and found.ramadan is not None and not found.ramadan.is_applied


def test_the_share_of_ramadan_is_told_month_by_month_and_by_quarter():
    told = {"2024-02": 0, "2024-03": 0.677, "2024-04": 0.300, "2025-03": 0.935, "2026-02": 0.393, "2026-03": 0.613}
    for text, share in told.items():
        assert periods.ramadan_share(periods.period(text, "M"), "M") == pytest.approx(share, abs=5e-4), text
    assert periods.ramadan_share(periods.period("2024-Q1", "Q"), "Q") == pytest.approx(21 / 91)
    shares = [periods.ramadan_share(month, "M") for month in range(1990 * 12, 2023 * 12)]
    assert np.mean(shares) == pytest.approx(periods.LUNAR_SHARE, abs=0.001)


def test_the_effect_of_ramadan_is_found_and_removed_where_there_is_one():
    effects = [time_series.adjust(series(seasonal(96, -0.15, seed=seed))).ramadan for seed in range(8)]
    assert all(effect.is_applied for effect in effects)
    assert np.mean([effect.value for effect in effects]) == pytest.approx(-0.15, abs=0.015)
    given = series(seasonal(96, -0.15))
    kept, removed = (time_series.adjust(given, how) for how in ("never", "tested"))
    truth = seasonal(96, season=0, noise=0)
    errors = [np.std(np.log(found.adjusted) - np.log(truth)) for found in (kept, removed)]
    assert kept.ramadan is None and errors[1] < 0.8 * errors[0]


def test_an_effect_of_ramadan_is_seldom_seen_where_there_is_none():
    seen = [time_series.adjust(series(seasonal(60, seed=seed))).ramadan.is_applied for seed in range(40)]
    assert sum(seen) <= 8
    assert time_series.adjust(series(seasonal(60)), "always").ramadan.is_applied


@pytest.mark.parametrize(("frequency", "known", "missing"), [("M", 35, 1), ("M", 12, 24), ("Q", 11, 1), ("Q", 4, 8)])
def test_a_series_of_less_than_three_years_is_left_raw_and_says_how_many_periods_are_missing(frequency, known, missing):
    given = series(np.arange(1.0, known + 1), 2020 * periods.PERIODS[frequency], frequency)
    found = time_series.adjust(given)
    assert found.missing_periods == missing and found.reason.startswith(f"il manque {periods.counted(missing, frequency)} : ")
    assert found.adjusted.tolist() == given.values.tolist() and found.strength is None
    assert time_series.forecast(given, found, 3) is None and time_series.breaks(given, found) == []


def test_a_quarterly_season_is_adjusted_from_three_full_years_on():
    time = np.arange(12)
    found = time_series.adjust(series(np.exp(3 + 0.2 * (time % 4 == 2) + 0.01 * time), 2020 * 4, "Q"))
    assert found.reason is None and np.ptp(np.log(found.adjusted)) == pytest.approx(0.11, abs=0.01)


def test_a_season_too_weak_is_left_and_the_sentence_gives_its_strength():
    found = time_series.adjust(series(seasonal(60, season=0.001)))
    assert found.strength < time_series.LEAST_STRENGTH
    assert "saisonnalité trop faible (0," in found.reason and not found.ramadan.is_applied


def test_a_hole_or_a_value_not_above_zero_leaves_the_series_raw_and_is_never_filled():
    values = seasonal(60)
    holed = series(np.where(np.arange(60) == 30, 1.0, values))
    holed.values[30] = np.nan
    found = time_series.adjust(holed)
    assert "1 période(s) sans valeur (2018-07)" in found.reason
    assert np.isnan(found.adjusted[30]) and time_series.forecast(holed, found, 3) is None
    with_zero = series(np.where(np.arange(60) == 30, 0.0, values))
    assert "pas de logarithme" in time_series.adjust(with_zero).reason


def test_a_flat_series_has_no_season_no_break_and_a_flat_forecast():
    given = series([5.0] * 40)
    found = time_series.adjust(given, "always")
    assert found.strength == 0 and time_series.breaks(given, found) == []
    assert time_series.forecast(given, found, 2).upper.tolist() == pytest.approx([5.0, 5.0])
    assert not np.nanmax(np.abs(time_series.anomalies(given, found)))


# --- periods --------------------------------------------------------------------------------------------------


@drawn(st.integers(1925 * 12, 2076 * 12), st.sampled_from(["M", "Q"]))
def test_a_period_is_read_as_it_is_written(number, frequency):
    number = number if frequency == "M" else number // 3
    assert periods.period(periods.label(number, frequency), frequency) == number
    assert periods.period("2024-05-31", "Q") == periods.period("2024-T2", "Q") == 2024 * 4 + 1


@pytest.mark.parametrize(("text", "frequency"), [("2024", "M"), ("2024-13", "M"), ("2024-Q1", "M"), ("2024-Q5", "Q"), ("", "Q")])
def test_what_is_not_a_period_is_refused(text, frequency):
    with pytest.raises(ScienceError, match="ne dit pas une période ; écrire AAAA"):
        periods.period(text, frequency)


def test_a_year_without_a_known_ramadan_is_refused_and_the_way_out_is_said():
    with pytest.raises(ScienceError, match=r"1900-01.*ramadan: never"):
        time_series.adjust(series(seasonal(48), first=1900 * 12))
    assert time_series.adjust(series(seasonal(48), first=1900 * 12), "never").reason is None


# --- odd values and breaks ------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@drawn(st.lists(st.one_of(st.none(), st.integers(-5, 5)), min_size=12, max_size=30))
def test_the_robust_z_is_that_of_iglewicz_and_hoaglin(row):
    values = np.array([np.nan if value is None else float(value) for value in row])
    found = time_series.robust_z(values[None, :])[0]
    known = values[~np.isnan(values)]
    if len(known) < time_series.LEAST_SCREENED:
        assert np.isnan(found).all()
        return
    apart = known - np.median(known)
    spread = np.median(np.abs(apart)) / 0.6745 or 1.2533 * np.mean(np.abs(apart))
    assert found[~np.isnan(values)] == pytest.approx(apart / spread if spread else np.zeros(len(known)))
    assert np.isnan(found[np.isnan(values)]).all()


def test_an_odd_month_stands_out_with_or_without_a_season_and_a_hole_does_not_shift_the_year_before():
    values = seasonal(72)
    values[50] *= 0.8
    given = series(values)
    found = time_series.adjust(given)
    scores = time_series.anomalies(given, found)
    assert found.reason is None and np.argmax(np.abs(scores)) == 50 and scores[50] < -2 * time_series.MOST_Z
    values[50] *= 0.6
    given = series(values)
    found = time_series.adjust(given)
    scores = time_series.anomalies(given, found)
    assert "saisonnalité trop faible" in found.reason  # an error as large as this hides the season, and is flagged all the same
    assert np.flatnonzero(np.abs(scores) > time_series.MOST_Z).tolist() == [50, 62] and scores[50] < 0 < scores[62]
    rows = np.log(np.vstack([values, values]))
    rows[1, 20] = np.nan
    found = time_series.screen(rows, 12)
    assert found[:, 50] == pytest.approx(found[0, 50], rel=0.2) and np.isnan(found[1, [20, 32]]).all()
    assert np.isnan(found[:, :12]).all() and np.isnan(time_series.screen(rows[:, :9], 12)).all()


def test_a_fall_of_level_is_found_where_it_happens_and_none_elsewhere():
    random = np.random.default_rng(7)
    for _ in range(20):
        found = time_series.change_points(np.concatenate([random.normal(10, 1, 48), random.normal(7, 1, 24)]))
        assert any(abs(place - 48) <= 2 for place in found), found
    false = sum(len(time_series.change_points(random.normal(10, 1, 72))) for _ in range(40))
    assert false <= 4


def test_a_break_does_not_depend_on_the_unit_and_a_change_of_pace_is_one():
    random = np.random.default_rng(3)
    values = np.concatenate([random.normal(10, 1, 48), random.normal(7, 1, 24)])
    assert time_series.change_points(values * 1e6 + 5) == time_series.change_points(values) != []
    pace = np.exp(np.cumsum(np.concatenate([np.full(40, 0.03), np.full(32, -0.02)]) + random.normal(0, 0.005, 72)))
    given = series(pace)
    found = time_series.adjust(given, "never")
    assert [abs(place - 40) <= 1 for place in time_series.breaks(given, found, "growth")] == [True]


# --- what comes next ------------------------------------------------------------------------------------------


def test_a_forecast_puts_back_the_season_and_the_ramadans_to_come():
    truth = seasonal(102, -0.15, noise=0)
    given = series(seasonal(96, -0.15, noise=0.005))
    coming = time_series.forecast(given, time_series.adjust(given), 6)
    assert coming.value == pytest.approx(truth[96:], rel=0.03)
    assert (coming.lower < coming.value).all() and (coming.value < coming.upper).all()


def test_a_forecast_of_the_airline_series_beats_the_same_month_of_the_year_before():
    errors = []
    for known in range(120, 139, 6):
        given = series(AIR_PASSENGERS[:known], first=1949 * 12)
        coming = time_series.forecast(given, time_series.adjust(given), 6)
        truth = np.array(AIR_PASSENGERS[known : known + 6])
        naive = np.array(AIR_PASSENGERS[known - 12 : known - 6])
        errors.append([np.mean(np.abs(guess - truth) / truth) for guess in (coming.value, naive)])
    told, naive = np.mean(errors, axis=0)
    assert told < 0.6 * naive


def test_an_interval_holds_about_the_share_that_it_says():
    held = []
    for seed in range(24):
        values = seasonal(62, seed=seed)
        given = series(values[:60])
        coming = time_series.forecast(given, time_series.adjust(given, "never"), 2)
        held += [coming.lower <= values[60:], values[60:] <= coming.upper]
    share = np.mean(np.array(held[::2]) & np.array(held[1::2]))
    assert 0.65 <= share <= 0.97


def test_the_commands_do_not_wait_for_the_libraries_of_time_series():
    heavy = "{'statsmodels', 'ruptures', 'hijridate'}"
    said = subprocess.run(
        [sys.executable, "-c", f"import sys, vigie.cli, vigie.lab; print({heavy} & {{n.split('.')[0] for n in sys.modules}})"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.strip() == "set()"
