"""kill -9 at any step of a collection, then the same collection: nothing lost, nothing twice."""

import shutil

import pytest

from benchmarks.kills import FEED, Scene, history, reconcile
from vigie.lake import Lake

SEED = 20261123
KILLS = 30


@pytest.fixture(scope="module")
def scene(forked, tmp_path_factory) -> Scene:
    return Scene.prepare(forked, tmp_path_factory.mktemp("kills"))


def test_the_killed_collection_lands_holds_refuses_and_recognises(scene):
    told = [(file, status, held) for file, _, status, _, _, held in scene.expected]
    assert told == [("1.csv", "landed", 0), ("2.csv", "landed", 1), ("3.csv", "refused", 0), ("4.csv", "landed", 0)]
    assert scene.steps > 50


def test_the_moments_cover_the_whole_collection_and_come_from_the_seed(scene):
    moments = scene.moments(SEED, KILLS)
    assert moments == scene.moments(SEED, KILLS) != scene.moments(SEED + 1, KILLS)
    steps = [moment.step for moment in moments]
    assert steps == sorted(steps) and steps[0] <= scene.steps // 10 and steps[-1] > 0.9 * scene.steps
    assert 0 < sum(moment.delay_ms > 0 for moment in moments) < KILLS


def test_thirty_killed_collections_are_finished_by_the_next_with_all_in_agreement(scene):
    assert [line for moment in scene.moments(SEED, KILLS) for line in scene.survive(moment)] == []


@pytest.mark.parametrize("damage", ["bytes", "landed", "held", "draft", "claim"])
def test_what_does_not_agree_is_seen(scene, tmp_path, damage):
    folder = shutil.copytree(scene.work / "unharmed", tmp_path / "data")
    lake = Lake.open(folder)
    _, partly_held, *_ = loads = lake.loads(FEED)
    assert reconcile(folder, FEED) == [] and len(history(folder, FEED)) == len(loads)
    if damage == "bytes":
        lake.document(FEED, partly_held.document).write_bytes(b"autre")
    elif damage == "landed":
        lake.landed(partly_held).unlink()
    elif damage == "held":
        lake.quarantined(partly_held).write_text("[]")
    elif damage == "draft":
        (folder / "landed" / ".x.1.tmp").touch()
    else:
        (folder / "claimed" / FEED / "f00__x.csv").touch()
    assert len(reconcile(folder, FEED)) == 1
