"""The store: one transaction, an earlier layout taken in whole, a journal that shows what was changed."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from vigie import backup, store, store_copy
from vigie.lake import Lake, LakeError
from vigie.store import Message, open_store, verify

NOW = datetime(2026, 11, 23, 8)
EARLIER_LAYOUT = """
create table decisions (decided_at text primary key, evaluations integer not null);
create table watched (rule text, version text, entity text, since text, primary key (rule, version, entity));
create table episodes (
  alert_id text, no integer, decided_at text not null, episode text not null, line text not null, primary key (alert_id, no)
);
create table acknowledgements (alert_id text not null, by_whom text not null, at text not null, note text not null);
create table outbox (
  message_id text primary key, alert_id text not null, occasion text not null, created_at text not null,
  subject text not null, body text not null, line text not null
);
create table deliveries (
  message_id text not null references outbox, channel text not null, attempts integer not null default 0,
  last_error text, delivered_at text, abandoned_at text, primary key (message_id, channel)
);
insert into decisions values ('2026-11-20T08:00:00', 3);
insert into watched values ('recul', '1', 'MA', '2026-11-20T08:00:00');
insert into episodes values ('a1', 1, '2026-11-20T08:00:00', '{}', '{"level": "rouge"}');
insert into acknowledgements values ('a1', 'Amina', '2026-11-21T08:00:00', 'appel passé');
insert into outbox values
  ('m1', 'a1', 'ouverture', '2026-11-20T08:00:00', 'Recul à Fès', 'Constat',
   '{"level": "rouge", "rule": "recul", "ref_area": "MA"}');
insert into deliveries values ('m1', 'fichier', 1, null, '2026-11-20T08:00:05', null);
insert into deliveries values ('m1', 'webhook', 2, 'le webhook a répondu 500', null, null);
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def lake(request, tmp_path, monkeypatch):
    """A folder whose store is empty, in each of the two databases."""
    if request.param == "postgresql":
        monkeypatch.setenv("VIGIE_STATE_URL", request.getfixturevalue("fresh_database"))
    return Lake.open(tmp_path / "data", "sample")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A PostgreSQL of our own on 127.0.0.1; root may not run one, so it then runs as `postgres`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "PostgreSQL manque : apt-get install postgresql (voir .ci/run)"
    binaries, folder = found[-1].parent, tmp_path_factory.mktemp("postgresql")
    is_root = os.geteuid() == 0
    account = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] if is_root else []
    if is_root:
        # the temporary folders of a session are closed to other accounts
        folder = Path(subprocess.check_output([*account, "mktemp", "-d", "-p", "/tmp"], text=True).strip())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
    try:
        subprocess.run([*account, binaries / "initdb", "-D", folder / "db", "-U", "vigie", "-A", "trust", "-E", "UTF8"], **quiet)
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories="
        control = [*account, binaries / "pg_ctl", "-D", folder / "db", "-w"]
        subprocess.run([*control, "-o", options, "-l", folder / "log", "start"], **quiet)
        try:
            yield f"postgresql://vigie@127.0.0.1:{port}"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **quiet)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def fresh_database(server, request):
    import psycopg

    name = f"t{abs(hash(request.node.nodeid))}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return f"{server}/{name}"


def message(message_id="m1", at=NOW):
    payload = {"occasion": "ouverture", "lines": [{"level": "rouge"}]}
    return Message(message_id, "a1", "alert", "rouge", "recul", "MA", ("a1",), at, "Recul à Fès", "Constat", payload)


def fill(lake):
    with open_store(lake) as told:
        told.add_episodes(NOW, [("a1", "{}", '{"n": 1}'), ("a2", "{}", "{}")])
        told.add_episodes(NOW + timedelta(days=1), [("a1", "{}", '{"n": 2}')])
        assert told.post(message()) and not told.post(message())
        assert told.add_act("acknowledge", "a1", "Amina", NOW, note="appel") == 1
        assert told.add_act("snooze", "a1", "Amina", NOW, NOW + timedelta(days=2)) == 2
        told.expect("m1", [{"channel": "fichier"}, {"channel": "webhook", "routes": "cellule"}], NOW)
        told.note_delivery("m1", "webhook", NOW, attempts=1, last_error="délai dépassé")


def test_what_is_written_is_read_back_as_it_was(lake):
    fill(lake)
    with open_store(lake) as told:
        assert told.messages() == [message()]
        assert [(row.alert_id, row.no, json.loads(row.line)) for row in told.latest_episodes()] == [
            ("a1", 2, {"n": 2}),
            ("a2", 1, {}),
        ]
        assert [(row.alert_id, row.no) for row in told.latest_episodes(NOW)] == [("a1", 1), ("a2", 1)]
        assert [(act.no, act.kind, act.until) for act in told.acts()] == [
            (1, "acknowledge", None), (2, "snooze", "2026-11-25T08:00:00"),
        ]  # fmt: skip
        assert [act.kind for act in told.acts("snooze")] == ["snooze"]
        assert verify(told) is None


def test_a_block_that_fails_leaves_nothing_of_what_it_wrote(lake):
    fill(lake)
    with pytest.raises(RuntimeError), open_store(lake) as told:
        told.post(message("m2"))
        raise RuntimeError
    with open_store(lake) as told:
        assert [one.message_id for one in told.messages()] == ["m1"] and verify(told) is None


@pytest.mark.parametrize(
    ("tampering", "no"),
    [
        ("update outbox set body = 'autre'", 4),
        ("delete from episodes where alert_id = 'a2'", 2),
        ("update journal set body = '{}' where no = 6", 6),
        ("delete from journal where no = 3", 3),
        ("delete from journal where no = 9", 9),
        ("insert into episodes values ('a3', 1, '', '', '')", 10),
    ],
)
def test_a32_the_chain_of_the_journal_names_the_first_row_that_was_tampered_with(lake, tampering, no):
    fill(lake)
    with open_store(lake) as told:
        assert told.execute("select count(*) from journal").scalar() == 9
        told.execute(tampering)
    with open_store(lake) as told:
        broken = verify(told)
    if no == 9:
        # a chain cannot know that its end was cut off, save by what it no longer tells
        assert broken is None
    else:
        assert broken is not None and broken.no == no


def test_a_store_of_the_earlier_layout_keeps_its_outbox_its_deliveries_and_who_took_charge(tmp_path):
    lake = Lake.open(tmp_path / "data", "sample")
    with closing(sqlite3.connect(lake.state)) as old:
        old.executescript(EARLIER_LAYOUT)
    for _ in range(2):
        with open_store(lake) as told:
            (kept,) = told.messages()
            assert (kept.message_id, kept.thread_id, kept.kind, kept.degree, kept.rule) == ("m1", "a1", "alert", "rouge", "recul")
            assert kept.created_at == datetime(2026, 11, 20, 8) and kept.payload["occasion"] == "ouverture"
            assert kept.payload["lines"][0]["ref_area"] == kept.ref_area == "MA" and kept.alert_ids == ("a1",)
            deliveries = told.execute("select channel, attempts, last_error, delivered_at from deliveries order by 1").all()
            assert deliveries == [("fichier", 1, None, "2026-11-20T08:00:05"), ("webhook", 2, "le webhook a répondu 500", None)]
            (act,) = told.acts()
            assert (act.kind, act.target, act.by_whom, act.note) == ("acknowledge", "a1", "Amina", "appel passé")
            assert [row.alert_id for row in told.latest_episodes()] == ["a1"]
            assert (
                told.execute("select count(*) from watched").scalar()
                == told.execute("select count(*) from decisions").scalar()
                == 1
            )
            assert "acknowledgements" not in {row.name for row in told.execute("select name from sqlite_master")}
            assert verify(told) is None


@pytest.mark.real
@pytest.mark.parametrize("way", ["out of PostgreSQL", "into PostgreSQL"])
def test_a_backup_carries_the_store_from_one_database_to_the_other(tmp_path, monkeypatch, fresh_database, way):
    lake, path, back = Lake.open(tmp_path / "data", "sample"), tmp_path / "garde.tar.gz", tmp_path / "retour"
    if way == "out of PostgreSQL":
        monkeypatch.setenv("VIGIE_STATE_URL", fresh_database)
    fill(lake)
    kept = store_copy.dump(lake)
    backup.backup(lake, path, NOW)
    if way == "out of PostgreSQL":
        monkeypatch.delenv("VIGIE_STATE_URL")
    else:
        monkeypatch.setenv("VIGIE_STATE_URL", fresh_database)
    backup.restore(path, back)
    restored = Lake.open(back)
    assert store_copy.dump(restored) == kept and restored.state.exists() == (way == "out of PostgreSQL")
    with open_store(restored) as told:
        assert verify(told) is None
    if way == "into PostgreSQL":
        with pytest.raises(LakeError, match="n'est pas vide"):
            backup.restore(path, tmp_path / "encore")
        assert not (tmp_path / "encore").exists()


def test_a_store_serves_a_folder_of_one_mode(lake, tmp_path, monkeypatch):
    fill(lake)
    other = Lake.open(tmp_path / "autre", "live")
    if lake.state.exists():
        shutil.copy(lake.state, other.state)
    with pytest.raises(LakeError, match="« sample »"), open_store(other):
        pass


@pytest.mark.parametrize("url", ["mysql://vigie:motcache@127.0.0.1/vigie", "motcache", "sqlite:////tmp/motcache"])
def test_a_state_url_that_is_not_of_postgresql_is_refused_without_repeating_it(tmp_path, monkeypatch, url):
    monkeypatch.setenv("VIGIE_STATE_URL", url)
    with pytest.raises(LakeError, match="VIGIE_STATE_URL") as refusal, open_store(Lake.open(tmp_path / "data", "sample")):
        pass
    assert "motcache" not in str(refusal.value)


def test_a_database_that_does_not_answer_is_said_in_one_sentence_without_its_password(tmp_path, monkeypatch):
    monkeypatch.setenv("VIGIE_STATE_URL", "postgresql://vigie:motcache@127.0.0.1:9/vigie")
    with pytest.raises(LakeError, match="postgresql") as refusal, open_store(Lake.open(tmp_path / "data", "sample")):
        pass
    assert "motcache" not in str(refusal.value) and "\n" not in str(refusal.value)


def test_a_reader_makes_no_store(tmp_path):
    lake = Lake.open(tmp_path / "data", "sample")
    assert not store.exists(lake) and not lake.state.exists()
