"""Every feed: its documents read, each row's place leads back to its value, its suite guards what it says."""

import csv
import io
import json
import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache

import numpy as np
import openpyxl
import pandas as pd
import pytest
from defusedxml.ElementTree import fromstring
from lxml import etree, html

from vigie import check, rows
from vigie import feed as feeds
from vigie.examine import examine
from vigie.readers import archive

DOCUMENTS = [(name, path) for name in feeds.names() for path in feeds.sample_documents(name)]
SIX = {"oc_exports", "sector_employment", "operator_sites", "regulations", "wb_indicators", "press_articles"}


def read(name: str, content: bytes) -> list[feeds.Row]:
    return list(feeds.load(name).read(content))


def test_the_first_six_feeds_are_there_and_each_has_two_dated_documents_at_least():
    assert set(feeds.names()) >= SIX
    counted = {name: len({feeds.collected_on(path) for path in feeds.sample_documents(name)}) for name in feeds.names()}
    assert {name for name in SIX if counted[name] < 2} == set()


def test_every_bundled_document_has_an_origin_and_every_origin_a_document():
    fetched = [name for name in feeds.names() if not feeds.load(name).register]
    declared = {file for name in fetched for file in feeds.load(name).samples}
    assert declared == {path.name for path in feeds.SAMPLES.iterdir()}
    assert declared


def test_an_origin_that_is_retyped_names_who_printed_the_figures_and_never_the_publisher_alone():
    for name in feeds.names():
        for file, origin in feeds.load(name).samples.items():
            assert origin.by or origin.kind == "invented", file
            assert origin.kind == "recorded" or origin.by != feeds.load(name).publisher, file


@pytest.mark.parametrize("name", feeds.names())
def test_a_feed_describes_every_column_and_lists_each_once(name):
    columns = feeds.load(name).columns
    assert len({column.name for column in columns}) == len(columns) > 0
    assert [column.name for column in columns if not column.description] == []
    assert not {column.name for column in columns} & set(rows.RESERVED)


@pytest.mark.parametrize(("name", "path"), DOCUMENTS, ids=[path.name for _, path in DOCUMENTS])
def test_a_bundled_document_passes_the_door_whole(name, path):
    examination = examine(name, path.read_bytes())
    assert examination.refusal == ""
    assert [(line["place"], line["reason"]) for line in examination.lines()] == []
    assert len(examination.good) > 0


@pytest.mark.parametrize(("name", "path"), DOCUMENTS, ids=[path.name for _, path in DOCUMENTS])
def test_each_place_leads_back_to_the_value_in_the_bytes(name, path):
    content = path.read_bytes()
    found = read(name, content)
    assert len({row.place for row in found}) == len(found) > 0
    for row in found:
        kind = next(kind for kind in PLACES if re.fullmatch(kind, row.place))
        PLACES[kind](content, row)


def cell_holds(content: bytes, row: feeds.Row) -> None:
    sheet, _, coordinate = row.place.rpartition("!")
    value = openpyxl.load_workbook(io.BytesIO(content))[sheet][coordinate].value
    if isinstance(value, str):
        assert {"oui": 1, "non": 0}.get(value, value.split()[0]) == row.values["value"]
    else:
        assert value == row.values["value"]


def pointer_holds(content: bytes, row: feeds.Row) -> None:
    value = json.loads(content, parse_float=Decimal if isinstance(row.values["value"], Decimal) else float)
    for step in row.place.strip("/").split("/"):
        value = value[int(step) if isinstance(value, list) else step]
    assert value == row.values["value"]


def status_holds(content: bytes, row: feeds.Row) -> None:
    assert json.loads(content)["status"][row.place.rpartition("/")[2]] == row.values["flags"]
    assert row.values["value"] is None


def figure_holds(content: bytes, row: feeds.Row) -> None:
    number, column = re.fullmatch(r"ligne (\d+), (\w+)", row.place).groups()
    lines = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert dict(zip(lines[0], lines[int(number) - 1], strict=True))[column] == row.values["value"]


def line_holds(content: bytes, row: feeds.Row) -> None:
    lines = content.decode().splitlines()
    header, line = csv.reader([lines[0], lines[int(row.place.split()[1]) - 1]])
    assert dict(zip(header, line, strict=True)).items() <= row.values.items()


def item_holds(content: bytes, row: feeds.Row) -> None:
    item = fromstring(content).findall("channel/item")[int(re.search(r"\d+", row.place)[0]) - 1]
    assert (item.findtext("title"), item.findtext("link")) == (row.values["title"], row.values["link"])


def object_holds(content: bytes, row: feeds.Row) -> None:
    value = json.loads(content)
    for step in row.place.strip("/").split("/"):
        value = value[int(step) if isinstance(value, list) else step]
    written = {said for said in value.values() if isinstance(said, str | int | float)}
    assert len(written & {said for said in row.values.values() if isinstance(said, str | int | float)}) >= 2


def element_holds(content: bytes, row: feeds.Row) -> None:
    (element,) = html.fromstring(content.decode()).xpath(row.place)
    written = " ".join(element.text_content().split())
    assert row.values["title"] in written
    assert [line for line in row.values["body"].splitlines() if line not in written] == []
    assert element.tag not in ("html", "body")


def solution_holds(content: bytes, row: feeds.Row) -> None:
    solution = json.loads(content)["results"]["bindings"][int(row.place.rpartition("/")[2])]
    assert [solution[name]["value"] for name in ("celex", "title", "published")] == [
        row.values[name] for name in ("local_id", "title", "published_at")
    ]


def found_holds(content: bytes, row: feeds.Row) -> None:
    text = json.loads(content)["results"][int(row.place.rpartition("/")[2])]
    assert (text["titles"][0]["cid"], text["titles"][0]["title"]) == (row.values["local_id"], row.values["title"])


def member_holds(content: bytes, row: feeds.Row) -> None:
    (file,) = archive.members(content, lambda path: path == row.place)
    text = fromstring(file.content)
    assert (text.findtext(".//ID"), text.findtext(".//TITREFULL")) == (row.values["local_id"], row.values["title"])


def notice_holds(content: bytes, row: feeds.Row) -> None:
    anywhere = "/".join(f"*[local-name()='{step}']{number}" for step, number in re.findall(r"(\w+)(\[\d+\])?", row.place))
    (element,) = etree.fromstring(content).xpath("/" + anywhere)
    written = {" ".join(child.itertext()).strip() for child in element}
    assert row.values["title"] in written
    assert any(said.endswith(row.values["local_id"]) for said in written)


def consolidated_text_holds(content: bytes, row: feeds.Row) -> None:
    data = etree.fromstring(content).getroottree().xpath(row.place)[0]
    assert data.findtext("metadatos/identificador") == row.values["local_id"]
    said = {" ".join("".join(p.itertext()).split()) for p in data.iter("p")}
    articles = json.loads(row.values["articles"])
    assert articles and all(line in said for article in articles for line in article["text"].split("\n"))


PLACES: dict[str, Callable[[bytes, feeds.Row], None]] = {
    r".+![A-Z]+\d+": cell_holds,
    r"/1/\d+/value": pointer_holds,
    r"/value/\d+": pointer_holds,
    r"/data/\d+/primaryValue": pointer_holds,
    r"/status/\d+": status_holds,
    r"ligne \d+, OBS_VALUE": figure_holds,
    r"ligne \d+": line_holds,
    r"/rss/channel/item\[\d+\]": item_holds,
    r"/html/.+": element_holds,
    r"/results/bindings/\d+": solution_holds,
    r"/results/\d+": found_holds,
    r".+/texte/version/.+/JORFTEXT\d{12}\.xml": member_holds,
    r"/(feed/entry|response/data/sumario/.+/item)(\[\d+\])?": notice_holds,
    r"/response/data": consolidated_text_holds,
    r"(/articles|/result/results|/resultats)?/\d+": object_holds,
}


def document(name: str) -> pd.DataFrame:
    """The largest bundled document of a feed, as the door sees it."""
    columns = feeds.load(name).columns
    return max(
        (rows.frame(rows.typed(read(name, path.read_bytes()), columns)[0], columns) for path in feeds.sample_documents(name)),
        key=len,
    )


# For each expectation of a suite, in its order: what a bad row (or a bad batch) holds that it alone catches.
# A row that must stand twice is written as TWICE, rows that are bad together as a list; a batch is a function of the whole frame.
TWICE: dict[str, object] = {}
FAR = pd.Timestamp("2099-01-01")
BAD = {
    "oc_exports": [
        {"source": "HCP"}, {"segment": "Centres de données"}, {"segment": None}, {"unit": "milliards de dollars"},
        {"value": np.nan}, {"value": -2.5}, {"value": 2622.0}, {"period": FAR}, TWICE,
        lambda frame: frame.assign(value=np.nan, obs_status="O"),
    ],
    "wb_indicators": [
        {"indicator": "BX.GSR.CMCP.ZS"}, {"ref_area": "XC7"}, {"period": pd.NaT}, {"value": 0.0},
        {"indicator": "PA.NUS.FCRF", "value": 0.1}, TWICE,
        lambda frame: frame[frame.ref_area != "MA"],
        lambda frame: frame.assign(value=frame.value.where(frame.index < 5)),
    ],
    "ilo_employment": [
        {"ref_area": "FRA"}, {"ref_area": None}, {"eco": None}, {"measure": "EMP_DWAP_RT"}, {"sex": "SEX_F"}, {"period": pd.NaT},
        {"unit": "PT"}, {"unit_mult": pd.NA}, {"value": -1.0}, {"share_of_total": 1.4},
        {"eco": "ECO_ISIC3_J", "share_of_total": 0.18}, TWICE,
        lambda frame: frame.assign(dataflow="ECB:EXR(1.0)"),
        lambda frame: frame.assign(eco="ECO_SECTOR_IND"),
        lambda frame: frame[frame.period.dt.year > 2006],
    ],
    "eurostat_services": [
        {"counterpart_area": "TN"}, {"counterpart_area": None}, {"ref_area": "EU28"}, {"ref_area": None}, {"flow": "BAL"},
        {"unit": "MIO_NAC"}, {"unit": None}, {"item": None}, {"period": pd.NaT}, {"conf_status": "C"}, {"obs_status": "@"},
        {"value": 26.2e6}, TWICE,
        lambda frame: frame.assign(dataflow="ESTAT:NAMA_10_GDP(1.0)"),
        lambda frame: frame[frame.flow != "DEB"],
    ],
    "oecd_services": [
        {"counterpart_area": "TUN"}, {"counterpart_area": None}, {"ref_area": "EU27_2020"}, {"ref_area": None}, {"flow": "X"},
        {"adjustment": "N"}, {"unit": "EUR"}, {"unit_mult": pd.NA}, {"period": pd.NaT}, {"value": 26.2e9}, TWICE,
        lambda frame: frame.assign(dataflow="OECD.SDD.NAD:DSD_NAAG(1.0)"),
        lambda frame: frame[frame.item != "S"],
    ],
    "comtrade_services": [
        {"reporter": "TUN"}, {"reporter": None}, {"partner": None}, {"flow": "RX"}, {"item": None}, {"classification": "HS"},
        {"classification": None}, {"period": pd.NaT}, {"value": -1.0}, TWICE,
        lambda frame: frame.assign(kind="C"),
        lambda frame: frame[frame.flow != "X"],
    ],
    "sector_employment": [
        {"perimeter": "NUMERIQUE"}, {"perimeter": None}, {"unit": None}, {"unit": "MILLIERS"}, {"class": None},
        {"class": "certain"}, {"source": None},
        {"source_name": None}, {"published_at": pd.NaT}, {"starts_on": pd.NaT}, {"value": np.nan, "lower": np.nan},
        {"lower": 30.0, "upper": 20.0}, {"value": -1.0}, {"unit": "PC", "value": 148.0},
        {"unit": "PC", "value": np.nan, "lower": 80.0, "upper": 180.0}, TWICE,
        lambda frame: frame[frame.indicator != "outbound_share"],
    ],
    "claims": [
        {"claim": None}, {"subject": None}, {"perimeter": None}, {"unit": None}, {"source": None}, {"source_name": None},
        {"wording": None}, {"published_at": pd.NaT}, {"starts_on": pd.NaT}, {"perimeter": "NUMERIQUE"}, {"unit": "MILLIERS"},
        {"nature": "rumeur"}, {"class": "certain"}, {"method": "secrète"}, {"nature": None}, {"class": None}, {"method": None},
        {"value": np.nan}, {"lower": 30.0, "upper": 20.0}, {"value": -1.0},
        {"unit": "PC", "value": np.nan, "lower": 80.0, "upper": 180.0},
        [{"period": "1801"}, {"period": "1802"}], [{"claim": "K801"}, {"claim": "K802"}],
        lambda frame: frame[frame.claim != "K1"],
    ],
    "data_requests": [
        {"request": None}, {"figure_fr": None}, {"holder": None}, {"holder_fr": None}, {"reason_fr": None}, TWICE,
        {"requested_on": FAR, "requested_by": None}, {"answered_on": FAR},
        {"requested_on": FAR, "requested_by": "Vigie", "answered_on": pd.Timestamp("2026-03-01")},
        lambda frame: frame[frame.request != "jobs_lost_cnss"],
    ],
    "reviewed_events": [
        {"event_id": None}, {"decision": "peut-être"}, {"event_type": "miracle"}, {"decided_by": None}, {"decided_at": pd.NaT},
        {"source": None}, {"decision": "correct", "reason": None}, {"origin": "ailleurs"}, {"jobs": -3},
        lambda frame: frame.head(0),
    ],
    "operator_sites": [
        {"site_id": None}, TWICE, {"operator": None}, {"ref_area": "Casablanca"}, {"ref_area": None}, {"region": "MA-16"},
        {"region": None}, {"scope": "usine", "is_counted": False}, {"scope": "park"}, {"is_counted": pd.NA},
        {"headcount": -80}, {"as_of": pd.NaT}, {"status": "rumeur"}, {"source": None}, {"source_url": "challenge.ma"},
        lambda frame: frame.head(5),
    ],
    "regulations": [
        {"event_id": None}, TWICE, {"market": "UK"}, {"market": None}, {"instrument": None}, {"title_fr": None},
        {"channel": "fax"},
        {"regime": "inconnu"}, {"severity": "grave"}, {"stage": "voté"}, {"stage": None}, {"confidence": "oui"},
        {"in_force_on": pd.NaT}, {"date_precision": "heure"}, {"date_precision": "unknown"},
        {"ends_on": pd.Timestamp("1999-01-01")}, {"adopted_on": FAR}, {"source": None}, {"source_url": "JO du 1er juillet"},
        lambda frame: frame.head(5),
    ],
    "dila_texts": [
        {"local_id": None}, {"local_id": "LEGITEXT000051830000"}, TWICE, {"title": None}, {"published_at": pd.NaT},
        {"published_at": pd.Timestamp("1752-05-07"), "adopted_on": pd.NaT}, {"effective_at": pd.Timestamp("1001-01-01")},
        {"adopted_on": FAR}, {"link": "https://exemple.fr/jorf/id/JORFTEXT000051824277"},
        lambda frame: frame.assign(published_at=pd.NaT),
    ],
    "legifrance_texts": [
        {"local_id": None}, {"local_id": "LEGITEXT000051830000"}, TWICE, {"title": None}, {"published_at": pd.NaT},
        {"published_at": pd.Timestamp("1752-05-07"), "adopted_on": pd.NaT}, {"effective_at": pd.Timestamp("1001-01-01")},
        {"adopted_on": FAR}, {"link": "javascript:alert(1)"},
        lambda frame: frame.assign(published_at=pd.NaT),
    ],
    "boe_notices": [
        {"local_id": None}, {"local_id": "2025-26698"}, TWICE, {"title": None}, {"published_at": pd.NaT},
        {"published_at": pd.Timestamp("1752-05-07")}, {"link": "/diario_boe/txt.php?id=BOE-A-2025-26698"},
        lambda frame: pd.concat([frame, frame.assign(published_at=FAR, local_id="BOE-A-2099-1")], ignore_index=True),
    ],
    "boe_texts": [
        {"local_id": None}, {"local_id": "2025-26698"}, TWICE, {"title": None}, {"published_at": pd.NaT},
        {"published_at": pd.Timestamp("1752-05-07")}, {"link": "/buscar/act.php?id=BOE-A-2025-26698"}, {"articles": None},
        lambda frame: pd.concat([frame, frame.assign(local_id="BOE-A-2099-1")], ignore_index=True),
    ],
    "uk_legislation": [
        {"local_id": None}, {"local_id": "http://www.legislation.gov.uk/id/uksi/2025/904"}, TWICE, {"title": None},
        {"published_at": pd.NaT}, {"published_at": pd.Timestamp("1752-05-07"), "adopted_on": pd.NaT}, {"adopted_on": FAR},
        {"link": "https://legislation.example/uksi/2025/904"},
        lambda frame: frame.assign(published_at=pd.NaT),
    ],
    "eu_acts": [
        {"local_id": None}, {"local_id": "62019CJ0311"}, TWICE, {"title": None}, {"published_at": pd.NaT},
        {"published_at": pd.Timestamp("1752-05-07")}, {"effective_at": pd.Timestamp("1001-01-01")},
        {"link": "https://eur-lex.example/32024R1689"},
        lambda frame: frame.assign(published_at=pd.NaT),
    ],
    "press_articles": [
        {"title": None}, {"title": "bandeau " * 60}, {"link": None}, {"link": "javascript:alert(1)"}, {"published_at": pd.NaT},
        {"published_at": pd.Timestamp("1752-05-07")}, TWICE, {"kind": "page", "body": None},
        {"kind": "page", "body": "Une brève."},
        lambda frame: frame.assign(published_at=pd.NaT),
    ],
    "gdelt_articles": [
        {"kind": "truncated"}, {"title": None}, {"title": "bandeau " * 60}, {"link": None}, {"link": "javascript:alert(1)"},
        {"seen_at": pd.NaT}, {"seen_at": pd.Timestamp("1752-05-07")}, {"lang": "English"}, TWICE,
        lambda frame: frame.assign(seen_at=pd.NaT),
    ],
    "bam_rates": [
        {"currency": "euro"}, {"currency": None}, {"unit": 10}, {"unit": pd.NA}, {"rate": np.nan},
        {"per_unit": 1069.39}, {"currency": "JPY", "per_unit": 5.93}, {"currency": "AED", "per_unit": 251.64},
        {"period": pd.NaT}, TWICE,
        lambda frame: frame[frame.currency != "EUR"],
    ],
    "hcp_labour": [
        {"measure": "emplois"}, {"definition": "Enquête main-d'œuvre"}, {"population": "Marrakech"}, {"population": None},
        {"unit": "milliers"}, {"unit": "PS", "value": 1630000.0}, {"value": 133.0},
        {"measure": "unemployed", "unit": "PS", "value": 1630.0}, {"value": np.nan}, {"period": FAR}, TWICE,
        lambda frame: frame.assign(value=np.nan, obs_status="O"),
    ],
    "ckan_datasets": [
        {"local_id": None}, TWICE, {"title": None}, {"organization": "ville-de-rabat"}, {"created_at": pd.NaT},
        {"created_at": pd.Timestamp("1970-01-01")}, {"link": "ftp://data.example/parc.csv"},
        lambda frame: frame.assign(created_at=pd.NaT),
    ],
    "francetravail_offers": [
        {"kind": "truncated"}, {"local_id": None}, TWICE, {"title": None}, {"trade": "K1101"}, {"created_at": pd.NaT},
        {"created_at": pd.Timestamp("1999-01-01")}, {"posts": 0}, {"link": "javascript:alert(1)"},
        lambda frame: frame.assign(created_at=pd.NaT),
    ],
    "firm_returns": [
        {"holding_id": None}, {"holding_id": "syn 1"}, {"starts_on": pd.NaT}, {"freq": "M"}, {"holding": None},
        {"ref_area": None}, {"ref_area": "Casablanca"}, {"segment": None}, {"segment": "Centres de données"}, {"code": None},
        {"measure": "revenue", "code": "FRA"}, {"measure": "hours_share", "code": "xx", "value": 0.2},
        {"measure": "occupied", "code": "9999"}, {"value": np.nan}, {"value": -1.0},
        {"measure": "top_client_share", "value": 1.5}, {"value": 60_000.0}, TWICE,
        lambda frame: frame[frame.measure != "headcount"],
    ],
}  # fmt: skip
GOOD_ROW = {
    "oc_exports": lambda frame: frame.iloc[0],
    "wb_indicators": lambda frame: frame[frame.value.notna()].iloc[0],
    "ilo_employment": lambda frame: frame[frame.eco == "ECO_SECTOR_SER"].iloc[0],
    "eurostat_services": lambda frame: frame[frame.value.notna() & (frame.obs_status == "A")].iloc[0],
    "oecd_services": lambda frame: frame.iloc[0],
    "comtrade_services": lambda frame: frame.iloc[0],
    "sector_employment": lambda frame: frame[frame.value.notna() & (frame.unit == "PS")].iloc[0],
    "claims": lambda frame: frame[frame.value.notna() & (frame.unit == "PS")].iloc[0],
    "data_requests": lambda frame: frame.iloc[0],
    "reviewed_events": lambda frame: frame[frame.decision == "accept"].iloc[0],
    "operator_sites": lambda frame: frame[frame.site_id == "foundever-rabat"].iloc[0],
    "regulations": lambda frame: frame[frame.event_id == "FR-2025-594"].iloc[0],
    "press_articles": lambda frame: frame.iloc[0],
    "gdelt_articles": lambda frame: frame.iloc[0],
    "dila_texts": lambda frame: frame.iloc[0],
    "legifrance_texts": lambda frame: frame.iloc[0],
    "boe_notices": lambda frame: frame.iloc[0],
    "boe_texts": lambda frame: frame.iloc[0],
    "uk_legislation": lambda frame: frame.iloc[0],
    "eu_acts": lambda frame: frame.iloc[0],
    "bam_rates": lambda frame: frame[frame.currency == "EUR"].iloc[0],
    "hcp_labour": lambda frame: frame[frame.unit == "PC"].iloc[0],
    "ckan_datasets": lambda frame: frame.iloc[0],
    "francetravail_offers": lambda frame: frame.iloc[0],
    "firm_returns": lambda frame: frame[frame.measure == "headcount"].iloc[0],
}
TELLS_APART: dict[str, Callable[[int], dict[str, object]]] = {
    "oc_exports": lambda n: {"period": pd.Timestamp(1900 + n, 1, 1)},
    "wb_indicators": lambda n: {"period": pd.Timestamp(1900 + n, 1, 1)},
    "ilo_employment": lambda n: {"series_key": f"ECO={n}"},
    "eurostat_services": lambda n: {"series_key": f"GEO={n}"},
    "oecd_services": lambda n: {"series_key": f"REF_AREA={n}"},
    "comtrade_services": lambda n: {"item": f"S{n}"},
    "sector_employment": lambda n: {"period": str(1900 + n)},
    "claims": lambda n: {"claim": f"K{100 + n}", "period": str(1900 + n)},
    "data_requests": lambda n: {"request": f"demande-{n}"},
    "reviewed_events": lambda n: {"event_id": f"evenement-{n}"},
    "operator_sites": lambda n: {"site_id": f"site-{n}"},
    "regulations": lambda n: {"event_id": f"FR-{n}"},
    "press_articles": lambda n: {"link": f"https://exemple.ma/{n}"},
    "dila_texts": lambda n: {"local_id": f"JORFTEXT{n:012d}"},
    "legifrance_texts": lambda n: {"local_id": f"JORFTEXT{n:012d}"},
    "boe_notices": lambda n: {"local_id": f"BOE-A-1999-{n}"},
    "boe_texts": lambda n: {"local_id": f"BOE-A-1999-{n}"},
    "uk_legislation": lambda n: {"local_id": f"uksi/1999/{n}"},
    "eu_acts": lambda n: {"local_id": f"31999R{n:04d}"},
    "gdelt_articles": lambda n: {"link": f"https://exemple.ma/{n}"},
    "bam_rates": lambda n: {"period": pd.Timestamp(1900 + n, 1, 1)},
    "hcp_labour": lambda n: {"period": pd.Timestamp(1900 + n, 1, 1)},
    "ckan_datasets": lambda n: {"local_id": f"jeu-{n}"},
    "francetravail_offers": lambda n: {"local_id": f"OFFRE{n}"},
    "firm_returns": lambda n: {"holding_id": f"SYN-9{n:02}"},
}


@cache
def guards() -> frozenset[str]:
    """The expectations that judge beside the past: each has its own cases in test_guards."""
    import vigie.guards

    return frozenset(guard.expectation_type for guard in vigie.guards.GUARDS if issubclass(guard, vigie.guards.Guard))


def standing_alone(name: str, on_failure: str) -> list[dict]:
    """The expectations of a suite that need nothing but the document."""
    written = check.suite(name)
    return [one for one in written if one["meta"]["on_failure"] == on_failure and one["type"] not in guards()]


def test_every_feed_has_its_bad_rows():
    assert set(BAD) == set(GOOD_ROW) == set(TELLS_APART) == set(feeds.names())


@pytest.mark.parametrize("name", sorted(BAD))
def test_each_expectation_alone_catches_the_row_it_guards_against(name):
    suite = standing_alone(name, "quarantine_row")
    broken = [bad for bad in BAD[name] if not callable(bad)]
    assert len(suite) == len(broken) > 0
    whole = document(name)
    good = GOOD_ROW[name](whole).to_dict()
    written, expected = [], {}
    for number, (expectation, bad) in enumerate(zip(suite, broken, strict=True), start=1):
        for one in bad if isinstance(bad, list) else [bad] * (2 if bad is TWICE else 1):
            written.append(good | TELLS_APART[name](number) | one)
            expected[len(whole) + len(written)] = [(expectation["type"], expectation["meta"]["reason"])]
    added = pd.DataFrame(written, index=list(expected))
    for column in whole:
        added[column] = added[column].astype(whole[column].dtype)
    verdict = check.check(name, pd.concat([whole, added]))
    caught = {
        number: [(rule, fault.reason) for fault in faults if (rule := fault.rule.partition("(")[0]) not in guards()]
        for number, faults in verdict.rows.items()
    }
    assert {number: faults for number, faults in caught.items() if faults} == expected


@pytest.mark.parametrize("name", sorted(BAD))
def test_each_expectation_on_the_batch_refuses_the_batch_it_guards_against(name):
    suite = standing_alone(name, "refuse_batch")
    broken = [bad for bad in BAD[name] if callable(bad)]
    assert len(suite) == len(broken) > 0
    for expectation, spoil in zip(suite, broken, strict=True):
        verdict = check.check(name, spoil(document(name)))
        assert [fault.reason for fault in verdict.batch] == [expectation["meta"]["reason"]]


def test_every_reason_and_every_remedy_is_a_french_sentence():
    for name in feeds.names():
        for expectation in check.suite(name):
            for words in (expectation["meta"]["reason"], expectation["meta"]["fix"]):
                assert len(words.split()) >= 3, (name, words)
                assert "expect" not in words, (name, words)


def test_the_segments_of_2024_add_up_on_the_new_perimeter():
    found = read("oc_exports", (feeds.SAMPLES / "oc_exports.2025-10-20.xlsx").read_bytes())
    segments = [row.values for row in found if row.values["period_label"] == "2024 (p)" and row.values["segment"] != "_T"]
    assert {row["segment"] for row in segments} == {"CRM", "ITO", "ESO", "BPO", "KPO"}
    assert {row["perimeter"] for row in segments} == {"OC_NEW"}
    assert {row["obs_status"] for row in segments} == {"P"}
    assert sum(row["value"] for row in segments) == pytest.approx(26.219, abs=1e-9)


def observations(name: str, key: tuple[str, ...], value: str) -> list[dict[tuple, object]]:
    return [
        {tuple(row.values[column] for column in key): row.values[value] for row in read(name, path.read_bytes())}
        for path in feeds.sample_documents(name)
    ]


@pytest.mark.parametrize(
    ("name", "key", "value", "revised"),
    [
        ("oc_exports", ("source", "perimeter", "segment", "freq", "period"), "value", {(15.7, 15.8)}),
        ("wb_indicators", ("indicator", "ref_area", "period"), "value", {(1441266760, 1440057103)}),
        ("operator_sites", ("site_id",), "jobs_planned", {("-60", "-80")}),
        ("sector_employment", ("indicator", "perimeter", "period", "source"), "value", {("17.5", "")}),
        (
            "regulations", ("event_id",), "instrument",
            {
                ("Loi n° 2025-594, article 21", "Loi n° 2025-594, article 13"),
                ("Loi n° 2025-594 (rénovation)", "Loi n° 2025-594, article 13 (II)"),
            },
        ),
    ],
)  # fmt: skip
def test_the_documents_tell_a_history_with_a_real_revision(name, key, value, revised):
    def plain(said: object) -> object:
        return round(said, 1 if said < 1000 else None) if isinstance(said, float | Decimal) else said

    editions = observations(name, key, value)
    seen = {
        (plain(before[one]), plain(after[one]))
        for number, before in enumerate(editions)
        for after in editions[number + 1 :]
        for one in before.keys() & after.keys()
        if plain(before[one]) != plain(after[one])
    }
    assert seen == revised


def test_sources_that_contradict_each_other_all_stay_in_the_register():
    last = observations("sector_employment", ("indicator", "period", "perimeter", "source"), "value")[-1]
    said = {who[3]: value for who, value in last.items() if who[:3] == ("employment", "2025", "CRM")}
    assert said == {"Actu-Maroc": "90000", "RFI": "100000", "Libération": "120000"}
    assert {who[3] for who in last if who[0] == "jobs_at_risk"} == {"L'Opinion", "Intelcia", "Syndicat"}


def new_release(change: Callable[[openpyxl.Workbook], None]) -> list[feeds.Row]:
    book = openpyxl.load_workbook(feeds.SAMPLES / "oc_exports.2025-10-20.xlsx")
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return read("oc_exports", buffer.getvalue())


@pytest.mark.parametrize(
    ("header", "freq"), [("S2 2025 (p)", "S"), ("2025-H2", "S"), ("2025", "A"), (2025, "A"), ("T3 2025", "Q")]
)
def test_a_release_with_a_new_period_is_read_without_a_change_of_code(header, freq):
    def add(book: openpyxl.Workbook) -> None:
        book["Semestres"]["D6"], book["Semestres"]["D8"] = header, 3.9

    added = [row for row in new_release(add) if row.place == "Semestres!D8"]
    assert [(row.values["freq"], row.values["segment"], row.values["value"]) for row in added] == [(freq, "CRM", 3.9)]


def test_a_formula_in_a_release_is_held_back_and_its_neighbours_land(tmp_path):
    def compute(book: openpyxl.Workbook) -> None:
        book["Années"]["C12"] = "=SUM(C7:C11)"

    book = openpyxl.load_workbook(feeds.SAMPLES / "oc_exports.2025-10-20.xlsx")
    compute(book)
    book.save(tmp_path / "release.xlsx")
    examination = examine("oc_exports", (tmp_path / "release.xlsx").read_bytes())
    held = examination.lines()
    assert [(line["place"], line["rule"]) for line in held] == [("Années!C12", "type(value)")]
    assert "=SUM(C7:C11)" in held[0]["reason"]
    assert len(examination.good) == 14


def test_a_figure_that_the_publisher_withholds_is_missing_and_never_zero():
    def withhold(book: openpyxl.Workbook) -> None:
        book["Années"]["C12"] = "n.d."

    (row,) = [row for row in new_release(withhold) if row.place == "Années!C12"]
    assert (row.values["value"], row.values["obs_status"]) == (None, "O")


def test_a_title_that_does_not_say_its_perimeter_is_refused():
    def blur(book: openpyxl.Workbook) -> None:
        book["Années"]["A1"] = "Recettes d'exportation de l'offshoring"

    with pytest.raises(feeds.DocumentError, match=r"Années.*périmètre"):
        new_release(blur)


def test_a_release_without_its_date_is_refused():
    with pytest.raises(feeds.DocumentError, match=r"Semestres.*Date de publication"):
        new_release(lambda book: book["Semestres"].__setitem__("A3", None))


def test_the_pages_of_a_press_feed_are_followed_and_a_page_leads_nowhere_else():
    follow = feeds.load("press_articles").follow
    assert follow is not None
    found = list(follow((feeds.SAMPLES / "press_articles.2026-01-29.fil.xml").read_bytes()))
    assert len({request.address for request in found}) == len(found) == 2
    assert list(follow((feeds.SAMPLES / "press_articles.2026-01-29.le360.html").read_bytes())) == []
