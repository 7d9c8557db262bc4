"""One observatory built once from the samples, shared by every test that only reads it."""

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock
from playwright.sync_api import sync_playwright

from benchmarks import kills
from tests.superset_site import CHROMIUM
from vigie import cli

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Observatory:
    """A data folder after `vigie run`, and questions to its published file."""

    data: Path

    def ask(self, sql: str) -> list[tuple]:
        with duckdb.connect(str((self.data / "published.duckdb").resolve()), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def value(self, sql: str) -> object:
        (row,) = self.ask(sql)
        return row[0]

    def tables(self) -> list[str]:
        return [name for (name,) in self.ask("select table_name from information_schema.tables order by 1")]

    def content(self) -> dict[str, list[tuple]]:
        """Everything published but the publication's own line."""
        return {name: self.ask(f"select * from {name} order by all") for name in self.tables() if name != "publication"}


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_the_machine():
    """A developer's own VIGIE_* settings must not change what is tested."""
    for name in [name for name in os.environ if name.startswith("VIGIE_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def observatory(tmp_path_factory, worker_id) -> Observatory:
    # the workers of one session share the folder above their own
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "observatory" / "data"
    folder.parent.mkdir(exist_ok=True)
    with FileLock(folder.parent / "lock"):
        if not (folder / "published.duckdb").exists():
            assert cli.main(["run", "--data", str(folder)]) == 0
    return Observatory(folder)


@pytest.fixture(scope="session")
def forked(tmp_path_factory):
    """Commands that start at once, for the tests that kill them."""
    with kills.forked(tmp_path_factory.mktemp("forked") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def chromium():
    """A real browser, for the tests that open a page; its loop ends with the module, and others may run theirs."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield browser
        browser.close()


def pytest_collection_modifyitems(items):
    """The fast tests speak first; the real servers come last."""
    items.sort(key=lambda item: item.get_closest_marker("real") is not None)
