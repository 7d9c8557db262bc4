"""What the built marts say of the rules: their evaluations, what each rests on, what speaks in their stead, what is contested."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

import duckdb

from vigie.alert_rules import AlertRule
from vigie.episodes import Episode
from vigie.evaluations import Evaluation, compound
from vigie.lake import Lake

SILENCE = "feed_freshness"
"""The indicator by which a feed that no longer speaks is known."""
ABOUT_FEEDS = "feed_"
Key = tuple[str, str]


@dataclass(frozen=True)
class Judged:
    """What a decision is taken on, by (rule, entity) or by receipt."""

    evaluations: list[Evaluation]
    count: int
    loads: Mapping[str, list[str]] = field(default_factory=dict)
    muted: Mapping[Key, str] = field(default_factory=dict)
    """The feed whose silence speaks instead."""
    contested: Mapping[Key, list[str]] = field(default_factory=dict)
    hindsight: Mapping[tuple[str, str, datetime], str] = field(default_factory=dict)
    """What a later figure makes of a judgement, in a French sentence."""
    errors: Mapping[str, str] = field(default_factory=dict)
    """The rules that could not be read, and why."""


def read(lake: Lake, rules: Sequence[AlertRule], episodes: Iterable[Episode]) -> Judged:
    """Reads the built warehouse: of each line what is above calm, what ends it, what lies within a known episode, and its end.

    A threshold crossed by what may be a reclassification is calm: the alert on the data speaks instead.
    """
    since: dict[Key, datetime] = {}
    for episode in episodes:
        key = (episode.rule, episode.entity)
        since[key] = min(episode.opened_on, since.get(key, datetime.max))
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        told, errors = _evaluations(connection, [rule.rule for rule in rules], since)
        (count,) = connection.execute("select count(*) from marts.alert_evaluations").fetchone() or (0,)
        resting = connection.execute(
            """
            select distinct inputs.receipt_id, loads.feed, loads.load_id, loads.caused_by
            from marts.indicator_inputs as inputs
            inner join lake.loads as loads on inputs.feed = loads.feed and inputs.load_id = loads.load_id
            where inputs.receipt_id in (select unnest(?::varchar[]))
            order by all
            """,
            [sorted({e.receipt_id for e in told if e.receipt_id})],
        ).fetchall()
        flagged = connection.execute("select kind, rule, entity, period, sentence from marts.alert_flags order by all").fetchall()
        hindsight = connection.execute("select rule, entity, period, sentence from marts.alert_hindsight").fetchall()
    held = {(rule, entity, period) for kind, rule, entity, period, _ in flagged if kind == "reclassification"}
    calmed = [replace(e, level=0, possible_level=0) if (e.rule, e.entity, e.period) in held else e for e in told]
    certain = {rule.rule for rule in rules if not rule.says_possible}
    calmed = [replace(e, possible_level=e.level) if e.rule in certain else e for e in calmed]
    judged = compound(calmed, {rule.rule: rule.only_with for rule in rules if rule.only_with})
    loads, fed = defaultdict(list), defaultdict(set)
    for receipt, feed, load, cause in resting:
        loads[receipt].append(f"{feed} {load} (par {cause})")
        fed[receipt].add(feed)
    contested: dict[Key, list[str]] = defaultdict(list)
    for kind, rule, entity, _, sentence in flagged:
        if kind == "contested":
            contested[rule, entity].append(sentence)
    said = {(rule, entity, period): sentence for rule, entity, period, sentence in hindsight}
    return Judged(judged, int(count), loads, _muted(judged, fed), contested, said, errors)


def _evaluations(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[str], since: Mapping[Key, datetime]
) -> tuple[list[Evaluation], dict[str, str]]:
    """What is told of all rules; rule by rule when one cannot be read, with what is wrong with it."""
    try:
        return _told(connection, since), {}
    except duckdb.Error:
        found, errors = [], {}
        for rule in rules:
            try:
                found += _told(connection, since, rule)
            except duckdb.Error as error:
                errors[rule] = " ".join(str(error).split())[:300]
        return found, errors


def _told(connection: duckdb.DuckDBPyConnection, since: Mapping[Key, datetime], rule: str | None = None) -> list[Evaluation]:
    columns = ", ".join('"class"' if f.name == "value_class" else f.name for f in fields(Evaluation))
    parameters: list[Any] = [[key[0] for key in since], [key[1] for key in since], list(since.values())]
    rows = connection.execute(
        f"""
        with told as (
          select
            *, greatest(level, possible_level) as degree,
            lag(greatest(level, possible_level)) over line as degree_before,
            row_number() over (partition by rule, entity order by period desc) as from_last
          from marts.alert_evaluations
          {"where rule = ?" if rule else ""}
          window line as (partition by rule, entity order by period)
        ),
        known as (select unnest(?::varchar[]) as rule, unnest(?::varchar[]) as entity, unnest(?::timestamp[]) as since)
        select {columns}
        from told
        left join known using (rule, entity)
        where degree > 0 or degree_before > 0 or from_last = 1 or period >= since
        order by rule, entity, period
        """,
        [rule, *parameters] if rule else parameters,
    ).fetchall()
    return [Evaluation(*row) for row in rows]


def _muted(evaluations: Sequence[Evaluation], fed: Mapping[str, set[str]]) -> dict[Key, str]:
    """What rests on a feed that no longer speaks: the alert on the feed speaks instead."""
    last = {(e.rule, e.entity): e for e in evaluations if e.missing_reason is None}
    silent = {e.breakdown for e in last.values() if e.indicator == SILENCE and e.level == 2}
    found = {}
    for key, evaluation in last.items():
        causes = sorted(fed.get(evaluation.receipt_id, set()) & silent)
        if causes and not evaluation.indicator.startswith(ABOUT_FEEDS):
            found[key] = causes[0]
    return found
