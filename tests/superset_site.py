"""A real Superset over a copy of the observatory, and who signs in to it, for the tests that need one."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page

from vigie import clock, dashboards, keys
from vigie.clock import Run

CHROMIUM = [
    "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-dev-shm-usage", "--disable-background-networking",
]  # fmt: skip
START_SECONDS = 120
SECRETS = {
    "analyste": "VIGIE_SUPERSET_ANALYST_PASSWORD", "ingenieur": "VIGIE_SUPERSET_ENGINEER_PASSWORD",
    "administrateur": "VIGIE_SUPERSET_ADMIN_PASSWORD",
}  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A running Superset over a copy of the observatory."""

    run: Run
    address: str
    first: dashboards.Deployment

    @property
    def home(self) -> Path:
        return self.run.data.root / "superset"


@contextmanager
def serving(data: Path, folder: Path) -> Iterator[Site]:
    """Superset on a copy of `data` in `folder`, until the block ends."""
    shutil.copytree(data, folder, symlinks=True, ignore=shutil.ignore_patterns("superset", "airflow"))
    run = clock.start(folder)
    secrets = keys.superset(run.data)
    first = dashboards.deploy(run, secrets)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "superset.log").open("wb") as log:
        server = subprocess.Popen(
            dashboards.server_command(port),
            env=dashboards.superset_environment(run.data, secrets),
            cwd=folder, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}/health", server)
        yield Site(run, f"http://127.0.0.1:{port}", first)
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def sign_in(browser: Browser, site: Site, account: str) -> Page:
    """A page where this account is signed in."""
    page = browser.new_context(viewport={"width": 1500, "height": 1000}, locale="fr-FR").new_page()
    page.goto(f"{site.address}/login/")
    # an answer to a request of the form, coming after the sign-in, would bring back the session of nobody
    page.wait_for_load_state("networkidle")
    page.fill("input#username, input[name=username]", account)
    page.fill("input#password, input[name=password]", keys.superset(site.run.data)[SECRETS[account]])
    page.keyboard.press("Enter")
    page.wait_for_url("**/superset/welcome/**", timeout=60_000)
    return page


def _wait(address: str, server: subprocess.Popen) -> None:
    for _ in range(START_SECONDS):
        assert server.poll() is None, "Superset s'est arrêté"
        try:
            urlopen(address, timeout=5)
            return
        except OSError:
            time.sleep(1)
    pytest.fail("Superset ne répond pas")
