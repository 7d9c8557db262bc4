"""What is published, in numbers: the golden cases, the two perimeters apart, and nothing missing made zero."""

import json
import shutil

import duckdb
import pytest

CURRENT = "from indicator_values where ref_area = 'MA'"


def reading(observatory, indicator, **key):
    where = " and ".join(f"{name} = '{value}'" for name, value in key.items()) or "true"
    rows = observatory.ask(
        f"select value, lower, upper, class, obs_status, missing_reason from indicator_values"
        f" where indicator = '{indicator}' and {where}"
    )
    assert len(rows) == 1, f"{indicator} {key} : {len(rows)} lectures"
    return dict(zip(("value", "lower", "upper", "class", "status", "reason"), rows[0], strict=True))


def test_the_segments_of_2024_sum_to_26_219_billion_on_the_new_perimeter(observatory):
    total = observatory.value(
        f"select sum(value) {CURRENT} and indicator = 'eco_export_revenue' and methodology = 'OC_NEW' and freq = 'A'"
        " and period = '2024-01-01' and breakdown in ('CRM', 'ITO', 'ESO', 'BPO', 'KPO')"
    )
    assert total == pytest.approx(26.219, abs=0.001)


@pytest.mark.parametrize(
    ("indicator", "expected"),
    [
        ("eco_service_hhi", 0.3277550343), ("eco_service_theil", 0.3811859608), ("tec_value_added_share", 0.5373202639),
        ("eco_market_conc_unctad", 0.2266433142),
    ],
)  # fmt: skip
def test_measures_of_the_mix_of_2024_are_those_of_the_golden_case(observatory, indicator, expected):
    found = reading(observatory, indicator, freq="A", period="2024-01-01")
    assert found["value"] == pytest.approx(expected, abs=1e-9)
    assert found["class"] == "measured"
    assert found["status"] == "P"


def test_no_number_rests_on_both_perimeters(observatory):
    mixed = observatory.ask(
        "select inputs.receipt_id from indicator_inputs as inputs join observations on input_id = observation_id"
        " join indicator_history as readings on inputs.receipt_id = readings.receipt_id and readings.missing_reason is null"
        " where observations.indicator = 'export_revenue' group by 1 having count(distinct observations.methodology) > 1"
    )
    assert mixed == []
    perimeters = observatory.ask(
        "select distinct methodology from indicator_inputs join observations on input_id = observation_id"
        " where indicator = 'export_revenue' order by 1"
    )
    assert perimeters == [("OC_NEW",), ("OC_OLD",)]


def test_the_contract_refuses_a_number_that_mixes_perimeters_and_names_it(observatory, tmp_path):
    shutil.copy(observatory.data / "warehouse.duckdb", tmp_path / "warehouse.duckdb")
    manifest = json.loads((observatory.data / "dbt" / "target" / "manifest.json").read_text())
    (test,) = [node for node in manifest["nodes"].values() if node["name"] == "no_number_mixes_perimeters"]
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as house:

        def faults() -> set[tuple[str, str]]:
            return {(row[1], row[3]) for row in house.execute(test["compiled_code"]).fetchall()}

        def read(indicator: str, quantity: str, perimeter: str) -> None:
            """One input more for a reading of that indicator."""
            house.execute(
                "insert into marts.indicator_inputs by name select (select min(receipt_id) from marts.indicator_history"
                f" where indicator = '{indicator}' and missing_reason is null) as receipt_id, observation_id as input_id, feed"
                " from marts.observations"
                f" where indicator = '{quantity}' and methodology = '{perimeter}' and obs_value is not null limit 1"
            )

        assert faults() == set()
        read("eco_service_hhi", "export_revenue", "OC_OLD")
        said = (
            "périmètre que la lecture ne nomme pas",
            "deux périmètres pour une même grandeur",
            "plusieurs périmètres sans le dire",
        )
        assert faults() == {("eco_service_hhi", fault) for fault in said}
        house.execute("update marts.indicator_history set methodology = 'CRM/OFFSHORING' where indicator = 'job_site_coverage'")
        read("job_site_coverage", "outbound_share", "CRM")
        read("job_site_coverage", "market_share_france", "CRM")
        assert ("job_site_coverage", said[2]) not in faults(), (
            "deux grandeurs de deux périmètres nommés, modélisées et marquées D"
        )
        house.execute("update marts.indicator_history set class = 'measured' where indicator = 'job_site_coverage'")
        assert ("job_site_coverage", said[2]) in faults()


def test_no_growth_joins_the_two_perimeters_and_the_row_says_why(observatory):
    found = reading(
        observatory, "eco_export_growth", methodology="OC_NEW", freq="A", breakdown="_T", period="2023-01-01", ref_area="MA"
    )
    assert found["value"] is None
    assert (found["class"], found["reason"]) == ("unknown", "not_applicable")


def test_growth_of_the_first_half_of_2025_is_recomputed_with_its_rounding(observatory):
    found = reading(observatory, "eco_export_growth", methodology="OC_NEW", freq="S", breakdown="_T", period="2025-01-01")
    assert found["value"] == pytest.approx(3.8760, abs=1e-4)
    assert found["lower"] < 3.5 < found["upper"]
    assert found["class"] == "measured"


def test_the_fall_of_crm_is_modelled_because_its_base_is_deduced(observatory):
    found = reading(observatory, "eco_export_growth", methodology="OC_NEW", freq="S", breakdown="CRM", period="2025-01-01")
    assert found["value"] == pytest.approx(-12.7083, abs=1e-3)
    assert found["class"] == "modelled"
    flag = reading(observatory, "eco_segment_reclassification", methodology="OC_NEW", freq="S", period="2025-01-01")
    assert flag["lower"] > 5


def test_revenue_per_job_is_modelled_and_names_two_perimeters(observatory):
    found = reading(observatory, "eco_value_per_job", methodology="OC_NEW/OFFSHORING", period="2024-01-01")
    assert found["value"] == pytest.approx(176559, abs=1)
    assert (found["class"], found["status"]) == ("modelled", "D")


def test_more_than_80_percent_bounds_the_index_from_064_to_1(observatory):
    share = reading(observatory, "eco_market_top1_share", methodology="CRM")
    index = reading(observatory, "eco_market_hhi", methodology="CRM")
    assert (share["value"], share["lower"], share["upper"], share["class"]) == (None, 0.8, 1, "claimed")
    assert (index["value"], index["lower"], index["upper"], index["class"]) == (None, pytest.approx(0.64), 1, "claimed")


def test_exposed_jobs_are_a_range_and_lost_jobs_are_unknown(observatory):
    exposed = reading(observatory, "job_gross_exposed", methodology="CRM", ref_area="MA", breakdown="_T")
    lost = reading(observatory, "job_lost_observed")
    assert (exposed["value"], exposed["lower"], exposed["upper"], exposed["class"]) == (None, 13500, 24000, "bounded")
    assert (lost["value"], lost["class"], lost["reason"]) == (None, "unknown", "not_published")


def test_the_law_has_been_in_force_for_104_days(observatory):
    days = reading(observatory, "reg_days_to_effect", breakdown="FR-2025-594")
    ramp = reading(observatory, "reg_legal_ramp", breakdown="FR-2025-594", freq="D")
    assert days["value"] == -104
    assert ramp["value"] == pytest.approx(0.521978, abs=1e-6)
    assert observatory.ask("select state, days_to_effect from regulations where event_id = 'FR-2025-594'") == [
        ("en vigueur", -104)
    ]
    assert observatory.value("select days_to_effect from regulations where event_id = 'FR-2026-DECRET'") is None


def test_the_way_to_2030_is_longer_than_the_pace(observatory):
    jobs = {name: reading(observatory, "job_target_gap", breakdown=name)["value"] for name in ("REQUIRED", "OBSERVED", "_T")}
    assert jobs == {"REQUIRED": 20250, "OBSERVED": 9250, "_T": 11000}
    required = reading(observatory, "eco_export_target_gap", breakdown="REQUIRED")
    assert required["value"] == pytest.approx(7.29, abs=0.01)


def test_a_revision_closes_what_was_known_and_keeps_it(observatory):
    known = observatory.ask(
        "select value, known_to is null from indicator_history where indicator = 'eco_export_revenue'"
        " and methodology = 'OC_OLD' and period = '2022-01-01' order by known_from"
    )
    assert known == [(15.7, False), (15.8, True)]
    (said,) = observatory.ask("select sentence from changes where kind = 'révision' and new_value = 15.8")
    assert "15,8\u202fMd\u202fMAD au lieu de 15,7\u202fMd\u202fMAD" in said[0]
    ((old, new),) = observatory.ask(
        "select old_value, new_value from changes where kind = 'révision' and indicator = 'eco_ict_export_usd'"
        " and ref_area = 'MA' and period = '2016-01-01'"
    )
    assert (round(old), round(new)) == (1441266760, 1440057103)


def test_every_value_leads_to_a_place_in_a_document(observatory):
    orphans = observatory.ask(
        "select indicator from indicator_values where missing_reason is null"
        " and receipt_id not in (select receipt_id from indicator_inputs)"
    )
    assert orphans == []
    placeless = observatory.ask(
        "select inputs.feed from indicator_inputs as inputs join observations on input_id = observation_id"
        " where inputs.place is null or inputs.document is null"
    )
    assert placeless == []


def test_claims_that_contradict_each_other_stand_side_by_side(observatory):
    said = observatory.ask(
        "select who, value, lower, upper, contradictions from claims"
        " where subject = 'jobs_at_risk' order by coalesce(lower, value)"
    )
    assert [who for who, *_ in said] == ["Syndicat", "Intelcia", "L'Opinion"]
    assert [row[4] for row in said] == [2, 2, 2]


def test_the_first_screen_has_its_six_tiles_each_with_a_sentence_to_copy(observatory):
    tiles = observatory.ask("select tile, value_text, citable, sentence from headlines order by rank")
    assert [tile for tile, *_ in tiles] == ["loi", "pertes", "exposes", "affirmations", "exportations", "mise_a_jour"]
    texts = {tile: (value, citable) for tile, value, citable, _ in tiles}
    assert texts["loi"] == ("104\u202fjours", "oui")
    assert texts["pertes"] == ("inconnu", "non")
    assert texts["exposes"] == ("13\u202f500 à 24\u202f000", "avec réserve")
    assert texts["exportations"] == ("26,22\u202fMd\u202fMAD", "avec réserve")
    assert all(sentence.endswith(".") for *_, sentence in tiles)
    assert "CNSS" in tiles[1][3] and "ANRT" in tiles[1][3]
    assert "11 août 2026" in tiles[0][3]


def test_nothing_missing_became_zero(observatory):
    unknown = observatory.ask(
        "select count(*), count(value), count(lower), count(upper) from indicator_values where class = 'unknown'"
    )
    assert unknown[0][0] > 0
    assert unknown[0][1:] == (0, 0, 0)
    assert observatory.value("select headcount from sites where site_id = 'foundever-casablanca'") is None


def test_exposure_is_modelled_from_the_law_and_three_assumptions_that_the_reading_names(observatory):
    found = reading(observatory, "reg_exposure", breakdown="FR-2025-594", freq="D", methodology="CRM")
    assert found["value"] == pytest.approx(0.065247, abs=1e-6)
    assert (found["lower"], found["upper"]) == (pytest.approx(0.15 * 0.8 * 0.6 * 0.521978, abs=1e-6), pytest.approx(0.25 * 0.9))
    assert found["class"] == "modelled"
    named = observatory.ask(
        "select input_id, feed from indicator_inputs join indicator_values using (receipt_id)"
        " where indicator = 'reg_exposure' and breakdown = 'FR-2025-594' and freq = 'D'"
        " and methodology = 'CRM' order by feed, input_id"
    )
    assert [feed for _, feed in named] == ["regulations", "sector", "sector", "sector"]
    assert [name for name, _ in named[1:]] == [
        "assumption:coverage.FR-2025-594", "assumption:market_share.FR", "assumption:outbound_share.FR",
    ]  # fmt: skip
    full = reading(observatory, "reg_exposure", breakdown="FR-2025-594", freq="M", period="2027-09-01")
    assert full["value"] == pytest.approx(0.125)
    spain = reading(observatory, "reg_exposure", breakdown="ES-2025-LEY10", methodology="CRM")
    assert (spain["value"], spain["lower"], spain["reason"]) == (None, None, "not_collected")


def test_three_concentrations_of_one_year_are_three_indicators(observatory):
    same = {
        name: reading(observatory, name, freq="A", period="2024-01-01")["value"]
        for name in ("eco_service_hhi", "eco_market_conc_unctad")
    }
    assert same == {
        "eco_service_hhi": pytest.approx(0.327755, abs=1e-6),
        "eco_market_conc_unctad": pytest.approx(0.226643, abs=1e-6),
    }
    assert reading(observatory, "eco_market_hhi", methodology="CRM")["upper"] == 1
