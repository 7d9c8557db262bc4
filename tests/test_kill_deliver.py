"""kill -9 at any step of deciding and delivering, then the same: at least once each, under one name, none lost."""

import subprocess
import sys

import pytest

from benchmarks import kill_deliver
from benchmarks.kill_deliver import MESSAGES, RECIPIENTS, Scene

SEED = 20261123
KILLS = 30


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    with kill_deliver.scene(tmp_path_factory.mktemp("kills")) as prepared:
        yield prepared


def test_the_moments_cover_the_whole_chain_and_come_from_the_seed(scene: Scene):
    moments = scene.moments(SEED, KILLS)
    assert moments == scene.moments(SEED, KILLS) != scene.moments(SEED + 1, KILLS)
    steps = [moment.step for moment in moments]
    assert scene.steps > 100 and steps[0] <= scene.steps // 10 and steps[-1] > 0.9 * scene.steps
    assert 0 < sum(moment.delay_ms > 0 for moment in moments) < KILLS


def test_a27_thirty_killed_chains_are_finished_by_the_next_and_every_message_arrives_under_one_name(scene: Scene):
    moments = scene.moments(SEED, KILLS)
    assert [line for moment in moments for line in scene.survive(moment)] == []


def test_what_did_not_arrive_is_seen(scene: Scene):
    assert scene.deliver(kill_deliver.Moment(0, 0), is_fresh=True) == 0 and scene.disagreements() == []
    assert scene.heard.got[RECIPIENTS[0]] == list(MESSAGES)
    scene.heard.got["webhook"].remove("m2")
    assert len(scene.disagreements()) == 1


def test_delivering_imports_neither_the_door_nor_the_house_nor_the_scheduler(tmp_path):
    folder = tmp_path / "data"
    asked = (
        "import sys; from pathlib import Path;"
        "from benchmarks import kill_deliver; from vigie import cli; from vigie.lake import Lake;"
        f"lake = Lake.open(Path({str(folder)!r}), 'sample'); kill_deliver.decide(lake); kill_deliver.show(lake);"
        f"status = cli.main(['notify', '--data', {str(folder)!r}]);"
        "heavy = [name for name in ('great_expectations', 'dbt', 'airflow') if name in sys.modules];"
        "print(status, heavy)"
    )
    done = subprocess.run([sys.executable, "-c", asked], cwd=kill_deliver.ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []" and "9 remise(s)" in done.stdout
