"""A composite index over a table: the macros of the house, rendered and run on relations of one's own.

The arithmetic is `dbt_project/macros/composite.sql`; here are the structure that it reads, and the draws that
tell how much of a rank is a choice of weights, of normalisation or of aggregation (OECD-JRC Handbook 2008).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import duckdb
from jinja2 import Environment, StrictUndefined

from vigie.science import ScienceError

MACROS = Path(__file__).resolve().parents[2] / "dbt_project" / "macros" / "composite.sql"
Aggregation = Literal["arithmetic", "geometric", "dual_geometric"]
Normalisation = Literal["goalposts", "minmax", "zscore", "none"]


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
        parents = {node.code for node in self.nodes}
        for child in (*self.nodes, *self.leaves):
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
    def root(self) -> str:
        """The code of the index itself."""
        return next(node.code for node in self.nodes if node.parent is None)

    def depth(self, code: str) -> int:
        """How many steps below the root; ScienceError when a group is its own ancestor."""
        parents: Mapping[str, str | None] = {child.code: child.parent for child in (*self.nodes, *self.leaves)}
        steps = 0
        place: str | None = code
        while (place := parents[place]) is not None:
            steps += 1
            if steps > len(parents):
                raise ScienceError(f"« {code} » est son propre ancêtre")
        return steps

    def structure(self) -> list[tuple[str, str | None, float, str | None, int]]:
        """Rows of (node, parent, weight, aggregation, depth)."""
        groups = [(node.code, node.parent, node.weight, node.aggregation, self.depth(node.code)) for node in self.nodes]
        return [*groups, *((leaf.code, leaf.parent, leaf.weight, None, self.depth(leaf.code)) for leaf in self.leaves)]


@cache
def macros() -> Any:
    """The macros of the house, as a module of Jinja."""
    environment = Environment(undefined=StrictUndefined, autoescape=False)
    return environment.from_string(MACROS.read_text()).module


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
    module = macros()
    composite = module.composite("leaf_scores", "structure", "unit", depth, index.ceiling)
    connection.execute(f"create or replace temp table composite_scores as with {composite} select * from composite")
    rule = f"node <> '{_quoted(index.root)}' or coverage >= {index.least_coverage} - 1e-12"
    scores = _rows(
        connection,
        f"""select unit, node, case when {rule} then score end as score, coverage,
            case when node = '{_quoted(index.root)}' and {rule}
              then rank() over (partition by node, {rule} order by round(score, 9) desc) end as rank
            from composite_scores order by unit, node""",
    )
    contributions = _rows(
        connection,
        f"select * from ({module.contributions('composite_scores', 'structure', 'unit', index.ceiling)}) order by unit, node, child",
    )
    return Scored(scores, contributions, _ranks(connection, index, draws) if draws else [])


def _lay_out(connection: duckdb.DuckDBPyConnection, table: str, unit: str, index: Index) -> None:
    columns = {row[0] for row in connection.execute(f"describe {table}").fetchall()}
    missing = [name for name in (unit, *(leaf.code for leaf in index.leaves)) if name not in columns]
    if missing:
        raise ScienceError(f"colonne(s) absente(s) de la table : {', '.join(missing)}")
    connection.execute("create or replace temp table structure (node varchar, parent varchar, weight double, aggregation varchar, depth int)")
    connection.executemany("insert into structure values (?, ?, ?, ?, ?)", [list(row) for row in index.structure()])
    for normalisation in NORMALISATIONS if index.normalisation != "none" else ("none",):
        parts = [_leaf(table, unit, leaf, index, normalisation) for leaf in index.leaves]
        connection.execute(f"create or replace temp table leaf_scores_{normalisation} as {' union all '.join(parts)}")
    connection.execute(f"create or replace temp view leaf_scores as select * from leaf_scores_{index.normalisation}")


NORMALISATIONS: tuple[Normalisation, ...] = ("goalposts", "minmax", "zscore")


def _leaf(table: str, unit: str, leaf: Leaf, index: Index, normalisation: str) -> str:
    raw = f'"{leaf.code}"::double'
    value = f"ln({raw})" if leaf.is_log else raw
    low, high = (leaf.low, leaf.high)
    turned = leaf.is_reversed if low is None or high is None else low > high
    module = macros()
    if normalisation == "none":
        scored = raw
    elif normalisation == "zscore":
        sign = "-" if turned else ""
        scored = f"least(greatest(50 + {sign}20 * ({value} - avg({value}) over ()) / nullif(stddev_samp({value}) over (), 0), {index.bottom}), {index.top})"
    elif normalisation == "minmax" or low is None or high is None:
        ends = (f"min({value}) over ()", f"max({value}) over ()")
        scored = module.between_goalposts(value, *(reversed(ends) if turned else ends), index.bottom, index.top)
    else:
        posts = (f"ln({low})", f"ln({high})") if leaf.is_log else (str(low), str(high))
        scored = f"case when {raw} is not null then {module.between_goalposts(value, *posts, index.bottom, index.top)} end"
    return f"""select "{unit}"::varchar as unit, '{_quoted(leaf.code)}' as node, {scored} as score from {table}"""


def _ranks(connection: duckdb.DuckDBPyConnection, index: Index, draws: int) -> list[dict[str, Any]]:
    """Rank intervals over weights (x 0.75 to 1.25), three normalisations, two aggregations, one pillar left out or none."""
    module = macros()
    depth = max(row[4] for row in index.structure())
    pillars = sum(1 for node in (*index.nodes, *index.leaves) if node.parent == index.root)
    kinds = NORMALISATIONS if index.normalisation != "none" else ("none",)
    leaves = " union all ".join(
        f"select draw, unit, node, score from leaf_scores_{kind}, draws where draw % {len(kinds)} = {number}"
        for number, kind in enumerate(kinds)
    )
    weighted = f"""
        select draws.draw, structure.* replace (
          weight * (0.75 + 0.5 * {module.draw("draws.draw || '|' || structure.node")})
            * case when structure.depth = 1 and row_number() over (partition by draws.draw, structure.depth order by structure.node)
                = draws.draw // {2 * len(kinds)} % {pillars + 1} then 0 else 1 end as weight,
          case when structure.depth = 0 and draws.draw // {len(kinds)} % 2 = 1 then 'arithmetic' else aggregation end as aggregation)
        from structure, draws"""
    connection.execute(f"create or replace temp table draws as select range as draw from range({int(draws)})")
    connection.execute(f"create or replace temp table drawn_structure as {weighted}")
    connection.execute(f"create or replace temp table drawn_scores as {leaves}")
    levels = [f"drawn_{depth} as (select scores.draw, unit, structure.node, score from drawn_scores as scores inner join drawn_structure as structure using (draw, node) where structure.depth = {depth} and score is not null)"]
    for level in range(depth - 1, -1, -1):
        mean = module.weighted_mean("above.aggregation", "below.score", "child.weight", index.ceiling)
        levels.append(f"""drawn_{level} as (
            select scores.draw, unit, structure.node, score from drawn_scores as scores
            inner join drawn_structure as structure using (draw, node)
            where structure.depth = {level} and structure.aggregation is null and score is not null
            union all
            select below.draw, unit, above.node, {mean} as score from drawn_{level + 1} as below
            inner join drawn_structure as child on child.draw = below.draw and child.node = below.node
            inner join drawn_structure as above on above.draw = below.draw and above.node = child.parent
            where child.weight > 0 group by below.draw, unit, above.node, above.aggregation)""")
    return _rows(
        connection,
        f"""with {", ".join(levels)},
        covered as (select unit from composite_scores where node = '{_quoted(index.root)}' and coverage >= {index.least_coverage} - 1e-12),
        ranked as (
          select draw, unit, rank() over (partition by draw order by round(score, 9) desc) as rank
          from drawn_0 inner join covered using (unit))
        select unit, quantile_disc(rank, 0.05) as rank_p05, quantile_disc(rank, 0.5) as rank_median,
          quantile_disc(rank, 0.95) as rank_p95, avg((rank <= 3)::int) as share_in_first_three, count(*) as draws
        from ranked group by unit order by rank_median, unit""",
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _quoted(text: str) -> str:
    return text.replace("'", "''")
