"""What is said otherwise later: revisions, what they change in alerts, and sources that come beside."""

import shutil

import openpyxl
import pytest

from tests.conftest import Observatory
from vigie import cli, feed

NOW = "2026-11-25"
REVISED = 4.81
"""Exports of customer relations, first half of 2025, which had been printed 4.19: an invented revision."""


@pytest.fixture(scope="module")
def revised(observatory, tmp_path_factory) -> Observatory:
    """The observatory two days later: a new edition revises one cell, and a source that nobody knew speaks."""
    folder = tmp_path_factory.mktemp("revised")
    shutil.copytree(observatory.data, folder / "data", symlinks=True)
    book = openpyxl.load_workbook(feed.SAMPLES / "oc_exports.2025-10-20.xlsx")
    for sheet in book:
        for line in sheet.iter_rows():
            for cell in line:
                if cell.value == "Date de publication : 20 octobre 2025":
                    cell.value = "Date de publication : 24 novembre 2026"
    (cell,) = [cell for line in book["Semestres"].iter_rows() for cell in line if cell.value == 4.19]
    cell.value = REVISED
    beside = book.create_sheet("Autre source", 0)
    for line in (
        ["Recettes d'exportation de l'offshoring — nouveau périmètre"],
        ["Source : Association marocaine de la relation client"], ["Date de publication : 24 novembre 2026"],
        ["Unité : milliards de dirhams"], [],
        ["Segment", "2023 (p)", "2024 (p)"], ["Total", 30.1, 35.2],
    ):  # fmt: skip
        beside.append(line)
    book.save(folder / "oc_exports.2026-11-24.xlsx")
    told = ["--data", str(folder / "data"), "--now", NOW]
    assert cli.main(["collect", "oc_exports", "--from", str(folder / "oc_exports.2026-11-24.xlsx"), *told]) == 0
    assert cli.main(["run", *told]) == 0
    return Observatory(folder / "data")


def test_the_world_bank_revised_2016_and_both_vintages_keep_their_value(observatory):
    # open-numbers/ddf--world_bank--world_development_indicators bb1e8cd7, then ddf--open_numbers-- 01a34e8b
    told = observatory.ask(
        "select kind, round(old_value), round(new_value), release_no, old_text, new_text from revisions "
        "where subject = 'observation' and indicator = 'BX.GSR.CCIS.CD' order by all"
    )
    assert told == [
        (
            "révision",
            1441266760,
            1440057103,
            2,
            "1 441 266 760 USD".replace(" ", "\u202f"),
            "1 440 057 103 USD".replace(" ", "\u202f"),
        )
    ]
    values = observatory.ask(
        "select round(obs_value), known_from::date::varchar from observations where indicator = 'BX.GSR.CCIS.CD' "
        "and ref_area = 'MA' and period = timestamp '2016-01-01' order by known_from"
    )
    assert values == [(1441266760, "2019-01-31"), (1440057103, "2026-07-14")]
    # nine other years came in both vintages, printed with more or fewer decimals
    later = "indicator = 'BX.GSR.CCIS.CD' and subject = 'observation' and release_no > 1"
    assert observatory.value(f"select count(*) from revision_triangles where {later}") == 1


def test_a_revised_edition_gives_the_exact_list_of_what_it_changed(observatory, revised):
    assert observatory.value("select count(*) from revisions where known_from >= timestamp '2026-11-24'") == 0
    told = revised.ask(
        "select kind, subject, indicator, breakdown, freq, period_fr, round(old_value, 3), round(new_value, 3) "
        "from revisions where known_from >= timestamp '2026-11-24' order by all"
    )
    half, before = "1er semestre 2025", 9.797 - 2.814 - 2.183
    assert told == sorted([
        ("révision", "observation", "export_revenue", "CRM", "S", half, 4.19, REVISED),
        ("révision", "indicator", "eco_export_revenue", "CRM", "S", half, 4.19, REVISED),
        ("révision", "indicator", "eco_export_growth", "CRM", "S", half,
         round(100 * (4.19 / before - 1), 3), round(100 * (REVISED / before - 1), 3)),
    ] + [line for line in told if line[2] == "eco_segment_reclassification"])  # fmt: skip
    assert len(told) == 4


def test_an_alert_whose_cause_was_revised_away_should_not_have_fired(observatory, revised):
    assert observatory.ask("select * from alert_hindsight") == []
    ((rule, verdict, told, now, sentence),) = revised.ask(
        "select rule, verdict_fr, told_level, level, sentence from alert_hindsight"
    )
    assert (rule, verdict, told, now) == ("reclassement_possible", "n’aurait pas dû sonner", 1, 0)
    assert sentence.startswith("A sonné le 20 octobre 2025, n’aurait pas dû sonner") and "9,457" in sentence
    assert revised.ask(f"select state from alerts where rule = '{rule}'") == [("annulé (révision)",)]
    then, after = (
        revised.ask(
            f"select level from alert_history where rule = '{rule}' and known_from <= timestamp '{moment}' "
            f"and (known_to is null or known_to > timestamp '{moment}')"
        )
        for moment in ("2026-11-23 12:00:00", "2026-11-25 12:00:00")
    )
    assert (then, after) == ([(1,)], [(0,)])


def test_what_looked_like_a_reclassification_raised_no_alert_and_none_is_regretted(revised):
    told = revised.ask(
        "select level, is_inhibited, round(value, 3) from alert_history where rule = 'recul_exportations_crm' order by known_from"
    )
    assert [line[:2] for line in told] == [(0, True), (0, False)]
    assert told[0][2] == -12.708 and told[1][2] > 0
    assert revised.ask("select * from alerts where rule = 'recul_exportations_crm'") == []


def test_a_new_source_starts_a_series_beside_and_the_published_trend_stays(observatory, revised):
    trend = (
        "select period, value, known_from from indicator_history where indicator = 'eco_export_revenue' "
        "and breakdown = '_T' and freq = 'A' order by all"
    )
    assert revised.ask(trend) == observatory.ask(trend) != []
    beside = (
        "select value from indicator_values where indicator = 'eco_export_revenue' "
        "and breakdown = '_T@AMRC' and methodology = 'OC_NEW' order by period"
    )
    assert observatory.ask(beside) == []
    assert revised.ask(beside) == [(30.1,), (35.2,)]
    assert revised.value("select count(*) from revisions where source = 'AMRC' and methodology = 'OC_NEW'") == 0


def test_too_few_revisions_are_said_and_not_tested(observatory):
    told = observatory.ask("select n_revised, bias_p, bias_missing_reason, bias_fr from revision_statistics")
    assert told
    for revised_periods, probability, reason, words in told:
        assert revised_periods < 10 and probability is None and reason == "too_few_revisions"
        assert words == f"trop peu de révisions : {revised_periods} sur 10 au moins"


def test_a_history_too_short_says_how_many_periods_are_missing_and_gives_no_number(observatory):
    told = observatory.ask(
        "select completeness_pct, is_complete, n_periods, n_periods_missing, missing_reason, completeness_fr from completeness"
    )
    assert {line[4] for line in told} == {None, "short_history"}
    for share, is_complete, followed, missing, reason, words in told:
        assert share is None and followed < 3
        assert (is_complete, missing) == ((None, 3 - followed) if reason else (True, None))
        assert ("il manque" in words) is bool(reason)
