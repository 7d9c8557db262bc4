"""Delivery: a real SMTP conversation, a real webhook, nothing lost, nothing said before it can be seen."""

import email
import email.policy
import json
import sqlite3
import threading
from contextlib import closing
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import duckdb
import pytest
from aiosmtpd.controller import Controller

from vigie import clock, notify, settings
from vigie.channels import mail, webhook
from vigie.lake import Lake
from vigie.servers import any_port
from vigie.store import Message, open_store

NOW = datetime(2026, 11, 23, 8)
LINE = {"level": "rouge", "rule": "recul_exportations_crm", "title": "Recul"}


class Mailbox:
    """An SMTP server's handler that keeps what it accepts and refuses the addresses it is told to."""

    def __init__(self):
        self.received, self.refused = [], set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return "550 inconnu ici"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.received.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        return "250 accepté"


@pytest.fixture
def mailbox(monkeypatch):
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=any_port("127.0.0.1"))
    controller.start()
    monkeypatch.setenv("VIGIE_SMTP_URL", f"smtp://127.0.0.1:{controller.port}")
    monkeypatch.setenv("VIGIE_RECIPIENTS", "cellule@exemple.ma, region@exemple.ma")
    monkeypatch.setenv("VIGIE_FROM", "vigie@exemple.ma")
    yield box
    controller.stop()


@pytest.fixture
def hook(monkeypatch):
    """A webhook receiver; `answers` are given in turn, then 200."""

    class Receiver(BaseHTTPRequestHandler):
        received, answers = [], []

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.received.append((dict(self.headers), body))
            self.send_response(self.answers.pop(0) if self.answers else 200)
            self.send_header("Location", "/ailleurs")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("VIGIE_WEBHOOK_URL", f"http://127.0.0.1:{server.server_port}/vigie")
    monkeypatch.setenv("VIGIE_WEBHOOK_SECRET", "secret partagé")
    yield Receiver
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """The pauses that were asked for, none being taken."""
    asked = []
    monkeypatch.setattr(notify, "sleep", asked.append)
    return asked


@pytest.fixture
def lake(tmp_path):
    """A folder with one message decided and its alert published."""
    lake = Lake.open(tmp_path / "data", "sample")
    decide(lake, "m1")
    show(lake, {"a-m1": NOW})
    return lake


def decide(lake, message_id, at=NOW):
    with open_store(lake) as store:
        store.post(
            Message(
                message_id, f"a-{message_id}", "alert", "rouge", LINE["rule"], "MA", (f"a-{message_id}",), at,
                f"[Vigie][ROUGE] Recul à Fès {message_id}", "Constat\nRecul.\n", {"occasion": "ouverture", "lines": [LINE]},
            )
        )  # fmt: skip


def show(lake, alerts):
    lake.published.unlink(missing_ok=True)
    with duckdb.connect(str(lake.published)) as published:
        published.execute("create table alerts (alert_id varchar, updated_at timestamp)")
        for alert in alerts.items():
            published.execute("insert into alerts values (?, ?)", alert)


def run_at(lake, as_of=NOW):
    return clock.Run(lake, NOW, as_of)


def deliveries(lake, message_id="m1"):
    with closing(sqlite3.connect(lake.state)) as state:
        rows = state.execute(
            "select channel, attempts, last_error, delivered_at is not null, abandoned_at is not null from deliveries "
            "where message_id = ?",
            (message_id,),
        )
        return {channel: rest for channel, *rest in rows}


def test_without_any_setting_the_file_channel_delivers_and_the_summary_says_that_nobody_is_told(lake):
    report = notify.notify(run_at(lake))
    assert (report.delivered, report.waiting, report.channels) == (3, 0, ("agenda", "fichier", "flux"))
    assert "aucun destinataire" in report.summary()
    (letter,) = (lake.root / "outbox").glob("*.eml")
    (text,) = (lake.root / "outbox").glob("*.txt")
    parsed = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
    assert parsed["Subject"] == "[Vigie][ROUGE] Recul à Fès m1" and parsed["Message-ID"] == "<m1@vigie>"
    assert text.read_text() == "[Vigie][ROUGE] Recul à Fès m1\n\nConstat\nRecul.\n"


def test_each_recipient_receives_the_message_by_smtp_once(lake, mailbox):
    reports = [notify.notify(run_at(lake)) for _ in range(3)]
    assert [report.delivered for report in reports] == [5, 0, 0]
    assert [to for to, _ in mailbox.received] == [["cellule@exemple.ma"], ["region@exemple.ma"]]
    for _, one in mailbox.received:
        assert one["From"] == "vigie@exemple.ma" and one["Message-ID"] == "<m1@vigie>"
        assert one["Subject"] == "[Vigie][ROUGE] Recul à Fès m1" and one["References"] is None
        assert one.get_content().replace("\r\n", "\n") == "Constat\nRecul.\n"
    assert "aucun destinataire" not in reports[0].summary()


def test_a_refused_address_holds_back_no_other_and_ends_as_a_visible_dead_letter(lake, mailbox):
    mailbox.refused.add("cellule@exemple.ma")
    calls = notify.MAX_TRIES // notify.TRIES_PER_CALL
    reports = [notify.notify(run_at(lake)) for _ in range(calls + 1)]
    assert [report.dead_letters for report in reports] == [0] * (calls - 1) + [1, 0]
    assert [(to, one["Message-ID"] == "<m1@vigie>") for to, one in mailbox.received] == [
        (["region@exemple.ma"], True),
        (["region@exemple.ma"], False),
    ]
    attempts, error, delivered, abandoned = deliveries(lake)["courriel:cellule@exemple.ma"]
    assert (attempts, delivered, abandoned) == (notify.MAX_TRIES, 0, 1) and "adresse refusée" in error
    (failure,) = lake.loads("notify")
    assert failure.status == "failed" and "m1 abandonné" in failure.reason
    assert "ABANDONNÉE" in reports[-2].summary() and "1 abandonné" in notify.delivered(lake)


def test_the_webhook_receives_signed_json_under_a_stable_name(lake, hook):
    assert notify.notify(run_at(lake)).delivered == 4
    ((headers, body),) = hook.received
    assert headers["X-Vigie-Delivery"] == "m1"
    assert headers["X-Vigie-Signature"] == webhook.signature("secret partagé", body)
    assert json.loads(body) | {"text": ""} == {
        "delivery": "m1", "thread": "a-m1", "kind": "alert", "degree": "rouge", "occasion": "ouverture",
        "created_at": NOW.isoformat(), "subject": "[Vigie][ROUGE] Recul à Fès m1", "text": "", "alert": LINE, "alerts": [LINE],
    }  # fmt: skip


def test_a_signature_is_the_hmac_that_any_receiver_can_compute():
    expected = "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    assert webhook.signature("key", b"The quick brown fox jumps over the lazy dog") == expected


def test_an_error_of_the_receiver_is_tried_again_with_longer_pauses_and_the_same_name(lake, hook, pauses):
    hook.answers[:] = [500, 503]
    assert notify.notify(run_at(lake)).delivered == 4
    assert [headers["X-Vigie-Delivery"] for headers, _ in hook.received] == ["m1"] * 3
    assert pauses == [0.5, 1.0]
    assert deliveries(lake)["webhook"] == [3, None, 1, 0]


def test_a_redirection_is_an_error_not_a_delivery(lake, hook):
    hook.answers[:] = [302] * notify.TRIES_PER_CALL
    notify.notify(run_at(lake))
    assert deliveries(lake)["webhook"] == [notify.TRIES_PER_CALL, "le webhook a répondu 302", 0, 0]


def test_a_refused_connection_waits_and_the_next_call_delivers(lake, monkeypatch):
    port = any_port("127.0.0.1")
    monkeypatch.setenv("VIGIE_SMTP_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("VIGIE_RECIPIENTS", "cellule@exemple.ma")
    report = notify.notify(run_at(lake))
    assert (report.delivered, report.waiting) == (3, 1) and notify.is_due(run_at(lake))
    assert "connexion refusée" in deliveries(lake)["courriel:cellule@exemple.ma"][1]
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        assert notify.notify(run_at(lake)).delivered == 1
    finally:
        controller.stop()
    assert [one["Message-ID"] for _, one in box.received] == ["<m1@vigie>"]
    assert not notify.is_due(run_at(lake))


def test_a_message_killed_before_it_left_is_sent_once_with_the_same_name(lake, mailbox, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as crash:
        crash.setattr(mail, "send", killed)
        with pytest.raises(KeyboardInterrupt):
            notify.notify(run_at(lake))
    assert mailbox.received == [] and notify.is_due(run_at(lake))
    notify.notify(run_at(lake))
    notify.notify(run_at(lake))
    assert [one["Message-ID"] for _, one in mailbox.received] == ["<m1@vigie>"] * 2
    assert len({to for (to,), _ in mailbox.received}) == 2


def test_a_message_killed_after_it_left_is_sent_again_under_the_same_name(lake, hook, monkeypatch):
    note = notify._note

    def killed_at_the_webhook(run, message, channel, **changes):
        if channel == "webhook":
            raise KeyboardInterrupt
        return note(run, message, channel, **changes)

    with monkeypatch.context() as crash:
        crash.setattr(notify, "_note", killed_at_the_webhook)
        with pytest.raises(KeyboardInterrupt):
            notify.notify(run_at(lake))
    notify.notify(run_at(lake))
    notify.notify(run_at(lake))
    assert [headers["X-Vigie-Delivery"] for headers, _ in hook.received] == ["m1", "m1"]


def test_a_message_waits_until_the_published_version_shows_its_alert_as_it_says(lake):
    show(lake, {})
    assert notify.notify(run_at(lake)).waiting == 1
    show(lake, {"a-m1": NOW - timedelta(seconds=1)})
    assert notify.notify(run_at(lake)).delivered == 0
    show(lake, {"a-m1": NOW})
    assert notify.notify(run_at(lake)).delivered == 3


def test_a_question_about_the_past_sends_nothing(lake, mailbox):
    report = notify.notify(run_at(lake, NOW - timedelta(days=1)))
    assert (report.delivered, report.waiting, mailbox.received) == (0, 1, [])


def test_a_channel_set_up_later_does_not_receive_the_past(lake, request):
    notify.notify(run_at(lake))
    mailbox = request.getfixturevalue("mailbox")
    decide(lake, "m2")
    show(lake, {"a-m1": NOW, "a-m2": NOW})
    notify.notify(run_at(lake))
    assert {one["Message-ID"] for _, one in mailbox.received} == {"<m2@vigie>"}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:25", "doit s'écrire smtp"),
        ("smtp://127.0.0.1:abc", "le port n'est pas un nombre"),
    ],
)
def test_an_address_that_is_not_one_is_said_without_its_password(lake, monkeypatch, url, said):
    monkeypatch.setenv("VIGIE_SMTP_URL", url.replace("//", "//nom:motcache@"))
    monkeypatch.setenv("VIGIE_RECIPIENTS", "cellule@exemple.ma")
    notify.notify(run_at(lake))
    error = deliveries(lake)["courriel:cellule@exemple.ma"][1]
    assert said in error and "motcache" not in error


def test_a_password_is_not_sent_over_a_line_that_is_not_encrypted(lake, mailbox, monkeypatch):
    port = settings.read().smtp_url.rpartition(":")[2]
    monkeypatch.setenv("VIGIE_SMTP_URL", f"smtp://nom:motcache@127.0.0.1:{port}")
    notify.notify(run_at(lake))
    assert mailbox.received == []
    assert "ne chiffre pas" in deliveries(lake)["courriel:cellule@exemple.ma"][1]
