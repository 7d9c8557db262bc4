"""The series of the observatory as SDMX-CSV 2.0, read back by a reader of the standard that is not ours."""

import csv
import io

import pytest
import sdmx
from sdmx.model import v30

from vigie import cli, sdmx_csv


def message(observatory, folder, table: str) -> str:
    path = folder / f"{table}.sdmx.csv"
    assert cli.main(["export", table, "-o", str(path), "--data", str(observatory.data)]) == 0
    return path.read_text()


def structure(table: str, heads: list[str]) -> v30.Dataflow:
    """What the columns of a message are, as `sdmx_csv` says."""
    told = sdmx_csv.STRUCTURES[table]
    dimensions = [*(sdmx_csv.concept(name) for name in told.dimensions), "TIME_PERIOD"]
    definition = v30.DataStructureDefinition(id=table.upper(), maintainer=v30.Agency(id=sdmx_csv.AGENCY))
    for name in dimensions:
        definition.dimensions.append(v30.Dimension(id=name))
    definition.measures.append(v30.Measure(id="OBS_VALUE"))
    for name in heads[3 + len(dimensions) + 1 :]:
        definition.attributes.append(v30.DataAttribute(id=name))
    return v30.Dataflow(id=table.upper(), maintainer=definition.maintainer, structure=definition)


@pytest.mark.parametrize("table", sdmx_csv.STRUCTURES)
def test_a_reader_of_the_standard_finds_every_observation_that_stands(observatory, tmp_path, table):
    text = message(observatory, tmp_path, table)
    heads = next(csv.reader(io.StringIO(text)))
    assert heads[:3] == ["STRUCTURE", "STRUCTURE_ID", "ACTION"] and len(heads) == len(set(heads))
    read = sdmx.reader.csv.Reader().convert(io.BytesIO(text.encode()), structure=structure(table, heads))
    (found,) = read.data
    told = sdmx_csv.STRUCTURES[table]
    assert found.action.name == "information"
    assert len(found.obs) == observatory.value(f"select count(*) from {table} where {told.standing}") > 100
    keys = {tuple(str(part.value) for part in obs.dimension.values.values()) for obs in found.obs}
    assert len(keys) == len(found.obs), "une clé a deux observations"
    total = sum(float(obs.value) for obs in found.obs if obs.value)
    assert total == pytest.approx(observatory.value(f"select sum({told.measure}) from {table} where {told.standing}"), rel=1e-12)


def test_each_frequency_has_its_way_of_writing_a_period(observatory, tmp_path):
    shapes = {
        "A": r"\d{4}",
        "S": r"\d{4}-S[12]",
        "Q": r"\d{4}-Q[1-4]",
        "M": r"\d{4}-\d\d",
        "W": r"\d{4}-W\d\d",
        "D": r"\d{4}-\d\d-\d\d",
    }
    lines = list(csv.DictReader(io.StringIO(message(observatory, tmp_path, "indicator_values"))))
    assert {line["FREQ"] for line in lines} == set(shapes)
    periods = dict(observatory.ask("select receipt_id, period from indicator_values"))
    for line in lines:
        period = periods[line["RECEIPT_ID"]]
        wanted = {
            "A": f"{period:%Y}", "S": f"{period:%Y}-S{1 if period.month < 7 else 2}",
            "Q": f"{period:%Y}-Q{(period.month + 2) // 3}", "M": f"{period:%Y-%m}", "W": f"{period:%G-W%V}",
            "D": f"{period:%Y-%m-%d}",
        }  # fmt: skip
        assert line["TIME_PERIOD"] == wanted[line["FREQ"]]


def test_what_is_not_known_is_empty_with_its_reason_and_never_zero(observatory, tmp_path):
    lines = list(csv.DictReader(io.StringIO(message(observatory, tmp_path, "indicator_values"))))
    missing = [line for line in lines if line["MISSING_REASON"]]
    assert missing and not [line for line in missing if line["OBS_VALUE"]]
    assert all(line["LICENCE"] and line["RECEIPT_ID"] for line in lines if not line["MISSING_REASON"])


def test_a_table_that_is_no_series_is_refused_and_nothing_is_written(observatory, tmp_path, capsys):
    for words in (["claims"], ["observations", "claims"], ["--all"]):
        data = ["--data", str(observatory.data)]
        assert cli.main(["export", *words, "--format", "sdmx-csv", "-o", str(tmp_path / "ici"), *data]) == 2
        said = capsys.readouterr().err
        assert "ne porte que des séries (indicator_values, observations)" in said and "claims" in said
    assert not (tmp_path / "ici").exists()
