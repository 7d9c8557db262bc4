"""What a series of jobs would have been without a law: forecast from the months before the law alone.

An interrupted time series: the forecast of `time_series`, whose interval is that of one month to come.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from vigie.science import time_series
from vigie.science.periods import first_day, holding
from vigie.science.time_series import Forecast

if TYPE_CHECKING:
    import pyarrow

LEVEL = 0.9
"""Of the interval: from 5 % to 95 %, as a scenario's."""
KEY = ("vintage", "ref_area", "source", "methodology")


def forecasts(given: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The months from the start of the law on, forecast (persons) from those before it: `value`, `lower`, `upper`.

    Rows of one known month each: `vintage`, `ref_area`, `source`, `methodology`, `period`, `value`, `starts_on` (the day
    the law starts). Nothing for a series whose months before are fewer than three full years, or have holes.
    """
    held: dict[tuple[Any, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for row in given:
        held[tuple(row[name] for name in KEY)].append(row)
    # most vintages change nothing to what was known before the law
    seen: dict[tuple[tuple[tuple[int, float], ...], int], Forecast | None] = {}
    found = []
    for key, rows in sorted(held.items()):
        # a law that starts within a month leaves it after
        start = holding(min(row["starts_on"] for row in rows), "M")
        months = [(holding(row["period"], "M"), float(row["value"])) for row in rows]
        before = tuple(sorted(month for month in months if month[0] < start))
        last = max(number for number, _ in months)
        if not before or last < start:
            continue
        horizon = last - before[-1][0]
        if (before, horizon) not in seen:
            series = time_series.series(dict(before), "M")
            seen[before, horizon] = time_series.forecast(series, time_series.adjust(series), horizon, LEVEL)
        coming = seen[before, horizon]
        if coming is None:
            continue
        for step in range(horizon):
            month = datetime.combine(first_day(before[-1][0] + 1 + step, "M"), time.min)
            found.append(
                dict(zip(KEY, key, strict=True))
                | {"period": month, "value": float(coming.value[step]),
                   "lower": float(coming.lower[step]), "upper": float(coming.upper[step])}
            )  # fmt: skip
    return found


def relation(given: Iterable[Mapping[str, Any]]) -> "pyarrow.Table":
    """The forecasts as a table, with its types even where there is none."""
    import pyarrow as pa

    text, moment, number = pa.string(), pa.timestamp("us"), pa.float64()
    columns = {"vintage": moment, "ref_area": text, "source": text, "methodology": text, "period": moment} | dict.fromkeys(
        ("value", "lower", "upper"), number
    )
    return pa.Table.from_pylist(forecasts(given), schema=pa.schema(list(columns.items())))
