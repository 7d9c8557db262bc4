"""The statistics of the catalogue, on a table of one's own: the macros that the indicators are written with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from vigie.science import ScienceError
from vigie.science.sql import identifier, macros, rows


@dataclass(frozen=True)
class Measure:
    """What it reads (`roles`: names of columns, all numbers but the `words`), and the query over the relation `read`.

    `query` receives the columns that name a group, as SQL; the relation has them and the roles under their names.
    `senseless` are the lines that it refuses: a condition on the roles, and what is wrong with them.
    """

    roles: tuple[str, ...]
    query: Callable[[str], str]
    words: tuple[str, ...] = ()
    senseless: tuple[tuple[str, str], ...] = ()


def compute(
    connection: duckdb.DuckDBPyConnection, table: str, name: str, columns: Mapping[str, str], by: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The measure of each group of `by` (of the whole table when there is none), one row a group or a line.

    `columns` names the column of each role; ScienceError when one is missing, or holds what is not a number.
    """
    measure = MEASURES[name]
    lacking = [role for role in measure.roles + measure.words if role not in columns]
    unknown = [role for role in columns if role not in measure.roles + measure.words]
    if lacking or unknown:
        raise ScienceError(
            f"« {name} » demande les colonnes : {', '.join(measure.roles + measure.words)}"
            + (f" ; sans colonne : {', '.join(lacking)}" if lacking else "")
            + (f" ; de trop : {', '.join(unknown)}" if unknown else "")
        )
    # the groups bear names of ours until they are told: a column of theirs may be called like a role
    groups = {f"by_{place}": column for place, column in enumerate(by)} or {"by_0": "_T"}
    named = [f"{identifier(column)}::varchar as {group}" for group, column in groups.items()] if by else ["'_T' as by_0"]
    numbers = [f"try_cast({identifier(columns[role])} as double) as {role}" for role in measure.roles]
    told = [f"{identifier(columns[role])}::varchar as {role}" for role in measure.words]
    connection.execute(f"create or replace temp table read as select {', '.join(named + numbers + told)} from {table}")
    for role in measure.roles:
        column = identifier(columns[role])
        wrong = connection.execute(
            "select line, said from (select row_number() over () as line,"
            f" {column}::varchar as said, try_cast({column} as double) as value from {table})"
            " where value is null or not isfinite(value) order by line limit 1"
        ).fetchone()
        if wrong:
            line, value = wrong
            said = "une valeur manque ; ôter la ligne, ou la donner" if value is None else f"« {value} » n'est pas un nombre"
            raise ScienceError(f"ligne {line} de la table, colonne « {columns[role]} » : {said}")
    for condition, why in measure.senseless:
        is_wrong = condition.format(groups=", ".join(groups))
        wrong = connection.execute(
            f"select line from (select rowid + 1 as line, {is_wrong} as is_wrong from read) where is_wrong order by line limit 1"
        ).fetchone()
        if wrong:
            raise ScienceError(f"« {name} » n'a pas de sens sur cette table : ligne {wrong[0]}, {why}")
    try:
        found = rows(connection, measure.query(", ".join(groups)))
    except duckdb.Error as error:
        raise ScienceError(f"« {name} » n'a pas de sens sur cette table : {str(error).splitlines()[0]}") from None
    if found and (taken := sorted(set(groups.values()) & set(found[0]))):
        raise ScienceError(f"by : « {taken[0]} » est aussi le nom d'un résultat ; renommer la colonne")
    return [{groups.get(key, key): value for key, value in row.items()} for row in found]


def _said() -> Any:
    return macros("statistics")


def _concentration(groups: str) -> str:
    said = _said()
    return f"""
        select {groups}, count(*) as parts, sum(value) as total, {said.herfindahl("value")} as hhi,
          (hhi - 1::double / parts) / nullif(1 - 1::double / parts, 0) as hhi_normalised,
          {said.root_concentration("value", "count(*)")} as root_concentration, 1 / hhi as effective_number,
          {said.entropy("value")} as entropy, {said.theil("value", "count(*)")} as theil, {said.gini("value")} as gini,
          {said.largest_share("value", 1)} as largest_share, {said.largest_share("value", 2)} as cr2,
          {said.largest_share("value", 4)} as cr4
        from read group by {groups} order by all"""


def _inequality(groups: str) -> str:
    theil = _said().theil("value", "count(*)")
    share = "total / sum(total) over within_group"
    return f"""
        with parts as (
          select {groups}, class, sum(value) as total, count(*) as n, {theil} as inside from read group by {groups}, class
        ),
        shares as (
          select *, {share} as share, n / sum(n) over within_group as weight from parts
          window within_group as (partition by {groups})
        ),
        whole as (select {groups}, {theil} as theil from read group by {groups})
        select {groups}, any_value(whole.theil) as theil,
          sum(case when share > 0 then share * ln(share / weight) else 0 end) as theil_between,
          sum(coalesce(share * inside, 0)) as theil_within
        from shares inner join whole using ({groups}) group by {groups} order by all"""


def _quotient(groups: str) -> str:
    return f"""
        select {groups}, place, sector, whole, {_said().location_quotient("sector", "whole")} as quotient
        from read window country as (partition by {groups}) order by all"""


def _shift_share(groups: str) -> str:
    said = _said()
    ends = ["before", "after", "country_before", "country_after"]
    all_ends = ["all_before", "all_after"]
    return f"""
        with legs as (
          select *, sum(country_before) over country as all_before, sum(country_after) over country as all_after
          from read window country as (partition by {groups})
        )
        select {groups}, sum({said.national_effect(ends, all_ends)}) as national, sum({said.mix_effect(ends, all_ends)}) as mix,
          sum({said.own_effect(ends)}) as own, sum(after - before) as change
        from legs group by {groups} order by all"""


def _trend(groups: str) -> str:
    return f"""
        select {groups}, count(*) as periods, {_said().trend_error("value", "time")} as residual_error,
          regr_slope(ln(value), time) as slope,
          {_said().compound_growth("arg_min(value, time)", "arg_max(value, time)", "max(time) - min(time)")} as compound_growth
        from read group by {groups} order by all"""


def _outlier(groups: str) -> str:
    said = _said()
    return f"""
        with past as (
          select *, row_number() over (partition by {groups} order by time desc) = 1 as is_last from read
        ),
        usual as (
          select {groups}, median(value) as centre, avg(value) as mean, count(*) as past from past
          where not is_last group by {groups}
        ),
        spread as (
          select {groups}, median(abs(value - centre)) as deviation
          from past inner join usual using ({groups}) where not is_last group by {groups}
        )
        select {groups}, value, coalesce(usual.past, 0) as past, centre,
          {said.robust_z("value", "centre", "deviation")} as robust_z,
          case when value >= 1 and value = floor(value) and mean > 0
            then greatest(0, 1 - {said.poisson_cumulated("(value::bigint - 1)", "mean")}) end as poisson_tail
        from past left join usual using ({groups}) left join spread using ({groups})
        where is_last order by all"""


def _proportion(groups: str) -> str:
    said = _said()
    return f"""
        select {groups}, sum(successes) as successes, sum(trials) as trials,
          {said.ratio("sum(successes)", "sum(trials)")} as value,
          {said.wilson("sum(successes)", "nullif(sum(trials), 0)", "-")} as lower,
          {said.wilson("sum(successes)", "nullif(sum(trials), 0)", "+")} as upper
        from read group by {groups} order by all"""


def _count(groups: str) -> str:
    said = _said()
    return f"""
        with counted as (select {groups}, sum(events)::bigint as value from read group by {groups})
        select *, {said.garwood_lower("value")} as lower, {said.garwood_upper("value")} as upper from counted order by all"""


def _revisions(groups: str) -> str:
    return f"""
        select {groups}, count(*) as periods, {_said().revision_moments("first", "last")}
        from read group by {groups} order by all"""


def _false_discoveries(groups: str) -> str:
    return f"""
        with ranked as (
          select *, row_number() over (partition by {groups} order by p) as place, count(*) over (partition by {groups}) as n
          from read
        )
        select {groups}, test, p, {_said().false_discovery_rate("p", "place", "n", groups)} as q from ranked
        order by {groups}, p, test"""


_ONCE = ("count(*) over (partition by {groups}, time) > 1", "deux lignes pour un même temps")
MEASURES: dict[str, Measure] = {
    "concentration": Measure(("value",), _concentration, senseless=(("value < 0", "une part n'est jamais négative"),)),
    "inequality": Measure(("value",), _inequality, ("class",), (("value < 0", "une part n'est jamais négative"),)),
    "quotient": Measure(
        ("sector", "whole"), _quotient, ("place",),
        (("sector < 0", "un secteur n'est jamais négatif"), ("sector > whole", "le secteur dépasse le tout")),
    ),
    "shift_share": Measure(
        ("before", "after", "country_before", "country_after"), _shift_share,
        senseless=(
            ("least(before, after, country_after) < 0", "un effectif n'est jamais négatif"),
            ("country_before <= 0", "le pays part de rien, et rien ne dit de combien il a crû"),
        ),
    ),
    "trend": Measure(("time", "value"), _trend, senseless=(("value <= 0", "il faut un logarithme, donc plus que zéro"), _ONCE)),
    "outlier": Measure(("time", "value"), _outlier, senseless=(_ONCE,)),
    "proportion": Measure(
        ("successes", "trials"), _proportion,
        senseless=(("successes < 0 or successes > trials", "il faut de 0 à trials succès"),),
    ),
    "count": Measure(("events",), _count, senseless=(("events < 0 or events <> floor(events)", "un compte est un entier"),)),
    "revisions": Measure(("first", "last"), _revisions),
    "false_discoveries": Measure(
        ("p",), _false_discoveries, ("test",), (("p < 0 or p > 1", "une probabilité va de 0 à 1"),)
    ),
}  # fmt: skip
