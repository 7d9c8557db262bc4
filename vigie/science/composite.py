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
from numpy.typing import NDArray

from vigie.science import ScienceError
from vigie.science.sql import double, identifier, macros, quoted, rows

Array = NDArray[np.float64]
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
        if self.bottom >= self.top:
            raise ScienceError(f"l'échelle va de {self.bottom:g} à {self.top:g} : bottom doit être au-dessous de top")
        if self.ceiling < self.top and any(node.aggregation == "dual_geometric" for node in self.nodes):
            raise ScienceError(
                f"ceiling ({self.ceiling:g}) est le pire score possible : le mettre à top ({self.top:g}) ou au-dessus"
            )
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
            unread = [leaf.code for leaf in self.leaves if leaf.is_log and min(leaf.low or 0, leaf.high or 0) <= 0]
            if unread:
                raise ScienceError(f"bornes (low, high) sans logarithme, il les faut au-dessus de zéro : {', '.join(unread)}")

    @property
    def children(self) -> list[Node | Leaf]:
        return [*self.nodes, *self.leaves]

    @property
    def root(self) -> str:
        """The code of the index itself."""
        return next(node.code for node in self.nodes if node.parent is None)

    @property
    def middle(self) -> float:
        """A number of the scale, to stand where none is known."""
        return (self.bottom + self.top) / 2

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

    The root of a unit without coverage enough, or without any figure, is null, with its coverage beside it, and has no rank.
    """
    _lay_out(connection, table, unit, index)
    depth = max(row[4] for row in index.structure())
    module = macros("composite")
    composite = module.composite("leaf_scores", "structure", ["unit"], depth, double(index.ceiling))
    connection.execute(f"create or replace temp table composite_scores as with {composite} select * from composite")
    root = f"'{quoted(index.root)}'"
    rule = f"(node <> {root} or coverage >= {double(index.least_coverage)} - 1e-12)"
    scores = rows(
        connection,
        f"""select unit, node, case when {rule} then score end as score, coverage,
            case when node = {root} and {rule}
              then rank() over (partition by node, {rule} order by round(score, 9) desc) end as rank
            from composite_scores
            union all by name
            select unit, {root} as node, 0::double as coverage from scores_{index.normalisation}
            where unit not in (select unit from composite_scores where node = {root})
            order by unit, node""",
    )
    parts = module.contributions("composite_scores", "structure", "unit", double(index.ceiling))
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
        side_by_side = ", ".join(f"{_scored(leaf, index, normalisation)} as {identifier(leaf.code)}" for leaf in index.leaves)
        query = f"select {identifier(unit)}::varchar as unit, {side_by_side} from {table}"
        connection.execute(f"create or replace temp table scores_{normalisation} as {query}")
    parts = [
        f"""select unit, '{quoted(leaf.code)}' as node, {identifier(leaf.code)} as score from scores_{index.normalisation}"""
        for leaf in index.leaves
    ]
    connection.execute(f"create or replace temp view leaf_scores as {' union all '.join(parts)}")


NORMALISATIONS: tuple[Normalisation, ...] = ("goalposts", "minmax", "zscore")


def _scored(leaf: Leaf, index: Index, normalisation: str) -> str:
    raw = f"{identifier(leaf.code)}::double"
    value = f"ln({raw})" if leaf.is_log else raw
    low, high = (leaf.low, leaf.high)
    turned = leaf.is_reversed if low is None or high is None else low > high
    module = macros("composite")
    bottom, top = double(index.bottom), double(index.top)
    if normalisation == "none":
        scored = raw
    elif normalisation == "zscore":
        away = f"20 * ({value} - avg({value}) over ()) / nullif(stddev_samp({value}) over (), 0)"
        scored = module.held_between(f"50 {'-' if turned else '+'} {away}", bottom, top)
    elif normalisation == "minmax" or low is None or high is None:
        ends = (f"min({value}) over ()", f"max({value}) over ()")
        scored = module.between_goalposts(value, *(reversed(ends) if turned else ends), bottom, top)
    else:
        posts = [f"ln({double(post)})" if leaf.is_log else double(post) for post in (low, high)]
        scored = module.between_goalposts(value, *posts, bottom, top)
    return str(scored)


def _ranks(connection: duckdb.DuckDBPyConnection, index: Index, draws: int) -> list[dict[str, Any]]:
    """Rank intervals over weights (x 0.75 to 1.25), normalisations, aggregations, and one pillar left out or none.

    The means are those of the macros, written on arrays: rows draw, columns units. A unit whose only pillar a draw
    leaves out has no rank in it.
    """
    # scipy.stats takes longer to load than most commands take to run
    from scipy.stats import rankdata

    kinds = NORMALISATIONS if index.normalisation != "none" else ("none",)
    units = [
        row[0]
        for row in connection.execute(
            f"select unit from composite_scores where node = '{quoted(index.root)}'"
            f" and coverage >= {index.least_coverage} - 1e-12 order by unit"
        ).fetchall()
    ]
    weights = _drawn_weights(index, len(kinds), draws)
    number = np.arange(draws)
    totals = np.full((draws, len(units)), np.nan)
    for place, kind in enumerate(kinds):
        query = f"select * from scores_{kind} where list_contains(?, unit) order by unit"
        columns = connection.execute(query, [units]).fetchnumpy()
        raw: dict[str, Any] = {leaf.code: np.ma.asarray(columns[leaf.code], dtype=float) for leaf in index.leaves}
        scores = {code: values.filled(np.nan)[None, :] for code, values in raw.items()}
        for is_arithmetic in (True, False):
            drawn = (number % len(kinds) == place) & ((number // len(kinds) % 2 == 1) == is_arithmetic)
            totals[drawn] = root_scores(index, scores, {code: weight[drawn] for code, weight in weights.items()}, is_arithmetic)
    totals = np.round(totals, 9)
    ranks = np.where(np.isnan(totals), np.nan, rankdata(-np.nan_to_num(totals, nan=-np.inf), method="min", axis=1))
    told = [_interval(unit, ranks[~np.isnan(ranks[:, n]), n]) for n, unit in enumerate(units)]
    return sorted((row for row in told if row["draws"]), key=lambda row: (row["rank_median"], row["unit"]))


def _interval(unit: str, ranks: Array) -> dict[str, Any]:
    if not len(ranks):
        return {"unit": unit, "draws": 0}
    low, median, high = np.quantile(ranks, [0.05, 0.5, 0.95], method="inverted_cdf").astype(int).tolist()
    return {
        "unit": unit, "rank_p05": low, "rank_median": median, "rank_p95": high,
        "share_in_first_three": float(np.mean(ranks <= 3)), "draws": len(ranks),
    }  # fmt: skip


def root_scores(index: Index, scores: Mapping[str, Array], weights: Mapping[str, Array], is_arithmetic: bool) -> Array:
    """The index of each unit in each draw (draws x units), the groups made from the deepest up."""
    known = dict(scores)
    for node in sorted(index.nodes, key=lambda node: -index.depth(node.code)):
        children = [child.code for child in index.children if child.parent == node.code]
        aggregation = "arithmetic" if node.code == index.root and is_arithmetic else node.aggregation
        known[node.code] = _mean(
            aggregation, [known[code] for code in children], [weights[code] for code in children], index.ceiling
        )
    return known[index.root]


def _mean(aggregation: Aggregation, scores: Sequence[Array], weights: Sequence[Array], ceiling: float) -> Array:
    """`weighted_mean` of the macros, over the scores that are known (not NaN).

    A score is one row, the same in every draw, or one row a draw; a weight is one number a draw.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [_term(aggregation, score, ceiling) for score in scores]
        same = [n for n, score in enumerate(scores) if len(score) == 1]
        total: Array = np.zeros((1, 1))
        present: Array = np.zeros((1, 1))
        if same:
            fixed, weight = np.concatenate([terms[n] for n in same]), np.column_stack([weights[n] for n in same])
            total, present = weight @ np.nan_to_num(fixed), weight @ ~np.isnan(fixed)
        for n in set(range(len(scores))) - set(same):
            known = ~np.isnan(terms[n])
            total = total + weights[n][:, None] * np.where(known, terms[n], 0)
            present = present + weights[n][:, None] * known
        mean = total / present
        if aggregation == "arithmetic":
            return mean
        return np.exp(mean) if aggregation == "geometric" else ceiling - np.exp(mean)


def _term(aggregation: Aggregation, score: Array, ceiling: float) -> Array:
    if aggregation == "arithmetic":
        return score
    left = np.maximum(score if aggregation == "geometric" else ceiling - score, 0)
    # the logarithm of nothing is kept finite, so that a weight of zero silences it
    return np.maximum(np.log(left), -1e300)


def _drawn_weights(index: Index, kinds: int, draws: int) -> dict[str, Array]:
    """What each child weighs in each draw; a pillar in turn, or none, weighs nothing."""
    drawn = [child for child in index.children if child.parent is not None]
    random = np.random.default_rng(SEED).random((len(drawn), draws))
    pillars = sorted(child.code for child in drawn if child.parent == index.root)
    left_out = np.arange(draws) // (2 * kinds) % (len(pillars) + 1)
    found = {}
    for child, numbers in zip(sorted(drawn, key=lambda child: child.code), random, strict=True):
        weight = child.weight * (0.75 + 0.5 * numbers)
        found[child.code] = np.where(left_out == pillars.index(child.code) + 1, 0, weight) if child.code in pillars else weight
    return found


def rank_intervals(
    tree: Sequence[Mapping[str, Any]], scores: Mapping[tuple[str, str], float], draws: int, bottom: float = 1.0, top: float = 99.0
) -> pa.Table:
    """Rank intervals of units whose leaves are scored already, by (unit, node), under a tree of rows of
    (node, parent, weight, aggregation).

    Rows of (unit, rank_p05, rank_median, rank_p95, share_in_first_three, draws); none without scores.
    """
    index = Index(
        [Node(row["node"], row["parent"], row["weight"], row["aggregation"]) for row in tree if row["aggregation"]],
        [Leaf(row["node"], row["parent"], row["weight"], bottom, top) for row in tree if not row["aggregation"]],
        bottom=bottom, top=top, least_coverage=0,
    )  # fmt: skip
    units = sorted({unit for unit, _ in scores})
    wide = {leaf.code: pa.array([scores.get((unit, leaf.code)) for unit in units], pa.float64()) for leaf in index.leaves}
    with duckdb.connect() as connection:
        connection.register("scored", pa.table({"unit": pa.array(units, pa.string()), **wide}))
        ranks = score(connection, "scored", "unit", index, draws).ranks
    rank = pa.int64()
    columns = [
        ("unit", pa.string()), ("rank_p05", rank), ("rank_median", rank), ("rank_p95", rank),
        ("share_in_first_three", pa.float64()), ("draws", rank),
    ]  # fmt: skip
    return pa.Table.from_pylist(ranks, schema=pa.schema(columns))
