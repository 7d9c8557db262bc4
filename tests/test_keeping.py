"""What is kept, for how long, and how it is put back: replay, retention, backup."""

import io
import json
import os
import tarfile
from datetime import timedelta

import pytest

from tests.test_arrivals import feed_of
from tests.test_collect import changed
from vigie import acts, backup, cli, clock, feed, parsing, retention, rows
from vigie.acts import Act
from vigie.arrivals import Document
from vigie.collect import Collection, collect
from vigie.feed import Row, recorded
from vigie.lake import LakeError
from vigie.replay import replay


@pytest.fixture
def run(tmp_path):
    return clock.start(tmp_path / "data")


def test_a_replay_with_the_same_reader_lands_nothing(run):
    collect(run, ["oc_exports"])
    report = replay(run, ["oc_exports"])
    assert report.loads == () and report.unchanged == len(feed.sample_documents("oc_exports"))


def test_a_replay_lands_what_today_reader_reads_otherwise_as_a_new_vintage_with_its_reason(run, monkeypatch):
    first = collect(run, ["press_articles"]).loads
    read = parsing.read_rows

    def reader(name: str, content: bytes) -> list[Row]:
        return [
            Row({**row.values, "author": "relu"} if row.values["kind"] == "page" else row.values, row.place)
            for row in read(name, content)
        ]

    monkeypatch.setattr(parsing, "read_rows", reader)
    again = replay(run, ["press_articles"]).loads
    pages = {load.document for load in first if load.file_name.endswith("html")}
    assert {load.document for load in again} == pages != set()
    assert all("relecture" in load.reason and load.supersedes and load.known_at >= run.now for load in again)
    assert replay(run, ["press_articles"]).loads == ()


def test_figures_of_a_later_document_keep_the_last_word_after_a_replay(run, monkeypatch):
    monkeypatch.setitem(feed.load("wb_indicators").__dict__, "snapshot", False)
    collect(run, ["wb_indicators"])
    read, oldest = parsing.read_rows, feed.sample_documents("wb_indicators")[0].read_bytes()
    shorter = lambda name, content: read(name, content)[: -1 if content == oldest else None]  # noqa: E731
    monkeypatch.setattr(parsing, "read_rows", shorter)
    again = replay(run, ["wb_indicators"]).loads
    assert [load.file_name for load in again] == [path.name for path in feed.sample_documents("wb_indicators")]
    assert again[0].rows_read < again[1].rows_read and again[0].known_at < again[1].known_at


def test_replay_must_name_its_feed(run, capsys):
    assert cli.main(["collect", "--replay", "--data", str(run.data.root)]) == 2
    assert "nommer ce flux" in capsys.readouterr().err


def test_a_decision_made_just_before_a_crash_is_taken_in_by_the_next_collection(run, tmp_path):
    path = tmp_path / "mauvais.xlsx"
    path.write_bytes(changed(text="n.c."))
    (held,) = collect(run, ["oc_exports"], path).loads
    (line,) = json.loads(run.data.quarantined(held).read_text())
    act = Act("reject", (line["row_no"],), {}, "Amina", run.now, "illisible")
    acts.record(run.data, "oc_exports", held.document, act)
    (judged,) = [load for load in collect(run, ["oc_exports"]).loads if load.supersedes == held.load_id]
    assert (judged.rows_landed, judged.rows_quarantined, judged.rows_rejected) == (held.rows_landed, 0, 1)
    assert judged.rows_read == judged.rows_landed + judged.rows_quarantined + judged.rows_rejected


@pytest.fixture
def perishable(monkeypatch):
    declared = feed.load("press_articles")
    monkeypatch.setitem(declared.__dict__, "keep_days", 30)
    monkeypatch.setitem(declared.__dict__, "perishable", ("body",))


def fetched(run, content: bytes, days_ago: int):
    at = run.now - timedelta(days=days_ago)
    origin = recorded(by="éditeur", address="https://example.org/fil")
    document = Document(content, "https://example.org/fil", "", at, origin, stream="https://example.org/fil")
    (load,) = Collection(run, "press_articles").all([document])
    return load


def test_text_goes_when_its_licence_runs_out_and_what_was_learnt_from_it_stays(run, perishable):
    body = feed_of("a").replace(b"<pubDate>", b"<description>un texte</description><pubDate>")
    old, young = fetched(run, body, 31), fetched(run, feed_of("b"), 29)
    before = rows.read(run.data.landed(old)).to_pylist()
    assert retention.expire(run, "press_articles") == 1
    after = rows.read(run.data.landed(old)).to_pylist()
    assert before[0]["body"] == "un texte" and after == [{**before[0], "body": None}]
    assert not run.data.document("press_articles", old.document).exists()
    assert run.data.document("press_articles", young.document).exists()
    assert retention.expire(run, "press_articles") == 0 and old in run.data.loads("press_articles")


def test_what_we_typed_ourselves_is_kept_for_ever(run, perishable):
    loads = collect(run, ["press_articles"]).loads
    assert retention.expire(run, "press_articles") == 0
    assert all(run.data.document("press_articles", load.document).exists() for load in loads)


def test_a_backup_put_back_holds_the_same_ledger_documents_and_rows(run, tmp_path, capsys):
    loads = collect(run, ["oc_exports", "regulations"]).loads
    file, folder = tmp_path / "sauvegarde.tar.gz", tmp_path / "restauré"
    assert cli.main(["backup", str(file), "--data", str(run.data.root)]) == 0
    assert cli.main(["restore", str(file), "--data", str(folder)]) == 0
    capsys.readouterr()
    again = clock.start(folder)
    assert tuple(again.data.loads()) == tuple(run.data.loads()) and len(loads) == len(again.data.loads())
    for load in again.data.loads():
        for path in (run.data.document(load.feed, load.document), run.data.landed(load)):
            assert (folder / path.relative_to(run.data.root)).read_bytes() == path.read_bytes()
    assert collect(again, ["oc_exports", "regulations"]).loads == ()


@pytest.fixture
def kept(run, tmp_path):
    collect(run, ["regulations"])
    file = tmp_path / "sauvegarde.tar.gz"
    backup.backup(run.data, file, run.now)
    return file


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_backup_cut_short_restores_nothing(kept, tmp_path, part):
    broken = tmp_path / "coupée.tar.gz"
    broken.write_bytes(kept.read_bytes()[: int(kept.stat().st_size * part)])
    with pytest.raises(LakeError, match="rien n'a été restauré"):
        backup.restore(broken, tmp_path / "neuf")
    assert not (tmp_path / "neuf").exists() and not list(tmp_path.glob(".neuf*"))


def test_a_file_changed_inside_a_backup_is_named(kept, tmp_path):
    altered = tmp_path / "altérée.tar.gz"
    with tarfile.open(kept) as source, tarfile.open(altered, "w:gz") as target:
        for member in source:
            content = source.extractfile(member).read()
            if member.name.startswith("landed/"):
                content = content[:-1] + b"?"
            target.addfile(member, io.BytesIO(content))
    with pytest.raises(LakeError, match="dont landed/"):
        backup.restore(altered, tmp_path / "neuf")


@pytest.mark.parametrize("manifest", [b"[1]", b"{}", b'{"files": {}}', b"pas du JSON", b'{"files": [], "mode": "sample"}'])
def test_an_archive_that_does_not_list_its_files_restores_nothing(tmp_path, manifest):
    archive = tmp_path / "autre.tar.gz"
    with tarfile.open(archive, "w:gz") as target:
        member = tarfile.TarInfo("manifest.json")
        member.size = len(manifest)
        target.addfile(member, io.BytesIO(manifest))
    with pytest.raises(LakeError, match="rien n'a été restauré"):
        backup.restore(archive, tmp_path / "neuf")
    assert not (tmp_path / "neuf").exists()


def test_a_backup_of_a_folder_that_is_not_one_is_a_wrong_call_and_makes_nothing(tmp_path, capsys):
    assert cli.main(["backup", str(tmp_path / "b.tar.gz"), "--data", str(tmp_path / "faute-de-frappe")]) == 2
    assert "vérifier --data" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_a_waiting_drop_of_any_name_is_in_the_backup(run, tmp_path):
    waiting = run.data.inbox / "press_articles" / os.fsdecode(b"\xff\xfe.xml")
    waiting.parent.mkdir(parents=True)
    waiting.write_bytes(b"<rss/>")
    backup.backup(run.data, tmp_path / "b.tar.gz", run.now)
    backup.restore(tmp_path / "b.tar.gz", tmp_path / "neuf")
    assert (tmp_path / "neuf" / waiting.relative_to(run.data.root)).read_bytes() == b"<rss/>"


def test_a_backup_overwrites_nothing(run, kept, tmp_path):
    with pytest.raises(LakeError, match="existe déjà"):
        backup.backup(run.data, kept, run.now)
    with pytest.raises(LakeError, match="n'est pas vide"):
        backup.restore(kept, run.data.root)


def test_the_same_trouble_twice_in_a_day_is_one_line_of_the_ledger(run):
    for _ in range(3):
        run.data.record_failure("press_articles", "https://example.org : délai dépassé", run.now)
    run.data.record_failure("press_articles", "https://example.org : refusé", run.now)
    assert [load.reason[-7:] for load in run.data.loads("press_articles")] == ["dépassé", " refusé"]
