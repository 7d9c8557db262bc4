"""Figures as points of series: one key, a period, a value."""

import pandas as pd

SEPARATOR = " · "
DAY = pd.Timedelta(days=1)
YEAR = pd.Timedelta(days=365)


def points(rows: pd.DataFrame, series: list[str], period: str, column: str) -> pd.DataFrame:
    """`key`, `period`, `value` of each row that has a period and a value, by row number."""
    parts = [rows[name].astype("string").fillna("") for name in series]
    key = parts[0].str.cat(pd.concat(parts[1:], axis=1), sep=SEPARATOR) if len(parts) > 1 else parts[0]
    table = pd.DataFrame(
        {
            "key": key.astype("object"),
            "period": pd.to_datetime(rows[period], errors="coerce").astype("datetime64[us]"),
            "value": pd.to_numeric(rows[column], errors="coerce").astype("float64"),
        },
        index=rows.index,
    )
    return table.dropna()


def latest(table: pd.DataFrame) -> pd.DataFrame:
    """The last vintage of each point, when the oldest comes first."""
    return table.drop_duplicates(["key", "period"], keep="last")


def same(now: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Beside each point, `base` and `base_period`: its last known vintage; NaN when it is new."""
    found = now.merge(latest(known).rename(columns={"value": "base"}), on=["key", "period"], how="left")
    found.index = now.index
    return found.assign(base_period=found["period"])


def before(now: pd.DataFrame, known: pd.DataFrame, lag: pd.Timedelta = DAY) -> pd.DataFrame:
    """Beside each point, `base` and `base_period`: the nearest point of its series at least `lag` earlier.

    What was already known speaks before what this document says of the same period.
    """
    among = latest(pd.concat([now, known], ignore_index=True)).rename(columns={"period": "base_period", "value": "base"})
    left = now.assign(row=now.index, until=now["period"] - lag).sort_values("until")
    found = pd.merge_asof(left, among.sort_values("base_period"), left_on="until", right_on="base_period", by="key")
    return found.set_index("row").drop(columns="until").loc[now.index]


def years_apart(found: pd.DataFrame) -> "pd.Series[float]":
    """Years between a point and its base, never less than one."""
    return ((found["period"] - found["base_period"]).dt.days / 365.25).clip(lower=1)
