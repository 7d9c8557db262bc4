"""A number is the same wherever it is read: mart, chart, export in each format, package, service."""

import csv
import json
import re
import zipfile
from datetime import datetime
from itertools import zip_longest
from pathlib import Path

import duckdb
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import served
from vigie import cli, windows
from vigie.inputs import DBT_PROJECT

INDICATORS = sorted(path.stem[4:] for path in (DBT_PROJECT / "models" / "indicators").glob("ind_*.sql"))
READ = ("value", "lower", "upper", "missing_reason", "unit", "ref_area", "methodology")
NUMBERS = {"value", "lower", "upper"}

Readings = dict[str, dict[str, tuple]]
"""Indicator → receipt → what is read of it."""


def by_indicator(lines) -> Readings:
    found: Readings = {}
    for line in lines:
        # a text file writes nothing for what is not known
        told = tuple(
            (None if line[name] in (None, "") else float(line[name])) if name in NUMBERS else line[name] or None for name in READ
        )
        assert found.setdefault(line["indicator"], {}).setdefault(line["receipt_id"], told) == told
    return found


@pytest.fixture(scope="module")
def mart(observatory) -> Readings:
    names = ["indicator", "receipt_id", *READ]
    lines = observatory.ask(f"select {', '.join(names)} from indicator_values")
    return by_indicator(dict(zip(names, line, strict=True)) for line in lines)


def exported(observatory, folder: Path, suffix: str) -> Path:
    path = folder / f"indicator_values{suffix}"
    assert cli.main(["export", "indicator_values", "-o", str(path), "--data", str(observatory.data)]) == 0
    return path


def of_csv(text: str) -> Readings:
    return by_indicator(csv.DictReader(text.splitlines()))


def of_sdmx(text: str) -> Readings:
    lines = [{name.lower(): cell for name, cell in line.items()} for line in csv.DictReader(text.splitlines())]
    return by_indicator({**line, "value": line["obs_value"], "unit": line["unit_measure"]} for line in lines)


def of_workbook(path: Path) -> Readings:
    rows = openpyxl.load_workbook(path, read_only=True)["données"].iter_rows(values_only=True)
    heads = next(rows)
    # a sheet does not hold the empty cells at the end of a row
    return by_indicator(dict(zip_longest(heads, row)) for row in rows)


@pytest.fixture(scope="module")
def ways(observatory, tmp_path_factory) -> dict[str, Readings]:
    """Each way out of the observatory, and what is read there."""
    folder = tmp_path_factory.mktemp("sorties")
    package = folder / "paquet.zip"
    assert cli.main(["export", "--package", str(package), "--data", str(observatory.data)]) == 0
    parquet = duckdb.sql(f"select * from '{exported(observatory, folder, '.parquet')}'")
    found = {
        "csv": of_csv(exported(observatory, folder, ".csv").read_text()),
        "xlsx": of_workbook(exported(observatory, folder, ".xlsx")),
        "parquet": by_indicator(dict(zip(parquet.columns, row, strict=True)) for row in parquet.fetchall()),
        "sdmx-csv": of_sdmx(exported(observatory, folder, ".sdmx.csv").read_text()),
        "paquet": of_csv(zipfile.ZipFile(package).read("data/indicator_values.csv").decode()),
    }
    asked = {"limit": [str(served.query.MOST)]}
    with served.reading(observatory.data) as source:
        answers = [source.values(name, asked) for name in INDICATORS]
        found["service, json"] = by_indicator(
            line for answer in answers for line in json.loads(served.query.to_json(answer, source.publication, None))["data"]
        )
        found["service, csv"] = {k: v for answer in answers for k, v in of_csv(served.query.to_csv(answer)).items()}
        found["service, table"] = by_indicator(source.table("indicator_values", asked).rows)
    return found


@pytest.fixture(scope="module")
def chart(observatory) -> dict[str, tuple[str, str]]:
    """Indicator → the receipt and the words that the catalogue of the dashboards shows."""
    sql = windows.read().datasets["indicateurs"].sql
    lines = observatory.ask(
        f"select catalogue.indicator, provenance, value_text from ({sql}) as shown"
        " inner join indicators as catalogue on shown.label_fr = catalogue.label_fr"
    )
    found = {}
    for indicator, provenance, text in lines:
        receipt = re.search(r"/vigie/recu/([^\"]+)\"", provenance)
        found[indicator] = (receipt[1] if receipt else "", text)
    return found


def test_every_indicator_is_read_by_every_way(mart, ways, chart):
    assert set(mart) == set(INDICATORS) == set(chart) and len(INDICATORS) > 50
    assert {name: set(readings) for name, readings in ways.items()} == {name: set(mart) for name in ways}
    assert len(ways) == 8


@pytest.mark.parametrize("indicator", INDICATORS)
def test_an_indicator_has_the_numbers_of_its_mart_by_every_way(mart, ways, chart, observatory, indicator):
    readings = mart[indicator]
    assert readings
    for name, told in ways.items():
        assert told[indicator] == readings, name
    for value, lower, upper, reason, *_ in readings.values():
        if reason:
            assert (value, lower, upper) == (None, None, None), "ce qui manque n'a pas de nombre"
    receipt, text = chart[indicator]
    if text.startswith("un par flux"):
        assert observatory.value(f"select grain from indicators where indicator = '{indicator}'").startswith("flux")
        return
    value, lower, upper, reason, *_ = readings[receipt]
    shown = re.findall(r"−?-?\d[\d\u202f]*(?:,\d+)?|…", text) if reason is None else []
    wanted = [value, *([lower, upper] if "(" in text else [])] if value is not None else [lower, upper]
    assert len(shown) == (len(wanted) if reason is None else 0), text
    for written, number in zip(shown, wanted, strict=bool(shown)):
        if written == "…":
            assert number is None
            continue
        digits = len(written.partition(",")[2])
        read = float(written.replace("\u202f", "").replace(",", ".").replace("−", "-"))
        assert abs(read - number) <= 0.5 * 10**-digits * (1 + 1e-9), f"{text} au lieu de {number}"


KEYS = ("ref_area", "breakdown", "scenario", "freq", "methodology", "class", "missing_reason")


@pytest.fixture(scope="module")
def source(observatory):
    with served.reading(observatory.data) as opened:
        yield opened


def lines(observatory, table: str) -> list[dict]:
    names = [name for (name,) in observatory.ask(f"select column_name from (describe {table})")]
    return [dict(zip(names, line, strict=True)) for line in observatory.ask(f"select * from {table}")]


@pytest.fixture(scope="module")
def history(observatory) -> list[dict]:
    return lines(observatory, "indicator_history")


@pytest.fixture(scope="module")
def standing(observatory) -> list[dict]:
    """What the observatory says today: the history that stands, and what is awaited and has not come."""
    return lines(observatory, "indicator_values")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_question_is_answered_as_by_reading_every_line(source, history, standing, data):
    """Any filters, any span of periods, any past day, any size of page: what a slow and plain reading finds;
    a past day is read in the history, where nothing is awaited."""
    one = data.draw(st.sampled_from(history))
    given = {}
    for name in data.draw(st.sets(st.sampled_from(KEYS), max_size=3)):
        values = [one[name], *data.draw(st.lists(st.sampled_from(["MA", "FR", "A", "_T", "'; drop table x --"]), max_size=1))]
        given[name] = [value for value in values if value is not None]
    given = {name: values for name, values in given.items() if values}
    year = one["period"].year
    if data.draw(st.booleans()):
        given["from"] = [str(year)]
    if data.draw(st.booleans()):
        given["to"] = [f"{year + 1}-02"]
    day = data.draw(
        st.none() | st.dates(min_value=min(h["known_from"] for h in history).date(), max_value=datetime(2026, 11, 23).date())
    )
    if day:
        given["as_of"] = [day.isoformat()]
    moment = served.query.end_of_day(day) if day else datetime.max
    wanted = [
        line for line in (history if day else standing)
        if line["indicator"] == one["indicator"]
        and all(line[name] in values for name, values in given.items() if name in KEYS)
        and ("from" not in given or line["period"] >= datetime(year, 1, 1))
        and ("to" not in given or line["period"] < datetime(year + 1, 3, 1))
        and (not day or (line["known_from"] <= moment and (line["known_to"] is None or line["known_to"] > moment)))
    ]  # fmt: skip
    first = min((line["known_from"] for line in history if line["indicator"] == one["indicator"]), default=None)
    if day and first == source.publication["as_of"] and moment < first:
        with pytest.raises(served.query.Problem, match="jour de la question"):
            source.values(one["indicator"], given)
        return
    size = data.draw(st.integers(1 + len(wanted) // 4, 50 + len(wanted)))
    read, offset = [], 0
    while offset is not None:
        answer = source.values(one["indicator"], given | {"limit": [str(size)], "offset": [str(offset)]})
        assert answer.total == len(wanted) and len(answer.rows) <= size
        read += answer.rows
        offset = answer.next_offset
    assert sorted(line["receipt_id"] for line in read) == sorted(line["receipt_id"] for line in wanted)
    assert read == source.values(one["indicator"], given | {"limit": [str(served.query.MOST)]}).rows, "l'ordre des pages"
    told = {line["receipt_id"]: line for line in wanted}
    for line in read:
        assert {name: line[name] for name in READ} == {name: told[line["receipt_id"]][name] for name in READ}
