"""The door and the ledger: nothing lost, nothing twice, nothing half-written."""

import io
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

from vigie import cli, clock, feed
from vigie.arrivals import Document
from vigie.collect import Collection, collect
from vigie.lake import Lake, LakeError

SAMPLE = feed.SAMPLES / "oc_exports.2025-10-20.xlsx"


@pytest.fixture
def run(tmp_path):
    return clock.start(tmp_path / "data")


def changed(source=SAMPLE, delta=1.0, text=None) -> bytes:
    """The sample workbook with its first numeric cell moved by `delta` (or replaced by `text`)."""
    book = openpyxl.load_workbook(source)
    for sheet in book:
        for line in sheet.iter_rows(min_row=4):
            for cell in line:
                if isinstance(cell.value, float):
                    cell.value = text if text is not None else cell.value + delta
                    buffer = io.BytesIO()
                    book.save(buffer)
                    return buffer.getvalue()
    raise AssertionError("le classeur n'a pas de cellule numérique")


def test_every_row_read_is_landed_or_quarantined_in_every_load(run):
    loads = collect(run).loads
    assert {load.feed for load in loads} == set(feed.names())
    for load in loads:
        assert load.rows_read == load.rows_landed + load.rows_quarantined > 0, load


def test_collecting_twice_commits_nothing_new(run):
    first = collect(run)
    again = collect(run)
    assert again.loads == () and again.unchanged == len(first.loads)


def test_a_load_keeps_the_exact_bytes_and_names_them_by_their_hash(run):
    loads = collect(run, ["oc_exports"]).loads
    assert [run.data.document(load.feed, load.document).read_bytes() for load in loads] == [
        path.read_bytes() for path in feed.sample_documents("oc_exports")
    ]


def test_sample_documents_are_known_on_the_day_their_name_says(run):
    loads = collect(run).loads
    expected = {
        (name, clock.sample_moment(feed.collected_on(path)).date())
        for name in feed.names()
        for path in feed.sample_documents(name)
    }
    assert {(load.feed, load.known_at.date()) for load in loads} == expected


def test_a_document_of_tomorrow_waits_for_its_day(tmp_path):
    first, *later = feed.sample_documents("oc_exports")
    early = clock.start(tmp_path / "data", now=str(feed.collected_on(first)))
    assert [load.file_name for load in collect(early, ["oc_exports"]).loads] == [first.name]
    today = clock.start(tmp_path / "data")
    assert [load.file_name for load in collect(today, ["oc_exports"]).loads] == [path.name for path in later]


def test_a_dropped_document_lands_once_and_leaves_the_inbox(run):
    drop = run.data.inbox / "oc_exports" / "depot.xlsx"
    drop.parent.mkdir(parents=True)
    content = changed()
    drop.write_bytes(content)
    before = collect(run, ["oc_exports"])
    assert "depot.xlsx" in [load.file_name for load in before.loads] and not drop.exists()
    drop.write_bytes(content)
    assert collect(run, ["oc_exports"]).loads == () and not drop.exists()


def test_a_cell_that_is_no_number_is_quarantined_with_its_place_while_the_rest_lands(run, tmp_path):
    path = tmp_path / "mauvais.xlsx"
    path.write_bytes(changed(text="n.c."))
    (load,) = collect(run, ["oc_exports"], path).loads
    assert load.status == "landed" and load.rows_quarantined == 1 and load.rows_landed > 0
    (line,) = json.loads(run.data.quarantined(load).read_text())
    assert "n.c." in line["reason"] and "!" in line["place"] and line["fix"]


BROKEN = {
    "oc_exports": [b"", SAMPLE.read_bytes()[:2000], b"<!doctype html><html><body>Maintenance</body></html>"],
    "press_articles": [b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>', b"\x00\x01"],
    "wb_indicators": [
        b'[{"message":[{"id":"120","key":"Invalid value","value":"The provided parameter value is not valid"}]}]',
        b"<html><body>502</body></html>",
    ],
    "sector_employment": ["métrique;é".encode("latin-1"), b"<html></html>", b"a,b\n1,2\n"],
    "operator_sites": ["opérateur".encode("utf-16")],
    "claims": ["énoncé;sujet".encode("latin-1"), b"a,b\n1,2\n"],
    "data_requests": [b"<html></html>", b"request,holder\n"],
    "regulations": ["événement,marché\n".encode("latin-1")],
    "bam_rates": [b'{"statusCode": 401, "message": "Access denied due to invalid subscription key."}', b"[{"],
    "boe_notices": [b"<response><status><code>404</code></status></response>", b"<sumario><"],
    "boe_texts": [b"<response><status><code>200</code></status><data/></response>", b"<response><"],
    "ckan_datasets": [b'{"success": false, "error": {"message": "Not found"}}', b"<html><body>503</body></html>"],
    "comtrade_services": [b'{"elapsedTime": "0.1 secs", "count": 0, "data": [], "error": ""}'],
    "dila_texts": [b"\x1f\x8b\x08 tronque", b"<html><body>Index of</body></html>"],
    "eu_acts": [b"Virtuoso S1T00 Error", b'{"head": {"vars": []}'],
    "eurostat_services": [b'{"error": [{"status": 413, "label": "ASYNCHRONOUS_RESPONSE"}]}', b"<html></html>"],
    "firm_returns": [b"PK\x03\x04", b"<html></html>"],
    "francetravail_offers": [b'{"error": "invalid_client"}'],
    "gdelt_articles": [b"Please limit requests to one every 5 seconds."],
    "hcp_labour": [b"PK\x03\x04", b"<!doctype html><html><body>Note</body></html>"],
    "ilo_employment": [b"", b"<html><body>Service unavailable</body></html>"],
    "legifrance_texts": [b'{"error": "invalid_token"}', b"<html></html>"],
    "oecd_services": [b"NoRecordsFound", b"<html></html>"],
    "reviewed_events": ["événement;décision".encode("latin-1"), b"<html></html>", b"a,b\n1,2\n"],
    "uk_legislation": [b"<html><body>Accepted</body></html>", b"<feed xmlns='http://www.w3.org/2005/Atom'>"],
}


@pytest.mark.parametrize(("name", "content"), [(name, bytes_) for name, all_ in BROKEN.items() for bytes_ in all_])
def test_a_broken_document_is_refused_with_one_french_sentence_and_nothing_lands(run, tmp_path, capsys, name, content):
    path = tmp_path / "casse"
    path.write_bytes(content)
    assert cli.main(["collect", name, "--from", str(path), "--data", str(run.data.root)]) == 1
    (load,) = run.data.loads(name)
    assert load.status == "refused" and load.rows_landed == 0 and not run.data.landed(load).exists()
    assert 20 < len(load.reason) < 400 and "\n" not in load.reason and "Traceback" not in load.reason
    assert load.reason in capsys.readouterr().err


def test_the_broken_documents_cover_every_feed():
    assert set(BROKEN) == set(feed.names())


def test_the_dry_run_says_what_would_happen_and_commits_nothing(run, tmp_path, capsys):
    path = tmp_path / "mauvais.xlsx"
    path.write_bytes(changed(text="=1+1"))
    assert cli.main(["check", "oc_exports", str(path)]) == 0
    assert "1 à mettre en quarantaine" in capsys.readouterr().out
    assert run.data.loads() == []


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (["collect", "inconnu"], "flux inconnu"),
        (["collect", "--from", "x.xlsx"], "nommer ce flux"),
        (["collect", "oc_exports", "--from", "/absent.xlsx"], "ne peut être lu"),
        (["run", "--as-of", "hier"], "n'est pas une date"),
        (["run", "--as-of", "2031-01-01"], "après le présent"),
        (["run", "--as-of", "2026-01-01", "--as-published", "2026-01-01"], "un seul axe"),
    ],
)
def test_a_wrong_call_is_said_in_french_with_status_2(tmp_path, capsys, call, said):
    assert cli.main([*call, "--data", str(tmp_path / "data")]) == 2
    assert said in capsys.readouterr().err


def test_an_unknown_verb_is_a_wrong_call():
    with pytest.raises(SystemExit) as stop:
        cli.main(["voler"])
    assert stop.value.code == 2


def test_a_folder_of_one_mode_refuses_the_other(tmp_path):
    Lake.open(tmp_path / "data", "sample")
    with pytest.raises(LakeError, match="ne se mélangent pas"):
        Lake.open(tmp_path / "data", "live")
    assert cli.main(["collect", "--live", "--data", str(tmp_path / "data")]) == 1


def test_two_runs_that_meet_are_told_so(run, capsys):
    with run.data.lock("run"):
        assert cli.main(["run", "--data", str(run.data.root)]) == 1
    assert "autre exécution" in capsys.readouterr().err


def test_drafts_of_a_dead_process_are_swept_and_those_of_a_living_one_stay(run):
    dead = run.data.root / "landed" / "x" / ".y.parquet.99999999.tmp"
    alive = run.data.root / "landed" / "x" / ".y.parquet.1.tmp"
    dead.parent.mkdir(parents=True)
    dead.touch(), alive.touch()
    run.data.sweep_drafts()
    assert not dead.exists() and alive.exists()


def test_removing_an_expectation_lets_the_bad_row_land(run, tmp_path, monkeypatch):
    from vigie import check

    copy = tmp_path / "expectations"
    shutil.copytree(check.EXPECTATIONS, copy)
    path = tmp_path / "negatif.xlsx"
    path.write_bytes(changed(delta=-1000.0))
    (held,) = collect(run, ["oc_exports"], path).loads
    (line,) = json.loads(run.data.quarantined(held).read_text())
    suite = copy / "oc_exports.yml"
    kept = [e for e in check.suite("oc_exports") if f"{e['type']}({e['kwargs'].get('column')})" != line["rule"]]
    suite.write_text(json.dumps({"name": "oc_exports", "expectations": kept}))
    monkeypatch.setattr(check, "EXPECTATIONS", copy)
    (landed,) = collect(run, ["oc_exports"], path).loads
    assert held.rows_quarantined == 1 and landed.rows_quarantined == 0
    assert landed.rows_landed == held.rows_landed + 1


def test_documents_that_wait_together_in_the_inbox_are_all_seen_by_the_run_that_collects_them(run):
    folder = run.data.inbox / "oc_exports"
    folder.mkdir(parents=True)
    for number in (1.0, 2.0, 3.0):
        (folder / f"{number}.xlsx").write_bytes(changed(delta=number))
    dropped = [load for load in collect(run, ["oc_exports"]).loads if load.known_at >= run.now]
    assert len({load.known_at for load in dropped}) == len(dropped) == 3
    assert all(load.known_at <= run.caught_up().as_of for load in dropped)


def test_a_publisher_that_does_not_answer_is_noted_and_keeps_no_other_waiting(tmp_path, monkeypatch):
    closed = "http://127.0.0.1:9/"
    for name in feed.names():
        declared = feed.load(name)
        monkeypatch.setitem(declared.__dict__, "address", closed if declared.address else None)
        monkeypatch.setitem(declared.__dict__, "requests", None)
        monkeypatch.setitem(declared.__dict__, "key", None)
    live = clock.start(tmp_path / "data", "live")
    loads = collect(live, live=True).loads
    fetched = {name for name in feed.names() if feed.load(name).address and not feed.load(name).register}
    assert {load.feed for load in loads if load.status == "failed"} == fetched != set()
    assert {load.feed for load in loads if load.status == "landed"} == {n for n in feed.names() if feed.load(n).register}
    assert all("127.0.0.1" in load.reason for load in loads if load.status == "failed")


def test_what_lay_waiting_is_known_when_it_is_written_and_not_when_it_was_fetched(tmp_path):
    live = clock.start(tmp_path / "live", "live")
    fetched = live.now - timedelta(minutes=10)
    assert live.now <= live.known_at(fetched) <= datetime.now(UTC).replace(tzinfo=None)
    dated = clock.start(tmp_path / "dated", "live", now="2026-11-26T10:00:00")
    assert dated.known_at(fetched) == clock.start(tmp_path / "sample").known_at(fetched) == fetched

    (name, origin), *_ = feed.load("oc_exports").samples.items()
    document = Document((feed.SAMPLES / name).read_bytes(), "", name, fetched, origin)
    (load,) = Collection(replace(live, now=fetched), "oc_exports").all([document])
    assert load.collected_at == fetched and load.known_at >= live.now
