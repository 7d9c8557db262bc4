"""The published histories of the house, each given the treatment that its sheet and its length allow.

The code of the sheet decides: S0 leaves the series as it is, S1 compares it with the year before, S2 and S3 take its
season and Ramadan out if there is one. What is too short says how many periods it lacks.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from vigie.science import ScienceError
from vigie.science.nowcast import nowcast
from vigie.science.periods import PERIODS, counted, first_day, holding
from vigie.science.time_series import (
    MOST_Z,
    Adjustment,
    Forecast,
    Series,
    Values,
    adjust,
    anomalies,
    breaks,
    change_points,
    forecast,
    forecast_over_year,
    least,
    series,
    unadjusted,
)  # fmt: skip

if TYPE_CHECKING:
    import pyarrow

KEY = ("indicator", "ref_area", "breakdown", "scenario", "freq", "methodology")
LEVEL = 0.8
MOST_AHEAD = 6
"""Periods beyond today's that are forecast: as far as the intervals were measured (docs/lab.md)."""
MOST_SILENT_YEARS = 2
"""A series silent for longer has ended: nothing is forecast of it."""
NORMAL = 1.2815515655446004
"""Half the width of the interval that holds four fifths of a normal law, in deviations."""


def treat(readings: Iterable[Mapping[str, Any]], panels: Sequence[Mapping[str, Any]], asked_on: date) -> list[dict[str, Any]]:
    """One row per series, its points in a list (columns: `relation`).

    `readings` are rows of `KEY`, period, value, class, origin, receipt_id and seasonality_rule, one a period; `panels`,
    rows that name a target (`KEY` but the scenario) and an early series (the same names after `early_`).
    """
    told = sorted(readings, key=lambda row: (*(row[name] for name in KEY), row["period"]))
    groups = [(dict(zip(KEY, key, strict=True)), list(rows)) for key, rows in groupby(told, lambda r: tuple(r[n] for n in KEY))]
    laid = {tuple(named.values()): recent(_laid(named, rows)) for named, rows in groups}
    return [_treated(named, rows, laid[tuple(named.values())], _early(named, panels, laid), asked_on) for named, rows in groups]


def recent(given: Series) -> Series:
    """The values since the last hole: what came before one is not joined to what came after."""
    holes = np.flatnonzero(np.isnan(given.values))
    start = int(holes[-1]) + 1 if holes.size else 0
    return Series(given.first + start, given.values[start:], given.frequency)


def _laid(named: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> Series:
    known: dict[int, float] = {}
    for row in rows:
        number = holding(row["period"], named["freq"])  # type: ignore[arg-type]
        if number in known:
            raise ScienceError(f"{named['indicator']} ({named['ref_area']}) : deux valeurs pour une même période {row['period']}")
        known[number] = row["value"]
    return series(known, named["freq"])  # type: ignore[arg-type]


def _early(named: Mapping[str, str], panels: Sequence[Mapping[str, Any]], laid: Mapping[tuple[str, ...], Series]) -> Any:
    """The early series declared for one, by their French names; None in place of one that has no value yet."""
    wanted = [row for row in panels if all(row[name] == named[name] for name in KEY if name != "scenario")]
    return {
        row["early_fr"]: laid.get(tuple("_Z" if name == "scenario" else row[f"early_{name}"] for name in KEY)) for row in wanted
    }


def _treated(
    named: Mapping[str, str], rows: Sequence[Mapping[str, Any]], given: Series, early: Mapping[str, Series | None], asked_on: date
) -> dict[str, Any]:
    rule, length = rows[0]["seasonality_rule"], PERIODS[given.frequency]
    found = _adjusted(given, rule)
    run = rows[-len(given.values) :]
    has_length = len(run) >= least(given.frequency)
    is_yearly = rule == "S1" and length > 1
    gap = holding(asked_on, given.frequency) - (given.first + len(given.values) - 1)
    own, own_reason = _own(given, found, is_yearly, gap) if has_length else (None, found.reason)
    other, other_reason = _others(given, early)
    points = [
        _observed(found, row, place, z, is_break) for row, place, z, is_break in _marked(given, found, run, is_yearly, has_length)
    ]
    points += _coming(given, own, gap, "theta" if not is_yearly else "year_on_year") + _coming(given, other, gap, "factor")
    effect = found.ramadan
    return {
        **named, "seasonality_rule": rule,
        "treatment": "year_on_year" if is_yearly else "season" if rule in ("S2", "S3") and length > 1 else "raw",
        "first_period": rows[0]["period"], "last_period": rows[-1]["period"],
        "n_known": len(rows), "n_in_a_row": len(run), "n_needed": least(given.frequency), "n_missing": found.missing_periods,
        "is_treated": has_length, "is_adjusted": found.remainder is not None, "strength": found.strength,
        "ramadan_effect": effect.value if effect else None, "ramadan_error": effect.error if effect else None,
        "is_ramadan_removed": bool(effect and effect.is_applied), "reason_fr": found.reason,
        "forecast_fr": own_reason, "nowcast_fr": other_reason,
        "origin": "invented" if any(row["origin"] == "invented" for row in rows) else rows[-1]["origin"],
        "receipt_id": rows[-1]["receipt_id"], "points": points,
    }  # fmt: skip


def _adjusted(given: Series, rule: str) -> Adjustment:
    if PERIODS[given.frequency] == 1:
        return unadjusted(given, "une série annuelle n'a pas de saison : elle est laissée brute")
    if rule in ("S2", "S3"):
        return adjust(given)
    if rule == "S1":
        return unadjusted(given, "la fiche compare à la même période de l'année précédente : la saison n'est pas ôtée")
    return unadjusted(given, "la fiche dit que la série n'a pas de saison : elle est laissée brute")


def _own(given: Series, found: Adjustment, is_yearly: bool, gap: int) -> tuple[Forecast | None, str | None]:
    """What the series says of its own periods to come, up to today's and a little beyond; else the reason."""
    length = PERIODS[given.frequency]
    if gap > MOST_SILENT_YEARS * length:
        return None, f"sans valeur nouvelle depuis {counted(gap, given.frequency)} : rien n'est prévu"
    ahead = max(gap, 0) + min(length, MOST_AHEAD)
    coming = forecast_over_year(given, min(ahead, length), LEVEL) if is_yearly else forecast(given, found, ahead, LEVEL)
    return coming, None


def _others(given: Series, early: Mapping[str, Series | None]) -> tuple[Forecast | None, str | None]:
    """What declared early series say of the periods not yet told; the reason where they cannot, None where none is declared."""
    if not early:
        return None, None
    absent = [f"{name} : pas encore de valeur" for name, one in early.items() if one is None]
    if len(absent) == len(early):
        return None, "par d'autres séries, non faite : " + " ; ".join(absent)
    found = nowcast(given, {name: one for name, one in early.items() if one is not None}, LEVEL)
    told = [*absent, *([found.reason] if found.reason else [])]
    return (None, "par d'autres séries, non faite : " + " ; ".join(told)) if told else (found.coming, None)


def _marked(
    given: Series, found: Adjustment, rows: Sequence[Mapping[str, Any]], is_yearly: bool, has_length: bool
) -> list[tuple[Mapping[str, Any], int, float | None, bool]]:
    """Each reading, its place, its robust z, and whether a new level begins there."""
    scores: Values = anomalies(given, found) if has_length else np.full(len(given.values), np.nan)
    length = PERIODS[given.frequency]
    places: list[int] = []
    if has_length and is_yearly:
        places = [place + length for place in change_points(given.worked[length:] - given.worked[:-length])]
    elif has_length:
        # an annual series that rises would be cut in steps: its pace is looked at
        places = breaks(given, found, "growth" if length == 1 else "level")
    numbers = [holding(row["period"], given.frequency) - given.first for row in rows]
    return [
        (row, place, None if np.isnan(scores[place]) else float(scores[place]), place in places)
        for row, place in zip(rows, numbers, strict=True)
    ]


def _observed(found: Adjustment, row: Mapping[str, Any], place: int, z: float | None, is_break: bool) -> Any:
    told: dict[str, Any] = dict.fromkeys(("adjusted", "adjusted_lower", "adjusted_upper", "trend"))
    if found.remainder is not None and found.trend is not None:
        value, away = float(found.adjusted[place]), float(np.exp(NORMAL * np.std(found.remainder)))
        told = {
            "adjusted": value, "adjusted_lower": value / away, "adjusted_upper": value * away, "trend": float(found.trend[place]),
        }  # fmt: skip
    return {
        "period": row["period"], "kind": "observed", "method": None, "class": row["class"], "origin": row["origin"],
        "observed": row["value"], **told, "z": z, "is_anomaly": z is not None and abs(z) > MOST_Z, "is_change_point": is_break,
        "forecast": None, "lower": None, "upper": None, "receipt_id": row["receipt_id"],
    }  # fmt: skip


def _coming(given: Series, coming: Forecast | None, gap: int, method: str) -> list[dict[str, Any]]:
    if coming is None:
        return []
    after = given.first + len(given.values)
    return [
        {
            "period": datetime.combine(first_day(after + step, given.frequency), time.min),
            "kind": "nowcast" if step < gap else "forecast", "method": method, "class": "modelled",
            "forecast": float(value), "lower": float(low), "upper": float(high), "is_anomaly": False, "is_change_point": False,
        }
        for step, (value, low, high) in enumerate(zip(coming.value, coming.lower, coming.upper, strict=True))
    ]  # fmt: skip


def relation(treated: Sequence[Mapping[str, Any]]) -> "pyarrow.Table":
    """The series as a table, with its types even where there is none."""
    import pyarrow as pa

    text, number, moment, flag, count = pa.string(), pa.float64(), pa.timestamp("us"), pa.bool_(), pa.int32()
    point = {
        "period": moment, "kind": text, "method": text, "class": text, "origin": text, "observed": number, "adjusted": number,
        "adjusted_lower": number, "adjusted_upper": number, "trend": number, "z": number, "is_anomaly": flag,
        "is_change_point": flag, "forecast": number, "lower": number, "upper": number, "receipt_id": text,
    }  # fmt: skip
    columns = {
        **dict.fromkeys(KEY, text), "seasonality_rule": text, "treatment": text, "first_period": moment, "last_period": moment,
        "n_known": count, "n_in_a_row": count, "n_needed": count, "n_missing": count, "is_treated": flag, "is_adjusted": flag,
        "strength": number, "ramadan_effect": number, "ramadan_error": number, "is_ramadan_removed": flag, "reason_fr": text,
        "forecast_fr": text, "nowcast_fr": text, "origin": text, "receipt_id": text,
        "points": pa.list_(pa.struct(list(point.items()))),
    }  # fmt: skip
    return pa.Table.from_pylist(list(treated), schema=pa.schema(list(columns.items())))
