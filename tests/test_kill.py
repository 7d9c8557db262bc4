"""kill -9 anywhere in `vigie run`, then `vigie run`: the same content as without the kill."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.conftest import Observatory

MOMENTS = {
    "collect": ("[1/5]", 2.0),
    "build": ("[2/5]", 3.0),
    "watch": ("[3/5]", 0.02),
    "publish": ("[4/5]", 0.05),
    "notify": ("[5/5]", 0.01),
}


def wait_for(mark: str, log: Path, number: int) -> None:
    """Until the process has said the mark."""
    while mark not in (log.read_text() if log.exists() else ""):
        assert psutil.Process(number).status() != psutil.STATUS_ZOMBIE, log.read_text()
        time.sleep(0.005)


@pytest.mark.real
@pytest.mark.parametrize("stage", MOMENTS)
def test_a_killed_run_is_finished_by_the_next_with_nothing_lost_or_doubled(observatory, forked, tmp_path, stage):
    mark, delay = MOMENTS[stage]
    words, log = ("run", "--data", tmp_path / "data"), tmp_path / "log"
    number = forked.start(*words, whole=True, log=str(log))
    wait_for(mark, log, number)
    time.sleep(delay)
    os.kill(number, signal.SIGKILL)
    assert forked.wait(number) == -signal.SIGKILL, "la chaîne a fini avant d'être tuée : avancer le moment"
    assert forked.wait(forked.start(*words, whole=True, log=str(log))) == 0, log.read_text()
    assert Observatory(tmp_path / "data").content() == observatory.content()
    assert not list((tmp_path / "data").glob("**/.published*.tmp"))
