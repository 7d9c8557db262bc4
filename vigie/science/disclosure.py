"""Protecting the figures of single contributors in tables that are published with their totals.

Which cells are sensitive (minimum count, dominance, p per cent), which others must be hidden with them so that
the totals do not give them back, and what an attacker could still deduce. Hundepool and others, Statistical
Disclosure Control (2012), chapter 4; the complementary pattern is the joint flow model of Fischetti and Salazar
(2001), solved by HiGHS. Contributors are holdings, never sites.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog
from scipy.sparse import csr_array, lil_array, vstack

from vigie.science import ScienceError, programme

TOTAL = "_T"
SLACK = 1e-6
Cell = tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """Minimum number of contributors; largest share of one, of two; p of the p per cent rule. None: not applied."""

    minimum: int = 3
    one: float | None = 0.85
    two: float | None = None
    p: float | None = 0.10


def sensitive(contributions: Sequence[float], rules: Rules) -> dict[str, bool]:
    """Which rules a cell of positive contributions breaks, by name; an empty cell breaks none."""
    parts = sorted((abs(part) for part in contributions if part), reverse=True)
    if not parts:
        return {"count": False, "one": False, "two": False, "p": False}
    total = sum(parts)
    first = parts[0]
    second = parts[1] if len(parts) > 1 else 0.0
    return {
        "count": len(parts) < rules.minimum,
        "one": rules.one is not None and first > rules.one * total,
        "two": rules.two is not None and first + second > rules.two * total,
        "p": rules.p is not None and total - first - second < rules.p * first,
    }


def confidentiality(broken: Mapping[str, bool]) -> str:
    """SDMX CONF_STATUS of a cell by the rules it breaks: A small count, O and T dominance, M other, F free."""
    for rule, code in (("count", "A"), ("one", "O"), ("two", "T"), ("p", "M")):
        if broken[rule]:
            return code
    return "F"


def protection(contributions: Sequence[float], rules: Rules) -> float:
    """How far from a sensitive cell's value every deduction must be left, up and down.

    The largest of what the broken rules ask (Hundepool and others, table 4.2): p x1 - (T - x1 - x2) for the
    p per cent rule, sum of the largest / k - T for dominance; a cell of too few is held to ten per cent of x1
    where no p is set.
    """
    parts = sorted((abs(part) for part in contributions if part), reverse=True)
    total, rest = sum(parts), sum(parts[2:])
    broken = sensitive(parts, rules)
    p = rules.p if rules.p is not None else 0.10
    asked = [p * parts[0] - rest] if broken["p"] else []
    if broken["count"]:
        # however balanced, too few are hidden from each other by nothing
        asked.append(p * parts[0])
    if broken["one"] and rules.one:
        asked.append(parts[0] / rules.one - total)
    if broken["two"] and rules.two:
        asked.append(sum(parts[:2]) / rules.two - total)
    return max(asked, default=0.0)


@dataclass(frozen=True)
class Table:
    """Non-negative cells with their totals: each equation says that a total is the sum of its members."""

    cells: tuple[Cell, ...]
    values: NDArray[np.float64]
    equations: tuple[tuple[int, tuple[int, ...]], ...]
    contributions: tuple[Mapping[str, float], ...]
    """For each cell, what each contributor gives to it."""

    @property
    def system(self) -> csr_array:
        """The equations as rows: total minus members is zero."""
        rows = lil_array((len(self.equations), len(self.cells)))
        for number, (total, members) in enumerate(self.equations):
            rows[number, total] = 1
            for member in members:
                rows[number, member] = -1
        return csr_array(rows)


def table(records: Iterable[tuple[Cell, str, float]], parents: Sequence[Mapping[str, str]] | None = None) -> Table:
    """The full table, margins included, of (cell, contributor, value) records.

    `parents` gives for each dimension the parent of each code (a city's region), `_T` when it has none.
    """
    leaves: dict[Cell, dict[str, float]] = {}
    for cell, contributor, value in records:
        if value < 0 or not np.isfinite(value):
            raise ScienceError(f"cellule {' × '.join(cell)} : {value} n'est pas une contribution ; écrire un nombre positif")
        leaves.setdefault(cell, {})
        leaves[cell][contributor] = leaves[cell].get(contributor, 0.0) + value
    if not leaves:
        raise ScienceError("la table n'a aucune ligne")
    width = len(next(iter(leaves)))
    trees = list(parents) if parents is not None else [{} for _ in range(width)]
    summed: dict[Cell, dict[str, float]] = {cell: dict(given) for cell, given in leaves.items()}
    children: dict[Cell, set[Cell]] = {}
    families: set[tuple[Cell, int]] = set()
    for place in range(width):
        # one dimension after the other: each pass adds every level of that dimension's totals
        frontier = list(summed)
        while frontier:
            fresh: dict[Cell, dict[str, float]] = {}
            for cell in frontier:
                if cell[place] == TOTAL:
                    continue
                above = (*cell[:place], trees[place].get(cell[place], TOTAL), *cell[place + 1 :])
                families.add((above, place))
                children.setdefault(above, set())
                gathered = fresh.setdefault(above, {})
                for contributor, value in summed[cell].items():
                    gathered[contributor] = gathered.get(contributor, 0.0) + value
            summed.update(fresh)
            frontier = list(fresh)
    cells = tuple(sorted(summed))
    index = {cell: number for number, cell in enumerate(cells)}
    equations = []
    for above, place in sorted(families):
        members = [
            index[cell] for cell in cells
            if cell[place] != TOTAL and (*cell[:place], trees[place].get(cell[place], TOTAL), *cell[place + 1 :]) == above
        ]  # fmt: skip
        equations.append((index[above], tuple(members)))
    values = np.array([sum(summed[cell].values()) for cell in cells])
    return Table(cells, values, tuple(equations), tuple(summed[cell] for cell in cells))


@dataclass(frozen=True)
class Attack:
    """What one attacker ("" is an outsider) deduces of one hidden cell, and whether that is too much."""

    cell: Cell
    attacker: str
    lower: float
    upper: float
    is_breached: bool


@dataclass(frozen=True)
class Pattern:
    """SDMX CONF_STATUS by cell (F free, D hidden for the sake of another), the value lost to D, and the audit."""

    status: Mapping[Cell, str]
    lost: float
    attacks: tuple[Attack, ...]

    @property
    def hidden(self) -> list[Cell]:
        """Every cell that is not published."""
        return [cell for cell, status in self.status.items() if status != "F"]


@dataclass(frozen=True)
class _Threat:
    """A sensitive cell whose value must stay possible at `distance` from the true one, to one attacker."""

    target: int
    attacker: str
    distance: float


def protect(given: Table, rules: Rules, kept_hidden: Iterable[Cell] = (), with_insiders: bool = True) -> Pattern:
    """The pattern that hides least value while nothing sensitive can be recovered, with its audit.

    `kept_hidden` were hidden in an earlier release and stay so. With insiders, each contributor is taken to know
    its own figures, and to know when it is alone in a cell. ScienceError when no pattern protects.
    """
    status = [confidentiality(sensitive(list(parts.values()), rules)) for parts in given.contributions]
    secret = [number for number, code in enumerate(status) if code != "F"]
    kept = set(kept_hidden)
    hidden = {*secret, *(number for number, cell in enumerate(given.cells) if cell in kept)}
    fixed = frozenset(hidden)
    threats: list[_Threat] = []
    while breached := [threat for threat, attack in _attacks(given, hidden, secret, rules, with_insiders) if attack.is_breached]:
        # a pattern may answer these and open another way: the threats met so far all stay in the programme
        threats += [threat for threat in breached if threat not in threats]
        hidden = _least(given, fixed, threats)
    codes = {
        cell: status[number] if status[number] != "F" else "D" if number in hidden else "F"
        for number, cell in enumerate(given.cells)
    }
    lost = float(sum(given.values[number] for number in hidden.difference(secret)))
    return Pattern(codes, lost, tuple(attack for _, attack in _attacks(given, hidden, secret, rules, with_insiders)))


def audit(given: Table, hidden: Iterable[Cell], rules: Rules, with_insiders: bool = True) -> list[Attack]:
    """What outsiders and contributors deduce of each sensitive cell when all but the hidden cells are published."""
    out = set(hidden)
    numbers = {number for number, cell in enumerate(given.cells) if cell in out}
    secret = [
        number for number, parts in enumerate(given.contributions)
        if confidentiality(sensitive(list(parts.values()), rules)) != "F"
    ]  # fmt: skip
    return [attack for _, attack in _attacks(given, numbers, secret, rules, with_insiders)]


def _attacks(
    given: Table, hidden: set[int], secret: Sequence[int], rules: Rules, with_insiders: bool
) -> Iterable[tuple[_Threat, Attack]]:
    known = {name for number in hidden for name, part in given.contributions[number].items() if part > 0}
    attackers = ["", *sorted(known)] if with_insiders else [""]
    for target in secret:
        parts = {name: part for name, part in given.contributions[target].items() if part > 0}
        distance = protection(list(parts.values()), rules)
        value = float(given.values[target])
        for attacker in attackers:
            if set(parts) == {attacker}:
                # its own figure, and nobody else's, is no secret to it
                continue
            floor, ceiling = _knowledge(given, hidden, attacker)
            low, high = _deduced(given, target, floor, ceiling)
            wanted = max(value - distance, float(floor[target]))
            is_breached = low > wanted + SLACK * value or high < value + distance - SLACK * value
            yield _Threat(target, attacker, distance), Attack(given.cells[target], attacker, low, high, is_breached)


def _knowledge(given: Table, hidden: Iterable[int], attacker: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and most that each cell may be to an attacker before any deduction."""
    floor, ceiling = given.values.copy(), given.values.copy()
    for number in hidden:
        parts = {name for name, part in given.contributions[number].items() if part > 0}
        if parts != {attacker}:
            floor[number] = given.contributions[number].get(attacker, 0.0)
            ceiling[number] = np.inf
    return floor, ceiling


def _deduced(given: Table, target: int, floor: NDArray[np.float64], ceiling: NDArray[np.float64]) -> tuple[float, float]:
    if len(given.equations) == 1:
        return _deduced_alone(given.equations[0], target, floor, ceiling)
    goal = np.zeros(len(given.cells))
    goal[target] = 1
    ends = []
    for sign in (1, -1):
        bounds = np.column_stack([floor, ceiling])
        found = linprog(sign * goal, A_eq=given.system, b_eq=np.zeros(len(given.equations)), bounds=bounds, method="highs")
        if found.status not in (0, 3):
            raise ScienceError("la table ne s'additionne pas : vérifier les totaux")
        ends.append(sign * float(found.fun) if found.status == 0 else float("inf"))
    return ends[0], ends[1]


def _deduced_alone(
    equation: tuple[int, tuple[int, ...]], target: int, floor: NDArray[np.float64], ceiling: NDArray[np.float64]
) -> tuple[float, float]:
    """The same ends where one total is all there is to deduce from, without a programme."""
    total, members = equation
    others = [number for number in members if number != target]
    if target == total:
        low, high = floor[others].sum(), ceiling[others].sum()
    else:
        low, high = floor[total] - ceiling[others].sum(), ceiling[total] - floor[others].sum()
    return max(float(floor[target]), float(low)), min(float(ceiling[target]), float(high))


def _least(given: Table, fixed: frozenset[int], threats: Sequence[_Threat]) -> set[int]:
    """The hidden set of least value for which every threat has a table that agrees with all that is published.

    y[i]: cell i is hidden. For each threat and direction, a deviation of the whole table that keeps the totals,
    moves hidden cells only, and takes the sensitive cell far enough.
    """
    n = len(given.cells)
    moves = [(threat, sign) for threat in threats for sign in (1, -1)]
    most = float(given.values.sum()) or 1.0
    everything = range(n)
    system = given.system
    rows: list[csr_array] = []
    lows: list[NDArray[np.float64]] = []
    highs: list[NDArray[np.float64]] = []
    lower, upper = [np.zeros(n)], [np.ones(n)]
    lower[0][list(fixed)] = 1
    width = n * (1 + len(moves))
    for number, (threat, sign) in enumerate(moves, start=1):
        floor, ceiling = _knowledge(given, everything, threat.attacker)
        down = given.values - floor
        up = np.where(np.isinf(ceiling), most, 0.0)
        at = slice(n * number, n * (number + 1))
        balance = lil_array((len(given.equations), width))
        balance[:, at] = system
        # y * (-down) <= deviation <= y * up
        below, above = lil_array((n, width)), lil_array((n, width))
        below[:, at], above[:, at] = np.eye(n), np.eye(n)
        below[:, :n], above[:, :n] = np.diag(down), np.diag(-up)
        rows += [csr_array(balance), csr_array(below), csr_array(above)]
        lows += [np.zeros(len(given.equations)), np.zeros(n), np.full(n, -np.inf)]
        highs += [np.zeros(len(given.equations)), np.full(n, np.inf), np.zeros(n)]
        move_low, move_high = np.full(n, -most), np.full(n, most)
        if sign > 0:
            move_low[threat.target] = threat.distance
        else:
            move_high[threat.target] = -min(threat.distance, float(down[threat.target]))
        lower.append(move_low)
        upper.append(move_high)
    cost = np.zeros(width)
    cost[:n] = given.values + 1e-3 * most / n
    found = programme.solve(
        cost,
        LinearConstraint(vstack(rows), np.concatenate(lows), np.concatenate(highs)),
        np.concatenate([np.ones(n), np.zeros(width - n)]),
        Bounds(np.concatenate(lower), np.concatenate(upper)),
    )
    if found.x is None:
        raise ScienceError("aucun choix de cellules à taire ne protège cette table : regrouper des lieux ou des métiers")
    return {int(number) for number in np.flatnonzero(found.x[:n] > 0.5)}
