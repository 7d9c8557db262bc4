"""Everything public as one Data Package, valid for the validators of Frictionless Data, rows included."""

import json
import shutil
import zipfile

import pytest
from frictionless import Package

from vigie import cli, data_package, export


def packed(observatory, path, *words: str):
    assert cli.main(["export", "--package", str(path), *words, "--data", str(observatory.data)]) == 0
    return path


@pytest.fixture(scope="module")
def folder(observatory, tmp_path_factory):
    return packed(observatory, tmp_path_factory.mktemp("paquet") / "vigie")


@pytest.fixture(scope="module")
def descriptor(folder) -> dict:
    return json.loads((folder / data_package.DESCRIPTOR).read_text())


def test_the_package_is_valid_and_so_is_every_row_of_it(folder, observatory):
    report = Package(str(folder / data_package.DESCRIPTOR)).validate()
    assert report.valid, report.flatten(["name", "type", "message"])
    assert {task.name for task in report.tasks} == set(observatory.tables())
    assert sum(task.stats.get("rows", 0) for task in report.tasks) == sum(
        observatory.value(f"select count(*) from {table}") for table in observatory.tables()
    )


def test_a_changed_byte_and_an_indicator_that_is_in_no_catalogue_are_seen(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "autre")
    path = tmp_path / "autre" / "data" / "indicator_values.csv"
    path.write_text(path.read_text().replace("eco_export_revenue", "eco_export_revenus"))
    report = Package(str(tmp_path / "autre" / data_package.DESCRIPTOR)).validate()
    assert {kind for _, kind in report.flatten(["name", "type"])} >= {"hash-count", "foreign-key"}


def test_every_table_and_column_is_named_in_french_with_its_type(descriptor, observatory):
    comments = {
        (table, column): comment
        for table, column, comment in observatory.ask(
            "select table_name, column_name, comment from duckdb_columns() where not internal"
        )
    }
    assert {resource["name"] for resource in descriptor["resources"]} == set(observatory.tables())
    described = 0
    for resource in descriptor["resources"]:
        assert resource["title"] and resource["description"] and resource["path"] == f"data/{resource['name']}.csv"
        for column in resource["schema"]["fields"]:
            assert column["title"] and column["title"] in column["description"]
            if (resource["name"], column["name"]) in comments:
                assert column["description"] == comments[resource["name"], column["name"]]
                described += 1
            else:
                assert column["name"] in ("publisher", "licence")
    assert described == len(comments) > 900
    units = {
        column["name"]: column.get("unit") for resource in descriptor["resources"] for column in resource["schema"]["fields"]
    }
    assert (units["known_at"], units["known_pct"], units["days_since"]) == ("UTC", "%", "jours")


def test_the_package_says_its_version_its_day_its_licences_and_its_sources(descriptor, folder, observatory):
    assert descriptor["version"] == str(observatory.value("select version from publication"))
    assert descriptor["asOf"] == "2026-11-23T08:00:00Z" and descriptor["mode"] == "sample"
    licences = {licence for (licence,) in observatory.ask("select licence from feeds")}
    assert {given["title"] for given in descriptor["licenses"]} == licences
    assert all(given.get("name") or given["path"] == export.NOTICE for given in descriptor["licenses"])
    assert len(descriptor["sources"]) == observatory.value("select count(*) from feeds")
    (observations,) = [resource for resource in descriptor["resources"] if resource["name"] == "observations"]
    resting = observatory.ask(
        "select publisher from feeds semi join (from table_sources where table_name = 'observations') using (feed)"
    )
    assert len(observations["sources"]) == len(resting) < len(descriptor["sources"])
    notice = (folder / export.NOTICE).read_text()
    assert all(licence in notice for licence in licences)


def test_the_same_question_gives_the_same_bytes_and_a_zip_holds_the_same_files(folder, observatory, tmp_path):
    twice = [packed(observatory, tmp_path / f"{turn}.zip").read_bytes() for turn in range(2)]
    assert twice[0] == twice[1]
    with zipfile.ZipFile(tmp_path / "0.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }


def test_a_package_is_all_or_nothing(folder, observatory, tmp_path, capsys):
    before = sorted(path.name for path in folder.iterdir())
    data = ["--data", str(observatory.data)]
    assert cli.main(["export", "--package", str(folder), *data]) == 2
    assert "dossier neuf" in capsys.readouterr().err and sorted(path.name for path in folder.iterdir()) == before
    assert cli.main(["export", "observations", "--package", str(tmp_path / "p.zip"), *data]) == 2
    assert "--package ne prend ni TABLE" in capsys.readouterr().err
    assert cli.main(["export", "--package", str(tmp_path / "p.zip"), "--data", str(tmp_path / "vide")]) == 1
    assert "rien n'est encore publié" in capsys.readouterr().err
    (tmp_path / "fichier").write_text("")
    assert cli.main(["export", "--package", str(tmp_path / "fichier" / "p.zip"), *data]) == 1
    assert "écriture impossible" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".", "p"))] == []
