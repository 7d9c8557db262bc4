"""`vigie new feed` writes a feed that is collected and staged as it stands."""

import json
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from openpyxl import Workbook

from tests.test_layout import ROOT, disagreements, tracked
from vigie import scaffold
from vigie.clock import CallError
from vigie.feed import DocumentError
from vigie.readers import records

CSV = "Région;Code;Effectif;Relevé le;Actif\nRabat;010;1 200;2026-03-31;oui\nFès;020;;2026-03-31;non\n"


def workbook(path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.title = "Emploi"
    for line in (
        ["Enquête 2026"], [], ["Année", "Ville", "Taux (%)", "Mis à jour"],
        [2025, "Salé", 12.5, datetime(2026, 1, 2, 9, 30)], [2026, "Safi", 13.0, datetime(2026, 2, 3)],
    ):  # fmt: skip
        sheet.append(line)
    book.save(path)
    return path


@pytest.fixture(scope="module")
def documents(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("documents")
    answer = {"meta": {"total": 2}, "data": [{"id": "a", "group": 1, "tags": ["x"]}, {"id": "b", "group": None, "tags": []}]}
    (folder / "emploi.csv").write_text(CSV)
    (folder / "emploi.json").write_text(json.dumps(answer))
    return {
        "hcp_regions": folder / "emploi.csv",
        "anapec_enquete": workbook(folder / "emploi.xlsx"),
        "anrt_lignes": folder / "emploi.json",
    }


@pytest.fixture(scope="module")
def tree(tmp_path_factory, documents) -> Path:
    """A copy of the repository in which three feeds were made by the command."""
    copy = tmp_path_factory.mktemp("copy")
    for path in tracked():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for name, document in documents.items():
        done = vigie(copy, "new", "feed", name, "--from", str(document))
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.split()) == 5
    return copy


def vigie(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "vigie.cli", *words], cwd=tree, capture_output=True, text=True, check=False)


def test_the_five_files_satisfy_the_layout_and_the_style(tree, documents):
    assert disagreements(tree) == []
    modules = [str(tree / f"vigie/feeds/{name}.py") for name in documents]
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--config", str(ROOT / "pyproject.toml"), *modules],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


STAGED_ONLY = """
import sys
from dbt.cli.main import dbtRunner
from vigie import cli

data, holed, *pairs = sys.argv[1:]
documents = dict(pair.split("=") for pair in pairs)
for name, document in documents.items():
    assert cli.main(["check", name, document, "--json"]) == 0
cli.main(["check", "hcp_regions", holed, "--json"])
assert cli.main(["collect", *documents, "--data", data]) == 0
whole = dbtRunner.invoke
dbtRunner.invoke = lambda self, words: whole(self, [*words, "--select", *(f"stg_{name}" for name in documents)])
assert cli.main(["build", "--data", data]) == 0
"""
"""The real commands in one process, building only the new staging models: the libraries' imports cost most."""


@pytest.fixture(scope="module")
def staged(tree, documents) -> tuple[Path, list[dict]]:
    """The warehouse where the feeds were staged, and what the door said of each document, then of a holed one."""
    holed = tree / "holed.csv"
    holed.write_text(CSV.replace("Fès", ""))
    pairs = [f"{name}={document}" for name, document in documents.items()]
    done = subprocess.run(
        [sys.executable, "-c", STAGED_ONLY, tree / "data", holed, *pairs],
        cwd=tree, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return tree / "data/warehouse.duckdb", [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_the_door_lets_the_document_in(staged, documents):
    _, told = staged
    assert told[: len(documents)] == [{"bad": 0, "good": 2, "quarantine": [], "read": 2, "refusal": ""}] * len(documents)


def test_a_cell_left_empty_where_the_document_was_full_is_quarantined(staged):
    _, told = staged
    assert (told[-1]["good"], told[-1]["bad"]) == (1, 1)
    assert told[-1]["quarantine"][0]["reason"] == "« Région » est vide."


def test_the_feed_is_collected_and_staged_with_its_places(staged, documents):
    warehouse, _ = staged
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = {
            name: connection.execute(f"select * exclude (load_id) from staging.stg_{name} order by row_no").fetchall()
            for name in documents
        }
        origins = connection.execute("select feed, origin from lake.loads order by feed").fetchall()
    day = datetime(2026, 3, 31).date()
    assert found["hcp_regions"] == [
        ("Rabat", "010", 1200, day, True, 1, "ligne 2"),
        ("Fès", "020", None, day, False, 2, "ligne 3"),
    ]
    assert found["anapec_enquete"] == [
        (2025, "Salé", 12.5, datetime(2026, 1, 2, 9, 30), 1, "Emploi!A4"),
        (2026, "Safi", 13.0, datetime(2026, 2, 3), 2, "Emploi!A5"),
    ]
    assert found["anrt_lignes"] == [("a", 1, '["x"]', 1, "/data/0"), ("b", None, "[]", 2, "/data/1")]
    assert origins == [(name, "invented") for name in sorted(documents)]


@pytest.mark.parametrize("name", ["Emploi", "emploi", "hcp emploi", "dbt_emploi", "hcp_", "1_a", "hcp-emploi", "../hcp_emploi"])
def test_a_bad_name_is_refused_and_nothing_is_written(documents, name):
    before = tracked()
    with pytest.raises(CallError, match="n'est pas un nom de flux"):
        scaffold.new_feed(name, documents["hcp_regions"])
    assert tracked() == before


def test_an_existing_name_is_refused(documents):
    with pytest.raises(CallError, match="oc_exports existe déjà"):
        scaffold.new_feed("oc_exports", documents["hcp_regions"])


def test_a_name_with_one_file_left_behind_is_refused_and_nothing_is_written(tree, documents):
    left = tree / "expectations/hcp_reste.yml"
    left.write_text("name: hcp_reste\n")
    done = vigie(tree, "new", "feed", "hcp_reste", "--from", str(documents["hcp_regions"]))
    assert done.returncode == 2
    assert "expectations/hcp_reste.yml existe déjà" in done.stderr
    assert [path.name for path in tree.rglob("*hcp_reste*")] == ["hcp_reste.yml"]
    left.unlink()


def test_all_is_withdrawn_when_one_file_cannot_be_written(tmp_path, monkeypatch):
    files = {tmp_path / "a": b"1", tmp_path / "b": b"2"}

    def fails_on_the_second(path, content):
        if path.name == "b":
            raise OSError("disque plein")
        path.write_bytes(content)

    monkeypatch.setattr(scaffold, "write_atomically", fails_on_the_second)
    with pytest.raises(OSError, match="disque plein"):
        scaffold._write_all(files)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("a.pdf", b"%PDF", "format non reconnu"),
        ("a.csv", b"", "vide"),
        ("a.csv", b"Nom,Valeur\n", "aucune ligne"),
        ("a.csv", b"Nom,Nom\n1,2\n", "nom répété"),
        ("a.csv", b"Nom,\n1,2\n", "n'a pas de nom"),
        ("a.csv", b"Nom,Valeur\n1\n", "ligne 2 : 1 cellules au lieu de 2"),
        ("a.csv", "Région\nFès\n".encode("latin-1"), "UTF-8"),
        ("a.csv", b"<html><title>Erreur</title></html>", "page HTML"),
        ("a.json", b'{"a": 1}', "aucune liste d'objets"),
        ("a.json", b'[{"a": 1}', "s'interrompt"),
        ("a.xlsx", b"PK\x03\x04", "tronqué"),
    ],
)
def test_a_document_that_will_not_do_is_told_in_one_sentence(tmp_path, file, content, told):
    path = tmp_path / file
    path.write_bytes(content)
    with pytest.raises(CallError, match=told):
        scaffold.new_feed("hcp_emploi", path)


def test_a_changed_heading_is_refused_with_its_name():
    with pytest.raises(DocumentError, match="nom absent : Effectif ; nom inattendu : Effectifs"):
        list(records.rows(b"Effectifs\n1\n", "csv", {"Effectif": "effectif"}))


def test_headings_become_names_that_sql_accepts():
    assert scaffold._column_names(["Année", "group", "2024", "الرباط", "place", "Annee"]) == {
        "Année": "annee", "group": "colonne_2_group", "2024": "colonne_3_2024", "الرباط": "colonne_4",
        "place": "colonne_5_place", "Annee": "colonne_6_annee",
    }  # fmt: skip
