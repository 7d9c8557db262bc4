"""Exports: of a past day, the same to the byte whatever came since; safe to open; each row with its licence."""

import csv
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import openpyxl
import pytest

from vigie import cli, clock, export, lake

DAY = "2026-02-05"


def exported(data: Path, folder: Path, *words: str) -> dict[str, bytes]:
    assert cli.main(["export", *words, "-o", str(folder), "--data", str(data)]) == 0
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def known_then(observatory, tmp_path_factory) -> Path:
    """A folder where nothing but the loads known on DAY ever came, at another path."""
    folder = tmp_path_factory.mktemp("alors") / "autre chemin" / "données"
    source = lake.Lake.open(observatory.data)
    asked = clock.start(observatory.data, as_of=DAY).as_of
    for load in source.loads():
        if load.known_at <= asked:
            for path in (source.landed(load), source.quarantined(load), source.document(load.feed, load.document)):
                if path.exists():
                    copy = folder / path.relative_to(observatory.data)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, copy)
            entry = Path("ledger") / load.feed / f"{load.load_id}.json"
            (folder / entry).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(observatory.data / entry, folder / entry)
    shutil.copy(observatory.data / "mode.json", folder / "mode.json")
    assert 0 < len(list(folder.glob("ledger/*/*"))) < len(list(observatory.data.glob("ledger/*/*")))
    return folder


@pytest.fixture(scope="module")
def then(observatory, tmp_path_factory) -> dict[str, bytes]:
    return exported(observatory.data, tmp_path_factory.mktemp("export") / "tout", "--all", "--as-of", DAY)


def test_a_past_day_is_exported_as_if_nothing_had_come_since_on_any_machine(observatory, known_then, then, tmp_path):
    """Another path, time zone, locale, hash seed and number of threads: each table, to the byte."""
    words = ["export", "--all", "--as-of", DAY, "-o", str(tmp_path / "la-bas"), "--data", str(known_then)]
    done = subprocess.run(
        [sys.executable, "-m", "vigie.cli", *words],
        env=os.environ | {"TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    elsewhere = {path.name: path.read_bytes() for path in (tmp_path / "la-bas").iterdir()}
    assert {name.split(".")[0] for name in then} == set(observatory.tables())
    assert {name for name in then if then[name] != elsewhere.get(name)} == set()
    assert set(then) == set(elsewhere)


def test_a_past_day_says_nothing_of_what_came_later(then):
    for name, content in then.items():
        lines = list(csv.DictReader(content.decode().splitlines()))
        for column in ("known_at", "known_from", "collected_at"):
            assert all(not line.get(column) or line[column] < "2026-02-06" for line in lines), name
    (tile,) = [line for line in csv.DictReader(then[f"headlines.as-of-{DAY}.csv"].decode().splitlines()) if line["tile"] == "loi"]
    assert tile["as_of"].startswith(DAY) and "dans" in tile["sentence"]


def test_each_format_is_the_same_twice_and_holds_the_same_rows(observatory, tmp_path):
    counts = set()
    for kind in export.FORMATS:
        paths = [tmp_path / f"{turn}.{kind}" for turn in range(2)]
        for path in paths:
            assert cli.main(["export", "indicator_values", "-o", str(path), "--data", str(observatory.data)]) == 0
        digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
        assert len(digests) == 1, kind
        if kind == "xlsx":
            counts.add(sum(1 for _ in openpyxl.load_workbook(paths[0], read_only=True).active.iter_rows()) - 1)
        else:
            counts.add(duckdb.sql(f"select count(*) from '{paths[0]}'").fetchall()[0][0])
    assert counts == {observatory.value("select count(*) from indicator_values")}


def test_every_row_that_rests_on_a_document_names_its_publisher_and_licence(observatory, tmp_path):
    files = exported(observatory.data, tmp_path / "tout", "--all")
    licensed = 0
    for name, content in files.items():
        lines = list(csv.DictReader(content.decode().splitlines()))
        if lines and {"feed", "receipt_id"} & set(lines[0]):
            assert {"publisher", "licence"} <= set(lines[0]), name
        if name.startswith(("observations.", "indicator_values.")):
            rests = [line for line in lines if not line.get("missing_reason")]
            assert rests and all(line["licence"] and line["publisher"] and line["origin"] for line in rests), name
            licensed += 1
    assert licensed == 2


@pytest.mark.parametrize("text", ["=1+1", "+33", "-cmd", "@sum", "\tx"])
def test_no_text_is_a_formula_once_exported(tmp_path, text):
    path = tmp_path / "source.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table notices as select ? as title, [?, 'b'] as matches, -1.5 as value", [text, text])
    for kind in ("csv", "xlsx"):
        target = tmp_path / f"notices.{kind}"
        with duckdb.connect(str(path), read_only=True) as connection:
            export._write(connection, "notices", target, kind)
        if kind == "csv":
            ((_, cells),) = enumerate(csv.reader(target.read_text().splitlines()[1:]))
        else:
            cells = [str(cell) for cell in next(openpyxl.load_workbook(target).active.iter_rows(min_row=2, values_only=True))]
        assert cells == ["'" + text, f"'{text} ; b", "-1.5"]


def test_a_table_that_does_not_exist_is_named_with_those_that_do(observatory, tmp_path, capsys):
    assert cli.main(["export", "valeurs", "-o", str(tmp_path / "x.csv"), "--data", str(observatory.data)]) == 2
    said = capsys.readouterr().err
    assert "« valeurs »" in said and all(table in said for table in observatory.tables())
    assert cli.main(["export", "sites", "-o", str(tmp_path / "x.ods"), "--data", str(observatory.data)]) == 2
    assert ".csv, .parquet ou .xlsx" in capsys.readouterr().err
    assert cli.main(["export", "-o", str(tmp_path), "--data", str(observatory.data)]) == 2
    assert not list(tmp_path.iterdir())


def test_a_question_as_published_is_exported_under_its_own_name(observatory, tmp_path):
    files = exported(observatory.data, tmp_path / "dossier", "observations", "publication", "--as-published", "2019-12-31")
    assert set(files) == {f"{table}.as-published-2019-12-31.csv" for table in ("observations", "publication")}
    lines = list(csv.DictReader(files["observations.as-published-2019-12-31.csv"].decode().splitlines()))
    assert lines and all(line["known_from"] < "2020" for line in lines)
