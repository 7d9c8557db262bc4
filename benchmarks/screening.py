"""What it costs to look for odd values in a whole table of series, as ratios to plain numpy, measured in one run.

100 000 monthly series of five years, one value in twenty missing, are screened by the robust z of their change over a
year. The house's code, which skips what is missing and reckons with flat rows, stands beside the same arithmetic in
numpy on whole series; then beside DuckDB, both from a table of one row a value. Rounds of the sides alternate.
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

from vigie.science import time_series

PERIODS, LAG = 60, 12
MOST = 1.5
Array = NDArray[np.float64]
Place = tuple[int, int]
IN_SQL = f"""
with changes as (
    select a.series, a.period, a.value - b.value as change
    from given a join given b on a.series = b.series and a.period = b.period + {LAG}
), centred as (
    select series, median(change) as middle, mad(change) as spread from changes group by series
    having count(change) >= {time_series.LEAST_SCREENED}
)
select series, period from changes join centred using (series)
where abs(change - middle) * 0.6745 > {time_series.MOST_Z} * spread
"""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def drawn(count: int) -> Array:
    """Series by periods, a thousandth of the values moved far away."""
    random = np.random.default_rng(7)
    values = random.normal(5, 0.1, (count, PERIODS))
    values[random.random(values.shape) < 0.001] += 2
    return values


def by_house(values: Array) -> set[Place]:
    return _places(np.abs(time_series.screen(values, LAG)) > time_series.MOST_Z, 0)


def by_numpy(values: Array) -> set[Place]:
    """The same arithmetic where nothing is missing."""
    changes = values[:, LAG:] - values[:, :-LAG]
    apart = changes - np.median(changes, axis=1, keepdims=True)
    spread = np.median(np.abs(apart), axis=1, keepdims=True)
    return _places(np.abs(0.6745 * apart / spread) > time_series.MOST_Z, LAG)


def _places(odd: NDArray[np.bool_], shift: int) -> set[Place]:
    rows, periods = np.nonzero(odd)
    return set(zip(rows.tolist(), (periods + shift).tolist(), strict=True))


def house_from_table(connection: duckdb.DuckDBPyConnection, count: int) -> set[Place]:
    told = connection.execute("select series, period, value from given").fetchnumpy()
    values = np.full((count, PERIODS), np.nan)
    values[told["series"], told["period"]] = told["value"]
    return by_house(values)


def sql_from_table(connection: duckdb.DuckDBPyConnection) -> set[Place]:
    told = connection.execute(IN_SQL).fetchnumpy()
    return set(zip(told["series"].tolist(), told["period"].tolist(), strict=True))


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    values = drawn(options.series)
    assert by_house(values) == by_numpy(values) != set(), "les deux côtés ne trouvent pas les mêmes valeurs"
    holed = np.where(np.random.default_rng(11).random(values.shape) < 0.05, np.nan, values)
    rows, periods = np.nonzero(~np.isnan(holed))
    with duckdb.connect() as connection:
        connection.register("laid", {"series": rows, "period": periods, "value": holed[rows, periods]})
        connection.execute("create table given as select * from laid order by random()")
        assert house_from_table(connection, options.series) == sql_from_table(connection) != set(), "le SQL trouve autre chose"
        sides: dict[str, Callable[[], object]] = {
            "house": lambda: by_house(values), "numpy": lambda: by_numpy(values),
            "house_holed": lambda: by_house(holed),
            "house_table": lambda: house_from_table(connection, options.series), "sql_table": lambda: sql_from_table(connection),
        }  # fmt: skip
        spent: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(options.rounds):
            say(f"mesure {number + 1} sur {options.rounds}…")
            for name, run in sides.items():
                spent[name].append(seconds(run))
    middle = {name: statistics.median(times) for name, times in spent.items()}
    ratio = middle["house"] / middle["numpy"]
    told = {
        "series": options.series, "periods": PERIODS, "median": round(ratio, 3),
        "best": round(min(spent["house"]) / min(spent["numpy"]), 3),
        "with_holes": round(middle["house_holed"] / middle["numpy"], 3),
        "table_to_sql": round(middle["house_table"] / middle["sql_table"], 3),
        "seconds": round(middle["house"], 3), "table_seconds": round(middle["house_table"], 3), "most": MOST,
    }  # fmt: skip
    print(json.dumps({"screening": told}))
    if ratio > MOST:
        raise SystemExit(f"{options.series} séries examinées : {ratio:.2f} fois numpy, {MOST} au plus")


if __name__ == "__main__":
    main()
