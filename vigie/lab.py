"""The bench: each method of the house run on a table of one's own (CSV or Parquet, and a small YAML).

What runs is the very code of the pipeline: a method can be tried, and contested, by whoever has a table.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from vigie import declared
from vigie.declared import Strict
from vigie.lab_specs import AdjustSpec, BacktestSpec, BoundsSpec, CompositeSpec, DisclosureSpec, MeasureSpec, SitingSpec
from vigie.lab_tables import (
    TABLE,
    Records,
    english_truths,
    in_time,
    name_of,
    number,
    numbers_or_nothing,
    once,
    read,
    records,
    require,
    truth,
    wrong,
)  # fmt: skip
from vigie.scenarios import ScenarioSpec
from vigie.science import (
    ScienceError,
    bounds,
    composite,
    disclosure,
    early_warning,
    measures,
    periods,
    scenario,
    siting,
    time_series,
)


@dataclass(frozen=True)
class Result:
    """What a method found: figures by name, and tables of records by name."""

    method: str
    figures: Mapping[str, Any]
    tables: Mapping[str, Records]

    def as_dict(self) -> dict[str, Any]:
        """What `--json` prints: JSON has no infinity, and an end without a bound is null."""
        tables = {name: [_told(record) for record in lines] for name, lines in self.tables.items()}
        return {"method": self.method, **_told(self.figures), **tables}


def _told(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in figures.items()}


def run(method: str, table: Path, spec: Path) -> Result:
    """One method on one table; ScienceError or DeclarationError says what is wrong with either."""
    model, act = METHODS[method]
    wanted = declared.read(spec, model, "fichier du banc d'essai")
    with duckdb.connect() as connection:
        columns = read(connection, table)
        try:
            return act(connection, columns, wanted)
        except duckdb.Error as error:
            raise ScienceError(f"« {method} » ne se calcule pas sur cette table : {str(error).splitlines()[0]}") from None


def _composite(connection: duckdb.DuckDBPyConnection, columns: list[str], spec: CompositeSpec) -> Result:
    leaves = [item.code for item in spec.indicators]
    require(columns, spec.unit, *leaves)
    lines = records(connection, {"unit": spec.unit, **{code: code for code in leaves}})
    once(lines, "unit")
    numbers_or_nothing(lines, leaves)
    # a geometric mean has no sense below zero, nor its dual above the ceiling
    kinds = {group.aggregation for group in spec.groups}
    least = 0.0 if "geometric" in kinds else -math.inf
    most = spec.ceiling if "dual_geometric" in kinds else math.inf
    for item in spec.indicators:
        for line in lines:
            if item.log and line[item.code] is not None and number(line, item.code) <= 0:
                raise wrong(line, f"« {line[item.code]} » n'a pas de logarithme ({item.code})")
            if spec.normalisation == "none" and line[item.code] is not None and not least <= number(line, item.code) <= most:
                scale = f"de {least:g} à {most:g}"
                raise wrong(line, f"« {line[item.code]} » ({item.code}) sort de l'échelle, {scale} ; la changer, ou normaliser")
    index = composite.Index(
        nodes=[composite.Node(group.code, group.parent, group.weight, group.aggregation) for group in spec.groups],
        leaves=[
            composite.Leaf(item.code, item.parent, item.weight, item.low, item.high, item.log, item.reversed)
            for item in spec.indicators
        ],
        normalisation=spec.normalisation, bottom=spec.bottom, top=spec.top, ceiling=spec.ceiling,
        least_coverage=spec.least_coverage,
    )  # fmt: skip
    found = composite.score(connection, TABLE, spec.unit, index, spec.draws)
    tables = {"scores": found.scores, "contributions": found.contributions}
    return Result("composite", {"index": index.root}, tables | ({"ranks": found.ranks} if spec.draws else {}))


def _bounds(connection: duckdb.DuckDBPyConnection, columns: list[str], spec: BoundsSpec) -> Result:
    require(columns, *spec.dimensions)
    ends = ("lower", "upper") if {"lower", "upper"} & set(columns) else ("value", "value")
    require(columns, *ends)
    told = {name: name for name in ("name", "source") if name in columns}
    lines = records(connection, {**{d: d for d in spec.dimensions}, "lower": ends[0], "upper": ends[1], **told})
    codes: dict[str, list[str]] = {dimension: [] for dimension in spec.dimensions}
    margins = []
    for line in lines:
        where = {d: str(line[d]) for d in spec.dimensions if line[d] is not None and str(line[d]) != disclosure.TOTAL}
        for dimension, code in where.items():
            if code not in codes[dimension]:
                codes[dimension].append(code)
        low, high = number(line, "lower"), number(line, "upper")
        margins.append(bounds.Margin(where, low, high, str(line.get("name") or ""), str(line.get("source") or "")))
    empty = [dimension for dimension, listed in codes.items() if not listed]
    if empty:
        raise ScienceError(f"aucune marge ne nomme un code de : {', '.join(empty)}")
    table = bounds.Margins(codes, margins)
    weights = np.zeros(len(table.cells))
    for part in spec.sum:
        weights = np.where(table.members(part.where) > 0, part.weight, weights)
    whole = table.bounds(weights)
    if spec.by is not None and spec.by not in codes:
        raise ScienceError(f"by : « {spec.by} » n'est pas une dimension de la table")
    by = codes[spec.by] if spec.by else []
    parts = [{spec.by: code, **_interval(table.bounds(weights * table.members({str(spec.by): code})))} for code in by]
    crossings = [asked for dimensions in spec.questions for asked in _crossings(codes, dimensions)]
    ranked = [
        {**question.where, "width_before": question.width_before, "width_at_most": question.width_at_most,
         "width_on_average": question.width_on_average, "width_at_least": question.width_at_least}
        for question in table.next_figure(weights, crossings)
    ]  # fmt: skip
    tables: dict[str, Records] = ({"by": parts} if spec.by else {}) | ({"next_figure": ranked} if spec.questions else {})
    return Result("bounds", _interval(whole), tables)


def _interval(found: bounds.Interval) -> dict[str, float]:
    return {"lower": found.lower, "upper": found.upper}


def _crossings(codes: Mapping[str, list[str]], dimensions: list[str]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = [{}]
    for dimension in dimensions:
        if dimension not in codes:
            raise ScienceError(f"questions : « {dimension} » n'est pas une dimension de la table")
        found = [{**begun, dimension: code} for begun in found for code in codes[dimension]]
    return found


def _siting(connection: duckdb.DuckDBPyConnection, columns: list[str], spec: SitingSpec) -> Result:
    require(columns, spec.place, spec.weight, spec.lat, spec.lon, spec.allowed)
    wanted = {"place": spec.place, "weight": spec.weight, "lat": spec.lat, "lon": spec.lon}
    lines = records(connection, wanted | ({"allowed": spec.allowed} if spec.allowed else {}))
    once(lines, "place")
    places = [str(line["place"]) for line in lines]
    unknown = [name for name in spec.required if name not in places]
    if unknown:
        raise ScienceError(f"site(s) imposé(s) absent(s) de la table : {', '.join(unknown)}")
    column = {name: np.array([number(line, name) for line in lines]) for name in ("weight", "lat", "lon")}
    problem = siting.Problem(
        column["weight"], siting.distances(list(column["lat"]), list(column["lon"])), spec.sites, spec.method, spec.radius_km,
        np.array([truth(line, "allowed") for line in lines]) if spec.allowed else None,
        tuple(places.index(name) for name in spec.required),
    )  # fmt: skip
    best = siting.solve(problem)
    named = {"chosen": [places[place] for place in best.chosen], "score": best.score}
    flips = [
        {"place": places[place], "weight_factor": factor, "chosen": [places[other] for other in choice]}
        for place, factor, choice in siting.flips(problem, best)
    ]
    tables: dict[str, Records] = {"flips": flips}
    if spec.draws:
        frequency, drawn = siting.selection(problem, siting.perturbed(column["weight"], spec.draws, spec.spread, spec.seed))
        tables["selection"] = [
            {"place": place, "frequency": float(share)} for place, share in zip(places, frequency, strict=True)
        ]
        named["same_choice"] = sum(found.chosen == best.chosen for found in drawn) / len(drawn)
    return Result("siting", named, tables)


def _disclosure(connection: duckdb.DuckDBPyConnection, columns: list[str], spec: DisclosureSpec) -> Result:
    require(columns, *spec.dimensions, spec.contributor, spec.value)
    wanted = {**{d: d for d in spec.dimensions}, "contributor": spec.contributor, "value": spec.value}
    lines = records(connection, wanted)
    contributions = [
        (tuple(name_of(line, d) for d in spec.dimensions), name_of(line, "contributor"), number(line, "value")) for line in lines
    ]
    rules = disclosure.Rules(spec.rules.minimum, spec.rules.one, spec.rules.two, spec.rules.p)
    table = disclosure.table(contributions, [spec.parents.get(dimension, {}) for dimension in spec.dimensions])
    pattern = disclosure.protect(table, rules, [tuple(cell) for cell in spec.hidden_before], spec.insiders)
    cells = [
        {**dict(zip(spec.dimensions, cell, strict=True)), "value": value if pattern.status[cell] == "F" else None,
         "obs_status": "A" if pattern.status[cell] == "F" else "Q", "conf_status": pattern.status[cell]}
        for cell, value in zip(table.cells, table.values.tolist(), strict=True)
    ]  # fmt: skip
    attacks = [
        {**dict(zip(spec.dimensions, attack.cell, strict=True)), "attacker": attack.attacker, "lower": attack.lower,
         "upper": attack.upper, "is_breached": attack.is_breached}
        for attack in pattern.attacks
    ]  # fmt: skip
    figures = {"hidden": len(pattern.hidden), "lost": pattern.lost, "is_safe": not any(a.is_breached for a in pattern.attacks)}
    return Result("disclosure", figures, {"cells": cells, "attacks": attacks})


def _backtest(connection: duckdb.DuckDBPyConnection, columns: list[str], spec: BacktestSpec) -> Result:
    require(columns, spec.period, spec.signal, spec.event, spec.excluded)
    wanted = {"period": spec.period, "signal": spec.signal, "event": spec.event}
    lines = records(connection, wanted | ({"excluded": spec.excluded} if spec.excluded else {}))
    once(lines, "period")
    lines.sort(key=lambda line: in_time(line["period"]))
    known = [line["signal"] is not None for line in lines]
    sign = 1.0 if spec.direction == "above" else -1.0
    values = np.array([sign * number(line, "signal") if is_known else 0.0 for is_known, line in zip(known, lines, strict=True)])
    marked = [truth(line, "event") for line in lines]
    starts = [] if spec.target else [place for place, is_event in enumerate(marked) if is_event]
    events = np.array(marked) if spec.target else early_warning.ahead(starts, len(lines), spec.horizon)
    left_out = [bool(spec.excluded) and truth(line, "excluded") for line in lines]
    kept = np.array(known) & ~np.array(left_out)
    if not kept.any():
        raise ScienceError("aucune période n'a de signal : rien à éprouver")
    best = early_warning.best_threshold(values[kept], events[kept], spec.theta, spec.mu)
    used = best.value if spec.threshold is None else sign * spec.threshold
    counts = early_warning.confusion(values[kept], events[kept], used)
    figures = {
        "periods": int(kept.sum()), "events": len(starts) if starts else int(events[kept].sum()),
        "auroc": early_warning.auroc(values[kept], events[kept]), "threshold": sign * used,
        **_counts(counts, spec.theta, spec.mu),
    }  # fmt: skip
    tables: dict[str, Records] = {}
    if starts:
        leads = early_warning.lead_times(values, starts, kept, used, spec.horizon)
        tables["leads"] = [
            {"period": str(lines[start]["period"]), "lead": lead} for start, lead in zip(starts, leads, strict=True)
        ]
    if spec.first is not None:
        first = next((n for n, line in enumerate(lines) if in_time(line["period"]) >= in_time(spec.first)), None)
        if first is None:
            raise ScienceError(f"aucune période à partir de {spec.first}")
        live, _ = early_warning.real_time(values, events, kept, first, spec.horizon, spec.theta, spec.mu)
        tables["real_time"] = [_counts(live, spec.theta, spec.mu)]
    return Result("backtest", figures, tables)


def _counts(counts: early_warning.Confusion, theta: float, mu: float | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "tp": counts.tp, "fp": counts.fp, "fn": counts.fn, "tn": counts.tn, "tpr": counts.tpr, "fpr": counts.fpr,
        "nsr": counts.nsr, "precision": counts.precision, "usefulness": counts.usefulness(theta),
    }  # fmt: skip
    if mu is not None:
        told |= {"absolute_usefulness": counts.absolute_usefulness(mu), "relative_usefulness": counts.relative_usefulness(mu)}
    return told


def _adjust(connection: duckdb.DuckDBPyConnection, columns: list[str], spec: AdjustSpec) -> Result:
    require(columns, spec.period, spec.value)
    known: dict[int, float] = {}
    for line in records(connection, {"period": spec.period, "value": spec.value}):
        try:
            place = periods.period(str(line["period"]), spec.frequency)
        except ScienceError as error:
            raise wrong(line, str(error)) from None
        if line["value"] is not None:
            if place in known:
                again = periods.label(place, spec.frequency)
                raise wrong(line, f"deuxième valeur pour {again} ; n'en garder qu'une")
            known[place] = number(line, "value")
    series = time_series.series(known, spec.frequency)
    found = time_series.adjust(series, spec.ramadan)
    scores = time_series.anomalies(series, found)
    coming = time_series.forecast(series, found, spec.horizon, spec.level)

    def told(place: int) -> str:
        return periods.label(series.first + place, spec.frequency)

    def figure(value: float) -> float | None:
        return None if np.isnan(value) else float(value)

    effect = found.ramadan
    figures = {
        "first": told(0), "last": told(len(series.values) - 1), "periods": len(known), "is_adjusted": found.reason is None,
        "reason": found.reason, "missing_periods": found.missing_periods, "seasonal_strength": found.strength,
        "ramadan_effect": effect.value if effect else None, "ramadan_error": effect.error if effect else None,
        "is_ramadan_removed": bool(effect and effect.is_applied), "breaks": spec.breaks,
    }  # fmt: skip
    tables: dict[str, Records] = {
        "values": [
            {"period": told(n), "value": figure(value), "adjusted": figure(found.adjusted[n]), "z": figure(scores[n])}
            for n, value in enumerate(series.values)
        ],
        "anomalies": [
            {"period": told(int(n)), "value": float(series.values[n]), "z": float(scores[n])}
            for n in np.flatnonzero(np.abs(scores) > time_series.MOST_Z)
        ],
        "change_points": [{"period": told(n)} for n in time_series.breaks(series, found, spec.breaks)],
    }
    if coming is not None:
        tables["forecast"] = [
            {"period": told(len(series.values) + n), "value": float(value), "lower": float(low), "upper": float(high)}
            for n, (value, low, high) in enumerate(zip(coming.value, coming.lower, coming.upper, strict=True))
        ]
    return Result("adjust", figures, tables)


def _scenario(connection: duckdb.DuckDBPyConnection, columns: list[str], spec: ScenarioSpec) -> Result:
    study = spec.study()
    if spec.small in columns:
        english_truths(connection, spec.small)
    found = scenario.estimate(connection, TABLE, study, scenario.draw(spec.draws, spec.seed))
    assumptions = [
        {"scenario": one.code, "version": one.version, "author": one.author, "dated": one.dated, "parameter": said.parameter,
         "subject": said.subject, **dict(zip(("low", "mode", "high"), said.values, strict=True)), "basis": said.basis}
        for one in study.scenarios for said in one.assumptions
    ]  # fmt: skip
    figures = {"on": spec.on, "draws": spec.draws, "seed": spec.seed, "overlap": spec.overlap}
    tables = {"intervals": found.intervals, "differences": found.differences, "laws": found.laws, "assumptions": assumptions}
    return Result("scenario", figures, tables)


def _measure(connection: duckdb.DuckDBPyConnection, columns: list[str], spec: MeasureSpec) -> Result:
    require(columns, *spec.columns.values(), *spec.by)
    found = measures.compute(connection, TABLE, spec.measure, spec.columns, spec.by)
    return Result("measure", {"measure": spec.measure}, {"values": found})


METHODS: dict[str, tuple[type[Strict], Callable[..., Result]]] = {
    "composite": (CompositeSpec, _composite),
    "bounds": (BoundsSpec, _bounds),
    "siting": (SitingSpec, _siting),
    "disclosure": (DisclosureSpec, _disclosure),
    "backtest": (BacktestSpec, _backtest),
    "adjust": (AdjustSpec, _adjust),
    "scenario": (ScenarioSpec, _scenario),
    "measure": (MeasureSpec, _measure),
}
