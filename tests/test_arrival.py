"""Five hundred files dropped while their consumer runs, is paused and is killed: each taken in exactly once."""

import os
import random
import signal
import threading
import time
from pathlib import Path

from benchmarks.kills import FEED, NOW, edition, reconcile
from vigie import inbox
from vigie.lake import Lake

FILES = 500
SEED = 20261123
MEETINGS = ("kill", "pause", "kill", "pause", "kill")
"""What the consumer meets, at moments drawn from the seed."""


def document(number: int) -> bytes:
    return edition(f"site-{number:03d}")


def drop_all(folder: Path) -> None:
    """Drops the files at a steady pace; one in five is written in place, in two halves, as a plain copy is."""
    for number in range(FILES):
        path, content = folder / f"{number:03d}.csv", document(number)
        if number % 5:
            draft = path.with_name(f".{path.name}")
            draft.write_bytes(content)
            draft.rename(path)
        else:
            with path.open("wb", buffering=0) as stream:
                stream.write(content[: len(content) // 2])
                time.sleep(0.02)
                stream.write(content[len(content) // 2 :])
        time.sleep(0.01)


def test_each_of_five_hundred_dropped_files_is_taken_in_exactly_once(forked, tmp_path):
    drawn = random.Random(SEED)
    lake = Lake.open(tmp_path / "data", "sample")
    folder = lake.inbox / FEED
    folder.mkdir(parents=True)
    words = ("collect", FEED, "--now", NOW, "--data", lake.root)
    dropping = threading.Thread(target=drop_all, args=(folder,))
    dropping.start()
    killed = 0
    for meeting in MEETINGS:
        number = forked.start(*words)
        time.sleep(drawn.uniform(0.5, 2.0))
        if meeting == "pause":
            os.kill(number, signal.SIGSTOP)
            time.sleep(drawn.uniform(0.2, 0.6))
            os.kill(number, signal.SIGCONT)
            time.sleep(drawn.uniform(0.0, 0.5))
        os.kill(number, signal.SIGKILL)
        killed += forked.wait(number) == -signal.SIGKILL
    assert killed, "aucun consommateur n'a été tué : avancer les moments"
    dropping.join()
    while inbox.dropped(lake) | inbox.claimed(lake):
        assert forked.wait(forked.start(*words)) == 0, forked.log.read_text()[-2000:]
    assert reconcile(lake.root, FEED) == []
    loads = lake.loads(FEED)
    assert sorted(load.file_name for load in loads) == [f"{number:03d}.csv" for number in range(FILES)]
    assert {(load.status, load.rows_landed) for load in loads} == {("landed", 1)}
    kept = {lake.document(FEED, load.document).read_bytes() for load in loads}
    assert kept == {document(number) for number in range(FILES)}


def test_two_consumers_at_once_share_the_inbox_without_taking_a_file_twice(forked, tmp_path):
    lake = Lake.open(tmp_path / "data", "sample")
    folder = lake.inbox / FEED
    folder.mkdir(parents=True)
    for number in range(20):
        (folder / f"{number:03d}.csv").write_bytes(document(number))
    numbers = [forked.start("collect", FEED, "--now", NOW, "--data", lake.root) for _ in range(3)]
    assert [forked.wait(number) for number in numbers] == [0, 0, 0], forked.log.read_text()[-2000:]
    assert reconcile(lake.root, FEED) == []
    assert sorted(load.file_name for load in lake.loads(FEED)) == [f"{number:03d}.csv" for number in range(20)]


def test_a_file_that_somebody_still_writes_is_left_in_the_inbox(forked, tmp_path):
    lake = Lake.open(tmp_path / "data", "sample")
    words = ("collect", FEED, "--now", NOW, "--data", lake.root)
    path = lake.inbox / FEED / "a.csv"
    path.parent.mkdir(parents=True)
    with path.open("wb") as stream:
        stream.write(document(1)[:40])
        stream.flush()
        assert forked.wait(forked.start(*words)) == 0
        assert path.exists() and lake.loads() == []
        stream.write(document(1)[40:])
    assert forked.wait(forked.start(*words)) == 0
    (load,) = lake.loads(FEED)
    assert lake.document(FEED, load.document).read_bytes() == document(1) and not path.exists()
