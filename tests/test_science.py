"""Methods that SQL does not hold: each against brute force, a closed form, or published figures."""

from itertools import combinations, product

import duckdb
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from vigie import sector
from vigie.science import ScienceError, bounds, composite, disclosure, early_warning, siting
from vigie.science.composite import Index, Leaf, Node
from vigie.science.sql import macros

# --- composite ------------------------------------------------------------------------------------------------

HDI_2021 = {
    # country: life expectancy, expected and mean years of schooling, income (2017 PPP $), published index (UNDP, HDR 2021/22)
    "CHE": (83.987, 16.5, 13.86, 66933.0, 0.962),
    "FRA": (82.499, 15.812, 11.61, 45937.1, 0.903),
    "TUN": (73.772, 15.425, 7.432, 10257.5, 0.731),
    "MAR": (74.042, 14.152, 5.916, 7302.8, 0.683),
    "SEN": (67.093, 8.964, 2.938, 3344.3, 0.511),
    "SSD": (54.975, 5.543, 5.726, 767.8, 0.385),
}
HDI = Index(
    [Node("hdi", None, 1, "geometric"), Node("health", "hdi"), Node("education", "hdi"), Node("income", "hdi")],
    [
        Leaf("life", "health", low=20, high=85), Leaf("expected", "education", low=0, high=18),
        Leaf("mean", "education", low=0, high=15), Leaf("gni", "income", low=100, high=75_000, is_log=True),
    ],
    bottom=0, top=1, ceiling=1,
)  # fmt: skip
WEIGHTS = (0.25, 0.2, 0.15, 0.2, 0.2)
PILLARS = Index(
    [Node("ivt", None, 1, "dual_geometric")],
    [Leaf(f"p{n}", "ivt", weight) for n, weight in enumerate(WEIGHTS, start=1)],
    normalisation="none",
)


def scored(index, rows, draws=0):
    with duckdb.connect() as connection:
        names = ["unit", *(leaf.code for leaf in index.leaves)]
        connection.execute(f"create table t ({names[0]} varchar, {', '.join(f'{name} double' for name in names[1:])})")
        connection.executemany(f"insert into t values ({', '.join('?' * len(names))})", rows)
        return composite.score(connection, "t", "unit", index, draws)


def roots(found, index):
    return {row["unit"]: row for row in found.scores if row["node"] == index.root}


def test_the_macros_give_the_human_development_index_as_published():
    found = roots(scored(HDI, [[unit, *row[:4]] for unit, row in HDI_2021.items()]), HDI)
    assert len(found) == 6
    for unit, row in HDI_2021.items():
        assert found[unit]["score"] == pytest.approx(row[4], abs=0.000502), unit


def test_the_dual_geometric_mean_and_its_exact_contributions():
    found = scored(PILLARS, [["then", 62, 48, 55, 30, 41], ["now", 66, 50, 54, 71, 43]])
    values = roots(found, PILLARS)
    assert values["then"]["score"] == pytest.approx(48.79428257313559, abs=1e-9)
    assert values["now"]["score"] == pytest.approx(58.720733121999615, abs=1e-9)
    for unit, row in values.items():
        assert sum(part["contribution"] for part in found.contributions if part["unit"] == unit) == pytest.approx(row["score"])


def test_the_change_of_a_dual_geometric_mean_is_shared_without_residual():
    then, now = (62, 48, 55, 30, 41), (66, 50, 54, 71, 43)
    ends = ("48.79428257313559", "58.720733121999615")
    with duckdb.connect() as connection:
        parts = [
            connection.execute(f"select {macros('composite').divisia(*ends, str(a), str(b), str(w))}").fetchall()[0][0]
            for a, b, w in zip(then, now, WEIGHTS, strict=True)
        ]
    assert parts == pytest.approx([1.28088484, 0.36133553, -0.15186669, 8.11838032, 0.31771683])
    assert sum(parts) == pytest.approx(9.926450548864025)


def test_one_very_bad_score_is_not_bought_back_where_higher_is_worse():
    pair = Index([Node("v", None, 1, "dual_geometric")], [Leaf("a", "v"), Leaf("b", "v")], normalisation="none")
    found = roots(scored(pair, [["uneven", 90, 10], ["even", 50, 50]]), pair)
    assert (found["uneven"]["score"], found["even"]["score"]) == (pytest.approx(70), pytest.approx(50))


def test_what_is_missing_leaves_its_weight_to_the_others_until_too_little_is_left():
    found = roots(
        scored(PILLARS, [["whole", 50, 50, 50, 50, 50], ["most", 50, 50, None, 50, 50], ["few", 50, None, None, None, 50]]),
        PILLARS,
    )
    assert found["most"]["score"] == pytest.approx(50) and found["most"]["coverage"] == pytest.approx(0.85)
    assert found["few"]["score"] is None and found["few"]["rank"] is None
    assert found["few"]["coverage"] == pytest.approx(0.45)


def test_what_is_missing_is_missing_however_scores_are_normalised():
    index = Index([Node("v", aggregation="dual_geometric")], [Leaf("x", "v", low=0, high=10), Leaf("y", "v", low=10, high=0)])
    with duckdb.connect() as connection:
        connection.execute("create table t as select * from (values ('a', 1, 2), ('b', 4, null), ('c', 8, 9)) as t (unit, x, y)")
        composite.score(connection, "t", "unit", index, 6)
        for kind in composite.NORMALISATIONS:
            missing = connection.execute(f"select unit, x is null, y is null from scores_{kind} order by unit").fetchall()
            assert missing == [("a", False, False), ("b", False, True), ("c", False, False)], kind


def test_a_rank_is_an_interval_over_weights_normalisations_and_aggregations():
    index = Index(
        [Node("v", None, 1, "dual_geometric"), Node("g", "v"), Node("h", "v")],
        [Leaf("a", "g", low=0, high=1), Leaf("b", "h", low=0, high=1)],
    )
    rows = [["best", 0.1, 0.1], ["left", 0.8, 0.3], ["right", 0.3, 0.8], ["worst", 0.9, 0.9]]
    first, again = scored(index, rows, 600), scored(index, rows[::-1], 600)
    assert first.ranks == again.ranks
    ranks = {row["unit"]: row for row in first.ranks}
    assert (ranks["worst"]["rank_p05"], ranks["worst"]["rank_p95"]) == (1, 1)
    assert ranks["left"]["rank_p05"] == 2 and ranks["left"]["rank_p95"] == 3
    assert ranks["best"]["share_in_first_three"] == 0


@given(
    *[st.sampled_from(["arithmetic", "geometric", "dual_geometric"])] * 2,
    st.lists(st.lists(st.none() | st.floats(0, 100), min_size=4, max_size=4), min_size=1, max_size=4),
)  # fmt: skip
@settings(max_examples=60)
def test_draws_are_put_together_as_the_macros_put_scores_together(above, below, figures):
    index = Index(
        [Node("v", None, 1, above), Node("g", "v", 2, below), Node("h", "v", 1)],
        [Leaf("a", "g", 3), Leaf("b", "g"), Leaf("c", "h"), Leaf("d", "v", 0.5)], "none", least_coverage=0,
    )  # fmt: skip
    found = scored(index, [[f"u{n}", *line] for n, line in enumerate(figures)])
    expected = {row["unit"]: row["score"] for row in found.scores if row["node"] == "v"}
    table = np.array(figures, dtype=float)
    leaves = {leaf.code: table[None, :, n] for n, leaf in enumerate(index.leaves)}
    weights = {child.code: np.array([child.weight]) for child in index.children if child.parent}
    for unit, total in enumerate(composite.root_scores(index, leaves, weights, above == "arithmetic")[0]):
        assert (None if np.isnan(total) else total) == pytest.approx(expected.get(f"u{unit}"), abs=1e-9)


@pytest.mark.parametrize(
    ("nodes", "leaves", "said"),
    [
        ([Node("v"), Node("v", "v")], [], "deux fois"),
        ([Node("v")], [Leaf("a", "w", low=0, high=1)], "n'est pas un groupe"),
        ([Node("v"), Node("w")], [], "un seul, sans parent"),
        ([Node("v")], [Leaf("a", "v", low=1, high=1)], "sans bornes"),
        ([Node("v")], [Leaf("a", "v", -1, 0, 1)], "poids négatif"),
    ],
)
def test_an_index_that_has_no_meaning_is_refused(nodes, leaves, said):
    with pytest.raises(ScienceError, match=said):
        Index(nodes, leaves)


# --- bounds ---------------------------------------------------------------------------------------------------

parts = st.integers(0, 6)


@given(st.lists(st.lists(parts, min_size=2, max_size=3), min_size=2, max_size=2).filter(lambda t: len(t[0]) == len(t[1])))
@settings(max_examples=40, deadline=None)
def test_bounds_of_a_cell_equal_brute_force_and_frechet(counts):
    columns = [sum(column) for column in zip(*counts, strict=True)]
    rows = [sum(row) for row in counts]
    table = bounds.Margins(
        {"r": ["0", "1"], "c": [str(n) for n in range(len(columns))]},
        [bounds.Margin({"r": str(n)}, v, v) for n, v in enumerate(rows)]
        + [bounds.Margin({"c": str(n)}, v, v) for n, v in enumerate(columns)],
    )
    found = table.bounds(table.members({"r": "0", "c": "0"}))
    possible = [first[0] for first in product(*(range(column + 1) for column in columns)) if sum(first) == rows[0]]
    assert (found.lower, found.upper) == (pytest.approx(min(possible)), pytest.approx(max(possible)))
    assert found.lower == pytest.approx(max(0, rows[0] + columns[0] - sum(rows)))
    assert found.upper == pytest.approx(min(rows[0], columns[0]))


def test_what_city_market_and_activity_totals_alone_say_of_exposed_jobs():
    cities = {"CAS": 60_000, "RAB": 20_000, "FES": 8_000, "TNG": 6_000, "MAR": 6_000}
    markets, activities = {"FR": 0.8, "ES": 0.1, "UK": 0.1}, {"outbound": 0.25, "inbound": 0.6, "back": 0.15}
    known = [bounds.Margin({"city": code}, jobs, jobs) for code, jobs in cities.items()]
    known += [bounds.Margin({"market": code}, 1e5 * share, 1e5 * share) for code, share in markets.items()]
    known += [bounds.Margin({"activity": code}, 1e5 * share, 1e5 * share) for code, share in activities.items()]
    table = bounds.Margins({"city": list(cities), "market": list(markets), "activity": list(activities)}, known)
    exposed = table.members({"market": "FR", "activity": "outbound"})
    whole = table.bounds(exposed)
    assert (whole.lower, whole.upper) == (pytest.approx(5_000), pytest.approx(25_000))
    assert {table.bounds(exposed * table.members({"city": code})).lower for code in cities} == {0}
    ranked = table.next_figure(exposed, [{"city": "FES"}, {"market": "FR", "activity": "outbound"}])
    assert ranked[0].where == {"market": "FR", "activity": "outbound"}
    assert (ranked[0].width_at_most, ranked[1].width_at_most) == (pytest.approx(0, abs=1e-6), pytest.approx(20_000))


def test_margins_that_cannot_hold_together_are_named():
    codes = {"r": ["a", "b"], "c": ["x", "y"]}
    one, other = bounds.Margin({"r": "a"}, 60, 60, "Casablanca", "FMES"), bounds.Margin({}, 50, 50, "total", "ANRT")
    with pytest.raises(ScienceError, match=r"deux marges .* « Casablanca » \(60, FMES\) et « total » \(50, ANRT\)"):
        bounds.Margins(codes, [one, bounds.Margin({"c": "x"}, 1, 1), other]).bounds(np.ones(4))
    three = [bounds.Margin({"r": "a"}, 6, 6, "a"), bounds.Margin({"r": "b"}, 6, 6, "b"), bounds.Margin({}, 10, 10, "total")]
    with pytest.raises(ScienceError, match="ne tiennent pas ensemble") as told:
        bounds.Margins(codes, [*three, bounds.Margin({"c": "x"}, 1, 1, "x")]).bounds(np.ones(4))
    assert "« x »" not in str(told.value)


def test_the_concentration_that_the_first_share_alone_allows():
    assert bounds.hhi(0.8) == bounds.Interval(pytest.approx(0.64), pytest.approx(0.68))
    assert bounds.hhi(0.8, others=4).lower == pytest.approx(0.65)
    assert bounds.hhi(0.3).upper == pytest.approx(0.28)


# --- siting ---------------------------------------------------------------------------------------------------

LOSSES = {
    "MA-CAS": 3848, "MA-MAR": 1087, "MA-RAB": 1025, "MA-TNG": 687, "MA-FES": 479, "MA-AGD": 418, "MA-MEK": 312, "MA-TET": 221,
    "MA-KEN": 204, "MA-OUJ": 151,
}  # fmt: skip
"""Expected losses by city of an illustrative scenario; coordinates are those of the sector file (GeoNames)."""


@pytest.fixture(scope="module")
def cities():
    places = {place.ref_area: place for place in sector.load("morocco_offshoring").places}
    km = siting.distances([places[code].lat for code in LOSSES], [places[code].lon for code in LOSSES])
    return list(LOSSES), np.array(list(LOSSES.values()), dtype=float), km


@pytest.mark.parametrize(("sites", "chosen"), [(1, "CAS"), (2, "CAS MAR"), (3, "CAS MAR TET"), (4, "CAS MAR TNG FES")])
def test_the_p_median_of_the_ten_cities(cities, sites, chosen):
    names, weights, km = cities
    found = siting.solve(siting.Problem(weights, km, sites))
    assert {names[place][3:] for place in found.chosen} == set(chosen.split())


@pytest.mark.parametrize("method", ["p_median", "coverage"])
@pytest.mark.parametrize("sites", [1, 2, 3, 4])
@pytest.mark.parametrize("most_choices", [0, siting.MOST_CHOICES])
def test_sites_are_the_best_of_all_choices(cities, method, sites, most_choices, monkeypatch):
    monkeypatch.setattr(siting, "MOST_CHOICES", most_choices)
    _, weights, km = cities
    problem = siting.Problem(weights, km, sites, method)
    scores = [problem.score(choice) for choice in combinations(range(len(weights)), sites)]
    assert siting.solve(problem).score == pytest.approx(min(scores) if method == "p_median" else max(scores))


@pytest.mark.parametrize("most_choices", [0, siting.MOST_CHOICES])
def test_constraints_hold_and_the_next_best_is_next(cities, most_choices, monkeypatch):
    monkeypatch.setattr(siting, "MOST_CHOICES", most_choices)
    names, weights, km = cities
    allowed = np.array([name != "MA-CAS" for name in names])
    oujda = names.index("MA-OUJ")
    found = siting.solve(siting.Problem(weights, km, 2, allowed=allowed, required=(oujda,)))
    assert oujda in found.chosen and names.index("MA-CAS") not in found.chosen
    problem = siting.Problem(weights, km, 3)
    best = siting.solve(problem)
    second = siting.solve(problem, [best.chosen])
    ordered = sorted(problem.score(choice) for choice in combinations(range(len(weights)), 3))
    assert second.score == pytest.approx(ordered[1])
    with pytest.raises(ScienceError, match="site"):
        siting.solve(siting.Problem(weights, km, 11))


def test_draws_choose_as_the_programme_does_and_the_first_two_sites_are_firm(cities, monkeypatch):
    names, weights, km = cities
    draws = siting.perturbed(weights, 300, 0.3, composite.SEED)
    problem = siting.Problem(weights, km, 3)
    shares, found = siting.selection(problem, draws)
    frequency = dict(zip(names, shares.tolist(), strict=True))
    # the first two hold whatever is drawn; the third is one of three
    assert frequency["MA-CAS"] > 0.97 and frequency["MA-MAR"] > 0.95
    assert 0.15 < frequency["MA-TET"] < 0.55 and 0.15 < frequency["MA-TNG"] < 0.55 and 0.1 < frequency["MA-FES"] < 0.5
    monkeypatch.setattr(siting, "MOST_CHOICES", 0)
    assert [one.chosen for one in siting.selection(problem, draws[:20])[1]] == [one.chosen for one in found[:20]]


@pytest.mark.parametrize(("sites", "share"), [(1, 0.4561), (2, 0.6019), (3, 0.7309), (4, 0.8386)])
def test_what_is_within_75_km_of_the_best_sites(cities, sites, share):
    _, weights, km = cities
    assert siting.solve(siting.Problem(weights, km, sites, "coverage")).score == pytest.approx(share, abs=1e-3)


@pytest.mark.parametrize(("sites", "mean_km"), [(1, 124.02), (2, 85.88), (3, 49.80), (4, 31.75)])
def test_the_mean_distance_to_the_best_sites(cities, sites, mean_km):
    _, weights, km = cities
    assert siting.solve(siting.Problem(weights, km, sites)).score == pytest.approx(mean_km, rel=0.01)


def test_of_two_choices_that_cover_as_much_the_nearer_is_taken():
    km = np.array([[0.0, 30, 60], [30, 0, 30], [60, 30, 0]])
    weights = np.array([10.0, 1, 1])
    assert siting.solve(siting.Problem(weights, km, 1, "coverage", 75)).chosen == (0,)


def test_a_flip_is_where_another_choice_does_as_well(cities):
    _, weights, km = cities
    problem = siting.Problem(weights, km, 3)
    best = siting.solve(problem)
    flips = siting.flips(problem, best)
    assert len(flips) == len(weights)
    for place, factor, choice in flips:
        moved = weights.copy()
        moved[place] *= factor
        changed = siting.Problem(moved, km, 3)
        assert changed.score(choice) == pytest.approx(changed.score(best.chosen))


def test_a_place_given_twice_changes_nothing_for_the_others(cities):
    _, weights, km = cities
    twice = np.append(weights, 0.0)
    wider = np.block([[km, km[:, :1]], [km[:1, :], np.zeros((1, 1))]])
    one, other = siting.solve(siting.Problem(weights, km, 3)), siting.solve(siting.Problem(twice, wider, 3))
    assert one.score == pytest.approx(other.score)


def test_a_candidate_given_twice_leaves_the_order_of_the_others(cities):
    names, weights, km = cities
    noise = np.random.default_rng(20260811).lognormal(0.0, 0.3, (40, len(names)))
    copied = [*range(len(names)), names.index("MA-FES")]
    share, _ = siting.selection(siting.Problem(weights, km, 3), weights * noise)
    # the copy shares the losses of its original and stands where it stands
    parts = np.append(weights, weights[copied[-1]] / 2)
    parts[copied[-1]] /= 2
    twice = siting.Problem(parts, km[np.ix_(copied, copied)], 3)
    again, _ = siting.selection(twice, parts * noise[:, copied])
    again[copied[-1]] += again[-1]
    others = [place for place in range(len(names)) if place != copied[-1]]
    assert again[others].tolist() == pytest.approx(share[others].tolist())
    assert again[copied[-1]] == pytest.approx(share[copied[-1]])


# --- disclosure control ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contributions", "broken"),
    [
        ((100, 20, 5), "two p"), ((60, 30, 20, 10), ""), ((900, 50, 50), "one two p"), ((10, 10), "count two p"),
        ((50, 45, 5, 5), "two"), ((40, 40, 40, 40, 40), ""),
    ],
)  # fmt: skip
def test_which_cells_are_sensitive(contributions, broken):
    rules = disclosure.Rules(minimum=3, one=0.85, two=0.90, p=0.10)
    assert {rule for rule, is_broken in disclosure.sensitive(contributions, rules).items() if is_broken} == set(broken.split())


def cell(city, segment, *contributions):
    return [((city, segment), f"{city} {segment} {n}", float(part)) for n, part in enumerate(contributions)]


RECORDS = [
    *cell("CAS", "CRM", 3000, 2500, 2000, 1500), *cell("CAS", "ITO", 2000, 1800, 1700, 900),
    *cell("CAS", "BPO", 900, 800, 700, 600), *cell("RAB", "CRM", 900, 800, 700, 650), *cell("RAB", "ITO", 1100, 1000, 900, 700),
    *cell("RAB", "BPO", 300, 280, 260, 200), *cell("FES", "CRM", 500, 450, 400, 350), *cell("FES", "ITO", 900, 30, 20),
    *cell("FES", "BPO", 120, 110, 90, 80), *cell("OUJ", "CRM", 300, 280, 270, 250), *cell("OUJ", "ITO", 130, 120, 90, 80),
    *cell("OUJ", "BPO", 120, 30),
]  # fmt: skip
RULES = disclosure.Rules()


def deduced(table, hidden, target, floor=None):
    """An attacker of the tests' own: what the published cells and the totals leave open of one cell."""
    n = len(table.cells)
    lines, sums = [], []
    for total, members in table.equations:
        line = np.zeros(n)
        line[total] = 1
        line[list(members)] -= 1
        lines.append(line)
        sums.append(0.0)
    limits = [
        ((floor or {}).get(name, 0.0), None) if name in hidden else (value, value)
        for name, value in zip(table.cells, table.values, strict=True)
    ]
    aim = np.eye(n)[table.cells.index(target)]
    ends = [linprog(sign * aim, A_eq=np.array(lines), b_eq=sums, bounds=limits) for sign in (1, -1)]
    return ends[0].fun, -ends[1].fun if ends[1].status == 0 else np.inf


def test_hiding_the_sensitive_cells_alone_gives_them_back_by_subtraction():
    table = disclosure.table(RECORDS)
    primary = [("FES", "ITO"), ("OUJ", "BPO")]
    assert deduced(table, primary, ("FES", "ITO")) == (pytest.approx(950), pytest.approx(950))
    assert all(attack.is_breached for attack in disclosure.audit(table, primary, RULES, with_insiders=False))


def test_the_complement_protects_from_outsiders_and_from_those_who_know_their_own_figure():
    table = disclosure.table(RECORDS)
    outside = disclosure.protect(table, RULES, with_insiders=False)
    assert set(outside.hidden) == {("FES", "ITO"), ("OUJ", "BPO"), ("FES", "BPO"), ("OUJ", "ITO")}
    low, high = deduced(table, outside.hidden, ("FES", "ITO"))
    assert low <= 950 - 40 and high >= 950 + 40
    # the larger of the two firms of Oujda knows that its cell is worth 120 at least
    low, _ = deduced(table, outside.hidden, ("FES", "ITO"), {("OUJ", "BPO"): 120.0})
    assert low > 910
    inside = disclosure.protect(table, RULES)
    assert set(outside.hidden) < set(inside.hidden)
    assert inside.attacks and not any(attack.is_breached for attack in inside.attacks)
    low, _ = deduced(table, inside.hidden, ("FES", "ITO"), {("OUJ", "BPO"): 120.0})
    assert low <= 910


def test_what_was_once_hidden_stays_hidden():
    table = disclosure.table(RECORDS)
    kept = [("RAB", "BPO"), ("RAB", "CRM")]
    assert set(kept) < set(disclosure.protect(table, RULES, kept).hidden)


@given(st.lists(st.lists(st.integers(1, 400), min_size=0, max_size=4), min_size=9, max_size=9))
@settings(max_examples=15, deadline=None)
def test_no_published_table_gives_a_sensitive_cell_back(cells):
    places = list(product("abc", "xyz"))
    records = [
        (place, f"{n} {k}", float(value)) for (n, place), given_ in zip(enumerate(places), cells, strict=True)
        for k, value in enumerate(given_)
    ]  # fmt: skip
    assume(records)
    table = disclosure.table(records)
    try:
        pattern = disclosure.protect(table, RULES, with_insiders=False)
    except ScienceError:
        assume(False)
    for name, parts_of in zip(table.cells, table.contributions, strict=True):
        if pattern.status[name] in ("F", "D"):
            continue
        value, away = sum(parts_of.values()), disclosure.protection(list(parts_of.values()), RULES)
        low, high = deduced(table, pattern.hidden, name)
        assert low <= max(value - away, 0) + 1e-4 and high >= value + away - 1e-4


def test_cities_add_up_to_regions_and_regions_to_the_country():
    region = {"RAB": "R4", "KEN": "R4", "CAS": "R6"}
    records = [(("RAB",), "a", 5.0), (("KEN",), "b", 7.0), (("CAS",), "a", 11.0)]
    table = disclosure.table(records, [region])
    values = dict(zip(table.cells, table.values, strict=True))
    assert values == {("RAB",): 5, ("KEN",): 7, ("CAS",): 11, ("R4",): 12, ("R6",): 11, ("_T",): 23}
    assert len(table.equations) == 3
    assert table.contributions[table.cells.index(("_T",))] == {"a": 16, "b": 7}


# --- early warning --------------------------------------------------------------------------------------------

signals = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=4, max_size=24)


def split(pairs):
    values, events = np.array([v for v, _ in pairs], dtype=float), np.array([e for _, e in pairs])
    assume(events.any() and not events.all())
    return values, events


@given(signals)
def test_the_area_under_the_curve_counts_pairs(pairs):
    values, events = split(pairs)
    won = [1.0 if a > b else 0.5 if a == b else 0.0 for a in values[events] for b in values[~events]]
    assert early_warning.auroc(values, events) == pytest.approx(sum(won) / len(won))


@given(signals, st.sampled_from([0.3, 0.5, 0.7]), st.sampled_from([None, 0.5, 0.9]))
def test_the_best_threshold_is_the_best_of_all_the_least_firing_one_first(pairs, theta, mu):
    values, events = split(pairs)
    best = early_warning.best_threshold(values, events, theta, mu)
    every = {value: early_warning.confusion(values, events, value) for value in sorted(set(values), reverse=True)}
    gains = {v: c.usefulness(theta) if mu is None else c.absolute_usefulness(mu) for v, c in every.items()}
    assert best.usefulness == pytest.approx(max(gains.values()))
    assert best.value == next(value for value, gain in gains.items() if gain >= max(gains.values()) - 1e-9)
    assert best.counts == every[best.value]


def test_published_figures_of_a_classifier_come_back_from_its_counts():
    # Bluwstein and others, Bank of England Staff Working Paper 848: extreme trees, threshold found by usefulness
    counts = early_warning.Confusion(tp=76, fp=190, fn=19, tn=964)
    assert (round(counts.tpr, 3), round(counts.fpr, 4), round(counts.nsr, 4)) == (0.8, 0.1646, 0.2058)
    assert counts.usefulness(0.5) == pytest.approx(0.3177, abs=5e-5)
    assert counts.precision == pytest.approx(0.286, abs=5e-4)
    assert counts.relative_usefulness(0.9) == pytest.approx(0.5778, abs=5e-5)
    # the same classifiers at one half: so few signals that hits are rare and false alarms rarer
    trees, logit = early_warning.Confusion(tp=13, fp=3, fn=82, tn=1151), early_warning.Confusion(tp=11, fp=11, fn=84, tn=1143)
    assert all(one.tp + one.fn == 95 and one.fp + one.tn == 1154 for one in (counts, trees, logit))
    assert trees.nsr < logit.nsr < counts.nsr and max(trees.usefulness(0.5), logit.usefulness(0.5)) < counts.usefulness(0.5)


def test_a_threshold_never_sees_an_outcome_that_was_not_known():
    values = np.array([0.0, 5, 0, 0, 0, 5, 0, 0, 0, 5, 0, 0])
    events = early_warning.ahead([2, 6, 10], len(values), 1)
    kept = np.ones(len(values), dtype=bool)
    for period in range(4, len(values)):
        counts, used = early_warning.real_time(values, events, kept, period, horizon=2)
        flipped = events.copy()
        flipped[period - 1 :] = ~flipped[period - 1 :]
        again = early_warning.real_time(values, flipped, kept, period, horizon=2)[1]
        assert used[period] == again[period] == 5
    counts, _ = early_warning.real_time(values, events, kept, 4, horizon=2)
    assert (counts.tp, counts.fp, counts.fn) == (2, 0, 0)


def test_lead_times_count_from_the_first_signal_of_each_window():
    values = np.array([0.0, 9, 9, 0, 0, 0, 9, 0])
    kept = np.ones(8, dtype=bool)
    assert early_warning.lead_times(values, [4, 7], kept, 5, horizon=3) == [3, 1]
    assert early_warning.lead_times(values, [4, 6], kept, 5, horizon=1) == [None, None]
