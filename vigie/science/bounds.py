"""What a sum over a table can be when only some of the table's margins are known: exact bounds.

Cells are non-negative; each known margin is an equation, or an interval when it was stated as one. The two ends
are linear programmes (Manski's partial identification; with two one-way margins they are the Fréchet bounds).
Nothing is imputed: where the margins say little, the interval is wide, and that is the answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import block_diag, csr_array, hstack

from vigie.science import ScienceError

Cell = tuple[str, ...]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Margin:
    """The sum of the cells that agree with `where` (dimension → code), known to lie in [lower, upper].

    With `of`, both are shares of the sum of the cells that agree with it. An infinite `upper` says nothing above.
    `name` is how a person calls it, `source` who stated it.
    """

    where: Mapping[str, str]
    lower: float
    upper: float
    name: str = ""
    source: str = ""
    of: Mapping[str, str] | None = None

    def __str__(self) -> str:
        said = self.name or (" × ".join(f"{key}={code}" for key, code in self.where.items()) or "total")
        scale, unit = (1, "") if self.of is None else (100, " %")
        low, high = (f"{round(scale * end, 6):.10g}".replace(".", ",") for end in (self.lower, self.upper))
        value = low if self.lower == self.upper else f"au moins {low}" if np.isinf(self.upper) else f"{low} à {high}"
        return f"« {said} » ({value}{unit}{', ' + self.source if self.source else ''})"


@dataclass(frozen=True)
class Interval:
    """The least and the greatest value that the margins allow."""

    lower: float
    upper: float

    @property
    def width(self) -> float:
        """Upper minus lower."""
        return self.upper - self.lower


@dataclass(frozen=True)
class Question:
    """One figure that could be asked for, and what the answer would leave of the interval.

    `width_at_most` is the width left by the least helpful answer; of the answers tried, `width_at_least` is that of the most
    helpful one, and `width_on_average` their mean.
    """

    where: Mapping[str, str]
    width_before: float
    width_at_most: float
    width_at_least: float
    width_on_average: float


@dataclass(frozen=True)
class Margins:
    """A table by its dimensions (name → codes) and what is known of its sums."""

    dimensions: Mapping[str, Sequence[str]]
    known: Sequence[Margin]

    def __post_init__(self) -> None:
        for margin in self.known:
            for key, code in [*margin.where.items(), *(margin.of or {}).items()]:
                if code not in self.dimensions.get(key, ()):
                    raise ScienceError(f"la marge {margin} nomme {key}={code}, qui n'est pas dans la table")
            if not 0 <= margin.lower <= margin.upper:
                raise ScienceError(f"la marge {margin} n'est pas un intervalle de nombres positifs")

    @cached_property
    def cells(self) -> list[Cell]:
        """Every crossing of the codes."""
        return list(product(*self.dimensions.values()))

    def members(self, where: Mapping[str, str]) -> Array:
        """1 for each cell that agrees with `where`, 0 elsewhere."""
        names = list(self.dimensions)
        unknown = [f"{key}={code}" for key, code in where.items() if code not in self.dimensions.get(key, ())]
        if unknown:
            raise ScienceError(f"aucune marge ne nomme {', '.join(unknown)} ; dimensions : {', '.join(names)}")
        wanted = [(names.index(key), code) for key, code in where.items()]
        return np.array([all(cell[place] == code for place, code in wanted) for cell in self.cells], dtype=float)

    @cached_property
    def _system(self) -> tuple[csr_array, Array]:
        return self._rows(self.known)

    @cached_property
    def _unit(self) -> float:
        """What the programmes count in: their tolerances are fixed numbers, and margins may be of any size."""
        told = [end for margin in self.known if margin.of is None for end in (margin.lower, margin.upper) if np.isfinite(end)]
        return max(told, default=0.0) / 1e6 or 1.0

    def _rows(self, margins: Sequence[Margin]) -> tuple[csr_array, Array]:
        """What the margins ask, as rows of A x ≤ b: one for each end that says something."""
        rows, ends = [np.zeros(len(self.cells))], [0.0]
        for margin in margins:
            for sign, end in ((1, margin.upper), (-1, margin.lower)):
                if np.isinf(end) or (sign < 0 and end == 0):
                    continue
                share = 0.0 if margin.of is None else end * self.members(margin.of)
                rows.append(sign * (self.members(margin.where) - share))
                ends.append(sign * end / self._unit if margin.of is None else 0.0)
        return csr_array(np.array(rows)), np.array(ends)

    def weights(self, weight: Callable[[Mapping[str, str]], float]) -> Array:
        """A weight for each cell, from its codes by dimension."""
        return np.array([weight(dict(zip(self.dimensions, cell, strict=True))) for cell in self.cells])

    def bounds(self, weights: Array) -> Interval:
        """The least and greatest of the weighted sum of the cells; ScienceError when the margins contradict each other."""
        return Interval(self._end(weights, 1), self._end(weights, -1))

    def _end(self, weights: Array, sign: int) -> float:
        system, ends = self._system
        found = linprog(sign * weights, A_ub=system, b_ub=ends, method="highs")
        if found.status == 2:
            raise ScienceError(self.conflict())
        if found.status == 3:
            return sign * float("-inf")
        return float(sign * found.fun) * self._unit + 0.0

    def shares(self, weights: Array, of: Array) -> Interval | None:
        """The least and greatest of the weighted sum over the sum `of`, itself unknown; None when that one can only be zero.

        A linear-fractional programme is a linear one in the cells over the denominator (Charnes and Cooper, 1962).
        """
        system, ends = self._system
        found = [
            linprog(
                np.append(sign * weights, 0), A_ub=hstack([system, csr_array(-ends.reshape(-1, 1))]), b_ub=np.zeros(len(ends)),
                A_eq=np.append(of, 0).reshape(1, -1), b_eq=[1.0], method="highs",
            )
            for sign in (1, -1)
        ]  # fmt: skip
        if found[0].status == 2:
            return None
        return Interval(float(found[0].fun) + 0.0, float("inf") if found[1].status == 3 else float(-found[1].fun) + 0.0)

    def conflict(self) -> str:
        """Which margins cannot hold together: a pair where one is enough, else the smallest set found."""
        for pair in combinations(self.known, 2):
            if not self._is_feasible(pair):
                return f"deux marges se contredisent : {pair[0]} et {pair[1]} ; corriger l'une ou donner un intervalle"
        kept = list(self.known)
        for margin in self.known:
            # what can be left out without restoring agreement has no part in the conflict
            without = [other for other in kept if other is not margin]
            if not self._is_feasible(without):
                kept = without
        return f"ces marges ne tiennent pas ensemble : {' ; '.join(map(str, kept))} ; corriger l'une ou donner un intervalle"

    def _is_feasible(self, margins: Sequence[Margin]) -> bool:
        # shares alone hold together when there is nothing at all: of something, of whatever size, they must
        of = [Margin(margin.of, 1, float("inf")) for margin in margins if margin.of is not None]
        system, ends = self._rows([*margins, *of] if len(of) == len(margins) else margins)
        return bool(linprog(np.zeros(len(self.cells)), A_ub=system, b_ub=ends, method="highs").status != 2)

    def with_known(self, margin: Margin) -> "Margins":
        """The same table once one more margin is known."""
        return Margins(self.dimensions, [*self.known, margin])

    def next_figure(self, weights: Array, questions: Sequence[Mapping[str, str]], tried: int = 5) -> list[Question]:
        """The questions by how much their worst answer would narrow the interval, then their average one, the most useful first.

        The width left is concave in the answer, so that its greatest value is one linear programme over two
        tables that share the answer; `tried` answers, evenly spaced, look for the most helpful one.
        """
        before = self.bounds(weights).width
        ranked = [
            Question(where, before, self._widest(weights, where), *self._tried(weights, where, tried)) for where in questions
        ]
        # nine digits: what is equal must not be told apart by the last bits of a solver
        return sorted(ranked, key=lambda q: [float(f"{w:.9g}") for w in (q.width_at_most, q.width_on_average, q.width_at_least)])

    def _widest(self, weights: Array, where: Mapping[str, str]) -> float:
        system, ends = self._system
        asked = self.members(where)
        n = len(self.cells)
        found = linprog(
            np.concatenate([-weights, weights]),
            A_ub=block_diag([system, system]), b_ub=np.concatenate([ends, ends]),
            A_eq=csr_array(np.concatenate([asked, -asked]).reshape(1, 2 * n)), b_eq=[0.0], method="highs",
        )  # fmt: skip
        if found.status == 2:
            raise ScienceError(self.conflict())
        return float("inf") if found.status == 3 else max(float(-found.fun) * self._unit, 0.0)

    def _tried(self, weights: Array, where: Mapping[str, str], tried: int) -> tuple[float, float]:
        """The least and the mean width that the answers leave; not numbers where nothing bounds the answers."""
        answers = self.bounds(self.members(where))
        if not np.isfinite(answers.upper):
            return float("nan"), float("nan")
        widths = [
            self.with_known(Margin(where, value, value)).bounds(weights).width
            for value in np.linspace(answers.lower, answers.upper, tried)
        ]
        return min(widths), sum(widths) / len(widths)


def hhi(largest: float, others: int | None = None) -> Interval:
    """Bounds of the Herfindahl-Hirschman index when only the largest share is known.

    The rest is one market at most as large as the first, or spread over `others` markets, or over infinitely many.
    """
    if not 0 < largest <= 1:
        raise ScienceError(f"{largest} n'est pas une part : écrire un nombre entre 0 et 1")
    rest = 1 - largest
    spread = largest**2 + (rest**2 / others if others else 0.0)
    whole, left = divmod(rest, largest)
    return Interval(spread, largest**2 * (1 + whole) + left**2)
