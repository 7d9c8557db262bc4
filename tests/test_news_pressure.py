"""The test of a surge of news: how often it cries for nothing, and that it hears what there is to hear."""

import math

import duckdb
import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from vigie.science.sql import macros

WEEKS, DRAWS, LEVEL = 26, 4000, 0.05
FALSE_ALARMS = 0.06
"""The rate that the indicator is held to, for a year of weeks taken one by one."""


def tail(rows: list[tuple[int, float, float, float]]) -> np.ndarray:
    """The macro itself, over (count, shape, seen, more)."""
    connection = duckdb.connect()
    connection.execute("create table drawn (n bigint, k bigint, shape double, seen double, more double)")
    connection.executemany("insert into drawn values (?, ?, ?, ?, ?)", [(n, *row) for n, row in enumerate(rows)])
    told = macros("statistics").negative_binomial_tail("k", "shape", "seen", "more")
    return np.array([p for (p,) in connection.execute(f"select {told} from drawn order by n").fetchall()])


def test_the_tail_is_that_of_the_negative_binomial_and_of_poisson_at_its_limit():
    rows = [(k, shape, seen, more) for k in (0, 1, 3, 9) for shape in (0.5, 1.0, 7.5) for seen, more in ((800, 100), (50, 200))]
    expected = [nbinom.sf(k - 1, shape, seen / (seen + more)) for k, shape, seen, more in rows]
    assert tail(rows) == pytest.approx(expected, abs=1e-9)
    assert tail([(8, 3e6, 1e8, 100)]) == pytest.approx([poisson.sf(7, 3)], rel=1e-3)


def alarms(usual: float, articles: np.ndarray, surge: float = 1.0) -> float:
    """The share of draws in which two weeks on end are surprising; `usual` stories for a thousand articles."""
    dice = np.random.default_rng(20261123)
    n = articles[dice.integers(0, len(articles), (DRAWS, WEEKS + 2))]
    k = dice.poisson(usual * n / 1000 * np.where(np.arange(WEEKS + 2) >= WEEKS, surge, 1.0))
    shape, seen = 0.5 + k[:, :WEEKS].sum(axis=1), n[:, :WEEKS].sum(axis=1)
    chances = [
        tail([(int(a), float(b), float(c), float(d)) for a, b, c, d in zip(k[:, week], shape, seen, n[:, week], strict=True)])
        for week in (WEEKS, WEEKS + 1)
    ]
    return float(np.mean(np.maximum(*chances) < LEVEL))


@pytest.mark.parametrize("usual", [0.1, 0.5, 2.0, 10.0])
def test_false_alarms_are_rare_however_many_articles_are_read(usual, capsys):
    rate = alarms(usual, np.array([200, 500, 1000, 4000]))
    with capsys.disabled():
        print(f"\nfausses alertes à {usual} histoire(s) pour mille articles : {rate:.4f} (au plus {FALSE_ALARMS})")
    assert rate < FALSE_ALARMS / 4


def test_a_week_of_many_articles_is_no_surge_and_two_weeks_of_many_stories_are_one():
    assert alarms(2.0, np.array([1000]), surge=6.0) > 0.9
    steady = math.inf
    for more in (1000, 10_000):
        (steady,) = tail([(round(2 * more / 1000), 52.5, 26_000, more)])
        assert steady > 0.3
    assert steady < 1
