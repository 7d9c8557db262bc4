"""The launcher refuses clearly, keeps secrets to itself and leaves no process behind."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from vigie import cli, clock, collect, keys, scheduled, scheduler, serve, servers
from vigie import feed as feeds
from vigie.lake import Lake
from vigie.servers import Server, ServerError, Servers, any_port

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
PARENT_OF_ONE = [
    sys.executable, "-c",
    "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); time.sleep(600)",
]  # fmt: skip


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake.open(tmp_path / "data", "sample")


@pytest.fixture
def started(lake) -> Iterator[Servers]:
    kept = Servers(lake)
    yield kept
    kept.stop()


def children_of(pid: int, expected: int) -> list[psutil.Process]:
    for _ in range(100):
        found = psutil.Process(pid).children(recursive=True)
        if len(found) == expected:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{expected} enfants attendus")


@pytest.fixture
def refused(lake, capsys):
    """Calls the launcher, which must give up at once with one line; returns the line."""

    def call(*options: str) -> str:
        assert cli.main(["serve", "--once", "--data", str(lake.root), *options]) == 1
        told = capsys.readouterr()
        lines = (told.out + told.err).splitlines()
        assert len(lines) == 1, told
        assert lines[0].startswith("vigie : ")
        assert not (lake.root / "servers.json").exists()
        return lines[0]

    return call


def test_a_taken_port_is_said_with_the_setting_that_changes_it(refused, monkeypatch):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        for name in ("VIGIE_AIRFLOW_PORT", "VIGIE_SUPERSET_PORT"):
            monkeypatch.setenv("VIGIE_AIRFLOW_PORT", str(any_port("127.0.0.1")))
            monkeypatch.setenv(name, str(port))
            line = refused()
            assert f"le port {port} est déjà pris" in line
            assert name in line


@pytest.fixture
def open_ports(monkeypatch):
    monkeypatch.setenv("VIGIE_AIRFLOW_PORT", str(any_port("127.0.0.1")))
    monkeypatch.setenv("VIGIE_SUPERSET_PORT", str(any_port("127.0.0.1")))


def test_a_full_disk_is_said_before_anything_starts(refused, open_ports, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=serve.FREE_BYTES - 1))
    assert "moins de 1 Gio libre" in refused()


def test_a_missing_superset_is_said_with_what_installs_it(refused, open_ports, monkeypatch, tmp_path):
    monkeypatch.setenv("VIGIE_SUPERSET_PYTHON", str(tmp_path / "absent"))
    line = refused()
    assert "make install" in line
    assert str(tmp_path / "absent") in line


def test_a_second_launcher_on_the_same_folder_is_refused(lake, refused, open_ports):
    with lake.lock("serve"):
        assert "une autre exécution de Vigie occupe" in refused()


def test_a_folder_of_the_other_mode_is_refused(refused, open_ports):
    assert "« sample »" in refused("--live")


def test_secrets_are_made_once_at_random_and_for_their_owner_only(lake, tmp_path):
    made = {**keys.superset(lake), "airflow": keys.secret(lake, "airflow_admin_password")}
    keys.airflow_passwords(lake)
    keys.airflow_fernet(lake)
    assert len(set(made.values())) == len(made) == 6
    assert min(len(value) for value in made.values()) >= 20
    assert made == {**keys.superset(lake), "airflow": keys.secret(lake, "airflow_admin_password")}
    assert not set(made.values()) & set(keys.superset(Lake.open(tmp_path / "other", "sample")).values())
    folder = lake.root / "secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = sorted(folder.iterdir())
    assert len(files) == 8
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_airflow_is_told_to_stay_on_this_machine_and_to_tell_nobody(lake):
    told = scheduler.environment(lake)
    assert told["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert len(told["AIRFLOW__API_AUTH__JWT_SECRET"].encode()) >= 64
    assert told["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] == "False"
    assert told["AIRFLOW_HOME"] == str(lake.root / "airflow")
    commands = {server.name: server.command for server in scheduler.servers(lake)}
    assert set(commands) == {"airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer"}
    assert all("--skip-serve-logs" in commands[f"airflow-{name}"] for name in ("scheduler", "triggerer"))


def test_stopping_ends_a_server_and_its_children(lake):
    kept = Servers(lake)
    kept.start(Server("parent", PARENT_OF_ONE, os.environ))
    leader = psutil.Process(kept.running[0].process.pid)
    (child,) = children_of(leader.pid, 1)
    kept.stop()
    assert not psutil.pid_exists(leader.pid)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert not (lake.root / "servers.json").exists()


def test_stopping_ends_children_whose_parent_was_killed(lake):
    kept = Servers(lake)
    kept.start(Server("parent", PARENT_OF_ONE, os.environ))
    leader = kept.running[0].process
    (child,) = children_of(leader.pid, 1)
    leader.kill()
    leader.wait()
    assert child.is_running()
    kept.stop()
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_later_launcher_ends_what_a_killed_one_left(lake):
    killed = Servers(lake)
    killed.start(Server("parent", PARENT_OF_ONE, os.environ))
    leader = killed.running[0].process
    (child,) = children_of(leader.pid, 1)
    leader.kill()
    leader.wait()
    assert Servers(lake).clear_leftovers() == ["parent"]
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert Servers(lake).clear_leftovers() == []


def test_a_process_that_only_took_over_a_recorded_number_is_left_alone(lake):
    stranger = subprocess.Popen(SLEEPER, start_new_session=True)
    try:
        started = psutil.Process(stranger.pid).create_time() - 3600
        record = json.dumps([{"name": "old", "pid": stranger.pid, "started": started}])
        (lake.root / "servers.json").write_text(record)
        assert Servers(lake).clear_leftovers() == []
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_dead_server_is_started_again_and_one_that_keeps_dying_is_given_up(started):
    started.start(Server("fragile", SLEEPER, os.environ))
    for _ in range(servers.RESTARTS):
        started.running[0].process.send_signal(signal.SIGKILL)
        started.running[0].process.wait()
        (line,) = started.revive()
        assert "fragile" in line
        assert started.running[0].process.poll() is None
    started.running[0].process.kill()
    started.running[0].process.wait()
    with pytest.raises(ServerError, match="sans cesse"):
        list(started.revive())


def test_a_server_that_dies_at_once_is_said_with_its_log(started):
    started.start(Server("mort-né", [sys.executable, "-c", "raise SystemExit(3)"], os.environ))
    with pytest.raises(ServerError, match=r"mort-né\.log"):
        started.wait("mort-né", lambda: False)


def test_a_program_that_ends_is_waited_for_and_its_last_line_kept(started):
    program = Server("migration", [sys.executable, "-c", "print('un'); print('deux')"], os.environ, ends=True)
    started.start(program)
    program.process.wait()
    started.wait("rien", lambda: True)
    assert list(started.revive()) == []
    assert started.finish(program) == "deux"
    assert started.running == []


def test_a_program_that_fails_says_its_last_line_and_its_log(started):
    program = Server("migration", [sys.executable, "-c", "raise SystemExit('plus de place')"], os.environ, ends=True)
    started.start(program)
    with pytest.raises(ServerError, match=r"migration a échoué : plus de place .*migration\.log"):
        started.finish(program)


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_a_document_that_no_event_announced_is_asked_for_once_in_ten_minutes(lake, monkeypatch):
    folder = lake.inbox / feeds.names()[0]
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("a")
    assert scheduled.undrained(lake) == ""
    now = time.time()
    later = SimpleNamespace(time=lambda: now + scheduled.STRANDED_SECONDS + 1)
    later.time_ns = lambda: int(later.time() * 10**9)
    monkeypatch.setattr(scheduled, "time", later)
    first = scheduled.undrained(lake)
    assert first.startswith("inbox__") and scheduled.undrained(lake) == first
    with lake.lock("drain"):
        assert scheduled.undrained(lake) == ""
    now += scheduled.STRANDED_AGAIN_SECONDS
    assert scheduled.undrained(lake) != first


def test_what_a_killed_collection_had_claimed_is_asked_for(lake, monkeypatch):
    monkeypatch.setattr(scheduled, "STRANDED_SECONDS", -1)
    claim = lake.claimed(feeds.names()[0]) / "f00__a.csv"
    claim.parent.mkdir(parents=True)
    claim.write_text("a")
    assert scheduled.undrained(lake).startswith("inbox__")


def test_a_feed_that_breaks_keeps_no_other_inbox_waiting(lake, monkeypatch):
    for name in ("operator_sites", "regulations"):
        (lake.inbox / name).mkdir(parents=True)
        shutil.copy(feeds.sample_documents(name)[-1], lake.inbox / name)
    examine = collect.examine

    def broken(name, *arguments):
        if name == "operator_sites":
            raise RuntimeError("panne")
        return examine(name, *arguments)

    monkeypatch.setattr(collect, "examine", broken)
    report = scheduled.drain(clock.start(lake.root))
    assert {load.feed: (load.status, load.reason) for load in report.loads} == {
        "operator_sites": ("failed", "operator_sites : panne"), "regulations": ("landed", ""),
    }  # fmt: skip
    monkeypatch.setattr(collect, "examine", examine)
    (late,) = scheduled.drain(clock.start(lake.root)).loads
    assert (late.feed, late.status) == ("operator_sites", "landed")


def test_a_folder_that_holds_nothing_asks_for_nothing(lake):
    run = clock.start(lake.root)
    assert not scheduled.needs_build(run)
    assert not scheduled.is_behind(run)
    assert scheduled.overdue(run) == ""


def test_an_observatory_opens_once_each_feed_has_been_heard_of(lake, monkeypatch):
    monkeypatch.setattr(scheduled, "is_behind", lambda _: True)
    run = clock.start(lake.root)
    for number, name in enumerate(feeds.names()):
        assert scheduled.reason_to_rest(run).endswith(", ".join(feeds.names()[number:]))
        assert scheduled.reason_to_rest(replace(run, caused_by="airflow:observe/overdue__1")) == ""
        lake.record_failure(name, "en panne", run.now)
    assert scheduled.reason_to_rest(run) == ""


def test_after_the_first_publication_no_feed_is_waited_for(lake, monkeypatch):
    monkeypatch.setattr(scheduled, "is_behind", lambda _: True)
    lake.published.touch()
    assert scheduled.reason_to_rest(clock.start(lake.root)) == ""


def test_work_that_somebody_is_at_is_not_overdue(lake, monkeypatch):
    monkeypatch.setattr(scheduled, "is_behind", lambda _: True)
    run = clock.start(lake.root)
    assert scheduled.overdue(run)
    with lake.lock("build"):
        assert scheduled.overdue(run) == ""


def dag_run(dag_id: str) -> SimpleNamespace:
    return SimpleNamespace(dag_id=dag_id, run_id="manual__1")


@pytest.mark.parametrize(
    ("dag_id", "task_id", "place"),
    [(f"collect_{feeds.names()[0]}", "collect", feeds.names()[0]), ("observe", "build", "build"), ("sweep", "look", "look")],
)
def test_a_failed_task_is_a_line_of_the_ledger_under_its_run(lake, monkeypatch, dag_id, task_id, place):
    monkeypatch.setenv("VIGIE_DATA", str(lake.root))
    error = RuntimeError("le réseau\nest tombé")
    scheduled.record_failure({"dag_run": dag_run(dag_id), "ti": SimpleNamespace(task_id=task_id), "exception": error})
    (load,) = lake.loads()
    assert (load.feed, load.status, load.caused_by) == (place, "failed", f"airflow:{dag_id}/manual__1")
    assert load.reason == f"{place} : le réseau est tombé"


def test_work_is_overdue_after_an_event_s_time_and_a_failed_stage_after_longer(lake, monkeypatch):
    monkeypatch.setattr(scheduled, "is_behind", lambda _: True)
    run = clock.start(lake.root)
    for place, patience in ((feeds.names()[0], scheduled.GRACE_SECONDS), ("build", scheduled.RELAPSE_SECONDS)):
        load = lake.record_failure(place, "en panne", run.now)
        entry = lake.root / "ledger" / place / f"{load.load_id}.json"
        age(entry, patience - 5)
        assert scheduled.overdue(run) == ""
        age(entry, patience + 5)
        assert scheduled.overdue(run).startswith(f"overdue__{load.load_id}")
        entry.unlink()


@pytest.fixture
def migrated(lake) -> Lake:
    scheduler.environment(lake)
    scheduler.stamp_migration(lake)
    return lake


def test_old_sweeps_are_forgotten_once_a_day_by_airflow_s_own_command(migrated):
    assert scheduler.purge(migrated) is None
    sweeps = migrated.root / "airflow" / "logs" / "dag_id=sweep"
    for name, days in (("run_id=old", scheduler.KEPT_DAYS + 1), ("run_id=young", scheduler.KEPT_DAYS - 1)):
        (sweeps / name).mkdir(parents=True)
        age(sweeps / name, days * 86_400)
    other = migrated.root / "airflow" / "logs" / "dag_id=observe" / "run_id=old"
    other.mkdir(parents=True)
    age(other, 2 * scheduler.KEPT_DAYS * 86_400)
    age(migrated.root / "airflow" / "migrated", scheduler.PURGE_SECONDS + 1)
    command = list(scheduler.purge(migrated).command)
    assert command[1:5] == ["-m", "airflow", "db", "clean"]
    assert command[command.index("--dag-ids") + 1] == "sweep"
    before = datetime.fromisoformat(command[command.index("--clean-before-timestamp") + 1])
    assert timedelta(days=scheduler.KEPT_DAYS) <= datetime.now(UTC) - before < timedelta(days=scheduler.KEPT_DAYS, minutes=1)
    assert [path.name for path in sweeps.iterdir()] == ["run_id=young"] and other.exists()
    assert scheduler.purge(migrated) is None
    age(migrated.root / "airflow" / "purged", scheduler.PURGE_SECONDS + 1)
    assert scheduler.purge(migrated) is not None
