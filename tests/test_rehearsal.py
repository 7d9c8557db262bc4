"""The crisis played once for real, faults included, by Airflow's scheduler: what was said, to whom, and that nothing was lost.

The settings of the call name a mail server and a webhook that are traps: a rehearsal that reached them would be seen.
"""

import contextlib
import email
import email.policy
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from aiosmtpd.controller import Controller

from tests.test_airflow import processes_of
from tests.test_notify import Mailbox
from vigie import alert_replay, clock, sector
from vigie.lake import Lake
from vigie.rehearsal import plan as plans
from vigie.servers import any_port
from vigie.store import open_store

pytestmark = pytest.mark.real

REHEARSING_SECONDS = 1500
FRENCH_LAW = "Loi française n° 2025-594"


@dataclass
class Rehearsed:
    """What a rehearsal printed and left."""

    folder: Path
    status: int
    lines: list[dict]
    told: str
    trapped: int
    left: list[str]

    @property
    def data(self) -> Lake:
        return Lake.open(self.folder)

    @property
    def messages(self) -> list[dict]:
        return [line for line in self.lines if "verdict" in line]

    def records(self, sql: str) -> list[tuple]:
        """What Airflow's own database answers."""
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/airflow/airflow.db?mode=ro", uri=True)) as database:
            return database.execute(sql).fetchall()

    def mails(self) -> list[email.message.EmailMessage]:
        paths = sorted((self.folder / "rehearsal" / "mail").glob("*.eml"))
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rehearsal") / "repetition"
    trap, box = socket.create_server(("127.0.0.1", 0)), Mailbox()
    trap.settimeout(0.1)
    controller = Controller(box, hostname="127.0.0.1", port=any_port("127.0.0.1"))
    controller.start()
    lived = {
        "VIGIE_RECIPIENTS": "ministre@exemple.ma", "VIGIE_SMTP_URL": f"smtp://127.0.0.1:{controller.port}",
        "VIGIE_WEBHOOK_URL": f"http://127.0.0.1:{trap.getsockname()[1]}/", "VIGIE_STATE_URL": "postgresql://nulle-part/vigie",
        "VIGIE_PULSE_URL": f"http://127.0.0.1:{trap.getsockname()[1]}/battement",
        "VIGIE_DATA": str(folder.parent / "vecu"),
    }  # fmt: skip
    command = [sys.executable, "-m", "vigie.cli", "rehearse", "--json", "--data", str(folder)]
    try:
        done = subprocess.run(command, env={**os.environ, **lived}, capture_output=True, text=True, timeout=REHEARSING_SECONDS)
        called = len(box.received)
        with contextlib.suppress(TimeoutError):
            trap.accept()
            called += 1
    finally:
        controller.stop()
        trap.close()
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return Rehearsed(folder, done.returncode, lines, done.stderr, called, processes_of(folder))


def test_everything_that_was_to_be_said_was_and_nothing_else(rehearsed):
    assert rehearsed.lines, rehearsed.told
    assert rehearsed.lines[-1]["differences"] == [], rehearsed.told
    assert rehearsed.status == 0
    assert Counter(line["verdict"] for line in rehearsed.messages) == {
        "tenu": sum(len(step.expected) for step in plans.load("morocco_offshoring").steps)
    }


def test_the_deadline_of_the_french_law_is_told_orange_then_red_then_past(rehearsed):
    told = [(line["on"], line["occasion"], line["degree"]) for line in rehearsed.messages if FRENCH_LAW in line["subject"]]
    in_force = date(2026, 8, 11)
    assert [(in_force - date.fromisoformat(on)).days for on, _, _ in told] == [35, 15, -1]
    assert [told for _, *told in told] == [["ouverture", "orange"], ["aggravation", "rouge"], ["levée", "rouge"]]


def test_every_message_reached_its_mailbox_once_and_no_other(rehearsed):
    with open_store(rehearsed.data) as store:
        sent = Counter(message.message_id for message in store.messages())
    mails = rehearsed.mails()
    assert Counter(mail["X-Vigie-Delivery"] for mail in mails) == sent and sent
    assert {mail["To"] for mail in mails} == {"cellule@repetition.invalid"}
    assert (rehearsed.trapped, rehearsed.left) == (0, [])
    assert not (rehearsed.folder.parent / "vecu").exists()


def test_what_a_mail_server_refused_arrived_at_the_next_step_in_the_order_in_which_it_was_said(rehearsed):
    late = [line for line in rehearsed.messages if line["arrives"] != line["on"]]
    assert {(line["on"], line["arrives"]) for line in late} == {("2026-07-07", "2026-07-27")}
    days = [email.utils.parsedate_to_datetime(mail["Date"]) for mail in rehearsed.mails()]
    assert days == sorted(days)
    assert re.search(r"Trace : \d+ connexion\(s\) refusée\(s\)", rehearsed.told)


def test_a_publisher_that_did_not_answer_was_asked_again_by_airflow(rehearsed):
    asked = rehearsed.records("select state, try_number from task_instance where dag_id = 'collect_press_articles'")
    assert ("success", 2) in asked
    (failed,) = [load for load in rehearsed.data.loads() if load.status == "failed"]
    assert (failed.feed, failed.known_at) == ("press_articles", datetime(2025, 7, 17, 8))


def test_the_build_that_was_killed_was_taken_up_again_by_airflow(rehearsed):
    tried = "select distinct try_number, state from {} where dag_id = 'observe' and task_id = 'build' and try_number > {}"
    assert rehearsed.records(tried.format("task_instance", 1)) == [(2, "success")]
    assert ("failed",) in rehearsed.records(
        "select state from task_instance_history where dag_id = 'observe' and task_id = 'build'"
    )
    assert len(re.findall(r"kill -9 \d+, en pleine construction", rehearsed.told)) == 1


def test_a_document_cut_in_two_was_held_then_known_on_the_day_when_it_came_whole(rehearsed):
    refused, *landed = rehearsed.data.loads("sector_employment")
    assert (refused.status, refused.known_at) == ("refused", datetime(2025, 7, 20, 8))
    assert [load.collected_at.date() for load in landed] == [date(2025, 7, 20), date(2026, 2, 5)]
    # the edition that follows it came with it, and after it
    assert {load.known_at.date() for load in landed} == {date(2026, 3, 20)}


def test_no_document_was_lost_or_doubled(rehearsed, observatory):
    def landed(lake: Lake) -> Counter:
        return Counter((load.feed, load.document) for load in lake.loads() if load.status == "landed")

    assert landed(rehearsed.data) == landed(Lake.open(observatory.data))
    assert set(landed(rehearsed.data).values()) == {1}


def test_the_numbers_at_the_end_are_those_of_a_calm_year_but_for_how_long_ago_each_feed_was_heard(rehearsed, observatory):
    columns = "indicator, breakdown, ref_area, methodology, scenario, freq, period, value, lower, upper"
    with duckdb.connect(str((rehearsed.folder / "published.duckdb").resolve()), read_only=True) as published:
        numbers = set(published.execute(f"select {columns} from indicator_values").fetchall())
    calm = set(observatory.ask(f"select {columns} from indicator_values"))
    assert len(numbers) == len(calm) > 1000
    held_up = {
        fault.feed for step in plans.load("morocco_offshoring").steps for fault in step.faults if fault.kind == "truncated"
    }
    assert {line[:2] for line in numbers ^ calm} == {("feed_freshness", feed) for feed in held_up}


def test_the_back_test_says_again_what_was_said_message_for_message(rehearsed):
    run = clock.start(rehearsed.folder)
    with open_store(rehearsed.data) as store:
        said = [message for message in store.messages() if message.kind in ("alert", "group")]
    rules = [rule.rule for rule in sector.load("morocco_offshoring").alert_rules]
    assert {message.rule for message in said} <= set(rules)
    with rehearsed.data.open_published("") as published:
        for rule in rules:
            again = alert_replay.replay(run, rule, None, None, published)
            lived = [(one.created_at, one.message_id, one.subject) for one in said if one.rule == rule]
            assert [(one.created_at, one.message_id, one.subject) for one in again.messages] == lived


def test_one_decision_was_taken_a_step_at_the_moment_of_the_step(rehearsed):
    with open_store(rehearsed.data) as store:
        decided = [row.decided_at for row in store.execute("select decided_at from decisions order by no")]
    assert decided == [step.now.isoformat() for step in plans.load("morocco_offshoring").steps]


def test_the_page_tells_the_whole_by_itself(rehearsed):
    page = Path(rehearsed.lines[-1]["page"]).read_text()
    assert page.count("<svg") == 1 and "<script" not in page and "src=" not in page and "http" not in page
    assert page.count("<tr class='tenu'>") == len(rehearsed.messages) and "Tout est comme prévu" in page
