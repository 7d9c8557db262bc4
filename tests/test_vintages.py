"""The World Bank's vintages: replayed in any order and twice, the same history by publication, and each day its file.

Facts: ICT service exports of Morocco (BX.GSR.CCIS.CD), current US$, as two editions of the World Development
Indicators print them, kept by open-numbers on GitHub: ddf--world_bank--world_development_indicators at bb1e8cd7
(the edition whose last year is 2017) and ddf--open_numbers--world_development_indicators at 01a34e8b (last year
2024). World Bank, CC BY 4.0. The digits are those of each edition.
"""

import json
import random
from datetime import date
from pathlib import Path

import duckdb
import pytest

from vigie import cli
from vigie.readers import worldbank

OLD = {
    2008: "787892442.9975329638", 2009: "917220489.1419370174", 2010: "1003096667.0225399733",
    2011: "1140394196.7982900143", 2012: "1096403165.5975000858", 2013: "1142310069.5749199390",
    2014: "1588253680.6027801037", 2015: "1436003560.6755700111", 2016: "1441266759.9582700729",
    2017: "1492626585.8059999943",
}  # fmt: skip
NEW = {
    2008: "787892442.99753", 2009: "917220489.14194", 2010: "1003096667.02254", 2011: "1140394196.79829",
    2012: "1096403165.5975", 2013: "1142310069.57492", 2014: "1588253680.60278", 2015: "1436003560.67557",
    2016: "1440057102.85724", 2017: "1492626585.806", 2018: "1666561944.74976", 2019: "1586425696.37392",
    2020: "1835752481.46424", 2021: "1962755550.84294", 2022: "2070232965.77478", 2023: "2409316588.42158",
    2024: "2630419247.40836",
}  # fmt: skip
LATER = NEW | {2018: "1666561944.75076", 2024: "2631419247.40836", 2025: None}
"""Not the World Bank's: the same edition with 2018 a tenth of a cent higher, 2024 a million dollars higher, and a year
that is listed without a value."""
VINTAGES = {date(2019, 1, 31): OLD, date(2026, 7, 13): NEW, date(2026, 10, 7): LATER}


def document(released: date, figures: dict[int, str | None], decimal: int | None = 0) -> str:
    """The World Bank's own answer: a heading and its rows, the latest year first."""
    heading = {
        "page": 1, "pages": 1, "per_page": 20000, "total": len(figures), "sourceid": "2", "lastupdated": released.isoformat(),
    }  # fmt: skip
    told = "" if decimal is None else f', "decimal": {decimal}'
    lines = [
        '{"indicator": {"id": "BX.GSR.CCIS.CD", "value": "ICT service exports (BoP, current US$)"}, '
        '"country": {"id": "MA", "value": "Morocco"}, "countryiso3code": "MAR", '
        f'"date": "{year}", "value": {value or "null"}, "unit": "", "obs_status": ""{told}}}'
        for year, value in sorted(figures.items(), reverse=True)
    ]
    return f"[{json.dumps(heading)},\n[{', '.join(lines)}]]"


def written(folder: Path, vintages: dict[date, dict[int, str | None]], decimal: int | None = 0) -> list[Path]:
    """One file per vintage; their names say nothing of their dates."""
    folder.mkdir()
    paths = []
    for number, (released, figures) in enumerate(vintages.items()):
        paths.append(folder / f"reponse-{number}.json")
        paths[-1].write_text(document(released, figures, decimal))
    return paths


def replayed(data: Path, paths: list[Path]) -> None:
    for path in paths:
        assert cli.main(["collect", "wb_indicators", "--from", str(path), "--data", str(data)]) == 0


def asked(data: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


HISTORY = """
select year(period), obs_value, obs_status, known_from, known_to, published_at, is_withdrawn, place
from marts.observations where indicator = 'BX.GSR.CCIS.CD' order by all
"""


@pytest.fixture(scope="module")
def histories(tmp_path_factory):
    """The vintages in three orders, each of them twice over, and the history by publication that each order gives."""
    folder = tmp_path_factory.mktemp("vintages")
    found = []
    for seed in (3, 5, 8):
        data = folder / f"data-{seed}"
        shuffled = random.Random(seed)
        for turn in range(2):
            paths = written(folder / f"documents-{seed}-{turn}", VINTAGES)
            shuffled.shuffle(paths)
            replayed(data, paths)
        assert cli.main(["build", "--as-published", "2026-11-23", "--data", str(data)]) == 0
        found.append((data, asked(data, HISTORY)))
    return found


def test_the_history_by_publication_is_the_same_in_any_order_and_told_twice(histories):
    lines = [history for _, history in histories]
    assert lines[0] and all(line == lines[0] for line in lines)


def test_a_revision_is_a_row_and_the_noise_of_printing_is_none(histories):
    _, history = histories[0]
    years = [year for year, *_ in history]
    assert {year: years.count(year) for year in years} == {year: 2 if year in (2016, 2024) else 1 for year in LATER}
    revised = [(round(value), start.date(), end and end.date()) for year, value, _, start, end, *_ in history if year == 2016]
    assert revised == [(1440057103, date(2026, 7, 13), None), (1441266760, date(2019, 1, 31), date(2026, 7, 13))]
    ((absent, status),) = [(value, status) for year, value, status, *_ in history if year == 2025]
    assert (absent, status) == (None, "O")


@pytest.mark.parametrize(("day", "file"), [("2019-01-30", {}), *((str(day), figures) for day, figures in VINTAGES.items())])
def test_a_question_as_published_is_the_file_of_that_day(histories, day, file):
    data, _ = histories[1]
    assert cli.main(["build", "--as-published", day, "--data", str(data)]) == 0
    current = asked(
        data,
        "select year(period), obs_value, decimals from marts.observations"
        " where indicator = 'BX.GSR.CCIS.CD' and known_to is null and not is_withdrawn order by 1",
    )
    assert [year for year, *_ in current] == sorted(file)
    for year, value, decimals in current:
        assert (value is None) == (file[year] is None), year
        assert value is None or value == pytest.approx(float(file[year]), abs=0.5 * 10**-decimals, rel=0), year
    read = asked(data, "select year(period), value from marts.indicator_values where indicator = 'eco_ict_export_usd' order by 1")
    told = [(year, None if value is None else pytest.approx(value, rel=1e-9)) for year, value, _ in current]
    assert read == (told or [(int(day[:4]), None)]), "where nothing is known, one reading says so"


def test_the_revision_of_2016_is_news_and_both_values_stay(histories):
    data, _ = histories[0]
    told = asked(
        data,
        "select round(old_value), round(new_value) from marts.changes"
        " where kind = 'révision' and indicator = 'eco_ict_export_usd' and period = '2016-01-01'",
    )
    assert told == [(1441266760, 1440057103)]
    kept = asked(
        data,
        "select round(value) from marts.indicator_history"
        " where indicator = 'eco_ict_export_usd' and period = '2016-01-01' order by known_from",
    )
    assert kept == [(1441266760,), (1440057103,)]


@pytest.mark.parametrize(
    ("written", "decimals"), [("1441266760", 0), ("1441266760.0", 1), ("787892442.99753", 5), ("null", None)]
)
def test_without_the_publishers_word_on_precision_the_digits_as_written_say_it(written, decimals):
    (row,) = worldbank.rows(document(date(2026, 7, 13), {2016: written}, decimal=None).encode())
    assert row.values["decimals"] == decimals
    (row,) = worldbank.rows(document(date(2026, 7, 13), {2016: written}).encode())
    assert row.values["decimals"] == 0
