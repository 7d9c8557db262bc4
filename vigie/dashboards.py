"""`dashboards/` → Superset: installed when something changed, pruned, and read back."""

import hashlib
import json
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vigie import settings, windows
from vigie.bundle import compile_bundle
from vigie.clock import Run
from vigie.feed import ROOT
from vigie.lake import Lake, write_atomically
from vigie.windows import DashboardError

SUPERSET = ROOT / "docker" / "superset"
LOCK = ROOT / "requirements" / "superset.txt"
BOOTSTRAP_SECONDS = 600


@dataclass(frozen=True)
class Deployment:
    """What Superset answered when it was read back."""

    dashboards: int
    charts: int
    datasets: int
    pruned: list[str]
    is_new: bool

    def summary(self) -> str:
        state = "" if self.is_new else " (déjà en place)"
        removed = f", {len(self.pruned)} retirés" if self.pruned else ""
        return f"{self.dashboards} tableaux de bord, {self.charts} graphiques{removed}{state}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def superset_environment(lake: Lake, secrets: dict[str, str]) -> dict[str, str]:
    """What any Superset process of this data folder needs to know."""
    home = settings.read().superset_home or lake.root / "superset"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return settings.environment(
        SUPERSET_CONFIG_PATH=str(SUPERSET / "superset_config.py"),
        PYTHONPATH=str(SUPERSET),
        VIGIE_SUPERSET_HOME=str(home),
        VIGIE_PUBLISHED=str(lake.published),
        VIGIE_PYTHON=sys.executable,
        **secrets,
    )


def deploy(run: Run, secrets: dict[str, str]) -> Deployment:
    """Installs the repository's dashboards in Superset, prunes the others, and checks by reading back.

    A stamp of everything that could matter spares a second start the half minute this takes.
    """
    lake = run.data
    files = compile_bundle(windows.read(), windows.contracts(), lake.published)
    environment = superset_environment(lake, secrets)
    home = Path(environment["VIGIE_SUPERSET_HOME"])
    expected = _expected(files)
    seal = home / "bootstrap.json"
    mark = _fingerprint(files, secrets)
    counts = {name: len(held) for name, held in expected.items()}
    if seal.exists() and json.loads(seal.read_text()) == {"mark": mark, "revision": _revision(environment)}:
        return Deployment(**counts, pruned=[], is_new=False)
    with lake.lock("superset"):
        answer = _bootstrap(files, environment)
        if {name: answer[name] for name in expected} != expected:
            raise DashboardError("Superset ne rend pas ce que le dépôt déclare : relancer vigie dashboards")
        write_atomically(seal, json.dumps({"mark": mark, "revision": answer["revision"]}))
    return Deployment(**counts, pruned=answer["pruned"], is_new=True)


def _expected(files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What reading back must give: each dashboard with its charts, all charts, all datasets."""

    def uuids(folder: str) -> list[str]:
        return sorted(content["uuid"] for path, content in files.items() if path.startswith(f"{folder}/"))

    boards = {
        content["uuid"]: sorted(
            place["meta"]["uuid"]
            for place in content["position"].values()
            if isinstance(place, dict) and place["type"] == "CHART"
        )
        for path, content in files.items()
        if path.startswith("dashboards/")
    }
    return {"dashboards": boards, "charts": uuids("charts"), "datasets": uuids("datasets")}


def _fingerprint(files: dict[str, dict[str, Any]], secrets: dict[str, str]) -> str:
    digest = hashlib.sha256(json.dumps([files, sorted(secrets.items())], sort_keys=True).encode())
    for path in [LOCK, *sorted(SUPERSET.glob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _revision(environment: dict[str, str]) -> str | None:
    """The schema revision of the embedded metadata database; None where it cannot be known."""
    database = Path(environment["VIGIE_SUPERSET_HOME"]) / "superset.db"
    if environment.get("VIGIE_SUPERSET_METADATA_URI") or not database.exists():
        return None
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            return " ".join(sorted(row[0] for row in connection.execute("select version_num from alembic_version")))
    except sqlite3.Error:
        return None


def _bootstrap(files: dict[str, dict[str, Any]], environment: dict[str, str]) -> dict[str, Any]:
    """Runs `docker/superset/bootstrap.py` with Superset's Python; returns what it read back."""
    python = settings.read().superset_python
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            # JSON is YAML, and says exactly what is meant
            target.write_text(json.dumps(content, ensure_ascii=False))
        try:
            done = subprocess.run(
                [python, SUPERSET / "bootstrap.py", folder],
                env=environment, capture_output=True, text=True, timeout=BOOTSTRAP_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise DashboardError(f"Superset n'a pas pu être préparé ({python}) : {error}") from None
    if done.returncode:
        raise DashboardError(f"Superset a refusé les tableaux de bord : {done.stderr.strip()[-1500:]}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def server_command(port: int) -> list[str]:
    """The command that serves Superset on this machine only."""
    return [
        str(settings.read().superset_python), "-m", "gunicorn", "--preload", "--workers", "2",
        "--worker-class", "gthread", "--threads", "4", "--timeout", "120", "--keep-alive", "65",
        "--bind", f"{settings.read().bind}:{port}", "superset.app:create_app()",
    ]  # fmt: skip
