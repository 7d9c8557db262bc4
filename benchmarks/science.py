"""What the methods cost in SQL, as ratios to the same arithmetic in numpy, measured in one run.

50 000 draws of weights, normalisations, aggregations and pillars left out: the rank intervals of ten cities over
fifteen indicators in five pillars. Rounds of the two sides alternate; wall time, medians and bests are told. The two
sides draw their own numbers, and must tell the same ranks but for the draw.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable

import duckdb
import numpy as np
from numpy.typing import NDArray

from vigie.science import composite
from vigie.science.composite import Index, Leaf, Node

CITIES, INDICATORS, PILLARS = 10, 15, 5
MOST = 1.5
WEIGHTS = (0.25, 0.2, 0.15, 0.2, 0.2)
Array = NDArray[np.float64]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def index() -> Index:
    pillars = [Node(f"p{k}", "ivt", WEIGHTS[k]) for k in range(PILLARS)]
    leaves = [Leaf(f"x{n}", f"p{n % PILLARS}", 1.0, 0.0, 1.0) for n in range(INDICATORS)]
    return Index([Node("ivt", None, 1.0, "dual_geometric"), *pillars], leaves)


def figures() -> Array:
    """Cities by indicators; one figure in ten is missing."""
    random = np.random.default_rng(7)
    drawn = random.uniform(0.05, 0.95, (CITIES, INDICATORS))
    drawn[random.random(drawn.shape) < 0.1] = np.nan
    return drawn


def in_sql(values: Array, draws: int) -> Array:
    """The rank interval of each city by the code of the house: rows of (5 %, median, 95 %)."""
    with duckdb.connect() as connection:
        columns = ", ".join(f"x{n} double" for n in range(INDICATORS))
        connection.execute(f"create table cities (unit varchar, {columns})")
        rows = [[f"{city:02}", *(None if np.isnan(v) else float(v) for v in line)] for city, line in enumerate(values)]
        connection.executemany(f"insert into cities values ({', '.join('?' * (INDICATORS + 1))})", rows)
        ranks = {row["unit"]: row for row in composite.score(connection, "cities", "unit", index(), draws).ranks}
    return np.array([[ranks[unit][name] for name in ("rank_p05", "rank_median", "rank_p95")] for unit in sorted(ranks)])


def in_numpy(values: Array, draws: int) -> Array:
    """The same arithmetic on arrays."""
    random = np.random.default_rng(11)
    known = ~np.isnan(values)
    normalised = [
        np.clip(1 + 98 * values, 1, 99),
        np.clip(1 + 98 * (values - np.nanmin(values, 0)) / np.ptp(np.where(known, values, np.nanmean(values, 0)), 0), 1, 99),
        np.clip(50 + 20 * (values - np.nanmean(values, 0)) / np.nanstd(values, 0, ddof=1), 1, 99),
    ]
    number = np.arange(draws)
    leaf_weights = 0.75 + 0.5 * random.random((draws, INDICATORS))
    weights = np.array(WEIGHTS) * (0.75 + 0.5 * random.random((draws, PILLARS)))
    left_out = number // 6 % (PILLARS + 1)
    weights[number[left_out > 0], left_out[left_out > 0] - 1] = 0
    pillar = np.arange(INDICATORS) % PILLARS
    ranks = np.empty((draws, CITIES))
    for kind, scores in enumerate(normalised):
        chosen = number % 3 == kind
        means = np.empty((int(chosen.sum()), CITIES, PILLARS))
        for k in range(PILLARS):
            w, held = leaf_weights[chosen][:, None, pillar == k], known[None, :, pillar == k]
            means[:, :, k] = (w * np.where(held, scores[None, :, pillar == k], 0)).sum(2) / (w * held).sum(2)
        w = weights[chosen][:, None, :]
        present = (w * ~np.isnan(means)).sum(2)
        arithmetic = np.nansum(w * means, 2) / present
        dual = 100 - np.exp(np.nansum(w * np.log(100 - means), 2) / present)
        total = np.round(np.where((number[chosen] // 3 % 2 == 1)[:, None], arithmetic, dual), 9)
        ranks[chosen] = (total[:, None, :] > total[:, :, None]).sum(2) + 1
    return np.quantile(ranks, [0.05, 0.5, 0.95], axis=0, method="inverted_cdf").T


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    values = figures()
    apart = np.abs(in_sql(values, options.draws) - in_numpy(values, options.draws))
    assert apart.max() <= 1, f"les deux côtés ne disent pas les mêmes rangs : {apart}"
    sides: dict[str, Callable[[], object]] = {
        "sql": lambda: in_sql(values, options.draws), "numpy": lambda: in_numpy(values, options.draws),
    }  # fmt: skip
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(options.rounds):
        say(f"mesure {number + 1} sur {options.rounds}…")
        for name, run in sides.items():
            spent[name].append(seconds(run))
    ratio = statistics.median(spent["sql"]) / statistics.median(spent["numpy"])
    best = min(spent["sql"]) / min(spent["numpy"])
    print(json.dumps({"rank_draws": {"draws": options.draws, "median": round(ratio, 3), "best": round(best, 3), "most": MOST}}))
    if ratio > MOST:
        raise SystemExit(f"{options.draws} tirages de rangs : {ratio:.2f} fois numpy, {MOST} au plus")


if __name__ == "__main__":
    main()
