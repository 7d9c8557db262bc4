"""The real launcher and the real scheduler, once: what they did is read in Airflow's own database.

One history is lived from a fresh folder (start; a drop while the scheduler runs; a half-copied file;
signed and unsigned pushes; a refused drop and a load that no event announces; everything stopped;
a drop; start again), and each test reads it.
"""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import psutil
import pytest

from vigie import cli, inbox, push, scheduled, scheduler
from vigie import feed as feeds
from vigie.lake import Lake, Load
from vigie.scheduler import Airflow, collect_ids
from vigie.servers import any_port

pytestmark = pytest.mark.real

SERVING_SECONDS = 1500
EVENT_SECONDS = 900
QUIET_SECONDS = 10
PUSH_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class Snapshot:
    """What the ledger, the published file and Airflow's database held at one moment."""

    loads: dict[str, Load]
    version: int
    published_loads: dict[str, str]
    publication_cause: str
    runs: dict[str, tuple[str, str]]
    tries: dict[tuple[str, str], int]
    events: list[tuple[str, str]]
    builds: int
    messages: list[str]
    alerts: list[str]

    def run_of(self, load: Load) -> tuple[str, str]:
        """The state and kind of the DAG run that the load names."""
        return self.runs[load.caused_by.removeprefix("airflow:")]


@dataclass
class Launched:
    """`vigie serve` as a process of its own on a temporary folder."""

    folder: Path
    environment: dict[str, str]
    process: subprocess.Popen | None = None
    output: Path = field(init=False)

    def __post_init__(self) -> None:
        self.output = self.folder.parent / "terminal.txt"

    @property
    def data(self) -> Lake:
        return Lake.open(self.folder)

    def start(self, *options: str) -> None:
        command = [sys.executable, "-m", "vigie.cli", "serve", "--no-superset", "--data", str(self.folder), *options]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=self.environment)

    def said(self) -> str:
        return self.output.read_text()

    def wait_for(self, what: str, happened: Callable[[], bool], seconds: float = EVENT_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not happened():
            assert self.process.poll() is None, f"le lanceur s'est arrêté en attendant {what} :\n{self.said()}"
            assert time.monotonic() < deadline, f"{what} : pas après {seconds} s :\n{self.said()}"
            time.sleep(1)

    def is_serving(self) -> bool:
        return "La vigie veille" in self.said()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=90)

    def drop(self, feed: str, name: str, content: bytes) -> None:
        folder = self.folder / "inbox" / feed
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)

    def push(self, feed: str, content: bytes, identifier: str, secret: str = PUSH_SECRET) -> tuple[int, dict]:
        """The status and the answer of one signed message."""
        now = int(time.time())
        headers = {
            "webhook-id": identifier, "webhook-timestamp": str(now),
            "webhook-signature": push.signature(push.key(secret), identifier, now, content),
        }  # fmt: skip
        address = f"http://127.0.0.1:{self.environment['VIGIE_AIRFLOW_PORT']}/vigie/push/{feed}?file=envoi.csv"
        try:
            with urllib.request.urlopen(urllib.request.Request(address, content, headers), timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def heard(self, source: str) -> int:
        """How many events of the inbox a watcher (`from_trigger`) or a push (`from_push`) raised."""
        sql = "select count(*) from asset_event join asset on asset.id = asset_id where name = ? and asset_event.extra like ?"
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/airflow/airflow.db?mode=ro", uri=True)) as database:
            return int(database.execute(sql, (inbox.ASSET, f'%"{source}"%')).fetchone()[0])

    def drains(self) -> int:
        return len(self.records("select 1 from dag_run where dag_id = 'drain' and state in ('success', 'failed')"))

    def has_loaded(self, content: bytes) -> bool:
        digest = hashlib.sha256(content).hexdigest()
        return any(load.document == digest for load in self.data.loads())

    def records(self, sql: str) -> list[tuple]:
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/airflow/airflow.db?mode=ro", uri=True)) as database:
            return database.execute(sql).fetchall()

    def version(self) -> str:
        return str((self.folder / "published.duckdb").readlink())

    def question(self) -> str:
        """The run whose question waits for a person; empty when none does."""
        waiting = self.records("select run_id from task_instance where dag_id = 'quarantine' and state = 'awaiting_input'")
        return waiting[0][0] if waiting else ""

    def answer(self, chosen: str, reason: str) -> dict:
        """Answers the waiting question through Airflow's own interface; returns what had been asked."""
        with pytest.MonkeyPatch.context() as told:
            told.setenv("VIGIE_AIRFLOW_PORT", self.environment["VIGIE_AIRFLOW_PORT"])
            airflow = Airflow(self.data)
            where = f"/api/v2/dags/quarantine/dagRuns/{self.question()}/taskInstances/decide/-1/hitlDetails"
            asked: dict = airflow._call("GET", where)
            fields = {"motif": reason, "corrections": ""}
            airflow._call("PATCH", where, {"chosen_options": [chosen], "params_input": fields})
        return asked

    def has_decided(self, load: Load) -> bool:
        return any(judged.supersedes == load.load_id for judged in self.data.loads(load.feed))

    def is_idle(self) -> bool:
        # a question about held rows waits for a person
        work = "dag_id not in ('sweep', 'quarantine') and state in ('queued', 'running')"
        return not self.records(f"select 1 from dag_run where {work}")

    def counted(self) -> dict[str, int]:
        """Airflow's runs, by DAG."""
        return dict(self.records("select dag_id, count(*) from dag_run group by 1"))

    def purge(self) -> None:
        """What the launcher does each day, as if every run were old."""
        with pytest.MonkeyPatch.context() as told:
            told.setenv("VIGIE_AIRFLOW_PORT", self.environment["VIGIE_AIRFLOW_PORT"])
            told.setattr(scheduler, "KEPT_DAYS", 0)
            told.setattr(scheduler, "PURGE_SECONDS", 0)
            program = scheduler.purge(self.data)
            subprocess.run(program.command, env=program.environment, cwd=self.folder, check=True, capture_output=True)

    def is_at_rest(self) -> bool:
        return self.is_idle() and not any((self.folder / "inbox").glob("*/*"))

    def has_published_its_ledger(self) -> bool:
        return set(self.snapshot().published_loads) == {load.load_id for load in self.data.loads()}

    def snapshot(self) -> Snapshot:
        with duckdb.connect(str((self.folder / "published.duckdb").resolve()), read_only=True) as published:
            version, cause = published.execute("select version, caused_by from publication").fetchone()
            alerts = [state for (state,) in published.execute("select state from alerts").fetchall()]
            shown = dict(published.execute("select load_id, caused_by from loads").fetchall())
        return Snapshot(
            loads={f"{load.feed}/{load.load_id}": load for load in self.data.loads()},
            version=version,
            published_loads=shown,
            publication_cause=cause,
            runs={f"{dag}/{run}": (state, kind) for dag, run, state, kind in self.records(
                "select dag_id, run_id, state, run_type from dag_run"
            )},
            tries={(dag, run): tries for dag, run, tries in self.records(
                "select dag_id, run_id, max(try_number) from task_instance group by 1, 2"
            )},
            builds=self.records(
                "select count(*) from task_instance where dag_id = 'observe' and task_id = 'build' and state = 'success'"
            )[0][0],
            messages=sorted(path.name for path in (self.folder / "outbox").glob("*.eml")),
            alerts=alerts,
            events=self.records(
                "select source_dag_id || '/' || source_run_id, partition_key from asset_event "
                f"join asset on asset.id = asset_id where name = '{scheduled.LANDED}'"
            ),
        )  # fmt: skip


@dataclass
class History:
    """What was true at the end of each chapter."""

    opened: Snapshot
    dropped: Snapshot
    half_copied: Snapshot
    copied: Snapshot
    pushed: Snapshot
    unannounced: Snapshot
    answered: Snapshot
    stopped: Snapshot
    reopened: Snapshot
    exit_of_stop: int
    exit_of_once: int
    left_after_stop: list[str]
    left_after_once: list[str]
    said_first: str
    said_again: str
    waiting_while_stopped: list[str]
    waiting_half_copied: list[str]
    answers: list[tuple[int, dict]]
    heard: dict[str, int]
    asked: dict
    counted: list[dict[str, int]]


def processes_of(folder: Path) -> list[str]:
    """Every process that works on the folder, by what it has open or was started with."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            told = [*process.cmdline(), process.cwd(), *(item.path for item in process.open_files())]
            if any(str(folder) in text for text in told):
                found.append(" ".join(process.cmdline())[:100])
    return found


def changed(path: Path, old: str, new: str) -> bytes:
    """A register's edition with one value changed."""
    text = path.read_text()
    assert text.count(old) >= 1, f"{path.name} ne contient pas {old!r}"
    return text.replace(old, new, 1).encode()


@pytest.fixture(scope="module")
def history(tmp_path_factory) -> History:
    folder = tmp_path_factory.mktemp("clock") / "data"
    launched = Launched(
        folder, {**os.environ, "VIGIE_AIRFLOW_PORT": str(any_port("127.0.0.1")), "VIGIE_PUSH_SECRET": PUSH_SECRET}
    )
    sites = feeds.sample_documents("operator_sites")[-1]
    first_site = "al-hoceima,Deux centres d'Al Hoceïma,,Al Hoceïma,MA-HOC,MA-01,city,"
    try:
        launched.start()
        launched.wait_for("la première chaîne", launched.is_serving, SERVING_SECONDS)
        opened, said_first = launched.snapshot(), launched.said()

        before = launched.version()
        launched.drop("operator_sites", "sites.csv", changed(sites, first_site + "400", first_site + "410"))
        launched.wait_for("la publication du fichier déposé", lambda: launched.version() != before)
        launched.wait_for("le repos", launched.is_at_rest)
        dropped = launched.snapshot()

        whole = changed(sites, first_site + "400", first_site + "412")
        announced, drained = launched.heard("from_trigger"), launched.drains()
        with (folder / "inbox" / "operator_sites" / "lent.csv").open("wb") as stream:
            stream.write(whole[: len(whole) // 2])
            stream.flush()
            launched.wait_for("l'annonce du fichier à demi copié", lambda: launched.heard("from_trigger") > announced)
            launched.wait_for("la vidange qui le laisse", lambda: launched.drains() > drained and launched.is_idle())
            half_copied = launched.snapshot()
            waiting_half_copied = sorted(path.name for path in (folder / "inbox").glob("*/*"))
            stream.write(whole[len(whole) // 2 :])
        launched.wait_for("le fichier copié", lambda: launched.has_loaded(whole))
        launched.wait_for("le repos", launched.is_at_rest)
        copied = launched.snapshot()

        sent = changed(sites, first_site + "400", first_site + "415")
        answers = [
            launched.push("operator_sites", sent, "message-1", secret="x" * 40),
            launched.push("inconnu", sent, "message-1"),
            launched.push("operator_sites", sent, "message-1"),
            launched.push("operator_sites", sent, "message-1"),
        ]
        launched.wait_for("le document poussé", lambda: launched.has_loaded(sent))
        launched.wait_for("le repos", launched.is_at_rest)
        pushed = launched.snapshot()
        heard = {source: launched.heard(source) for source in ("from_trigger", "from_push")}

        before = launched.version()
        whole = feeds.sample_documents("oc_exports")[-1].read_bytes()
        launched.drop("oc_exports", "tronqué.xlsx", whole[: len(whole) // 2])
        by_hand = folder.parent / "à la main.csv"
        by_hand.write_bytes(changed(sites, first_site + "400", first_site + "420"))
        assert cli.main(["collect", "operator_sites", "--from", str(by_hand), "--data", str(folder)]) == 0
        launched.wait_for("la publication de ce qu'aucun événement n'annonce", lambda: launched.version() != before)
        launched.wait_for("la publication du refus", launched.has_published_its_ledger)
        launched.wait_for("le repos", launched.is_at_rest)
        unannounced = launched.snapshot()

        (refused,) = [load for load in new_loads(pushed, unannounced) if load.feed == "oc_exports"]
        launched.wait_for("la question", launched.question)
        asked = launched.answer("Rejeter", "copie interrompue")
        launched.wait_for("la décision", lambda: launched.has_decided(refused))
        launched.wait_for("la publication de la décision", launched.has_published_its_ledger)
        launched.wait_for("le repos", launched.is_at_rest)
        answered = launched.snapshot()

        exit_of_stop, left_after_stop = launched.stop(), processes_of(folder)
        launched.drop("operator_sites", "sites.csv", changed(sites, first_site + "400", first_site + "430"))
        time.sleep(QUIET_SECONDS)
        stopped = launched.snapshot()
        waiting = sorted(path.name for path in (folder / "inbox").glob("*/*"))

        launched.start("--once")
        exit_of_once = launched.process.wait(timeout=SERVING_SECONDS)
        left_after_once, reopened, counted = processes_of(folder), launched.snapshot(), [launched.counted()]
        launched.purge()
        counted.append(launched.counted())
        return History(
            opened, dropped, half_copied, copied, pushed, unannounced, answered, stopped, reopened,
            exit_of_stop, exit_of_once,
            left_after_stop, left_after_once, said_first, launched.said(), waiting,
            waiting_half_copied, answers, heard, asked, counted,
        )  # fmt: skip
    finally:
        if launched.process and launched.process.poll() is None:
            launched.stop()
        shutil.rmtree(folder / "airflow", ignore_errors=True)


def new_loads(before: Snapshot, after: Snapshot) -> list[Load]:
    return [load for key, load in after.loads.items() if key not in before.loads]


def test_airflow_s_own_records_show_a_successful_run_of_every_collect_dag_and_of_observe(history):
    succeeded = {key.split("/")[0] for key, (state, _) in history.opened.runs.items() if state == "success"}
    assert succeeded >= {*collect_ids(), "observe"}
    assert "failed" not in {state for state, _ in history.opened.runs.values()}


def test_every_load_and_the_publication_name_a_run_that_airflow_knows(history):
    assert {load.feed for load in history.opened.loads.values()} == set(feeds.names())
    for load in history.opened.loads.values():
        assert load.caused_by.startswith(f"airflow:collect_{load.feed}/")
        assert history.opened.run_of(load)[0] == "success"
    assert history.opened.runs[history.opened.publication_cause.removeprefix("airflow:")][0] == "success"
    assert history.opened.publication_cause.startswith("airflow:observe/")


def test_each_landed_load_is_one_partition_of_one_event(history):
    landed = {
        (load.caused_by.removeprefix("airflow:"), key)
        for key, load in history.reopened.loads.items()
        if load.status == "landed" and load.caused_by.startswith("airflow:")
    }
    assert landed
    assert sorted(history.reopened.events) == sorted(landed)


def test_the_observatory_is_woken_by_events_and_not_only_by_the_sweep(history):
    assert "asset_triggered" in {kind for key, (_, kind) in history.opened.runs.items() if key.startswith("observe/")}


def test_the_first_start_decides_once_on_all_feeds_so_that_no_alert_is_taken_back(history):
    assert history.opened.builds == 1
    assert set(history.opened.alerts) <= {"actif", "résolu"}
    assert len(history.opened.messages) == history.opened.alerts.count("actif") > 0


def test_a_file_dropped_while_the_scheduler_runs_is_published_under_the_run_that_loaded_it(history):
    (load,) = new_loads(history.opened, history.dropped)
    assert (load.feed, load.status, load.file_name) == ("operator_sites", "landed", "sites.csv")
    assert history.dropped.run_of(load)[0] == "success"
    assert history.dropped.published_loads[load.load_id] == load.caused_by
    assert history.dropped.version > history.opened.version
    assert history.dropped.runs[history.dropped.publication_cause.removeprefix("airflow:")][0] == "success"


def test_a_dropped_file_wakes_the_drain_through_the_watcher_and_not_through_the_sweep(history):
    (load,) = new_loads(history.opened, history.dropped)
    assert load.caused_by.startswith("airflow:drain/")
    assert history.dropped.run_of(load) == ("success", "asset_triggered")


def test_a_half_copied_file_waits_until_its_copy_is_over(history):
    assert history.waiting_half_copied == ["lent.csv"]
    assert history.half_copied.loads == history.dropped.loads
    (load,) = new_loads(history.half_copied, history.copied)
    assert (load.file_name, load.status) == ("lent.csv", "landed")


def test_a_signed_push_lands_once_and_an_unsigned_one_is_refused(history):
    assert [status for status, _ in history.answers] == [401, 404, 202, 200]
    (_, refused), _, (_, taken), (_, again) = history.answers
    assert "signature refusée" in refused["erreur"]
    assert taken["new"] and taken["announced"] and not again["new"]
    (load,) = new_loads(history.copied, history.pushed)
    assert (load.status, load.file_name, load.document) == ("landed", taken["file"], taken["sha256"])
    assert load.caused_by.startswith("airflow:drain/")
    assert history.heard["from_push"] == 1 <= history.heard["from_trigger"]


def test_a_refused_file_fails_without_a_second_try_and_emits_no_event(history):
    (load,) = [load for load in new_loads(history.pushed, history.unannounced) if load.feed == "oc_exports"]
    assert load.status == "refused"
    assert load.reason
    run = load.caused_by.removeprefix("airflow:")
    assert history.unannounced.run_of(load)[0] == "failed"
    assert history.unannounced.tries[tuple(run.split("/"))] == 1
    assert run not in {source for source, _ in history.unannounced.events}
    assert history.unannounced.published_loads[load.load_id] == load.caused_by


def test_a_load_that_no_event_announces_is_published_by_the_sweep(history):
    (load,) = [load for load in new_loads(history.pushed, history.unannounced) if load.feed == "operator_sites"]
    assert not load.caused_by.startswith("airflow:")
    assert load.load_id in history.unannounced.published_loads
    overdue = [key for key in history.unannounced.runs if key.startswith("observe/overdue__")]
    assert overdue
    assert {history.unannounced.runs[key][0] for key in overdue} == {"success"}


def test_what_the_door_holds_is_asked_on_airflow_s_screen_and_the_answer_is_taken_in_the_name_of_who_gave_it(history):
    assert history.asked["options"] == ["Libérer", "Corriger", "Rejeter", "Laisser en quarantaine"]
    assert "oc_exports" in history.asked["subject"] and "tronqué" in history.asked["body"]
    (load,) = new_loads(history.unannounced, history.answered)
    (refused,) = [load for load in new_loads(history.pushed, history.unannounced) if load.feed == "oc_exports"]
    assert (load.feed, load.supersedes, load.acts, load.rows_landed) == ("oc_exports", refused.load_id, 1, 0)
    assert load.caused_by == f"airflow:quarantine/held__oc_exports__{refused.load_id}"
    assert history.answered.run_of(load)[0] == "success"
    assert (load.caused_by.removeprefix("airflow:"), f"oc_exports/{load.load_id}") in history.answered.events
    assert history.answered.published_loads[load.load_id] == load.caused_by


def test_while_everything_is_stopped_a_dropped_file_changes_nothing(history):
    assert history.exit_of_stop == 0
    assert history.waiting_while_stopped == ["sites.csv"]
    assert history.stopped.loads == history.answered.loads
    assert history.stopped.version == history.answered.version


def test_started_again_the_waiting_file_is_loaded_and_published_by_a_run_of_airflow(history):
    assert history.exit_of_once == 0, history.said_again
    (load,) = new_loads(history.stopped, history.reopened)
    assert (load.feed, load.status) == ("operator_sites", "landed")
    assert history.reopened.run_of(load)[0] == "success"
    assert history.reopened.published_loads[load.load_id] == load.caused_by
    assert history.reopened.version > history.stopped.version


def test_no_process_outlives_the_launcher(history):
    assert history.left_after_stop == []
    assert history.left_after_once == []


def test_the_terminal_tells_each_stage_the_address_and_the_summary(history):
    for text in ("construction :", "veille :", "publication :", "envoi :", "http://127.0.0.1:", "Quarantaine", "Alertes"):
        assert text in history.said_first
    for name in feeds.names():
        assert f"collecte de {name} : " in history.said_first


def test_airflow_forgets_old_sweeps_and_no_other_run(history):
    before, after = history.counted
    # the last run of a DAG stays, whatever its age: the next one is reckoned from it
    assert before.pop("sweep") > after.pop("sweep") == 1
    assert before == after and set(before) >= {*collect_ids(), "drain", "observe", "quarantine"}


def test_the_second_start_prepares_nothing_again(history):
    assert "Préparation de la base" in history.said_first
    assert "Préparation de la base" not in history.said_again


def test_every_stage_of_the_chain_is_scheduled():
    assert ("collect", *scheduled.STAGES) == cli.STAGES
