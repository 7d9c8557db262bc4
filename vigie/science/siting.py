"""Where to place p sites so that a weighted population is near one: p-median and maximal covering.

Hakimi (1964) for the p-median, Church and ReVelle (1974) for coverage within a radius, both as integer
programmes solved by HiGHS. Distances are great circles, in kilometres.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from math import comb
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint
from scipy.sparse import csr_array, eye_array, hstack, kron

from vigie.science import ScienceError, programme

EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""

Method = Literal["p_median", "coverage"]
Array = NDArray[np.float64]


def distances(lat: Sequence[float], lon: Sequence[float]) -> Array:
    """Great-circle distances between all places (n × n, km), by the haversine formula; ScienceError off the globe."""
    for number, (north, east) in enumerate(zip(lat, lon, strict=True), start=1):
        if not (abs(north) <= 90 and abs(east) <= 180):
            raise ScienceError(
                f"lieu n° {number} : latitude {north}, longitude {east} ; écrire des degrés décimaux (33.57, -7.59)"
            )
    phi, lam = np.radians(np.asarray(lat, dtype=float)), np.radians(np.asarray(lon, dtype=float))
    half = np.sin((phi[:, None] - phi) / 2) ** 2 + np.cos(phi[:, None]) * np.cos(phi) * np.sin((lam[:, None] - lam) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


@dataclass(frozen=True)
class Siting:
    """The chosen places (indices, ascending) and what they give: mean km per unit of weight, or the share covered."""

    chosen: tuple[int, ...]
    score: float


@dataclass(frozen=True)
class Problem:
    """Weights by place (n), distances (n × n, km), the number of sites, and which places may host one.

    `required` hosts are open in any case. `radius_km` is for the method of coverage only.
    """

    weights: Array
    km: Array
    sites: int
    method: Method = "p_median"
    radius_km: float = 75.0
    allowed: NDArray[np.bool_] | None = None
    required: tuple[int, ...] = ()

    def hosts(self) -> NDArray[np.bool_]:
        """Which places may host a site."""
        return np.ones(len(self.weights), dtype=bool) if self.allowed is None else self.allowed

    def nearest(self, chosen: Sequence[int]) -> Array:
        """Kilometres from each place to the nearest of the chosen ones."""
        return np.asarray(self.km[:, list(chosen)].min(axis=1))

    def score(self, chosen: Sequence[int]) -> float:
        """What a given choice gives, in the method's own measure."""
        near = self.nearest(chosen)
        if self.method == "p_median":
            return float(self.weights @ near / self.weights.sum())
        return float(self.weights @ (near <= self.radius_km) / self.weights.sum())

    def is_better(self, one: float, other: float) -> bool:
        """Fewer kilometres, or more coverage."""
        return one < other if self.method == "p_median" else one > other


MOST_CHOICES = 20_000
"""Up to so many choices, all are tried; beyond, an integer programme finds the best."""


def solve(problem: Problem, forbidden: Sequence[tuple[int, ...]] = ()) -> Siting:
    """The best choice; `forbidden` choices are left out, so that the next best can be asked for."""
    _refuse_impossible(problem)
    choices = _choices(problem)
    if choices is not None:
        return _best_of_all(problem, problem.weights[None, :], [choice for choice in choices if choice not in set(forbidden)])[0]
    chosen = _p_median(problem, forbidden) if problem.method == "p_median" else _coverage(problem, forbidden)
    return Siting(chosen, problem.score(chosen))


def selection(problem: Problem, draws: Array) -> tuple[Array, list[Siting]]:
    """How often each place is chosen over perturbed weights (draws × n), and the choice of each draw."""
    _refuse_impossible(problem)
    choices = _choices(problem)
    if choices is not None:
        found = _best_of_all(problem, draws, choices)
    else:
        found = [solve(replace(problem, weights=weights)) for weights in draws]
    frequency = np.zeros(len(problem.weights))
    for siting in found:
        frequency[list(siting.chosen)] += 1
    return frequency / len(found), found


def _choices(problem: Problem) -> list[tuple[int, ...]] | None:
    """Every choice, places in order; nothing when there are too many."""
    free = [int(place) for place in np.flatnonzero(problem.hosts()) if int(place) not in problem.required]
    count = problem.sites - len(problem.required)
    if comb(len(free), count) > MOST_CHOICES:
        return None
    return [tuple(sorted((*problem.required, *chosen))) for chosen in combinations(free, count)]


def _best_of_all(problem: Problem, draws: Array, choices: Sequence[tuple[int, ...]]) -> list[Siting]:
    """The best choice of each draw; of two that cover as much, the nearer one."""
    shares = draws / draws.sum(axis=1, keepdims=True)
    costs = shares @ np.stack([_costs(problem, choice) for choice in choices]).T
    km = shares @ np.stack([problem.nearest(choice) for choice in choices]).T
    best = (costs + 1e-9 * km / max(float(problem.km.max()), 1.0)).argmin(axis=1)
    spent = costs[np.arange(len(draws)), best]
    scores = spent if problem.method == "p_median" else 1 - spent
    return [Siting(choices[place], score) for place, score in zip(best.tolist(), scores.tolist(), strict=True)]


def perturbed(weights: Array, draws: int, spread: float, seed: int) -> Array:
    """The weights times a log-normal noise (draws × n), the same for everyone who asks with that seed."""
    return weights * np.random.default_rng(seed).lognormal(0.0, spread, (draws, len(weights)))


def flips(problem: Problem, best: Siting) -> list[tuple[int, float, tuple[int, ...]]]:
    """For each place, the nearest factor on its weight alone at which a swap of one site does as well.

    Gives (place, factor, the choice that takes over); a place whose weight alone changes nothing is left out.
    """
    inside = set(best.chosen)
    outside = {int(place) for place in np.flatnonzero(problem.hosts())} - inside
    swaps = [tuple(sorted(inside - {leaving} | {coming})) for leaving, coming in product(inside - set(problem.required), outside)]
    cost = _costs(problem, best.chosen)
    found: dict[int, tuple[float, tuple[int, ...]]] = {}
    for swap in swaps:
        worse = _costs(problem, swap) - cost
        gap = float(problem.weights @ worse)
        for place in np.flatnonzero((np.abs(worse) > 1e-12) & (problem.weights > 0)):
            factor = 1 - gap / (worse[place] * problem.weights[place])
            nearest = found.get(int(place))
            if factor >= 0 and (nearest is None or abs(factor - 1) < abs(nearest[0] - 1)):
                found[int(place)] = (float(factor), swap)
    return [(place, *found[place]) for place in sorted(found, key=lambda place: abs(found[place][0] - 1))]


def _costs(problem: Problem, chosen: Sequence[int]) -> Array:
    """What a unit of weight at each place costs under a choice: kilometres, or 1 when it is not covered."""
    near = problem.nearest(chosen)
    return np.asarray(near if problem.method == "p_median" else (near > problem.radius_km).astype(float))


def _refuse_impossible(problem: Problem) -> None:
    hosts = int(problem.hosts().sum())
    if not 1 <= problem.sites <= hosts:
        raise ScienceError(f"{problem.sites} site(s) à placer pour {hosts} lieu(x) possible(s) : changer l'un ou l'autre")
    with np.errstate(over="ignore"):
        total = problem.weights.sum()
    if np.isposinf(total) and np.isfinite(problem.weights).all():
        raise ScienceError("la somme des poids dépasse ce qu'un nombre peut tenir : changer d'unité")
    if not np.isfinite(problem.weights).all() or (problem.weights < 0).any() or total == 0:
        raise ScienceError("chaque lieu demande un poids positif ou nul, et leur somme doit être positive")
    if len(set(problem.required)) < len(problem.required):
        raise ScienceError("un site imposé l'est deux fois : ne le nommer qu'une fois")
    if len(problem.required) > problem.sites or not problem.hosts()[list(problem.required)].all():
        raise ScienceError("les sites imposés sont plus nombreux que les sites à placer, ou hors des lieux possibles")


def _p_median(problem: Problem, forbidden: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """x[i, j]: place i is served by j; y[j]: a site is open at j."""
    n = len(problem.weights)
    cost = np.concatenate([(problem.weights[:, None] * problem.km).ravel(), np.zeros(n)])
    served = hstack([kron(eye_array(n), np.ones((1, n))), csr_array((n, n))])
    opened = hstack([eye_array(n * n), -kron(np.ones((n, 1)), eye_array(n))])
    rules = [LinearConstraint(served, 1, 1), LinearConstraint(opened, -np.inf, 0), *_count(problem, n * n, forbidden)]
    # once sites are open, serving from the nearest is optimal without integrality
    whole = np.concatenate([np.zeros(n * n), np.ones(n)])
    lower = np.concatenate([np.zeros(n * n), _required(problem)])
    upper = np.concatenate([np.ones(n * n), problem.hosts().astype(float)])
    return _open(cost, rules, whole, Bounds(lower, upper), n)


def _coverage(problem: Problem, forbidden: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """z[i]: place i is covered; y[j]: a site is open at j."""
    n = len(problem.weights)
    within = (problem.km <= problem.radius_km).astype(float)
    # among equal coverages, the nearer one: otherwise the choice would be the solver's whim
    nearness = 1e-9 * problem.weights @ problem.km / max(float((problem.weights @ problem.km).max()), 1e-12)
    cost = np.concatenate([-problem.weights / problem.weights.sum(), nearness])
    covered = hstack([eye_array(n), csr_array(-within)])
    rules = [LinearConstraint(covered, -np.inf, 0), *_count(problem, n, forbidden)]
    lower = np.concatenate([np.zeros(n), _required(problem)])
    upper = np.concatenate([np.ones(n), problem.hosts().astype(float)])
    return _open(cost, rules, np.ones(2 * n), Bounds(lower, upper), n)


def _required(problem: Problem) -> Array:
    floor = np.zeros(len(problem.weights))
    floor[list(problem.required)] = 1
    return floor


def _count(problem: Problem, before: int, forbidden: Sequence[tuple[int, ...]]) -> list[LinearConstraint]:
    n = len(problem.weights)
    lines = [np.concatenate([np.zeros(before), np.ones(n)])]
    most = [float(problem.sites)]
    least = [float(problem.sites)]
    for choice in forbidden:
        line = np.zeros(before + n)
        line[[before + place for place in choice]] = 1
        lines.append(line)
        least.append(0)
        most.append(len(choice) - 1)
    return [LinearConstraint(np.array(lines), least, most)]


def _open(cost: Array, rules: list[LinearConstraint], whole: Array, bounds: Bounds, n: int) -> tuple[int, ...]:
    found = programme.solve(cost, rules, whole, bounds)
    if found.x is None:
        raise ScienceError("aucun choix de sites ne respecte ces contraintes")
    return tuple(int(place) for place in np.flatnonzero(found.x[-n:] > 0.5))
