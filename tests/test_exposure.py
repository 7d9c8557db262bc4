"""What laws can reach: the method against brute force and closed forms, and what the house does with sums that contradict."""

from datetime import datetime
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_absence import House
from vigie.science import ScienceError, exposure
from vigie.science.bounds import Interval, Margin, Margins

SPAIN = "ES-2025-LEY10"


# --- the method -----------------------------------------------------------------------------------------------

counts = st.integers(0, 3)


@given(st.lists(counts, min_size=8, max_size=8), st.integers(0, 4), st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_bounds_over_intervals_and_floors_equal_brute_force(cells, slack, floor):
    """City × market × activity, two codes each: what whole numbers allow is what the linear programme says."""
    table = np.array(cells).reshape(2, 2, 2)
    names = {"city": ("A", "B"), "market": ("FR", "ES"), "activity": ("outbound", "inbound")}
    known = [Margin({"city": "A"}, max(0, int(table[0].sum()) - floor), float("inf"))]
    known += [Margin({"market": code}, v, v) for code, v in zip(names["market"], table.sum((0, 2)).tolist(), strict=True)]
    known += [Margin({"activity": "outbound"}, max(0, (o := int(table[:, :, 0].sum())) - slack), o + slack)]
    margins = Margins(names, known)
    weights = margins.members({"city": "A", "market": "FR", "activity": "outbound"})
    found = margins.bounds(weights)
    french, spanish = (int(table[:, n].sum()) for n in (0, 1))
    possible = [
        fr[0]
        for fr in product(range(french + 1), repeat=4)
        if sum(fr) == french
        for es in product(range(spanish + 1), repeat=4)
        if sum(es) == spanish
        and fr[0] + fr[1] + es[0] + es[1] >= known[0].lower
        and known[3].lower <= fr[0] + fr[2] + es[0] + es[2] <= known[3].upper
    ]
    assert (found.lower, found.upper) == (pytest.approx(min(possible)), pytest.approx(max(possible)))


@given(st.floats(0, 1), st.floats(0, 1), st.floats(1, 100))
@settings(max_examples=60, deadline=None)
def test_shares_of_an_unknown_whole_have_the_bounds_of_frechet(market, activity, jobs):
    margins = Margins(
        {"market": ["FR", "_O"], "activity": ["outbound", "inbound"]},
        [
            Margin({}, jobs, 2 * jobs),
            Margin({"market": "FR"}, market, market, of={}),
            Margin({"activity": "outbound"}, activity, activity, of={}),
        ],
    )
    both = margins.members({"market": "FR", "activity": "outbound"})
    least, greatest = max(0.0, market + activity - 1), min(market, activity)
    found, shares = margins.bounds(both), margins.shares(both, np.ones(4))
    assert (found.lower, found.upper) == (pytest.approx(jobs * least, abs=1e-6), pytest.approx(2 * jobs * greatest, abs=1e-6))
    assert shares is not None
    assert (shares.lower, shares.upper) == (pytest.approx(least, abs=1e-6), pytest.approx(greatest, abs=1e-6))


def test_a_share_of_nothing_is_none_and_a_sum_without_end_has_none():
    margins = Margins({"city": ["A", "B"]}, [Margin({"city": "A"}, 0, 0), Margin({"city": "B"}, 3, float("inf"))])
    assert margins.shares(margins.members({"city": "A"}), margins.members({"city": "A"})) is None
    assert margins.bounds(np.ones(2)) == Interval(3, float("inf"))


def test_shares_that_contradict_each_other_are_named_as_shares():
    codes = {"market": ["FR", "ES", "_O"]}
    known = [Margin({"market": "FR"}, 0.8, 1, "part de la France", "FMES", of={}),
             Margin({"market": "ES"}, 0.3, 0.3, "part de l'Espagne", "OC", of={}), Margin({}, 10, 20, "emplois")]  # fmt: skip
    with pytest.raises(ScienceError, match=r"ne tiennent pas ensemble|se contredisent") as told:
        Margins(codes, known).bounds(np.ones(3))
    assert "« part de la France » (80 à 100 %, FMES) et « part de l'Espagne » (30 %, OC)" in str(told.value)


def margin(lower, upper, name, *, city=None, market=None, activity=None, share=False, vintage=1):
    return {"vintage": vintage, "city": city, "market": market, "activity": activity, "lower": lower, "upper": upper,
            "is_share": share, "name": name, "source": "X"}  # fmt: skip


def law(event_id, market, *, activity="outbound", least=0.0, greatest=1.0, vintage=1):
    return {"vintage": vintage, "event_id": event_id, "market": market, "activity": activity, "least_effect": least,
            "greatest_effect": greatest}  # fmt: skip


KNOWN = [
    margin(90_000, 120_000, "emplois"), margin(0.8, 1, "France", market="FR", share=True),
    margin(0.15, 0.2, "sortant", activity="outbound", share=True), margin(100_000, None, "Casablanca", city="CAS"),
]  # fmt: skip


def by_place(found):
    return {(row["breakdown"], row["ref_area"]): row for row in found}


def test_two_laws_of_one_market_reach_its_jobs_once_and_another_market_adds():
    laws = [law("A", "FR", least=0.2, greatest=0.5), law("B", "FR", least=0.1, greatest=0.8), law("C", "ES", greatest=0.9)]
    found = by_place(exposure.intervals(KNOWN, laws))
    assert {place for _, place in found} == {"MA", "CAS", "_U"}
    for place in ("MA", "CAS"):
        assert found["A", place]["upper"] == found["B", place]["upper"] == pytest.approx(24_000)
        # all the outbound work there is, whichever market has it: never 24 000 twice
        assert found["_T", place]["upper"] == pytest.approx(24_000)
        assert found["_T", place]["hit_upper"] == pytest.approx(24_000)
    assert found["A", "MA"]["hit_upper"] == pytest.approx(12_000)
    assert found["_T", "MA"]["share_upper"] == pytest.approx(0.2)
    # a city that nobody names has what the others leave at most: 120 000 jobs less 100 000 in Casablanca
    assert found["_T", "_U"]["upper"] == pytest.approx(20_000)


def test_a_law_on_calls_made_leaves_work_received_alone():
    inbound = [*KNOWN[:1], margin(1, 1, "entrant", activity="inbound", share=True)]
    row = by_place(exposure.intervals(inbound, [law("C", "ES")]))["C", "MA"]
    assert (row["lower"], row["upper"]) == (0, 0)
    both = by_place(exposure.intervals(inbound, [law("C", "ES", activity=kind) for kind in exposure.ACTIVITIES]))
    assert both["C", "MA"]["upper"] == pytest.approx(120_000)


def test_sums_that_contradict_each_other_bound_nothing_and_the_pair_is_named():
    wrong = [*KNOWN, margin(130_000, None, "Rabat", city="RAB")]
    found = exposure.intervals(wrong, [law("A", "FR")])
    assert found and all(row["lower"] is None and row["upper"] is None for row in found)
    assert all("« emplois »" in row["conflict"] and "« Rabat » (au moins 130000" in row["conflict"] for row in found)
    assert exposure.questions(wrong, [law("A", "FR")]) == []
    # without a whole, nothing has an end, and nothing is made up
    endless = exposure.intervals(KNOWN[1:], [law("A", "FR")])
    assert endless and {row["upper"] for row in endless} == {None} and exposure.questions(KNOWN[1:], [law("A", "FR")]) == []


def test_the_next_figure_narrows_most_and_is_never_the_answer_itself():
    found = exposure.questions(KNOWN, [law("A", "FR")])
    assert {row["breakdown"] for row in found} == {"A", "_T"}
    for row in found:
        asked = [row[name] for name in ("city", "market", "activity")]
        assert asked != [None, "FR", "outbound"] or row["ref_area"] != "MA"
        assert row["width_on_average"] <= row["width_before"] + 1e-6 and row["width_at_most"] <= row["width_before"] + 1e-6
    ranks = [
        (row["width_at_most"], row["width_on_average"]) for row in found if (row["breakdown"], row["ref_area"]) == ("_T", "CAS")
    ]
    assert len(ranks) >= 4 and ranks == sorted(ranks)


def test_the_same_sums_at_two_moments_are_solved_alike():
    twice = [row | {"vintage": vintage} for vintage in (1, 2) for row in KNOWN]
    found = exposure.intervals(twice, [law("A", "FR", vintage=vintage) for vintage in (1, 2)])
    ends = [[tuple(row[name] for name in exposure.ENDS) for row in found if row["vintage"] == vintage] for vintage in (1, 2)]
    assert ends[0] == ends[1] != []
    assert {row["vintage"] for row in found if row.get("hit_upper") is not None} == {2}


# --- the house ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def house(observatory, tmp_path_factory) -> House:
    return House(observatory.data, tmp_path_factory.mktemp("exposure"))


def landed(feed: str, column: str, value: str):
    """Another value for a column of what landed."""

    def change(connection):
        kept = f"create table landed.kept as select * replace ({value} as {column}) from landed.{feed}"
        for step in (kept, f"drop view landed.{feed}", f"create view landed.{feed} as select * from landed.kept"):
            connection.execute(step)

    return change


def test_work_that_only_receives_spanish_calls_is_exposed_to_nothing_of_the_spanish_law(house):
    received = landed("firm_returns", "value", "case when measure = 'outbound_share' and code = 'ES' then 0 else value end")
    after = house.without("received", lambda load: False, received)
    found = after.execute(
        "select distinct indicator, value, coalesce(lower, 0), coalesce(upper, 0) from marts.indicator_values"
        f" where indicator in ('reg_exposure', 'job_gross_exposed') and breakdown = '{SPAIN}'"
        " and methodology = 'DECLARED' and missing_reason is null order by all"
    )
    assert found.fetchall() == [("job_gross_exposed", 0, 0, 0), ("reg_exposure", 0, 0, 0)]


def test_contradictory_sums_do_not_stop_the_house_and_the_reading_names_the_pair(house):
    crowded = landed("operator_sites", "headcount", "case when site_id = 'foundever-rabat' then 500000 else headcount end")
    after = house.without("crowded", lambda load: False, crowded)
    said = after.execute(
        "select distinct missing_fr from marts.gaps where indicator = 'job_gross_exposed' and methodology = 'CRM'"
        " and missing_reason = 'not_applicable'"
    ).fetchall()
    assert len(said) == 1
    assert "deux marges se contredisent" in said[0][0]
    assert "emplois relevés à Rabat" in said[0][0] and "emplois des centres d'appels" in said[0][0]
    assert after.execute("select distinct class from marts.exposure_bounds").fetchall() == [("unknown",)]
    assert after.execute("select count(*) from marts.exposure_questions").fetchall() == [(0,)]
    # what groups declare rests on none of these sums
    declared = after.execute(
        "select class from marts.indicator_values where indicator = 'job_gross_exposed' and ref_area = 'MA-CAS'"
        " and breakdown = '_T' and methodology = 'DECLARED'"
    )
    assert declared.fetchall() == [("measured",)]


def test_estimates_and_bounds_of_a_place_stand_side_by_side_with_what_they_are(observatory):
    rows = observatory.ask(
        "select methodology, class, origin from indicator_values where indicator = 'job_gross_exposed'"
        " and ref_area = 'MA-FES' and breakdown = '_T' order by all"
    )
    assert rows == [("CRM", "bounded", "retyped"), ("DECLARED", "measured", "invented")]
    asked = observatory.ask("select ref_area, count(*) from exposure_questions where breakdown = '_T' group by all")
    cities = observatory.value("select count(distinct ref_area) from exposure_bounds")
    assert len(asked) == cities > 20 and {number for _, number in asked} == {3}
    assert observatory.ask("select count(*) from exposure_bounds where receipt_id is null") == [(0,)]
    assert datetime(2026, 11, 23).date() == observatory.value("select max(on_day) from exposure_bounds")


def test_the_regulatory_pillar_of_a_city_has_its_own_figure(observatory):
    found = dict(
        observatory.ask("select ref_area, value from indicator_values where indicator = 'ivt' and breakdown = 'reg_exposure'")
    )
    assert {"MA-CAS", "MA-RAB", "MA-FES"} <= set(found) and all(1 <= score <= 99 for score in found.values())
    (share,) = observatory.ask("select value from indicator_values where indicator = 'reg_exposure' and ref_area = 'MA-CAS'"
                               " and breakdown = '_T'")[0]  # fmt: skip
    assert found["MA-CAS"] == pytest.approx(1 + 98 * share / 0.4)
