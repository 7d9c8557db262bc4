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
from scipy.sparse import csr_array, lil_array, vstack

from vigie.science import ScienceError

Cell = tuple[str, ...]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Margin:
    """The sum of the cells that agree with `where` (dimension → code), known to lie in [lower, upper].

    `name` is how a person calls it, `source` who stated it.
    """

    where: Mapping[str, str]
    lower: float
    upper: float
    name: str = ""
    source: str = ""

    def __str__(self) -> str:
        said = self.name or (" × ".join(f"{key}={code}" for key, code in self.where.items()) or "total")
        value = f"{self.lower:g}" if self.lower == self.upper else f"{self.lower:g} à {self.upper:g}"
        return f"« {said} » ({value}{', ' + self.source if self.source else ''})"


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

    `width_at_most` is the width left by the least helpful answer, `width_at_least` by the most helpful one tried.
    """

    where: Mapping[str, str]
    width_before: float
    width_at_most: float
    width_at_least: float


@dataclass(frozen=True)
class Margins:
    """A table by its dimensions (name → codes) and what is known of its sums."""

    dimensions: Mapping[str, Sequence[str]]
    known: Sequence[Margin]

    def __post_init__(self) -> None:
        for margin in self.known:
            for key, code in margin.where.items():
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
        wanted = [(names.index(key), code) for key, code in where.items()]
        return np.array([all(cell[place] == code for place, code in wanted) for cell in self.cells], dtype=float)

    @cached_property
    def _system(self) -> tuple[csr_array, Array, Array]:
        return self._rows(self.known)

    def _rows(self, margins: Sequence[Margin]) -> tuple[csr_array, Array, Array]:
        rows = lil_array((max(len(margins), 1), len(self.cells)))
        for number, margin in enumerate(margins):
            rows[number, :] = self.members(margin.where)
        return (
            csr_array(rows),
            np.array([margin.lower for margin in margins] or [0.0]),
            np.array([margin.upper for margin in margins] or [0.0]),
        )

    def weights(self, weight: Callable[[Mapping[str, str]], float]) -> Array:
        """A weight for each cell, from its codes by dimension."""
        return np.array([weight(dict(zip(self.dimensions, cell, strict=True))) for cell in self.cells])

    def bounds(self, weights: Array) -> Interval:
        """The least and greatest of the weighted sum of the cells; ScienceError when the margins contradict each other."""
        system, low, high = self._system
        return Interval(self._end(weights, 1, system, low, high), self._end(weights, -1, system, low, high))

    def _end(self, weights: Array, sign: int, system: csr_array, low: Array, high: Array) -> float:
        found = linprog(sign * weights, A_ub=vstack([system, -system]), b_ub=np.concatenate([high, -low]), method="highs")
        if found.status == 2:
            raise ScienceError(self.conflict())
        if found.status == 3:
            return sign * float("-inf")
        return float(sign * found.fun) + 0.0

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
        system, low, high = self._rows(margins)
        found = linprog(
            np.zeros(len(self.cells)), A_ub=vstack([system, -system]), b_ub=np.concatenate([high, -low]), method="highs"
        )
        return bool(found.status != 2)

    def with_known(self, margin: Margin) -> "Margins":
        """The same table once one more margin is known."""
        return Margins(self.dimensions, [*self.known, margin])

    def next_figure(self, weights: Array, questions: Sequence[Mapping[str, str]], tried: int = 5) -> list[Question]:
        """The questions by how much their worst answer would narrow the interval, the most useful first.

        The width left is concave in the answer, so that its greatest value is one linear programme over two
        tables that share the answer; `tried` answers, evenly spaced, look for the most helpful one.
        """
        before = self.bounds(weights).width
        ranked = [
            Question(where, before, self._widest(weights, where), self._narrowest(weights, where, tried)) for where in questions
        ]
        return sorted(ranked, key=lambda question: (question.width_at_most, question.width_at_least))

    def _widest(self, weights: Array, where: Mapping[str, str]) -> float:
        system, low, high = self._system
        asked = self.members(where)
        n = len(self.cells)
        both = csr_array(np.block([[system.toarray(), np.zeros(system.shape)], [np.zeros(system.shape), system.toarray()]]))
        found = linprog(
            np.concatenate([-weights, weights]),
            A_ub=vstack([both, -both]), b_ub=np.concatenate([high, high, -low, -low]),
            A_eq=csr_array(np.concatenate([asked, -asked]).reshape(1, 2 * n)), b_eq=[0.0], method="highs",
        )  # fmt: skip
        if found.status == 2:
            raise ScienceError(self.conflict())
        return float("inf") if found.status == 3 else max(float(-found.fun), 0.0)

    def _narrowest(self, weights: Array, where: Mapping[str, str], tried: int) -> float:
        answers = self.bounds(self.members(where))
        if not np.isfinite(answers.upper):
            return float("nan")
        widths = [
            self.with_known(Margin(where, value, value)).bounds(weights).width
            for value in np.linspace(answers.lower, answers.upper, tried)
        ]
        return min(widths)


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
