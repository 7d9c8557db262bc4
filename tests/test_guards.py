"""The guards on content: each refuses the real case it was written for, and lets its neighbour pass."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pandas as pd
import pytest

from vigie import check, rows
from vigie import feed as feeds
from vigie.check import Verdict
from vigie.history import History, Past

Frame = pd.DataFrame


@cache
def sample(name: str, file: str) -> Frame:
    """A bundled document as the door sees it."""
    declared = feeds.load(name)
    (path,) = [path for path in feeds.sample_documents(name) if path.name == file]
    return rows.frame(rows.typed(list(declared.read(path.read_bytes())), declared.columns)[0], declared.columns)


def exports(changes: dict | None = None, *, where: dict) -> Frame:
    """The release of October 2025 reduced to one figure, with its cells changed."""
    whole = sample("oc_exports", "oc_exports.2025-10-20.xlsx")
    found = whole[(whole[list(where)] == pd.Series(where)).all(axis=1)]
    assert len(found) == 1, where
    return found.assign(**(changes or {}))


def october() -> Frame:
    return sample("oc_exports", "oc_exports.2025-10-20.xlsx")


def world_bank() -> Frame:
    return sample("wb_indicators", "wb_indicators.2026-07-14.json")


def jobs() -> Frame:
    return sample("sector_employment", "sector_employment.2026-02-05.csv")


def sites() -> Frame:
    return sample("operator_sites", "operator_sites.2026-02-05.csv")


def laws() -> Frame:
    return sample("regulations", "regulations.2026-02-05.csv")


def ilostat() -> Frame:
    return sample("ilo_employment", "ilo_employment.2026-10-13.csv")


def batis() -> Frame:
    return sample("oecd_services", "oecd_services.2026-09-16.csv")


def rates(day: int) -> Frame:
    return sample("bam_rates", f"bam_rates.2026-11-{day}.json")


def labour() -> Frame:
    return sample("hcp_labour", "hcp_labour.2026-10-12.xlsx")


def stated(year: int, value: float, wording: str | None = None, **cells) -> Frame:
    """One line of the register of jobs: a level of the whole sector, and what its source says of it."""
    whole = jobs()
    line = whole[(whole.indicator == "employment") & (whole.source == "MTNRA") & (whole.period == "2024")]
    start = pd.Timestamp(year, 1, 1)
    return line.assign(period=str(year), starts_on=start, value=float(value), wording=wording, **cells)


def numbered(*frames: Frame) -> Frame:
    whole = pd.concat(frames)
    whole.index = pd.Index(range(1, len(whole) + 1))
    return whole


def past(*frames: Frame, name: str = "", names: tuple[str, ...] = ()) -> History:
    """A history whose documents are given latest first."""
    return History(tuple(Past(names[i] if names else name, "", lambda f=f: f) for i, f in enumerate(frames)), name)


@dataclass(frozen=True)
class Case:
    """A document and its past; `rows` are those it holds, None when the document as a whole is refused."""

    feed: str
    guard: str
    what: str
    frame: Callable[[], Frame]
    history: Callable[[], History | None]
    rows: tuple[int, ...] | None = None
    says: str = ""


def nothing() -> None:
    return None


TOTAL_2023 = {"segment": "_T", "freq": "A"}
CRM_2024 = {"segment": "CRM", "freq": "A"}

FALSE = (
    Case("wb_indicators", "expect_row_count_not_to_collapse", "une réponse coupée à la première page",
         lambda: world_bank().groupby(["indicator", "ref_area"]).tail(4), lambda: past(world_bank()), says="contre 153"),
    Case("operator_sites", "expect_row_count_not_to_collapse", "un registre qui perd le quart de ses lignes",
         lambda: sites().head(20), lambda: past(sites()), says="contre 27"),
    Case("wb_indicators", "expect_column_type_not_to_flip", "une colonne de valeurs qui se vide à moitié",
         lambda: world_bank().assign(value=lambda f: f.value.where(f.index % 3 == 0)), lambda: past(world_bank()),
         says="nombres auparavant, vide à présent"),
    Case("sector_employment", "expect_codes_not_to_be_recoded", "une classification remplacée par une autre, sans mot dire",
         lambda: jobs().assign(indicator=lambda f: f.indicator.replace({"n_call_centres": "N_CENTRES"})),
         lambda: past(jobs()), says="disparus : n_call_centres ; jamais vus : N_CENTRES"),
    Case("ilo_employment", "expect_codes_not_to_be_recoded", "la finance (J de la CITI 3) devient l'information (J de la CITI 4)",
         lambda: ilostat().assign(eco=lambda f: f.eco.replace({"ECO_ISIC3_J": "ECO_ISIC4_J"})), lambda: past(ilostat()),
         says="disparus : ECO_ISIC3_J ; jamais vus : ECO_ISIC4_J"),
    Case("wb_indicators", "expect_coverage_not_to_shrink", "un pays qui n'est plus dans la réponse",
         lambda: world_bank()[lambda f: f.ref_area != "SN"], lambda: past(world_bank()), says="BX.GSR.CCIS.CD · SN"),
    Case("operator_sites", "expect_coverage_not_to_shrink", "une région qui n'est plus au registre",
         lambda: sites()[lambda f: f.region != "MA-02"], lambda: past(sites()), says="MA-02"),
    Case("regulations", "expect_coverage_not_to_shrink", "un marché dont les textes ont disparu",
         lambda: laws()[lambda f: f.market != "IT"], lambda: past(laws()), says="IT"),
    Case("ilo_employment", "expect_coverage_not_to_shrink", "une branche de moins dans la réponse d'ILOSTAT",
         lambda: ilostat()[lambda f: f.eco != "ECO_ISIC3_J"], lambda: past(ilostat()), says="ECO_ISIC3_J"),
    Case("ilo_employment", "expect_coverage_not_to_shrink", "quatre années qui disparaissent au milieu des séries d'ILOSTAT",
         lambda: ilostat()[lambda f: ~f.period.dt.year.between(1994, 1997)], lambda: past(ilostat()),
         says="ECO_AGGREGATE_TOTAL · 1994"),
    Case("wb_indicators", "expect_period_to_advance", "une ancienne réponse restée en cache",
         lambda: world_bank()[lambda f: f.period < "2024-01-01"], lambda: past(world_bank()), says="2025-01-01"),
    Case("oc_exports", "expect_document_not_to_repeat", "le classeur de l'an dernier sous une date de cette année",
         lambda: october().assign(published_at=pd.Timestamp(2026, 10, 20)),
         lambda: past(october(), name="oc_exports.2025-10-20.xlsx"), says="oc_exports.2025-10-20.xlsx"),
    Case("oc_exports", "expect_document_not_to_repeat", "le classeur de l'an dernier sous un nom de cette année",
         october, lambda: History(past(october(), name="exportations_2025.xlsx").past, "exportations_2026.xlsx"),
         says="exportations_2025.xlsx"),
    Case("oc_exports", "expect_document_not_to_repeat", "les chiffres de 2024 sous l'en-tête de 2025",
         lambda: october()[lambda f: (f.freq == "A") & (f.period == "2024-01-01")].assign(
             period=pd.Timestamp(2025, 1, 1), published_at=pd.Timestamp(2026, 10, 20)),
         lambda: past(october()), says="les chiffres du 2025-01-01 sont, un par un, ceux du 2024-01-01"),
    Case("hcp_labour", "expect_document_not_to_repeat", "la note d'un trimestre sous l'en-tête du même trimestre de 2026",
         lambda: labour()[lambda f: f.freq == "Q"].assign(
             period=lambda f: f.period + pd.DateOffset(years=1), published_at=pd.Timestamp(2026, 5, 31)),
         lambda: past(labour()), says="un par un, ceux du 2025-01-01"),
    Case("bam_rates", "expect_document_not_to_repeat", "les cours de la veille sous la date du jour",
         lambda: rates(19).assign(period=lambda f: f.period + pd.Timedelta(days=1)), lambda: past(rates(19)),
         says="un par un, ceux du 2026-11-19"),
    Case("oc_exports", "expect_value_within_factor_of_previous", "« 26,2 milliards de dollars », convertis en dirhams",
         lambda: exports({"value": 262.0 / 1.4}, where=TOTAL_2023), lambda: past(october()), (7,), "26 170"),
    Case("oc_exports", "expect_value_within_factor_of_previous", "des millions sous l'en-tête des milliards",
         lambda: exports({"value": 26.17, "unit": "MAD_MN"}, where=TOTAL_2023), lambda: past(october()), (7,), "26,17 lu"),
    Case("wb_indicators", "expect_value_within_factor_of_previous", "une année dix fois plus forte que la précédente",
         lambda: world_bank().assign(value=lambda f: f.value.where(
             ~((f.indicator == "BX.GSR.CCIS.CD") & (f.ref_area == "MA") & (f.period == "2024-01-01")), f.value * 10)),
         lambda: past(world_bank()), (2,), "26 304 19"),
    Case("ilo_employment", "expect_value_within_factor_of_previous", "des milliers (UNIT_MULT 3) dits des unités",
         lambda: ilostat().assign(unit_mult=0), lambda: past(ilostat()), tuple(range(1, 62)), "3 293,965 lu, 3 293 965 connu"),
    Case("oecd_services", "expect_value_within_factor_of_previous", "des millions (UNIT_MULT 6) dits des milliers",
         lambda: batis()[lambda f: f.index == 1].assign(unit_mult=3), lambda: past(batis()), (1,), "connu au"),
    Case("oc_exports", "expect_digits_not_to_slip", "6,86 dans un journal, 6,68 dans un autre",
         lambda: numbered(*(exports({"perimeter": "OC_OLD", "period": pd.Timestamp(2011, 1, 1), "value": value, "source": source},
                                    where=TOTAL_2023) for value, source in ((6.86, "OC"), (6.68, "MIC")))),
         nothing, (1, 2), "6,86 et 6,68"),
    Case("sector_employment", "expect_digits_not_to_slip", "562 000 pour 526 000",
         lambda: stated(2023, 562_000), lambda: past(stated(2023, 526_000)), (17,), "562 000 lu, 526 000"),
    Case("sector_employment", "expect_digits_not_to_slip", "1,015 million pour 1,15 million : un zéro de trop",
         lambda: stated(2023, 1_015_000), lambda: past(stated(2023, 1_150_000)), (17,), "1 015 000 lu"),
    Case("oc_exports", "expect_currency_in_set", "« 40 milliards de dinars algériens »",
         lambda: exports({"value": 40.0, "unit": "milliards de dinars algériens"}, where=TOTAL_2023), nothing, (7,), "dirhams"),
    Case("ilo_employment", "expect_break_flag_beyond", "4,4 millions (villes) en 2001, 9,5 (pays) en 2002, sans marque",
         lambda: unmarked("ECO_AGGREGATE_TOTAL", 2002), nothing, (), "connu au 2001-01-01"),
    Case("ilo_employment", "expect_break_flag_beyond", "152 000 en 2006, 1 852 000 en 2007 : des branches ont changé de classe",
         lambda: unmarked("ECO_ISIC3_J", 2007), nothing, (), "connu au 2006-01-01"),
    Case("sector_employment", "expect_level_and_difference_to_close", "« 41 000 de plus qu'en 2021 », où l'on en compte 130 000",
         lambda: numbered(stated(2021, 130_000), stated(2023, 141_000, "« 41 000 de plus qu’en 2021 »")), nothing, (2,),
         "donnent 100 000 pour 2021, où l'on connaît 130 000"),
    Case("sector_employment", "expect_level_and_difference_to_close", "l'écart contredit un niveau reçu auparavant",
         lambda: stated(2024, 148_500, "28 500 créations nettes en deux ans"), lambda: past(stated(2022, 130_000)), (17,),
         "120 000 pour 2022"),
    Case("sector_employment", "expect_growth_to_recompute", "+5,3 % imprimé pour 12,9 puis 13,4",
         lambda: numbered(stated(2024, 12.9), stated(2025, 13.4, "en hausse de 5,3 % sur un an")), nothing, (2,),
         "entre 3,1 et 4,7 %"),
)  # fmt: skip

FINE = (
    Case("wb_indicators", "expect_row_count_not_to_collapse", "tout juste la moitié des lignes",
         lambda: world_bank(), lambda: past(numbered(world_bank(), world_bank()))),
    Case("wb_indicators", "expect_row_count_not_to_collapse", "une autre sorte de document n'est pas le précédent",
         lambda: world_bank().head(60), lambda: History((Past("", "https://exemple.org/autre", world_bank),), "")),
    Case("wb_indicators", "expect_column_type_not_to_flip", "une colonne qui perd un tiers de ses valeurs",
         lambda: world_bank().assign(value=lambda f: f.value.where(f.index % 3 > 0)), lambda: past(world_bank())),
    Case("sector_employment", "expect_codes_not_to_be_recoded", "une grandeur de plus, aucune de moins",
         lambda: numbered(jobs(), stated(2024, 1, indicator="n_sites", unit="NB")), lambda: past(jobs())),
    Case("oc_exports", "expect_coverage_not_to_shrink", "un nouveau périmètre n'est ni un recodage ni une perte",
         october, lambda: past(sample("oc_exports", "oc_exports.2025-03-31.xlsx"),
                               sample("oc_exports", "oc_exports.2024-05-31.xlsx"))),
    Case("wb_indicators", "expect_period_to_advance", "la même dernière année, revue", world_bank, lambda: past(world_bank())),
    Case("oc_exports", "expect_document_not_to_repeat", "les mêmes chiffres dont un seul est revu",
         lambda: october().assign(value=lambda f: f.value.where(f.index != 2, 9.81), published_at=pd.Timestamp(2026, 10, 20)),
         lambda: past(october(), name="oc_exports.2025-10-20.xlsx")),
    Case("oc_exports", "expect_document_not_to_repeat", "le même classeur qui revient sans se dire plus récent",
         october, lambda: past(october(), name="oc_exports.2025-10-20.xlsx")),
    Case("oc_exports", "expect_value_within_factor_of_previous", "17,9 puis 26,17 la même année : un autre périmètre",
         lambda: exports(where=TOTAL_2023), lambda: past(sample("oc_exports", "oc_exports.2024-05-31.xlsx"))),
    Case("oc_exports", "expect_value_within_factor_of_previous", "le même chiffre, en millions et dit tel",
         lambda: exports({"value": 26170.0, "unit": "MAD_MN"}, where=TOTAL_2023), lambda: past(october())),
    Case("oc_exports", "expect_value_within_factor_of_previous", "tout juste le double de la dernière connue",
         lambda: exports({"value": 2 * 26.17}, where=TOTAL_2023), lambda: past(october())),
    Case("ilo_employment", "expect_value_within_factor_of_previous", "des ruptures de un à douze, dites par une marque",
         ilostat, nothing),
    Case("ilo_employment", "expect_value_within_factor_of_previous", "les mêmes effectifs, en personnes et dits tels",
         lambda: ilostat().assign(value=lambda f: f.value * 1000, unit_mult=0), lambda: past(ilostat())),
    Case("bam_rates", "expect_document_not_to_repeat", "les cours du lendemain", lambda: rates(20), lambda: past(rates(19))),
    Case("ilo_employment", "expect_coverage_not_to_shrink", "une année de moins dans une seule branche",
         lambda: ilostat().iloc[1:], lambda: past(ilostat())),
    Case("oc_exports", "expect_digits_not_to_slip", "deux sources d'accord à 1 % près",
         lambda: numbered(*(exports({"perimeter": "OC_OLD", "period": pd.Timestamp(2011, 1, 1), "value": value, "source": source},
                                    where=TOTAL_2023) for value, source in ((6.86, "OC"), (6.87, "MIC")))), nothing),
    Case("sector_employment", "expect_digits_not_to_slip", "90, 100 et 120 milliers : des sources qui ne sont pas d'accord",
         jobs, nothing),
    Case("oc_exports", "expect_currency_in_set", "des milliards de dirhams", lambda: exports(where=TOTAL_2023), nothing),
    Case("ilo_employment", "expect_break_flag_beyond", "les mêmes ruptures, dites par une marque", lambda: ilostat(), nothing),
    Case("sector_employment", "expect_level_and_difference_to_close", "« 18 500 créations nettes en deux ans » sur 130 000",
         lambda: numbered(stated(2022, 130_000), stated(2024, 148_500, "18 500 créations nettes en deux ans")), nothing),
    Case("sector_employment", "expect_level_and_difference_to_close", "aucun niveau connu de l'année de départ",
         lambda: stated(2023, 141_000, "41 000 de plus qu'en 2021"), nothing),
    Case("sector_employment", "expect_growth_to_recompute", "+3,5 % imprimé, +3,9 % sur les niveaux arrondis",
         lambda: numbered(stated(2024, 12.9), stated(2025, 13.4, "en hausse de 3,5 % sur un an")), nothing),
)  # fmt: skip


def unmarked(branch: str, year: int) -> Frame:
    """ILOSTAT's series with the mark of one break taken away, as the publisher's own file has it."""
    whole = ilostat()
    at = (whole.eco == branch) & (whole.period == pd.Timestamp(year, 1, 1))
    assert at.sum() == 1
    return whole.assign(obs_status=whole.obs_status.mask(at))


def identity(case: Case) -> str:
    return f"{case.guard} : {case.what}"


def said_by(verdict: Verdict, guard: str) -> tuple[set[int], str]:
    """The rows that this guard holds, and all that it says."""
    spoken = [(number, fault) for number, faults in verdict.rows.items() for fault in faults]
    spoken += [(0, fault) for fault in verdict.batch]
    mine = [(number, fault) for number, fault in spoken if fault.rule.startswith(f"{guard}(")]
    return {number for number, _ in mine}, " ".join(fault.reason for _, fault in mine)


@pytest.mark.parametrize("case", FALSE, ids=identity)
def test_a_guard_catches_the_case_it_was_written_for(case):
    verdict = check.check(case.feed, case.frame(), case.history())
    held, reason = said_by(verdict, case.guard)
    written = {one["meta"]["reason"] for one in check.suite(case.feed) if one["type"] == case.guard}
    assert reason.startswith(tuple(written)), (reason, dict(verdict.rows), verdict.batch)
    assert case.says in reason.replace("\u202f", " ")
    if case.rows is None:
        assert held == {0} and not verdict.passes
    elif case.rows:
        assert held == set(case.rows)
    else:
        assert len(held) == 1 and held != {0}


@pytest.mark.parametrize("case", FINE, ids=identity)
def test_the_neighbour_of_a_false_document_passes_the_guard(case):
    verdict = check.check(case.feed, case.frame(), case.history())
    assert said_by(verdict, case.guard) == (set(), "")


def test_every_guard_is_used_by_a_suite_and_has_a_false_and_a_fine_case_of_its_own():
    from vigie.guards import GUARDS

    types = {guard.expectation_type for guard in GUARDS}
    assert len(types) == len(GUARDS) > 10
    assert {case.guard for case in FALSE} == {case.guard for case in FINE} == types
    written = {(name, one["type"]) for name in feeds.names() for one in check.suite(name)}
    assert types <= {kind for _, kind in written}
    assert {(case.feed, case.guard) for case in FALSE} <= written


def test_the_page_on_extending_lists_every_guard_and_no_other():
    from vigie.guards import GUARDS

    page = (feeds.ROOT / "docs" / "extending.md").read_text().partition("## Les gardes\n")[2].partition("\n## ")[0]
    listed = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert sorted(listed) == sorted(guard.expectation_type for guard in GUARDS)
