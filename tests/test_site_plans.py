"""The sites that the page shows: the methods of the bench, on the losses that anyone may see."""

import numpy as np
import pytest

from vigie import sector
from vigie.science import site_plans, siting

PLAN = {"plan": "p", "most_sites": 3, "radius_km": 75.0, "draws": 50, "spread": 0.3}


def test_the_sites_of_the_page_are_those_that_the_bench_finds_on_the_published_losses(observatory):
    plan = sector.load("morocco_offshoring").siting_plans[0]
    places = {place.ref_area: place for place in sector.load("morocco_offshoring").places if place.level == "city"}
    losses = dict(observatory.ask(
        "select ref_area, value from indicator_values where indicator = 'job_net_loss' and breakdown = '_T'"
        f" and methodology = 'DECLARED' and scenario = '{plan.scenario}' and value is not null and ref_area <> 'MA'"
    ))  # fmt: skip
    hosts = {host.ref_area for host in sector.load("morocco_offshoring").site_hosts}
    codes = sorted(places)
    km = siting.distances([places[code].lat for code in codes], [places[code].lon for code in codes])
    weights, allowed = np.array([losses.get(code, 0.0) for code in codes]), np.array([code in hosts for code in codes])
    shown = observatory.ask("select distinct method, sites from sitings order by all")
    assert shown == [(method, sites) for method in ("coverage", "p_median") for sites in range(1, plan.most_sites + 1)]
    for method, sites in shown:
        best = siting.solve(siting.Problem(weights, km, sites, method, plan.radius_km, allowed))
        chosen = observatory.ask(
            f"select ref_area from sitings where method = '{method}' and sites = {sites} and is_chosen order by 1"
        )
        assert [area for (area,) in chosen] == [codes[place] for place in best.chosen]
        assert {area for (area,) in chosen} <= hosts


def test_a_hidden_or_unknown_loss_weighs_nothing_and_says_so(observatory):
    assert observatory.value("select count(*) from sitings where missing_reason = 'suppressed'") > 0
    assert observatory.value("select count(*) from sitings where missing_reason is not null and loss is not null") == 0
    assert observatory.value("select count(*) from sitings where is_chosen and strength_fr is null") == 0
    assert observatory.value("select count(distinct origin) from sitings where loss is not null") == 1


def places(*losses):
    return [{"ref_area": f"C{n}", "lat": 30.0 + n, "lon": -7.0, "loss": loss, "is_host": n != 1} for n, loss in enumerate(losses)]


def test_a_place_that_cannot_host_is_never_chosen_and_one_without_a_loss_can_be():
    found = site_plans.choices(PLAN, places(10.0, 900.0, None, 5.0))
    assert found and not any(row["is_chosen"] for row in found if row["ref_area"] == "C1")
    assert max(row["sites"] for row in found) == 3
    assert {row["loss"] for row in found if row["ref_area"] == "C2"} == {None}
    for method in ("p_median", "coverage"):
        for sites in (1, 2, 3):
            rows = [row for row in found if row["method"] == method and row["sites"] == sites]
            assert sum(row["is_chosen"] for row in rows) == sites == pytest.approx(sum(row["selected_share"] for row in rows))


def test_without_a_loss_nothing_is_placed():
    assert site_plans.choices(PLAN, places(None, None)) == []
    assert site_plans.relation([]).num_rows == 0 and "selected_share" in site_plans.relation([]).column_names
