"""Documents by hand: files, folders, globs; what is new, what is not, and one line for each."""

import json
import os
from pathlib import Path

import pytest

from tests.test_collect import SAMPLE, changed
from vigie import arrivals, cli, clock, feed
from vigie.collect import collect, drain

ITEM = "<item><title>{0}</title><link>https://example.org/{0}</link><pubDate>Mon, 20 Oct 2025 08:00:00 GMT</pubDate></item>"


@pytest.fixture
def run(tmp_path):
    return clock.start(tmp_path / "data")


def feed_of(*titles: str) -> bytes:
    items = "".join(ITEM.format(title) for title in titles)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>fil</title>{items}</channel></rss>'.encode()


def inbox(run, name: str) -> Path:
    folder = run.data.inbox / name
    folder.mkdir(parents=True)
    return folder


def outcomes(capsys, run, *arguments: str) -> list[dict]:
    cli.main(["collect", *arguments, "--json", "--data", str(run.data.root)])
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_folder_gives_one_line_per_document_with_its_outcome_its_rows_and_its_reason(run, tmp_path, capsys):
    folder = tmp_path / "corpus" / "sous-dossier"
    folder.mkdir(parents=True)
    (folder / "a.xml").write_bytes(feed_of("a", "b"))
    (folder / "b.xml").write_bytes(feed_of("a", "b"))
    (folder / "c.xml").write_bytes(b"rien d'un fil")
    (folder / "d.xml").write_bytes(feed_of("c").replace(b"<pubDate>Mon, 20 Oct 2025 08:00:00 GMT</pubDate>", b""))
    (folder / ".cache").write_bytes(b"ignore")
    said = outcomes(capsys, run, "press_articles", "--from", str(tmp_path / "corpus"))
    assert [line["outcome"] for line in said] == ["landed", "unchanged", "refused", "quarantined"]
    assert [line["file"] for line in said] == ["a.xml", "b.xml", "c.xml", "d.xml"]
    assert [(line["rows_read"], line["rows_landed"], line["rows_quarantined"]) for line in said] == [
        (2, 2, 0), (0, 0, 0), (0, 0, 0), (1, 0, 1),
    ]  # fmt: skip
    assert all(line["reason"] for line in said[1:]) and not said[0]["reason"]
    again = outcomes(capsys, run, "press_articles", "--from", str(tmp_path / "corpus"))
    assert {line["outcome"] for line in again} == {"unchanged"} and len(again) == 4


def test_a_glob_chooses_its_files(run, tmp_path, capsys):
    for name in ("a.xml", "b.xml", "c.txt"):
        (tmp_path / name).write_bytes(feed_of(name[0]))
    said = outcomes(capsys, run, "press_articles", "--from", str(tmp_path / "*.xml"))
    assert [(line["file"], line["outcome"]) for line in said] == [("a.xml", "landed"), ("b.xml", "landed")]


def test_a_path_that_names_nothing_is_a_wrong_call(run, tmp_path, capsys):
    assert cli.main(["collect", "press_articles", "--from", str(tmp_path / "*.zip"), "--data", str(run.data.root)]) == 2
    assert "ne peut être lu" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["", "/tmp/**x/[", "a" * 5000, "a\0b"])
def test_a_path_that_no_file_can_have_is_a_wrong_call(run, path, capsys):
    words = ["collect", "press_articles", "--from", path, "--data", str(run.data.root)]
    try:
        status = cli.main(words)
    except SystemExit as end:
        status = end.code
    assert status == 2 and run.data.loads() == [] and "Traceback" not in capsys.readouterr().err


def heavy(path: Path) -> Path:
    with path.open("wb") as stream:
        stream.truncate(feed.load("press_articles").max_bytes + 1)
    return path


def test_a_file_heavier_than_its_feed_admits_is_refused_by_its_name_and_never_held(run, tmp_path, capsys):
    path = heavy(tmp_path / "lourd.xml")
    (said,) = outcomes(capsys, run, "press_articles", "--from", str(path))
    assert (said["outcome"], said["file"]) == ("refused", "lourd.xml") and "lourd.xml pèse plus de" in said["reason"]
    assert cli.main(["check", "press_articles", str(path)]) == 2
    assert "pèse plus" in capsys.readouterr().err


def test_a_heavy_drop_is_set_aside_whole_and_no_collection_meets_it_again(run):
    heavy(inbox(run, "press_articles") / "lourd.xml")
    assert [load.outcome for load in drain(run, "press_articles").loads] == ["refused"]
    (aside,) = run.data.set_aside("press_articles").iterdir()
    assert aside.name.endswith("__lourd.xml") and aside.stat().st_size > feed.load("press_articles").max_bytes
    assert "set_aside/press_articles" in run.data.loads("press_articles")[0].reason
    assert drain(run, "press_articles").loads == () and not any(run.data.claimed("press_articles").iterdir())


@pytest.mark.parametrize("name", [b"\xff\xfe bad.xml", "é".encode() * 125 + b".xml", b"a\nb\x1b[31m.xml", b"--json"])
def test_a_file_of_any_name_is_taken_in_by_every_door(run, tmp_path, capsys, name):
    given = tmp_path / "given" / os.fsdecode(name)
    given.parent.mkdir()
    given.write_bytes(feed_of("a"))
    words = ["collect", "press_articles", "--json", "--from", str(given.parent), "--data", str(run.data.root)]
    assert cli.main(words) == 0
    printed = capsys.readouterr()
    (said,) = map(json.loads, printed.out.splitlines())
    assert said["outcome"] == "landed" and said["file"].endswith(os.fsdecode(name)[-4:])
    assert "\x1b" not in printed.err
    (inbox(run, "press_articles") / given.name).write_bytes(feed_of("b"))
    assert [load.outcome for load in drain(run, "press_articles").loads] == ["landed"]


def test_a_document_that_returns_to_an_earlier_state_is_a_new_vintage(run, tmp_path):
    first, second = SAMPLE.read_bytes(), changed(delta=0.25)
    vintages = []
    for number, content in enumerate((first, second, first)):
        path = tmp_path / f"{number}.xlsx"
        path.write_bytes(content)
        vintages += collect(run, ["oc_exports"], path).loads
    assert [load.document for load in vintages] == [vintages[0].document, vintages[1].document, vintages[0].document]
    assert len({load.load_id for load in vintages}) == 3


def test_the_same_files_met_again_in_any_order_bring_nothing(run, tmp_path):
    folder = tmp_path / "depots"
    folder.mkdir()
    for number, content in enumerate((SAMPLE.read_bytes(), changed(delta=0.25), SAMPLE.read_bytes())):
        (folder / f"{number}.xlsx").write_bytes(content)
    first = collect(run, ["oc_exports"], folder)
    assert len(first.loads) == 3
    again = collect(run, ["oc_exports"], folder)
    assert (again.loads, again.unchanged) == ((), 3)


def test_a_file_still_open_for_writing_waits_and_is_taken_once_closed(run):
    folder = run.data.inbox / "press_articles"
    folder.mkdir(parents=True)
    path = folder / "fil.xml"
    content = feed_of("a", "b")
    with path.open("wb") as stream:
        stream.write(content[:50])
        stream.flush()
        assert "fil.xml" not in [load.file_name for load in collect(run, ["press_articles"]).loads]
        assert path.exists()
        stream.write(content[50:])
    (load,) = collect(run, ["press_articles"]).loads
    assert (load.file_name, load.rows_landed) == ("fil.xml", 2) and not path.exists()


@pytest.mark.parametrize("name", [".fil.xml", "fil.xml.part", "fil.xml.crdownload", "fil.tmp"])
def test_the_names_of_unfinished_copies_are_left_alone(run, name):
    folder = run.data.inbox / "press_articles"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(feed_of("a"))
    assert arrivals.waiting(run.data, "press_articles") == []


def test_a_link_in_the_inbox_is_never_followed(run, tmp_path):
    folder = run.data.inbox / "press_articles"
    folder.mkdir(parents=True)
    secret = tmp_path / "secret"
    secret.write_text("clé")
    (folder / "fil.xml").symlink_to(secret)
    assert arrivals.waiting(run.data, "press_articles") == [] and secret.exists()


def test_a_file_claimed_by_a_killed_run_is_taken_in_once(run):
    claims = run.data.claimed("press_articles")
    claims.mkdir(parents=True)
    (claims / "0123abcd__fil.xml").write_bytes(feed_of("z"))
    (load,) = [load for load in collect(run, ["press_articles"]).loads if load.arrival == "0123abcd__fil.xml"]
    assert load.file_name == "fil.xml"
    # killed after the ledger's line and before the claim was removed
    (claims / "0123abcd__fil.xml").write_bytes(feed_of("z"))
    assert collect(run, ["press_articles"]).loads == () and not list(claims.iterdir())
