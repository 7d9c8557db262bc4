"""The images and their composition, read as texts: no engine is needed, and none has built them here."""

import json
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from vigie import keys

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = ROOT / "docker/compose.yml"
IMAGES = sorted((ROOT / "docker").glob("*.Dockerfile"))


def instructions(path: Path) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", path.read_text())
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line and not line.startswith("#")]


def copies(path: Path) -> list[str]:
    return [source for word, rest in instructions(path) if word == "COPY" for source in rest.split()[:-1]]


def services() -> dict[str, dict]:
    return YAML(typ="safe").load(COMPOSE.read_text())["services"]


def test_there_is_one_image_for_each_environment():
    assert [path.name for path in IMAGES] == ["pipeline.Dockerfile", "superset.Dockerfile"]
    assert set(services()) == {"airflow", "superset"}


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: path.name)
def test_every_copied_path_exists_and_is_sent_to_the_builder(path):
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copies(path)
    for source in copies(path):
        assert (ROOT / source).exists(), f"{path.name} copie {source}, qui n'existe pas"
        assert source in sent or source.split("/")[0] in sent, f".dockerignore retient {source}, que copie {path.name}"
    assert "*" in (ROOT / ".dockerignore").read_text().splitlines()


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: path.name)
def test_an_image_runs_as_a_person_without_rights_from_locked_versions(path):
    steps = instructions(path)
    users = [rest for word, rest in steps if word == "USER"]
    assert users == ["vigie"]
    ended = [word for word, _ in steps]
    assert ended.index("USER") < ended.index("COPY")
    installs = [part for word, rest in steps if word == "RUN" for part in rest.split("&&") if "pip install" in part]
    assert installs
    for install in installs:
        assert "--require-hashes -r requirements/" in install or "--no-deps --no-build-isolation -e ." in install


def test_no_secret_is_written():
    secret = re.compile(r"PASSWORD|SECRET|_KEY|_URL|_URI")
    for path in IMAGES:
        assert not secret.search(path.read_text()), f"{path.name} nomme un secret : une image n'en contient pas"
    for name, service in services().items():
        settings = service["environment"]
        assert any(secret.search(variable) for variable in settings), name
        # each value comes from the caller's environment, and is empty without it
        assert {variable: value for variable, value in settings.items() if value != f"${{{variable}:-}}"} == {}
        assert not set(settings) & set(keys.SUPERSET_VARIABLES), "ces secrets naissent dans le volume, pas dans la composition"


def test_ports_open_on_this_machine_only_and_data_is_shared():
    for name, service in services().items():
        assert [port for port in service["ports"] if not port.startswith("127.0.0.1:")] == [], name
        assert service["volumes"] == ["data:/var/lib/vigie"]
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["cap_drop"] == ["ALL"]
        assert "privileged" not in service
        assert "network_mode" not in service


def test_a_service_builds_the_image_whose_port_it_opens_and_whose_command_exists():
    for name, service in services().items():
        image = (COMPOSE.parent / service["build"]["context"] / service["build"]["dockerfile"]).resolve()
        assert image in IMAGES, name
        steps = dict(instructions(image))
        (port,) = service["ports"]
        assert port.split(":")[1:] == [steps["EXPOSE"]] * 2
        assert f"127.0.0.1:{steps['EXPOSE']}/" in service["healthcheck"]["test"][-1]
        assert "VIGIE_BIND=0.0.0.0" in steps["ENV"]
        command = json.loads(steps["CMD"])
        assert all((ROOT / word).exists() and word in copied(image) for word in command if word.endswith(".py"))


def copied(image: Path) -> set[str]:
    """Every file of the repository that an image holds."""
    held = [ROOT / source for source in copies(image)]
    files = [file for path in held for file in (path.rglob("*") if path.is_dir() else [path])]
    return {str(file.relative_to(ROOT)) for file in files}


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: path.name)
def test_an_image_holds_what_its_command_reads(path):
    held = copied(path)
    assert {"vigie/cli.py", "pyproject.toml", "sectors/morocco_offshoring/sector.yml", "dbt_project/dbt_project.yml"} <= held
    assert ("dags/observe.py" in held) == (path.name == "pipeline.Dockerfile")
    assert ("dashboards/vue-d-ensemble/dashboard.yml" in held) == (path.name == "superset.Dockerfile")
    assert not [file for file in held if file.startswith(("data/", ".venv/"))]
