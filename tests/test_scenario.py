"""Scenarios of jobs at risk: against figures worked by hand, closed forms, and the same arithmetic on arrays."""

from dataclasses import replace
from datetime import date

import duckdb
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import triang

from vigie.science import ScienceError, scenario
from vigie.science.scenario import PARAMETERS, REQUIRED, Assumption, Law, Market, Scenario, Study, Target
from vigie.science.sql import macros

ORDER = (*REQUIRED, "closure", "closes_at")
MILD = ((0.4, 0.5, 0.6), (0.5, 0.6, 0.75), (0.25, 0.35, 0.45), (0.7, 0.8, 0.9), (0.35, 0.45, 0.55), (0, 0.05, 0.1), (0.35,) * 3)
CENTRAL = (
    (0.6, 0.75, 0.9),
    (0.7, 0.85, 0.95),
    (0.1, 0.2, 0.3),
    (0.8, 0.9, 1),
    (0.15, 0.25, 0.35),
    (0.05, 0.15, 0.3),
    (0.35,) * 3,
)
SEVERE = ((0.8, 0.9, 1), (0.9, 0.97, 1), (0, 0.05, 0.15), (0.95, 1, 1.05), (0, 0.1, 0.2), (0.2, 0.4, 0.6), (0.35,) * 3)
STARTS, BINDS, COMPLETES = date(2026, 2, 11), date(2026, 8, 11), date(2027, 8, 11)
FRENCH = Law("demarchage", "FR", STARTS, COMPLETES)
FRANCE = Market("FR", "part_fr", "sortant_fr")
DRAWS = scenario.draw(4096)


def assumed(code, values, more=()):
    told = [Assumption(name, three, "essai") for name, three in zip(ORDER, values, strict=True)]
    return Scenario(code, 1, "essai", BINDS, [*told, *more])


def lever(parameter, value, subject=None):
    return Assumption(parameter, value if isinstance(value, tuple) else (value,) * 3, "essai", subject)


def changed(code, values, **fixed):
    """A scenario whose named parameters are held at one number."""
    return assumed(code, [(fixed[name],) * 3 if name in fixed else three for name, three in zip(ORDER, values, strict=True)])


STUDY = Study(
    "ville", "emplois", [FRANCE], [FRENCH],
    [assumed("mild", MILD), assumed("central", CENTRAL), assumed("severe", SEVERE)],
    COMPLETES, small="petite", revenue_per_job="recette", compare=[("severe", "central")],
)  # fmt: skip
# 120 000 jobs, 80 % for France; 20 000 outbound: 8 % of the large and 46 % of the small, in one proportion
SCALE = 20_000 / (120_000 * 0.8) / (0.75 * 0.08 + 0.25 * 0.46)
NATION = {
    "ville": ["grandes", "petites"], "emplois": [90_000, 30_000], "part_fr": [0.8, 0.8],
    "sortant_fr": [0.08 * SCALE, 0.46 * SCALE], "petite": [False, True], "recette": [150_000, 150_000],
}  # fmt: skip
CITIES = {
    "ville": ["A", "A", "B", "B"], "emplois": [40_000.0, 5_000.0, 1_000.0, 9_000.0], "part_fr": [0.8, 0.9, 0.3, 0.95],
    "sortant_fr": [0.1, 0.5, 0.2, 0.9], "petite": [False, True, False, True], "recette": [150e3, 120e3, 180e3, 90e3],
    "part_es": [0.1, 0.1, 0.6, 0.05], "sortant_es": [0.3, 0.0, 0.4, 1.0], "ia": [0.4, 0.5, 0.0, 0.8],
}  # fmt: skip
WIDE = replace(
    STUDY, markets=[FRANCE, Market("ES", "part_es", "sortant_es")], ai_exposure="ia", overlap="independent",
    on=date(2026, 11, 23), targets=[Target("ES", 0.5), Target("golfe", 1.0)],
    laws=[FRENCH, Law("spam", "FR", STARTS, STARTS), Law("espagne", "ES", STARTS, BINDS)],
    scenarios=[
        assumed("central", CENTRAL, [
            lever("adoption", (0.1, 0.3, 0.4)), lever("substitution", (0.2, 0.5, 0.6)), lever("multiplier", (0.4, 0.6, 1.2)),
            lever("coverage", (0.1, 0.2, 0.4), "spam"), lever("diversification", (0, 0.1, 0.2), "ES"),
            lever("diversification", (0, 0.05, 0.3), "golfe"),
        ]),
        assumed("severe", SEVERE),
    ],
)  # fmt: skip


def estimated(study, columns, draws=DRAWS):
    """Intervals by (scenario, group), everything found, and the totals of each draw by (scenario, group)."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table cells as select " + ", ".join(f"unnest(?) as {name}" for name in columns), [*columns.values()]
        )
        found = scenario.estimate(connection, "cells", study, draws)
        cursor = connection.execute("select * from scenario_totals order by draw")
        names = [column[0] for column in cursor.description]
        totals: dict = {}
        for line in cursor.fetchall():
            row = dict(zip(names, line, strict=True))
            for name in names[3:]:
                totals.setdefault((row["scenario"], row["place"]), {}).setdefault(name, []).append(row[name])
    return {(row["scenario"], row[study.group]): row for row in found.intervals}, found, totals


def in_numpy(study, columns, draws):
    """The same arithmetic on arrays, cells by draws: hits, losses, revenues and augmented jobs of each scenario."""
    share = (study.on - STARTS).days / (COMPLETES - STARTS).days
    ramps = {law.code: min(1.0, share) if law.completes_on == COMPLETES else 1.0 for law in study.laws}
    column = {name: np.asarray(values, dtype=float if name != "ville" else object)[:, None] for name, values in columns.items()}
    jobs = column["emplois"]
    found = {}
    for one in study.scenarios:

        def value(parameter, subject=None, neutral=0.0, one=one):
            given = {(a.parameter, a.subject): a.values for a in one.assumptions}
            three = given.get((parameter, subject), given.get((parameter, None)))
            if three is None:
                return np.full(draws.num_rows, neutral)
            low, mode, high = three
            u = draws[parameter].to_numpy()
            return np.full(len(u), high) if low == high else triang.ppf(u, (mode - low) / (high - low), low, high - low)

        held = value("enforcement") * (1 - value("retention"))
        reach = {}
        for market in study.all_markets:
            left = np.ones(draws.num_rows)
            for law in study.laws:
                if law.market == market:
                    left = left * (1 - value("coverage", law.code) * ramps[law.code])
            reach[market] = (1 - left) * held
        lost_share = sum(column[m.revenue_share] * column[m.outbound_share] * reach[m.code] for m in study.markets)
        exposed = jobs * sum(column[m.revenue_share] * column[m.outbound_share] for m in study.markets)
        hit = jobs * sum(
            column[m.revenue_share] * column[m.outbound_share] * np.minimum(1, reach[m.code] * value("elasticity"))
            for m in study.markets
        )
        kept = 1 - sum(
            value("diversification", t.market) * (1 - t.outbound * np.minimum(1, reach[t.market] * value("elasticity")))
            for t in study.targets
        )
        taken = column["ia"] * value("adoption") * value("substitution") if study.ai_exposure else 0
        closed = (
            column["petite"] * (jobs - exposed) * (1 - taken) * value("closure") * np.minimum(1, lost_share / value("closes_at"))
        )
        net = (hit * kept + (jobs - hit * kept) * taken) * (1 - value("redeployment")) + closed
        assert (net <= jobs * (1 + 1e-9)).all()
        found[one.code] = {"gross_hit": hit, "net_loss": net, "net_revenue": net * column["recette"]}
        if study.ai_exposure:
            found[one.code]["augmented"] = (
                (jobs - hit * kept) * column["ia"] * value("adoption") * (1 - value("substitution", neutral=1))
            )
    return found


@pytest.mark.parametrize(
    ("code", "hit", "low", "median", "high", "revenue_bn"),
    [
        ("mild", 3_182, 1_493, 1_949, 2_533, 0.29), ("central", 8_952, 6_618, 8_438, 10_613, 1.27),
        ("severe", 16_071, 18_045, 21_049, 24_170, 3.16),
    ],
)  # fmt: skip
def test_the_national_figures_of_the_three_scenarios(code, hit, low, median, high, revenue_bn):
    found = estimated(STUDY, NATION, scenario.draw(65_536))[0][(code, "_T")]
    assert found["gross_exposed"] == pytest.approx(20_000, abs=1e-6) and found["headcount"] == 120_000
    assert found["gross_hit_p50"] == pytest.approx(hit, rel=0.003)
    told = [found[f"net_loss_p{end}"] for end in ("05", "50", "95")]
    assert told == pytest.approx([low, median, high], rel=0.005)
    assert found["net_revenue_p50"] / 1e9 == pytest.approx(revenue_bn, abs=0.01)


def test_jobs_at_stake_and_their_revenue_when_nothing_is_uncertain():
    whole = changed("all", SEVERE, coverage=1, enforcement=1, retention=0, elasticity=1, redeployment=0, closure=0)
    found = estimated(replace(STUDY, scenarios=[whole], compare=[]), NATION)[0][("all", "_T")]
    assert found["net_revenue_p50"] == pytest.approx(3e9) and found["net_loss_p05"] == pytest.approx(20_000)


@pytest.mark.parametrize(
    ("day", "ramp"),
    [
        ("2026-02-01", 0), ("2026-05-01", 0.1446886447), ("2026-08-11", 0.3315018315), ("2026-11-23", 0.521978022),
        ("2027-08-11", 1), ("2028-01-01", 1),
    ],
)  # fmt: skip
def test_the_ramp_of_a_law_and_the_activity_that_it_reaches(day, ramp):
    fixed = changed("s", CENTRAL, coverage=0.75, enforcement=1, retention=0, elasticity=1, redeployment=0, closure=0)
    found, everything, _ = estimated(replace(STUDY, scenarios=[fixed], compare=[], on=date.fromisoformat(day)), NATION)
    assert everything.laws[0]["ramp"] == pytest.approx(ramp, abs=1e-9)
    assert found[("s", "_T")]["net_loss_p50"] / 120_000 == pytest.approx(0.8 * 0.2083333333 * 0.75 * ramp, abs=1e-6)


def test_the_sql_says_what_arrays_say():
    draws = scenario.draw(1024)
    found, _, totals = estimated(WIDE, CITIES, draws)
    arrays = in_numpy(WIDE, CITIES, draws)
    assert set(arrays) == {"central", "severe"} and {*arrays["central"], "indirect_loss"} == set(WIDE.measures)
    for code, measures in arrays.items():
        for name, cells in measures.items():
            sums = {"A": cells[:2].sum(0), "B": cells[2:].sum(0), "_T": cells.sum(0)}
            for place, drawn in sums.items():
                assert totals[(code, place)][name] == pytest.approx(drawn, rel=1e-9), (code, name, place)
                told = [found[(code, place)][f"{name}_p{end}"] for end in ("05", "50", "95")]
                assert told == pytest.approx(np.quantile(drawn, [0.05, 0.5, 0.95]), rel=1e-9)


def test_no_shock_loses_exactly_nothing():
    idle = assumed("idle", SEVERE, [lever("adoption", 0), lever("substitution", 1), lever("multiplier", 2)])
    before = replace(WIDE, scenarios=[idle], compare=[], on=date(2026, 2, 1))
    nowhere = replace(before, laws=[], on=COMPLETES)
    for study in (before, nowhere):
        found = estimated(study, CITIES)[0]
        assert set(found) == {("idle", "A"), ("idle", "B"), ("idle", "_T")}
        for row in found.values():
            assert [row[f"{name}_{end}"] for name in study.measures for end in ("p05", "p95")] == [0] * 10
            assert row["gross_exposed"] > 0


def test_the_median_of_the_country_is_not_the_sum_of_those_of_its_cities():
    markets = [FRANCE, Market("ES", "part_es", "sortant_es")]
    apart = {**CITIES, "part_fr": [0.9, 0.9, 0, 0], "part_es": [0, 0, 0.9, 0.9], "sortant_es": [1] * 4, "petite": [True] * 4}
    found = estimated(replace(STUDY, markets=markets, laws=[FRENCH, Law("espagne", "ES", STARTS, COMPLETES)]), apart)[0]
    for end in ("p50", "p95"):
        assert abs(found[("central", "A")][f"net_loss_{end}"] + found[("central", "B")][f"net_loss_{end}"]
                   - found[("central", "_T")][f"net_loss_{end}"]) > 1  # fmt: skip


def test_the_same_seed_gives_the_same_draws_and_another_seed_others():
    first, again, other = (estimated(STUDY, CITIES, scenario.draw(512, seed))[0] for seed in (1, 1, 2))
    for key, row in first.items():
        numbers = [name for name, value in row.items() if isinstance(value, float)]
        assert numbers and [again[key][n] for n in numbers] == pytest.approx([row[n] for n in numbers], rel=1e-9)
        assert [other[key][n] for n in numbers] != pytest.approx([row[n] for n in numbers], rel=1e-6)
    assert scenario.draw(3, 5).column_names == ["draw", *PARAMETERS]


def test_two_scenarios_are_compared_draw_by_draw():
    _, found, totals = estimated(STUDY, CITIES)
    told = {row["ville"]: row for row in found.differences}
    assert set(told) == {"A", "B", "_T"}
    for place, row in told.items():
        apart = np.array(totals[("severe", place)]["net_loss"]) - np.array(totals[("central", place)]["net_loss"])
        assert [row[f"net_loss_p{end}"] for end in ("05", "50", "95")] == pytest.approx(np.quantile(apart, [0.05, 0.5, 0.95]))
        assert (row["scenario"], row["minus"]) == ("severe", "central")
    same = replace(STUDY, scenarios=[assumed("one", CENTRAL), assumed("other", CENTRAL)], compare=[("one", "other")])
    assert {row["net_loss_p95"] for row in estimated(same, CITIES)[1].differences} == {0}


@pytest.mark.parametrize(("overlap", "union"), [("independent", 0.5 + 0.4 - 0.2), ("nested", 0.5), ("disjoint", 0.9)])
def test_work_under_two_laws_is_lost_once(overlap, union):
    fixed = changed("s", CENTRAL, coverage=0.5, enforcement=1, retention=0, elasticity=1, redeployment=0, closure=0)
    fixed = replace(fixed, assumptions=[*fixed.assumptions, lever("coverage", 0.4, "spam")])
    laws = [FRENCH, Law("spam", "FR", STARTS, STARTS)]
    found = estimated(replace(STUDY, laws=laws, scenarios=[fixed], compare=[], overlap=overlap), NATION)[0]
    assert found[("s", "_T")]["gross_hit_p50"] == pytest.approx(20_000 * union)


def test_a_law_of_spain_leaves_what_is_sold_to_france_as_it_was():
    laws = [FRENCH, Law("espagne", "ES", STARTS, COMPLETES)]
    markets = [FRANCE, Market("ES", "part_es", "sortant_es")]
    without, with_it = (estimated(replace(STUDY, markets=markets, laws=kept), CITIES)[0] for kept in (laws[:1], laws))
    only_french = estimated(STUDY, CITIES)[0]
    assert without[("central", "A")]["gross_hit_p50"] == pytest.approx(only_french[("central", "A")]["gross_hit_p50"])
    assert with_it[("central", "A")]["gross_hit_p50"] > without[("central", "A")]["gross_hit_p50"]


shares = st.floats(0, 1)


@settings(max_examples=25, deadline=None)
@given(shares, shares, shares, shares, st.sampled_from(["independent", "nested", "disjoint"]), shares, shares)
@example(0.0, 1.0, 0.0, 0.75, "independent", 1.0, 1.0)  # what is won elsewhere is no shelter from software
def test_more_coverage_never_loses_less(a, b, other, retention, overlap, adoption, won):
    low, high = sorted((a, b))
    more = [
        lever("coverage", other, "spam"),
        lever("adoption", adoption),
        lever("substitution", 0.5),
        lever("diversification", won, "golfe"),
    ]
    pair = [changed(code, SEVERE, coverage=value, retention=retention) for code, value in (("low", low), ("high", high))]
    study = replace(
        WIDE, targets=[Target("golfe", 1)], overlap=overlap, compare=[("high", "low")],
        laws=[FRENCH, Law("spam", "FR", STARTS, STARTS), Law("golfe", "golfe", STARTS, STARTS)],
        scenarios=[replace(one, assumptions=[*one.assumptions, *more]) for one in pair],
    )  # fmt: skip
    found = estimated(study, CITIES, scenario.draw(16))[1]
    assert len(found.differences) == 3
    assert all(row[f"{name}_p05"] >= -1e-6 for row in found.differences for name in ("gross_hit", "net_loss", "net_revenue"))


@settings(max_examples=15, deadline=None)
@given(shares, shares, st.floats(0.01, 1))
def test_when_all_are_redeployed_only_closures_are_left(coverage, closure, closes_at):
    one = changed(
        "s", CENTRAL, coverage=coverage, redeployment=1, closure=closure, closes_at=closes_at, enforcement=1, retention=0
    )
    found = estimated(replace(STUDY, scenarios=[one], compare=[]), CITIES, scenario.draw(8))[0]
    for place, headcount, activity in (("A", 5_000, 0.9 * 0.5), ("B", 9_000, 0.95 * 0.9)):
        closed = headcount * (1 - activity) * closure * min(1, activity * coverage / closes_at)
        assert found[("s", place)]["net_loss_p50"] == pytest.approx(closed, rel=1e-9, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.lists(shares, min_size=3, max_size=3).map(sorted), st.floats(0, 1, exclude_max=True))
def test_a_triangular_number_is_drawn_as_scipy_draws_it(three, u):
    low, mode, high = three
    with duckdb.connect() as connection:
        drawn = macros("scenario").triangular("u", "low", "mode", "high")
        given = "select ?::double as u, ?::double as low, ?::double as mode, ?::double as high"
        value = connection.execute(f"select {drawn} from ({given})", [u, low, mode, high]).fetchall()[0][0]
    assert low - 1e-12 <= value <= high + 1e-12
    if high - low > 1e-6:
        assert value == pytest.approx(triang.ppf(u, (mode - low) / (high - low), low, high - low), abs=1e-9)


def test_software_takes_work_or_changes_it_and_work_is_won_elsewhere_under_its_own_law():
    fixed = {"coverage": 1, "enforcement": 1, "retention": 0, "elasticity": 1, "redeployment": 0, "closure": 0}

    def scene(code, *more):
        one = changed(code, CENTRAL, **fixed)
        return replace(one, assumptions=[*one.assumptions, *more])

    study = replace(
        WIDE, laws=[FRENCH, Law("golfe", "golfe", STARTS, COMPLETES)], on=COMPLETES, compare=[], targets=[Target("golfe", 0.5)],
        scenarios=[
            scene("law"), scene("taken", lever("adoption", 0.5), lever("substitution", 1)),
            scene("changed", lever("adoption", 0.5), lever("substitution", 0)),
            scene("won", lever("diversification", 0.4, "golfe")),
        ],
    )  # fmt: skip
    found = {code: row for (code, place), row in estimated(study, {**CITIES, "ia": [0.5] * 4})[0].items() if place == "A"}
    hit = found["law"]["net_loss_p50"]
    assert hit == pytest.approx(found["law"]["gross_exposed"] - 40_000 * 0.03)
    assert found["taken"]["net_loss_p50"] == pytest.approx(hit + (45_000 - hit) * 0.25)
    assert (found["changed"]["net_loss_p50"], found["changed"]["augmented_p50"]) == pytest.approx((hit, (45_000 - hit) * 0.25))
    assert found["won"]["net_loss_p50"] == pytest.approx(hit * (1 - 0.4 * 0.5))


def test_indirect_jobs_are_another_count_and_are_not_told_unless_asked():
    plain = estimated(STUDY, CITIES)[0][("central", "A")]
    asked = replace(STUDY, scenarios=[assumed("central", CENTRAL, [lever("multiplier", 0.5)]), assumed("severe", SEVERE)])
    found = estimated(asked, CITIES)[0]
    assert not [name for name in plain if name.startswith("indirect")]
    assert found[("central", "A")]["net_loss_p50"] == pytest.approx(plain["net_loss_p50"])
    assert found[("central", "A")]["indirect_loss_p50"] == pytest.approx(plain["net_loss_p50"] / 2)
    assert found[("severe", "A")]["indirect_loss_p50"] is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scenarios": [assumed("s", CENTRAL), assumed("s", MILD)]}, "scénario donné deux fois : s"),
        ({"laws": [Law("x", "IT", STARTS, COMPLETES)]}, "« IT » n'est ni un marché ni un marché visé"),
        ({"small": None}, "donner la colonne small"),
        ({"scenarios": [assumed("s", CENTRAL, [lever("coverage", 0.5, "oubli")])]}, "« oubli » n'est pas déclaré"),
        ({"compare": [("central", "pire")]}, "scénario à comparer inconnu : pire"),
    ],
)  # fmt: skip
def test_a_study_that_has_no_meaning_is_refused(change, said):
    with pytest.raises(ScienceError, match=said):
        replace(STUDY, **{"compare": []} | change)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (lever("adoption", 0.5), "adoption et substitution se donnent ensemble"),
        (lever("coverage", (0.5, 0.4, 0.6), "x"), "coverage de x : trois nombres croissants"),
        (lever("coverage", 1.5, "x"), "une part va de 0 à 1"),
        (lever("diversification", 1.5, "x"), "une part va de 0 à 1"),
        (Assumption("multiplier", (0.5, 0.5, 0.5), " "), "sur quoi repose"),
    ],
)
def test_a_scenario_that_has_no_meaning_is_refused(more, said):
    with pytest.raises(ScienceError, match=said):
        assumed("s", CENTRAL, [more])


@pytest.mark.parametrize("parameter", REQUIRED)
def test_a_scenario_assumes_nothing_in_silence(parameter):
    with pytest.raises(ScienceError, match=f"« {parameter} » n'est pas donné"):
        Scenario("s", 1, "essai", BINDS, [one for one in assumed("s", CENTRAL).assumptions if one.parameter != parameter])


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("emplois", ["10", "dix", "1", "1"], "ligne 2 de la table, emplois : « dix » ; un nombre positif"),
        ("emplois", [1, 2, None, 4], "ligne 3 de la table, emplois : «  »"),
        ("part_fr", [0.5, 0.5, 0.5, 80.0], "ligne 4 de la table, part_fr : « 80.0 » ; une part de 0 à 1"),
        ("part_es", [0.1, 0.1, 0.9, 0.0], "ligne 3 de la table, part_fr : « 0.3 » ; des parts de marché dont la somme"),
        ("petite", ["oui", "non", "peut-être", "non"], "petite"),
        ("ville", ["A", "_T", "B", "B"], "ligne 2 de la table, ville : « _T »"),
    ],
)
def test_a_cell_that_cannot_be_counted_is_named(column, values, said):
    with pytest.raises(ScienceError, match=said):
        estimated(WIDE, {**CITIES, column: values})
