"""One cell of one document moves by 1: what rests on it moves, and nothing else does."""

import shutil

import openpyxl
import pytest

from tests.conftest import Observatory
from vigie import cli, feed

DOCUMENT = "oc_exports.2025-10-20.xlsx"
KEY = "indicator, ref_area, breakdown, scenario, freq, period, methodology"


@pytest.fixture(scope="module")
def changed(tmp_path_factory) -> tuple[Observatory, float]:
    """An observatory whose 2024 exports of customer relations are one billion dirhams higher."""
    folder = tmp_path_factory.mktemp("changed")
    samples = folder / "samples"
    shutil.copytree(feed.SAMPLES, samples)
    book = openpyxl.load_workbook(samples / DOCUMENT)
    (cell,) = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value == 9.797]
    cell.value += 1
    book.save(samples / DOCUMENT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed, "SAMPLES", samples)
        assert cli.main(["run", "--data", str(folder / "data")]) == 0
    return Observatory(folder / "data"), 10.797


def readings(observatory, table="indicator_values"):
    rows = observatory.ask(f"select {KEY}, value, lower, upper, class, missing_reason from {table}")
    return {row[:7]: row[7:] for row in rows}


def test_exactly_the_values_that_rest_on_the_cell_change(observatory, changed):
    after, amount = changed
    before_all, after_all = readings(observatory), readings(after)
    moved = {key for key in before_all if before_all[key] != after_all.get(key)}
    resting = {
        row[:7]
        for row in after.ask(
            f"select distinct {KEY} from indicator_values join indicator_inputs using (receipt_id) "
            "join observations on input_id = observation_id "
            f"where observations.obs_value = {amount} and observations.segment = 'CRM'".replace(
                KEY, ", ".join(f"indicator_values.{name}" for name in KEY.split(", "))
            )
        )
    }
    assert set(before_all) == set(after_all)
    assert moved <= resting, "a value changed that does not say it rests on the cell"
    assert {key[0] for key in moved} >= {"eco_export_revenue", "eco_export_growth", "eco_service_hhi", "tec_value_added_share"}
    still = {key[0] for key in before_all} - {key[0] for key in resting}
    assert {"eco_market_hhi", "job_headcount", "job_gross_exposed", "reg_days_to_effect", "eco_ict_export_usd"} <= still


def test_the_alert_texts_that_speak_of_it_change_and_the_others_stay(observatory, changed):
    after, _ = changed
    texts = [dict(o.ask("select rule || entity, finding || quote from alerts")) for o in (observatory, after)]
    moved = {key for key in texts[0] if texts[0][key] != texts[1].get(key)}
    assert any("concentration_segments" in key for key in moved)
    assert not [key for key in moved if "dependance_premier_marche" in key or "effet_juridique" in key or "emplois" in key]
