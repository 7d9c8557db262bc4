"""The past of a document: what had landed before it took its place, and nothing that came after."""

import io

import openpyxl
import pandas as pd
import pytest

from vigie import check, clock, feed, history, rows
from vigie.collect import Collection, collect
from vigie.history import History, Past
from vigie.ledger import FeedLedger

SAMPLES = ["oc_exports.2024-05-31.xlsx", "oc_exports.2025-03-31.xlsx", "oc_exports.2025-10-20.xlsx", "oc_exports.2026-01-28.xlsx"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    run = clock.start(tmp_path_factory.mktemp("history") / "data")
    collect(run, ["oc_exports"])
    return run


def past(lake, before, name=""):
    return history.of(lake, FeedLedger(lake, "oc_exports").landed_before(before), name)


def names(found: History | None) -> list[str]:
    return [earlier.name for earlier in found.past] if found else []


def test_the_real_documents_of_every_feed_land_whole_beside_their_own_past(run):
    loads = Collection(run, "oc_exports").ledger.loads
    assert [(load.file_name, load.status, load.rows_quarantined) for load in loads] == [(name, "landed", 0) for name in SAMPLES]


def test_a_first_document_has_no_past_and_a_later_one_has_all_that_landed_before_it(run):
    loads = run.data.loads("oc_exports")
    assert past(run.data, loads[0].known_at) is None
    for place, load in enumerate(loads):
        assert names(past(run.data, load.known_at)) == SAMPLES[:place][::-1]


def test_known_rows_are_the_landed_ones_oldest_first_in_the_types_of_the_door(run):
    found = past(run.data, run.now, SAMPLES[-1])
    revised = found.known[(found.known.perimeter == "OC_OLD") & (found.known.period == pd.Timestamp(2022, 1, 1))]
    assert list(revised.value) == [15.7, 15.8]
    typed = rows.frame([], feed.load("oc_exports").columns)
    kinds = [{name: frame[name].dtype.kind for name in typed} for frame in (found.known, typed)]
    assert kinds[0]["period"] == kinds[1]["period"] == kinds[0]["published_at"] == "M"


def test_a_document_judged_anew_keeps_its_place_and_sees_nothing_that_came_after(run):
    collection = Collection(run, "oc_exports")
    for place, load in enumerate(list(collection.ledger.standing())):
        assert names(collection.past(collection.again(load), load)) == SAMPLES[:place][::-1]


def test_a_judgement_that_replaces_another_stands_once_in_the_place_of_the_first(tmp_path):
    run = clock.start(tmp_path / "data")
    collect(run, ["oc_exports"])
    collection = Collection(run, "oc_exports")
    first, second, *_ = collection.ledger.standing()
    again = collection.judge_again(first, "relu")
    assert again.known_at > second.known_at
    assert names(collection.past(collection.again(second), second)) == SAMPLES[:1]
    assert names(past(run.data, run.now.replace(year=2030))) == SAMPLES[::-1]


@pytest.mark.parametrize(
    ("name", "other", "alike"),
    [
        ("note_T1_2026.xlsx", "note_T2_2025.xlsx", True),
        ("oc_exports.2025-10-20.xlsx", "oc_exports.2026-01-28.xlsx", True),
        ("exportations 202510.csv", "exportations 202601.csv", True),
        ("message-0001.xml", "message-0002.xml", False),
        ("emploi.xlsx", "exportations.xlsx", False),
    ],
)
def test_documents_whose_names_differ_by_their_dates_alone_are_of_one_family(name, other, alike):
    found = History((Past(other, "", pd.DataFrame),), name)
    assert (found.previous is not None) == alike


def test_documents_of_one_address_are_of_one_family_whatever_their_names():
    here, elsewhere = (Past("a.json", f"https://exemple.org/{place}", pd.DataFrame) for place in ("ici", "ailleurs"))
    assert History((elsewhere, here), "b.json", "https://exemple.org/ici").previous is here


def test_a_past_that_no_guard_asks_for_is_never_read():
    def read() -> pd.DataFrame:
        raise AssertionError("lu sans raison")

    declared = feed.load("press_articles")
    path = feed.sample_documents("press_articles")[-1]
    frame = rows.frame(rows.typed(list(declared.read(path.read_bytes())), declared.columns)[0], declared.columns)
    assert check.check("press_articles", frame, History((Past("fil.xml", "", read),), "fil.xml")).passes


def test_last_years_workbook_under_this_years_name_is_held_at_the_door_and_lands_when_one_figure_is_new(run):
    for name, figure, outcome in (
        ("exportations.2026-10-20.xlsx", None, "quarantined"),
        ("neuf.2026-10-20.xlsx", 10.6, "landed"),
    ):
        drop = run.data.inbox / "oc_exports" / name
        drop.parent.mkdir(parents=True, exist_ok=True)
        drop.write_bytes(dated_this_year(figure))
        (load,) = collect(run, ["oc_exports"]).loads
        assert (load.outcome, load.file_name) == (outcome, name)
        assert ("mêmes chiffres et mêmes périodes que « oc_exports.2025-10-20.xlsx »" in load.reason) == (figure is None)


def dated_this_year(figure: float | None) -> bytes:
    """The release of October 2025 with the printed date of October 2026, and its first figure when one is given."""
    book = openpyxl.load_workbook(feed.SAMPLES / "oc_exports.2025-10-20.xlsx")
    for sheet in book:
        for line in sheet.iter_rows():
            for cell in line:
                if isinstance(cell.value, str) and "octobre 2025" in cell.value:
                    cell.value = cell.value.replace("octobre 2025", "octobre 2026")
                elif figure and isinstance(cell.value, float):
                    cell.value, figure = figure, None
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
