"""The levels of a rule, period after period, by the project's own SQL: when it starts, when it lets go, when it waits."""

import duckdb
import pytest

from tests.test_alert_rules import CASES, FEEDS, HISTORY, MODEL, RULE_SHAPE, RULES, evaluate, render, table

RULE = {
    "rule": "r", "rule_version": "1", "indicator": "i", "ref_area": "each", "breakdown": "_T", "methodology": "each",
    "scenario": "_Z", "freq": "M", "unit": "PCT", "turn": 1, "amber_on": 5, "amber_off": 4, "red_on": 10, "red_off": 8,
    "for_periods": 1,
}  # fmt: skip


def judged(*values: float, column: str = "level", status: str = "A", **changes: object) -> list:
    """What the rule says of successive months."""
    months = [
        {
            "indicator": "i", "ref_area": "MA", "breakdown": "_T", "methodology": "_Z", "scenario": "_Z", "freq": "M",
            "period": f"2025-{month:02}-01", "value": value, "class": "measured", "known_from": "2026-01-01",
            "obs_status": status,
        }
        for month, value in enumerate(values, start=1)
    ]  # fmt: skip
    with duckdb.connect() as connection:
        table(connection, "int_feeds", FEEDS, [])
        table(connection, "int_alert_thresholds", RULE_SHAPE, [RULE | changes])
        table(connection, "indicator_history", HISTORY, months)
        sql = render(MODEL, "2026-11-23 08:00:00")
        return [found for (found,) in connection.execute(f"select {column} from ({sql}) order by period").fetchall()]


@pytest.mark.parametrize("periods", [1, 2, 3, 4])
def test_a2_a_rule_fires_at_its_nth_period_and_is_pending_before(periods):
    levels = judged(*[6] * 5, for_periods=periods)
    assert levels == [0] * (periods - 1) + [1] * (6 - periods)
    pending = judged(*[6] * 5, for_periods=periods, column="is_pending")
    assert pending == [True] * (periods - 1) + [False] * (6 - periods)


def test_a2_a_period_below_the_threshold_starts_the_count_again():
    assert judged(6, 6, 3, 6, 6, 6, for_periods=3) == [0, 0, 0, 0, 0, 1]


def test_a3_a_value_between_the_two_thresholds_keeps_the_state():
    assert judged(4.5, 5, 4.5, 4.01, 4, 4.5) == [0, 1, 1, 1, 0, 0]


def test_a4_a_single_good_period_does_not_clear():
    assert judged(6, 3, 6, 3, 3, keep_periods=2) == [1, 1, 1, 1, 0]
    assert judged(6, 3, 6, 3, 3, keep_periods=1) == [1, 0, 1, 0, 0]


def test_a15_a_figure_too_late_and_a_figure_too_early_are_both_flagged():
    for rule in ("silence_flux", "flux_premature"):
        fired = [case for case in CASES[rule] if any(case["levels"])]
        assert fired and all(evaluate(case, rule) == case["levels"] for case in fired), rule
    assert (RULES["silence_flux"].direction, RULES["flux_premature"].direction) == ("above", "below")


def test_a18_a_provisional_period_stays_pending_until_it_is_final():
    assert judged(6, status="P", waits_for_final=True) == [0]
    assert judged(6, status="P", waits_for_final=True, column="is_pending") == [True]
    assert judged(6, status="A", waits_for_final=True) == judged(6, status="P") == [1]


def test_a26_each_rule_has_a_file_of_cases_that_fire_and_cases_that_do_not():
    assert set(CASES) == set(RULES) and len(RULES) > 5
    for rule, cases in CASES.items():
        assert any(any(case["levels"]) for case in cases) and any(not any(case["levels"]) for case in cases), rule
