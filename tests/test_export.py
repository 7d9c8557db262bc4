"""Exports: of a past day, the same to the byte whatever came since; safe to open; licences in or beside each file."""

import csv
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import openpyxl
import pyarrow.parquet as pq
import pytest

from tests import served
from vigie import cli, clock, export, lake

DAY = "2026-02-05"


def exported(data: Path, folder: Path, *words: str) -> dict[str, bytes]:
    """The files of tables; each has its notice beside it."""
    assert cli.main(["export", *words, "-o", str(folder), "--data", str(data)]) == 0
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    tables = {name: content for name, content in written.items() if not name.endswith(export.NOTICE)}
    assert set(written) == set(tables) | {f"{name}.{export.NOTICE}" for name in tables}
    return tables


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
    assert {name for name in then if then[name] != elsewhere.pop(name, None)} == set()
    assert set(elsewhere) == {f"{name}.{export.NOTICE}" for name in then}


def test_a_past_day_says_nothing_of_what_came_later(then):
    for name, content in then.items():
        lines = list(csv.DictReader(content.decode().splitlines()))
        for column in ("known_at", "known_from", "collected_at"):
            assert all(not line.get(column) or line[column] < "2026-02-06" for line in lines), name
    (tile,) = [line for line in csv.DictReader(then[f"headlines.as-of-{DAY}.csv"].decode().splitlines()) if line["tile"] == "loi"]
    assert tile["as_of"].startswith(DAY) and "dans" in tile["sentence"]


def test_each_format_is_the_same_twice_and_holds_the_same_rows(observatory, tmp_path):
    counts = set()
    for kind in export.SUFFIXES:
        paths = [tmp_path / f"{turn}{export.SUFFIXES[kind]}" for turn in range(2)]
        for path in paths:
            assert cli.main(["export", "indicator_values", "-o", str(path), "--data", str(observatory.data)]) == 0
        digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
        assert len(digests) == 1, kind
        if kind == "xlsx":
            counts.add(sum(1 for _ in openpyxl.load_workbook(paths[0], read_only=True)["données"].iter_rows()) - 1)
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


def test_each_file_says_under_which_licences_its_rows_are_and_how_to_prove_them(observatory, tmp_path):
    declared = dict(observatory.ask("select feed, licence from feeds"))
    for table in ("observations", "claims", "publication", "headlines"):
        resting = [feed for (feed,) in observatory.ask(f"select feed from table_sources where table_name = '{table}'")]
        for kind in ("csv", "xlsx", "parquet"):
            path = tmp_path / f"{table}.{kind}"
            assert cli.main(["export", table, "-o", str(path), "--data", str(observatory.data)]) == 0
            if kind == "csv":
                notice = path.with_name(f"{path.name}.{export.NOTICE}").read_text()
            elif kind == "xlsx":
                page = openpyxl.load_workbook(path, read_only=True)["lisez-moi"]
                notice = "\n".join(str(cell or "") for (cell,) in page.iter_rows(values_only=True))
            else:
                notice = pq.read_metadata(path).metadata[b"licence"].decode()
            assert "23/11/2026 à 08:00" in notice and "vigie receipt --id" in notice and "données d'échantillon" in notice.lower()
            assert {feed for feed in declared if f"({feed})" in notice} == set(resting)
            assert all(declared[feed] in notice for feed in resting)
            assert resting or "de l'observatoire" in notice
    assert {"oc_exports", "sector_employment"} <= {
        feed for (feed,) in observatory.ask("select feed from table_sources where table_name = 'headlines'")
    }


def test_every_feed_that_a_row_names_is_among_those_of_its_table(observatory):
    """The models say on which feeds a table rests: no row says more."""
    tables = [name for name in observatory.tables() if name not in ("table_sources", "feeds")]
    seen = 0
    for table in tables:
        columns = {name for (name,) in observatory.ask(f"select column_name from (describe {table})")}
        named = f"select distinct feed from {table} where feed in (select feed from feeds)" if "feed" in columns else None
        if named is None and "receipt_id" in columns:
            named = (
                f"select distinct feed from indicator_inputs semi join {table} using (receipt_id) semi join feeds using (feed)"
            )
        if named is None:
            continue
        feeds = {feed for (feed,) in observatory.ask(named)}
        told = {feed for (feed,) in observatory.ask(f"select feed from table_sources where table_name = '{table}'")}
        assert feeds <= told, table
        seen += bool(feeds)
    assert seen > 25


def test_every_published_table_and_column_says_what_it_is_in_the_file_itself(observatory):
    tables = observatory.ask("select table_name, comment from duckdb_tables()")
    assert len(tables) > 50 and not [name for name, comment in tables if not comment]
    columns = observatory.ask("select table_name, column_name, comment from duckdb_columns() where not internal")
    assert len(columns) > 900 and not [line for line in columns if not line[2]]


@pytest.mark.parametrize("text", ["=1+1", "+33", "-cmd", "@sum", "\tx"])
def test_no_text_is_a_formula_once_exported(tmp_path, text):
    path = tmp_path / "source.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table notices as select ? as title, [?, 'b'] as matches, -1.5 as value", [text, text])
    for kind in ("csv", "xlsx"):
        target = tmp_path / f"notices.{kind}"
        with duckdb.connect(str(path), read_only=True) as connection:
            export._write(connection, "notices", target, kind, "à lire")
        if kind == "csv":
            ((_, cells),) = enumerate(csv.reader(target.read_text().splitlines()[1:]))
        else:
            cells = [str(cell) for cell in next(openpyxl.load_workbook(target)["données"].iter_rows(min_row=2, values_only=True))]
        assert cells == ["'" + text, f"'{text} ; b", "-1.5"]


def test_a_table_that_does_not_exist_is_named_with_those_that_do(observatory, tmp_path, capsys):
    assert cli.main(["export", "valeurs", "-o", str(tmp_path / "x.csv"), "--data", str(observatory.data)]) == 2
    said = capsys.readouterr().err
    assert "« valeurs »" in said and all(table in said for table in observatory.tables())
    assert cli.main(["export", "sites", "-o", str(tmp_path / "x.ods"), "--data", str(observatory.data)]) == 2
    assert ".sdmx.csv, .csv, .parquet, .xlsx" in capsys.readouterr().err
    assert cli.main(["export", "-o", str(tmp_path), "--data", str(observatory.data)]) == 2
    assert not list(tmp_path.iterdir())


def test_a_question_as_published_is_exported_under_its_own_name(observatory, tmp_path):
    files = exported(observatory.data, tmp_path / "dossier", "observations", "publication", "--as-published", "2019-12-31")
    assert set(files) == {f"{table}.as-published-2019-12-31.csv" for table in ("observations", "publication")}
    lines = list(csv.DictReader(files["observations.as-published-2019-12-31.csv"].decode().splitlines()))
    assert lines and all(line["known_from"] < "2020" for line in lines)


def test_what_the_service_says_of_a_past_day_is_what_was_exported_then(observatory, then):
    """Read in the history of today, and rebuilt from what was known that day alone: the same numbers."""
    exported_then = {}
    for line in csv.DictReader(then[f"indicator_values.as-of-{DAY}.csv"].decode().splitlines()):
        key = (line["indicator"], line["ref_area"], line["breakdown"], line["scenario"], line["freq"], line["methodology"])
        exported_then[*key, line["period"][:10]] = tuple(float(line[n]) if line[n] else None for n in ("value", "lower", "upper"))
    told, unkept = {}, set()
    with served.reading(observatory.data) as source:
        for (indicator,) in observatory.ask("select indicator from indicators"):
            try:
                source.values(indicator, {"as_of": [DAY]})
            except served.query.Problem as problem:
                assert (problem.status, problem.parameter) == (400, "as_of") and "vigie export" in problem.detail
                unkept.add(indicator)
                continue
            for line in source.values(indicator, {"as_of": [DAY], "limit": ["10000"]}).rows:
                key = (indicator, line["ref_area"], line["breakdown"], line["scenario"], line["freq"], line["methodology"])
                told[*key, f"{line['period']:%Y-%m-%d}"] = (line["value"], line["lower"], line["upper"])
    known = {key for key, numbers in exported_then.items() if any(number is not None for number in numbers)}
    assert len(known) > 100
    # what is read on the day of the question alone is in no history, and the service says so
    kept = {key for key in known if key[0] not in unkept}
    assert "news_pressure" in unkept and len(kept) > 250
    assert {key for key in kept if told.get(key) != exported_then[key]} == set()
    assert not {key for key in set(told) - set(exported_then) if any(number is not None for number in told[key])}
