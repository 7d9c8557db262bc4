"""Whose figures are shown: a retyped document never passes for the document of a publisher we do not hold."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from vigie import arrivals, collect, origins
from vigie import feed as feeds
from vigie.clock import start
from vigie.feed import recorded, retyped
from vigie.lake import Lake

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake.open(tmp_path / "data", "sample")


@pytest.mark.parametrize(
    "by",
    [
        "Office des changes",
        "L'Office des Changes",
        "office des changes, Rabat",
        "Le360 et Office des changes",
        "Légifrance",
        "Eurostat",
    ],
)
def test_a_retyped_document_that_names_a_publisher_whose_bytes_we_do_not_hold_is_refused(by, lake):
    told = origins.refusal(lake, retyped(by=by))
    assert "dont nous ne tenons aucun octet" in told and "citant" in told


@pytest.mark.parametrize(
    "by",
    [
        "Le360, citant l'Office des changes",
        "CMS Francis Lefebvre, d'après Légifrance",
        "dépôts publics citant Eurostat",
        "document déposé à la main, provenance à vérifier",
        "dépôt open-numbers/ddf--ilo--ilostat",
        "",
    ],
)
def test_who_printed_the_figure_may_cite_the_publisher(by, lake):
    assert origins.refusal(lake, retyped(by=by)) == ""


def test_the_publishers_own_bytes_are_not_asked_whose_they_are(lake):
    assert origins.refusal(lake, recorded("Office des changes", "https://exemple.org", date(2026, 1, 1))) == ""


def test_every_bundled_document_and_register_says_who_printed_it(lake):
    checked = 0
    for name in feeds.names():
        for path in feeds.sample_documents(name):
            checked += 1
            origin = arrivals._bundled_origin(name, path)
            assert origins.refusal(lake, origin) == "", path.name
            assert origin.kind == "invented" or origin.by, path.name
    assert checked >= 40


def test_the_door_refuses_it_keeps_its_bytes_and_lands_nothing(tmp_path, monkeypatch):
    run = start(tmp_path / "data", "sample", None, None, None)
    declared = feeds.load("oc_exports")
    named = {path: retyped(by="Office des changes", address=told.address, on=told.on) for path, told in declared.samples.items()}
    monkeypatch.setattr(feeds, "load", _with(feeds.load, "oc_exports", replace(declared, samples=named)))
    report = collect.collect(run, ["oc_exports"])
    assert len(report.refused) == len(report.loads) == len(named)
    for load in report.loads:
        assert (load.status, load.rows_landed) == ("refused", 0)
        assert "« Office des changes », dont nous ne tenons aucun octet" in load.reason
        assert run.data.document("oc_exports", load.document).exists()
        assert not run.data.landed(load).exists()


def test_it_is_taken_once_the_publishers_own_document_is_held(tmp_path):
    run = start(tmp_path / "data", "sample", None, None, None)
    collect.collect(run, ["oc_exports"])
    (first, *_) = run.data.loads("oc_exports")
    origin = retyped(by="Office des changes")
    assert origins.refusal(run.data, origin)
    run.data.commit(replace(first, load_id="20260101T000000000000-abcdefabcdef", origin="recorded"))
    assert origins.refusal(run.data, origin) == ""


def _with(load, name, declared):
    return lambda asked: declared if asked == name else load(asked)


def test_the_first_screen_names_who_printed_each_number(observatory):
    tiles = dict(observatory.ask("select tile, source_text from headlines where origin = 'retyped'"))
    assert set(tiles) >= {"loi", "exposes", "affirmations", "exportations"}
    assert "citant" in tiles["exportations"], "le journal qui a imprimé le chiffre, non l'éditeur qu'il cite"
    publishers = {origins.plain(name) for name in origins.publishers()}
    assert not {tile for tile, source in tiles.items() if origins.plain(source) in publishers}
