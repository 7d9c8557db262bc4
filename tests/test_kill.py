"""kill -9 anywhere in `vigie run`, then `vigie run`: the same content as without the kill."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, Observatory

MOMENTS = {
    "collect": ("[1/5]", 7.0),
    "build": ("[2/5]", 4.0),
    "watch": ("[3/5]", 0.02),
    "publish": ("[4/5]", 0.05),
    "notify": ("[5/5]", 0.01),
}


def start(data: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "vigie.cli", "run", "--data", str(data)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)


@pytest.mark.real
@pytest.mark.parametrize("stage", MOMENTS)
def test_a_killed_run_is_finished_by_the_next_with_nothing_lost_or_doubled(observatory, tmp_path, stage):
    mark, delay = MOMENTS[stage]
    process = start(tmp_path / "data")
    for line in process.stderr:
        if mark in line:
            break
    time.sleep(delay)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "la chaîne a fini avant d'être tuée : avancer le moment"
    again = start(tmp_path / "data")
    _, said = again.communicate()
    assert again.returncode == 0, said
    assert Observatory(tmp_path / "data").content() == observatory.content()
    assert not list((tmp_path / "data").glob("**/.published*.tmp"))
