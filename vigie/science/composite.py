"""A composite index over a table: the macros of the house, rendered and run on relations of one's own.

The arithmetic is `dbt_project/macros/composite.sql`; here are the structure that it reads, and the draws that
tell how much of a rank is a choice of weights, of normalisation or of aggregation (OECD-JRC Handbook 2008).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import duckdb
import numpy as np
import pyarrow as pa

from vigie.science import ScienceError
from vigie.science.sql import macros, quoted, rows

Aggregation = Literal["arithmetic", "geometric", "dual_geometric"]
Normalisation = Literal["goalposts", "minmax", "zscore", "none"]
SEED = 20260811
"""The same draws for everyone, so that two people who ask the same read the same."""


@dataclass(frozen=True)
class Leaf:
    """An indicator: its column, where it belongs, and the values that stand for the best and the worst score.

    `low` scores the bottom of the scale and `high` the top, in either order; `is_log` compares logarithms.
    """

    code: str
    parent: str
    weight: float = 1.0
    low: float | None = None
    high: float | None = None
    is_log: bool = False
    is_reversed: bool = False


@dataclass(frozen=True)
class Node:
    """A group of indicators or of groups, and how its score is made of theirs."""

    code: str
    parent: str | None = None
    weight: float = 1.0
    aggregation: Aggregation = "arithmetic"


@dataclass(frozen=True)
class Index:
    """A composite: its tree, its scale (`bottom` to `top`), its normalisation.

    `ceiling` is where the dual geometric mean is infinite; a root is scored when `least_coverage` of the weight
    of its children is present.
    """

    nodes: Sequence[Node]
    leaves: Sequence[Leaf]
    normalisation: Normalisation = "goalposts"
    bottom: float = 1.0
    top: float = 99.0
    ceiling: float = 100.0
    floor: float = 0.0
    least_coverage: float = 2 / 3

    def __post_init__(self) -> None:
        codes = [node.code for node in self.nodes] + [leaf.code for leaf in self.leaves]
        repeated = sorted({code for code in codes if codes.count(code) > 1})
        if repeated:
            raise ScienceError(f"nom donné deux fois : {', '.join(repeated)}")
        reserved = sorted({"unit", "draw", "is_arithmetic"} & set(codes))
        if reserved:
            raise ScienceError(f"nom réservé au calcul : {', '.join(reserved)} ; en choisir un autre")
        parents = {node.code for node in self.nodes}
        for child in self.children:
            if child.parent is not None and child.parent not in parents:
                raise ScienceError(f"« {child.code} » appartient à « {child.parent} », qui n'est pas un groupe")
            if child.weight < 0:
                raise ScienceError(f"« {child.code} » a un poids négatif")
        if [node.parent for node in self.nodes].count(None) != 1:
            raise ScienceError("il faut un indice, et un seul, sans parent")
        if self.normalisation == "goalposts":
            bare = [leaf.code for leaf in self.leaves if leaf.low is None or leaf.high is None or leaf.low == leaf.high]
            if bare:
                raise ScienceError(f"sans bornes (low, high) : {', '.join(bare)}")

    @property
    def children(self) -> list[Node | Leaf]:
        return [*self.nodes, *self.leaves]

    @property
    def root(self) -> str:
        """The code of the index itself."""
        return next(node.code for node in self.nodes if node.parent is None)

    def depth(self, code: str) -> int:
        """How many steps below the root; ScienceError when a group is its own ancestor."""
        parents = {child.code: child.parent for child in self.children}
        steps = 0
        above = parents[code]
        while above is not None:
            above = parents[above]
            steps += 1
            if steps > len(parents):
                raise ScienceError(f"« {code} » est son propre ancêtre")
        return steps

    def structure(self) -> list[tuple[str, str | None, float, str | None, int]]:
        """Rows of (node, parent, weight, aggregation, depth)."""
        groups = [(node.code, node.parent, node.weight, node.aggregation, self.depth(node.code)) for node in self.nodes]
        return [*groups, *((leaf.code, leaf.parent, leaf.weight, None, self.depth(leaf.code)) for leaf in self.leaves)]


@dataclass(frozen=True)
class Scored:
    """Scores and contributions by unit, as rows under their names."""

    scores: list[dict[str, Any]]
    contributions: list[dict[str, Any]]
    ranks: list[dict[str, Any]]


def score(connection: duckdb.DuckDBPyConnection, table: str, unit: str, index: Index, draws: int = 0) -> Scored:
    """Scores each row of a table of one column a leaf; with draws, the interval of each rank too.

    The root of a unit without coverage enough is null, with its coverage beside it, and has no rank.
    """
    _lay_out(connection, table, unit, index)
    depth = max(row[4] for row in index.structure())
    module = macros("composite")
    composite = module.composite("leaf_scores", "structure", ["unit"], depth, index.ceiling)
    connection.execute(f"create or replace temp table composite_scores as with {composite} select * from composite")
    rule = f"node <> '{quoted(index.root)}' or coverage >= {index.least_coverage} - 1e-12"
    scores = rows(
        connection,
        f"""select unit, node, case when {rule} then score end as score, coverage,
            case when node = '{quoted(index.root)}' and {rule}
              then rank() over (partition by node, {rule} order by round(score, 9) desc) end as rank
            from composite_scores order by unit, node""",
    )
    parts = module.contributions("composite_scores", "structure", "unit", index.ceiling)
    contributions = rows(connection, f"select * from ({parts}) order by unit, node, child")
    return Scored(scores, contributions, _ranks(connection, index, draws) if draws else [])


def _lay_out(connection: duckdb.DuckDBPyConnection, table: str, unit: str, index: Index) -> None:
    columns = {row[0] for row in connection.execute(f"describe {table}").fetchall()}
    missing = [name for name in (unit, *(leaf.code for leaf in index.leaves)) if name not in columns]
    if missing:
        raise ScienceError(f"colonne(s) absente(s) de la table : {', '.join(missing)}")
    connection.execute(
        "create or replace temp table structure (node varchar, parent varchar, weight double, aggregation varchar, depth int)"
    )
    connection.executemany("insert into structure values (?, ?, ?, ?, ?)", [list(row) for row in index.structure()])
    for normalisation in NORMALISATIONS if index.normalisation != "none" else ("none",):
        side_by_side = ", ".join(f'{_scored(leaf, index, normalisation)} as "{leaf.code}"' for leaf in index.leaves)
        query = f'select "{unit}"::varchar as unit, {side_by_side} from {table}'
        connection.execute(f"create or replace temp table scores_{normalisation} as {query}")
    parts = [
        f"""select unit, '{quoted(leaf.code)}' as node, "{leaf.code}" as score from scores_{index.normalisation}"""
        for leaf in index.leaves
    ]
    connection.execute(f"create or replace temp view leaf_scores as {' union all '.join(parts)}")


NORMALISATIONS: tuple[Normalisation, ...] = ("goalposts", "minmax", "zscore")


def _scored(leaf: Leaf, index: Index, normalisation: str) -> str:
    raw = f'"{leaf.code}"::double'
    value = f"ln({raw})" if leaf.is_log else raw
    low, high = (leaf.low, leaf.high)
    turned = leaf.is_reversed if low is None or high is None else low > high
    module = macros("composite")
    if normalisation == "none":
        scored = raw
    elif normalisation == "zscore":
        away = f"20 * ({value} - avg({value}) over ()) / nullif(stddev_samp({value}) over (), 0)"
        scored = module.held_between(f"50 {'-' if turned else '+'} {away}", index.bottom, index.top)
    elif normalisation == "minmax" or low is None or high is None:
        ends = (f"min({value}) over ()", f"max({value}) over ()")
        scored = module.between_goalposts(value, *(reversed(ends) if turned else ends), index.bottom, index.top)
    else:
        posts = (f"ln({low})", f"ln({high})") if leaf.is_log else (str(low), str(high))
        scored = module.between_goalposts(value, *posts, index.bottom, index.top)
    return str(scored)


def _ranks(connection: duckdb.DuckDBPyConnection, index: Index, draws: int) -> list[dict[str, Any]]:
    """Rank intervals over weights (x 0.75 to 1.25), normalisations, aggregations, and one pillar left out or none.

    A draw is one row of weights, a unit one row of scores: what is drawn by the thousand stands side by side.
    """
    kinds = NORMALISATIONS if index.normalisation != "none" else ("none",)
    root = quoted(index.root)
    drawn = [child for child in index.children if child.parent is not None]
    connection.register("noise", noise([child.code for child in drawn], draws))
    weights = ", ".join(f'{_drawn_weight(child, index, len(kinds))} as "{_weight(child)}"' for child in drawn)
    connection.execute(f"""
        create or replace temp table draws as
        select draw, {weights}, draw // {len(kinds)} % 2 = 1 as is_arithmetic from noise""")
    connection.unregister("noise")
    connection.execute(f"""
        create or replace temp table ranked_units as
        select unit from composite_scores where node = '{root}' and coverage >= {index.least_coverage} - 1e-12""")
    drawn_scores = " union all ".join(
        f"select draws.*, scores.* from draws, scores_{kind} as scores semi join ranked_units using (unit) "
        f"where draw % {len(kinds)} = {number}"
        for number, kind in enumerate(kinds)
    )
    depth = max(row[4] for row in index.structure())
    levels = [f"level_{depth} as ({drawn_scores})"]
    for level in range(depth - 1, -1, -1):
        groups = [node for node in index.nodes if index.depth(node.code) == level]
        means = "".join(f', {_mean(node, index)} as "{node.code}"' for node in groups)
        levels.append(f"level_{level} as (select *{means} from level_{level + 1})")
    return rows(
        connection,
        f"""with {", ".join(levels)},
        ranked as (
          select unit, rank() over (partition by draw order by round("{index.root}", 9) desc) as rank
          from level_0 where "{index.root}" is not null)
        select unit, quantile_disc(rank, 0.05) as rank_p05, quantile_disc(rank, 0.5) as rank_median,
          quantile_disc(rank, 0.95) as rank_p95, avg((rank <= 3)::int) as share_in_first_three, count(*) as draws
        from ranked group by unit order by rank_median, unit""",
    )


def _weight(child: Node | Leaf) -> str:
    return f"weight of {child.code}"


def noise(codes: Sequence[str], draws: int) -> pa.Table:
    """One row a draw, one column of numbers between 0 and 1 a child."""
    drawn = np.random.default_rng(SEED).random((len(codes), draws))
    return pa.table({"draw": np.arange(draws), **dict(zip(codes, drawn, strict=True))})


def factors(tree: Sequence[Mapping[str, Any]], draws: int) -> pa.Table:
    """What each draw multiplies each weight of a tree by, 0.75 to 1.25 (rows: draw, node, factor).

    `tree` is rows of (node, depth). A pillar in turn, or none, is left out.
    """
    nodes = sorted(row["node"] for row in tree if row["depth"])
    pillars = sorted(row["node"] for row in tree if row["depth"] == 1)
    drawn = noise(nodes, draws)
    left_out = np.arange(draws) // (2 * len(NORMALISATIONS)) % (len(pillars) + 1)
    columns = [
        (0.75 + 0.5 * drawn[node].to_numpy()) * (left_out != pillars.index(node) + 1 if node in pillars else 1) for node in nodes
    ]
    return pa.table({
        "draw": np.tile(np.arange(draws), len(nodes)), "node": np.repeat(nodes, draws), "factor": np.concatenate(columns),
    })  # fmt: skip


def _drawn_weight(child: Node | Leaf, index: Index, kinds: int) -> str:
    pillars = sorted(one.code for one in index.children if one.parent == index.root)
    weight = f'{child.weight} * (0.75 + 0.5 * "{child.code}")'
    if child.code not in pillars:
        return weight
    left_out = f"draw // {2 * kinds} % {len(pillars) + 1} = {pillars.index(child.code) + 1}"
    return f"case when {left_out} then 0 else {weight} end"


def _mean(node: Node, index: Index) -> str:
    """A group's score in one draw; the root is an arithmetic mean in every other one."""
    children = [child for child in index.children if child.parent == node.code]
    scores = [f'"{child.code}"' for child in children]
    weights = [f'"{_weight(child)}"' for child in children]
    module = macros("composite")
    mean = module.mean_across(node.aggregation, scores, weights, index.ceiling)
    if node.parent is not None:
        return str(mean)
    return f"case when is_arithmetic then {module.mean_across('arithmetic', scores, weights, index.ceiling)} else {mean} end"
