"""What the methods cost, as ratios to the same arithmetic in bare numpy, measured in one run.

50 000 draws of weights, normalisations, aggregations and pillars left out: the rank intervals of ten cities over
fifteen indicators in five pillars, from the table to the ranks (scores and contributions in SQL, draws on arrays); the two
sides draw their own numbers, and must tell the same ranks but for the draw.
1 024 draws of one scenario, then of three, on 800 firms of ten cities and two markets: intervals of hits, losses and
revenue by city and in all, from the same draws. Numpy computes every firm and draw as the formulas stand; SQL sums over
firms first what is in proportion to them, and checks the table; each side has one thread, and processor time is
told. A third of one scenario alone is the planning of queries.

Rounds of the two sides alternate; medians and bests are told, of wall time but for the scenarios.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vigie.science import composite, scenario
from vigie.science.composite import Index, Leaf, Node
from vigie.science.scenario import Assumption, Law, Market, Scenario, Study

CITIES, INDICATORS, PILLARS = 10, 15, 5
MOST = 1.5
WEIGHTS = (0.25, 0.2, 0.15, 0.2, 0.2)
Array = NDArray[np.float64]
FIRMS, SCENARIO_DRAWS = 800, 1_024
PARAMETERS = ("coverage", "enforcement", "retention", "elasticity", "redeployment", "closure", "closes_at")
ASSUMED = {
    "central": (
        (0.6, 0.75, 0.9), (0.7, 0.85, 0.95), (0.1, 0.2, 0.3), (0.8, 0.9, 1.0), (0.15, 0.25, 0.35), (0.05, 0.15, 0.3),
        (0.35, 0.35, 0.35),
    ),
    "mild": (
        (0.4, 0.5, 0.6), (0.5, 0.6, 0.75), (0.25, 0.35, 0.45), (0.7, 0.8, 0.9), (0.35, 0.45, 0.55), (0, 0.05, 0.1),
        (0.35, 0.35, 0.35),
    ),
    "severe": (
        (0.8, 0.9, 1), (0.9, 0.97, 1), (0, 0.05, 0.15), (0.95, 1, 1.05), (0, 0.1, 0.2), (0.2, 0.4, 0.6), (0.35, 0.35, 0.35),
    ),
}  # fmt: skip
MEASURES = ("gross_hit", "net_loss", "net_revenue")


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


def in_house(values: Array, draws: int) -> Array:
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


def firms() -> pa.Table:
    """Firms of ten cities, three in four of them small, which sell to two markets."""
    random = np.random.default_rng(13)
    share = random.uniform(0.3, 0.9, FIRMS)
    return pa.table({
        "city": [f"{n % CITIES:02}" for n in range(FIRMS)], "jobs": random.integers(10, 900, FIRMS).astype(float),
        "fr": share, "fr_out": random.uniform(0, 0.6, FIRMS), "es": 0.9 - share, "es_out": random.uniform(0, 0.6, FIRMS),
        "small": random.random(FIRMS) < 0.75, "revenue": random.uniform(9e4, 2e5, FIRMS),
    })  # fmt: skip


def study(scenarios: int) -> Study:
    day = date(2026, 11, 23)
    laws = [Law("l223", "FR", date(2026, 2, 11), date(2027, 8, 11)), Law("lgt", "ES", date(2022, 6, 29), date(2023, 6, 29))]
    assumed = [
        Scenario(
            code, 1, "mesure", day, [Assumption(name, three, "mesure") for name, three in zip(PARAMETERS, values, strict=True)]
        )
        for code, values in list(ASSUMED.items())[:scenarios]
    ]
    return Study(
        "city", "jobs", [Market("FR", "fr", "fr_out"), Market("ES", "es", "es_out")], laws, assumed, day,
        small="small", revenue_per_job="revenue",
    )  # fmt: skip


def scenario_in_house(connection: duckdb.DuckDBPyConnection, scenarios: int) -> Array:
    """Quantiles (scenarios and places x measures x 5 %, median, 95 %) by the code of the house, on the table of firms."""
    found = scenario.estimate(connection, "firms", study(scenarios), scenario.draw(SCENARIO_DRAWS)).intervals
    return np.array([[[row[f"{name}_p{end}"] for end in ("05", "50", "95")] for name in MEASURES] for row in found])


def scenario_in_numpy(table: pa.Table, scenarios: int) -> Array:
    """The same arithmetic on arrays, firms by draws, in the order of the formulas."""
    column = {name: table[name].to_numpy()[:, None] for name in table.column_names}
    drawn = scenario.draw(SCENARIO_DRAWS)
    french, spanish = column["fr"] * column["fr_out"], column["es"] * column["es_out"]
    closable = np.where(column["small"], column["jobs"] * (1 - french - spanish), 0)
    members = [column["city"][:, 0] == place for place in np.unique(column["city"])]
    ramp = 285 / 546
    told = []
    for values in list(ASSUMED.values())[:scenarios]:
        value = {}
        for name, (low, mode, high) in zip(PARAMETERS, values, strict=True):
            u = drawn[name].to_numpy()
            below = low + np.sqrt(u * (high - low) * (mode - low))
            value[name] = np.where(u * (high - low) < mode - low, below, high - np.sqrt((1 - u) * (high - low) * (high - mode)))
        covered = value["coverage"] * value["enforcement"] * (1 - value["retention"])
        reached = french * (covered * ramp) + spanish * covered
        hit = column["jobs"] * (
            french * np.minimum(1, covered * ramp * value["elasticity"]) + spanish * np.minimum(1, covered * value["elasticity"])
        )
        closed = closable * value["closure"] * np.minimum(1, reached / value["closes_at"])
        net = hit * (1 - value["redeployment"]) + closed
        measures = (hit, net, net * column["revenue"])
        for place in (slice(None), *members):
            sums = [measure[place].sum(0) for measure in measures]
            told.append(np.quantile(sums, [0.05, 0.5, 0.95], axis=1).T)
    return np.array(told)


def seconds(run: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    run()
    return clock() - start


def measured(
    name: str,
    rounds: int,
    house: Callable[[], object],
    numpy: Callable[[], object],
    clock: Callable[[], float] = time.perf_counter,
    most: float | None = MOST,
) -> dict[str, float | None]:
    """Ratios of the times of the two sides, whose rounds alternate; the median may be `most` at most."""
    spent: dict[str, list[float]] = {"house": [], "numpy": []}
    for number in range(rounds):
        say(f"{name}, mesure {number + 1} sur {rounds}…")
        spent["house"].append(seconds(house, clock))
        spent["numpy"].append(seconds(numpy, clock))
    median = statistics.median(spent["house"]) / statistics.median(spent["numpy"])
    best = min(spent["house"]) / min(spent["numpy"])
    return {"median": round(median, 3), "best": round(best, 3), "most": most}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    values = figures()
    apart = np.abs(in_house(values, options.draws) - in_numpy(values, options.draws))
    assert apart.max() <= 1, f"les deux côtés ne disent pas les mêmes rangs : {apart}"
    table = firms()
    connection = duckdb.connect(config={"threads": 1})
    connection.register("given", table)
    connection.execute("create table firms as select * from given")
    found = {
        "rank_draws": {"draws": options.draws} | measured(
            "rangs", options.rounds, lambda: in_house(values, options.draws), lambda: in_numpy(values, options.draws)
        ),
    }  # fmt: skip
    for scenarios in (1, len(ASSUMED)):
        in_both = (partial(scenario_in_house, connection, scenarios), partial(scenario_in_numpy, table, scenarios))
        np.testing.assert_allclose(in_both[0](), in_both[1](), rtol=1e-9)
        size = {"draws": SCENARIO_DRAWS, "firms": FIRMS, "scenarios": scenarios}
        found[f"scenario_draws_{scenarios}"] = size | measured(
            f"scénarios ({scenarios})", options.rounds, *in_both, time.process_time
        )
    print(json.dumps(found))
    slow = [
        f"{name} : {ratios['median']:.2f} fois numpy, {MOST} au plus"
        for name, ratios in found.items()
        if ratios["most"] is not None and ratios["median"] > ratios["most"]
    ]
    if slow:
        raise SystemExit("\n".join(slow))


if __name__ == "__main__":
    main()
