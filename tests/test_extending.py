"""docs/extending.md, « De rien à un graphique » : followed to the letter, in a copy of the repository."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.test_layout import ROOT, disagreements, tracked
from vigie import windows

PAGE = ROOT / "docs" / "extending.md"
STEP = re.compile(r"(?:(Dans|À la fin de) `([^`]+)`[^\n]*:\n\n)?```(\w+)\n(.*?)```", re.DOTALL)


def steps() -> list[tuple[str, str, str, str]]:
    """(« Dans » or « À la fin de » or « », path, language, text) of each block of the section, in order."""
    section = re.search(r"^## De rien à un graphique.*?(?=^## )", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return STEP.findall(section[0])


def perform(tree: Path, how: str, path: str, language: str, text: str) -> None:
    if language == "sh":
        for line in text.splitlines():
            words = shlex.split(line)
            words = [sys.executable, *(["-m", "vigie.cli", *words[1:]] if words[0] == "vigie" else words[1:])]
            done = subprocess.run(words, cwd=tree, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{line} : {done.stdout}{done.stderr}"
    elif how == "Dans":
        (tree / path).write_text(text)
    else:
        assert how and (tree / path).exists(), f"le bloc ne dit pas où il va : {text[:80]}"
        with (tree / path).open("a") as stream:
            stream.write(text)


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> Path:
    copy = tmp_path_factory.mktemp("before")
    for path in tracked():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return copy


@pytest.fixture(scope="module")
def tree(before, tmp_path_factory) -> Path:
    copy = tmp_path_factory.mktemp("after") / "copy"
    shutil.copytree(before, copy)
    for step in steps():
        perform(copy, *step)
    return copy


def test_the_page_has_its_steps():
    languages = [language for _, _, language, _ in steps()]
    assert languages == ["csv", "sh", "python", "yaml", "sql", "yaml", "sh", "yaml", "yaml", "yaml", "sh"]


@pytest.mark.real
def test_the_page_leads_from_nothing_to_published_figures_and_a_chart_that_reads_them(tree):
    assert disagreements(tree) == []
    shown = windows.read(tree / "dashboards")
    assert windows.faults(shown, windows.contracts(tree / "dbt_project" / "models" / "marts")) == []
    question = re.search(r"sql: \|-\n(.*?)\nlabels:", (tree / "dashboards/datasets/offres.yml").read_text(), re.DOTALL)[1]
    with duckdb.connect(str((tree / "essai" / "published.duckdb").resolve()), read_only=True) as published:
        read = published.execute(
            f"select month_fr, ref_area, vacancies, origin_fr from ({question}) order by period, 2"
        ).fetchall()
    assert read == [
        ("09/2026", "MA-04", 138.0, "données illustratives"),
        ("09/2026", "MA-06", 412.0, "données illustratives"),
        ("10/2026", "MA-04", 121.0, "données illustratives"),
        ("10/2026", "MA-06", 377.0, "données illustratives"),
    ]
    assert "fiabilite/offres-par-region" in shown.dashboards["fiabilite"].charts()
    assert "anapec_offres" in (tree / "README.md").read_text()


@pytest.mark.real
def test_the_walk_adds_five_files_for_the_feed_and_edits_none(before, tree):
    added = {
        path.relative_to(tree) for path in tree.rglob("*anapec_offres*") if "essai" not in path.parts and path.suffix != ".pyc"
    }
    assert added == {
        Path("vigie/feeds/anapec_offres.py"), Path("vigie/feeds/samples/anapec_offres.2026-11-23.csv"),
        Path("expectations/anapec_offres.yml"), Path("dbt_project/models/staging/stg_anapec_offres.sql"),
        Path("dbt_project/models/staging/stg_anapec_offres.yml"),
    }  # fmt: skip
    kept = [path.relative_to(before) for path in before.rglob("*") if path.is_file()]
    edited = {path for path in kept if (tree / path).read_bytes() != (before / path).read_bytes()}
    assert edited == {Path("README.md"), Path("dashboards/fiabilite/dashboard.yml")}
