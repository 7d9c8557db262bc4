"""SDMX in each of its forms: the same figures, whatever the form and whatever was read before."""

import io
import itertools
import json
import logging
import random
import subprocess
import sys
from dataclasses import replace

import pytest

from vigie import feed as feeds
from vigie.examine import examine
from vigie.feed import DocumentError
from vigie.readers import sdmx
from vigie.readers.observation import row

M21 = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
M30 = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0"
FLOW = "ESSAI:EXPORTATIONS(1.0)"
SERIES = {"FRA": {"2022": "11.5", "2023": "12.25", "2024": "13"}, "ESP": {"2022": "4", "2023": "NaN", "2024": "5.5"}}
STATUS = {("FRA", "2024"): "P", ("ESP", "2022"): "B"}
ERROR_PAGE = b"<!doctype html><html><head><title>503 Service Unavailable</title></head><body>Patience</body></html>"


def status(area: str, year: str) -> str:
    return STATUS.get((area, year), "A")


def header(version: str = M21, axis: str = "TIME_PERIOD") -> str:
    if version == M21:
        used = '<c:Structure><Ref agencyID="ESSAI" id="EXPORTATIONS" version="1.0"/></c:Structure>'
    else:
        used = f"<c:Structure>urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure={FLOW}</c:Structure>"
    return (
        "<m:Header><m:ID>E1</m:ID><m:Test>false</m:Test><m:Prepared>2026-11-23T09:00:00</m:Prepared><m:Sender id='ESSAI'/>"
        f'<m:Structure structureID="S1" dimensionAtObservation="{axis}">{used}</m:Structure></m:Header>'
    )


def message(root: str, body: str, version: str = M21, axis: str = "TIME_PERIOD", after: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<m:{root} xmlns:m="{version}/message" xmlns:c="{version}/common" '
        f'xmlns:g="{version}/data/generic" xmlns:s="{version}/data/structurespecific" '
        f'xmlns:f="{version}/message/footer" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        f"{header(version, axis)}{body}{after}</m:{root}>"
    ).encode()


def values(parent: str, **codes: str) -> str:
    return f"<g:{parent}>" + "".join(f'<g:Value id="{name}" value="{code}"/>' for name, code in codes.items()) + f"</g:{parent}>"


def generic() -> bytes:
    lines = [
        "<g:Series>" + values("SeriesKey", FREQ="A", REF_AREA=area) + values("Attributes", UNIT_MULT="6", DECIMALS="2")
        + "".join(
            f'<g:Obs><g:ObsDimension value="{year}"/><g:ObsValue value="{figure}"/>'
            + values("Attributes", OBS_STATUS=status(area, year)) + "</g:Obs>"
            for year, figure in figures.items()
        )
        + "</g:Series>"
        for area, figures in SERIES.items()
    ]  # fmt: skip
    return message("GenericData", f'<m:DataSet structureRef="S1">{"".join(lines)}</m:DataSet>')


def generic_flat() -> bytes:
    lines = [
        "<g:Obs>" + values("ObsKey", FREQ="A", REF_AREA=area, TIME_PERIOD=year) + f'<g:ObsValue value="{figure}"/>'
        + values("Attributes", UNIT_MULT="6", DECIMALS="2", OBS_STATUS=status(area, year)) + "</g:Obs>"
        for area, figures in SERIES.items() for year, figure in figures.items()
    ]  # fmt: skip
    body = f'<m:DataSet structureRef="S1">{"".join(lines)}</m:DataSet>'
    return message("GenericData", body, axis="AllDimensions")


def specific(version: str = M21, groups: bool = False) -> bytes:
    of_series = "" if groups else ' UNIT_MULT="6" DECIMALS="2"'
    lines = [
        f'<Series FREQ="A" REF_AREA="{area}"{of_series}>'
        + "".join(
            f'<Obs TIME_PERIOD="{year}" OBS_VALUE="{figure}" OBS_STATUS="{status(area, year)}"/>'
            for year, figure in figures.items()
        )
        + "</Series>"
        for area, figures in SERIES.items()
    ]
    # a group stands after the series it speaks of
    of_group = [f'<Group REF_AREA="{area}" UNIT_MULT="6" DECIMALS="2"/>' for area in SERIES] if groups else []
    body = f'<m:DataSet s:structureRef="S1" s:action="Replace">{"".join([*lines, *of_group])}</m:DataSet>'
    return message("StructureSpecificData", body, version)


def structure() -> dict:
    def part(name: str, *codes: str, **more: object) -> dict:
        return {"id": name, "name": name, "values": [{"id": code, "name": code} for code in codes]} | more

    return {
        "links": [{"rel": "dataflow", "urn": f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={FLOW}"}],
        "dimensions": {
            "dataSet": [part("FREQ", "A", keyPosition=0)],
            "series": [part("REF_AREA", *SERIES, keyPosition=1)],
            "observation": [part("TIME_PERIOD", "2022", "2023", "2024")],
        },
        "attributes": {
            "dataSet": [], "series": [part("UNIT_MULT", "6"), part("DECIMALS", "2")],
            "observation": [part("OBS_STATUS", "A", "P", "B")],
        },
    }  # fmt: skip


def dataset() -> dict:
    codes = ["A", "P", "B"]
    return {
        "action": "Information",
        "series": {
            str(number): {
                "attributes": [0, 0],
                "observations": {
                    str(at): [None if figure == "NaN" else float(figure), codes.index(status(area, year))]
                    for at, (year, figure) in enumerate(figures.items())
                },
            }
            for number, (area, figures) in enumerate(SERIES.items())
        },
    }


def as_json() -> bytes:
    sender = {"id": "ESSAI", "name": "Essai"}
    heading = {"id": "E1", "prepared": "2026-11-23T09:00:00Z", "test": False, "sender": sender}
    return json.dumps({"header": heading, "structure": structure(), "dataSets": [dataset()]}).encode()


def as_json_2() -> bytes:
    return json.dumps(
        {"meta": {"id": "E1"}, "data": {"structures": [structure()], "dataSets": [dataset() | {"structure": 0}]}}
    ).encode()


def lines_of(heading: str, start: str) -> bytes:
    lines = [
        f"{start},A,{area},{year},{figure},{status(area, year)},6,2"
        for area, figures in SERIES.items() for year, figure in figures.items()
    ]  # fmt: skip
    return "\r\n".join([heading, *lines, ""]).encode()


def as_csv() -> bytes:
    return lines_of("DATAFLOW,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MULT,DECIMALS", FLOW)


def as_csv_2() -> bytes:
    heading = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MULT,DECIMALS"
    return lines_of(heading, f"dataflow,{FLOW},I")


def as_csv_with_names() -> bytes:
    """Codes and names share their cells: « A: Annuel »."""
    written = as_csv().decode().replace("DATAFLOW,FREQ,", "DATAFLOW,FREQ: Fréquence,").replace(",A,FRA", ",A: Annuel,FRA: France")
    return written.replace(",A,ESP", ",A: Annuel,ESP: Espagne").encode()


def as_csv_beside_names() -> bytes:
    """Each code is followed by its name, in a column of its own."""
    heading = (
        "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,FREQ,Frequency,REF_AREA,Area,TIME_PERIOD,Time,OBS_VALUE,Value,"
        "OBS_STATUS,Status,UNIT_MULT,Multiplier,DECIMALS,Digits"
    )
    lines = [
        f"DATAFLOW,{FLOW},Essai,I,A,Annual,{area},{area},{year},{year},{figure},,{status(area, year)},,6,Millions,2,Two"
        for area, figures in SERIES.items() for year, figure in figures.items()
    ]  # fmt: skip
    return "\n".join([heading, *lines]).encode()


FORMS = {
    "SDMX-ML 2.1 generic": generic, "SDMX-ML 2.1 generic, flat": generic_flat,
    "SDMX-ML 2.1 structure-specific": specific, "SDMX-ML 3.0": lambda: specific(M30),
    "SDMX-ML 2.1 with groups": lambda: specific(groups=True),
    "SDMX-JSON 1.0": as_json, "SDMX-JSON 2.0": as_json_2,
    "SDMX-CSV 1.0": as_csv, "SDMX-CSV 2.0": as_csv_2, "SDMX-CSV, codes and names": as_csv_with_names,
    "SDMX-CSV, names beside": as_csv_beside_names,
}  # fmt: skip
WITHOUT_JUDGE = ("SDMX-JSON 2.0", "SDMX-CSV")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_figures_with_their_flags(form):
    found = [row(figure, {"REF_AREA": "ref_area"}).values for figure in sdmx.observations(FORMS[form]())]
    assert [
        (line["ref_area"], line["freq"], line["period_label"], line["value"] and float(line["value"]), line["obs_status"])
        for line in found
    ] == [
        (area, "A", year, None if figure == "NaN" else float(figure), status(area, year))
        for area, figures in SERIES.items() for year, figure in figures.items()
    ]  # fmt: skip
    assert {(line["dataflow"], line["unit_mult"], line["decimals"], line["conf_status"]) for line in found} == {
        (FLOW, "6", "2", "F")
    }
    assert {line["series_key"] for line in found} == {"FREQ=A;REF_AREA=FRA", "FREQ=A;REF_AREA=ESP"}


@pytest.fixture(scope="module")
def judge():
    """The established client, as a second opinion; v30 is imported first, or it fails on SDMX 3 after 2.1."""
    import sdmx as client
    import sdmx.reader.xml.v30

    logging.getLogger("sdmx").setLevel(logging.CRITICAL)
    return client


@pytest.mark.parametrize("form", [form for form in FORMS if not form.startswith(WITHOUT_JUDGE)])
def test_the_figures_are_those_that_the_established_client_finds(form, judge):
    def plain(value: object) -> float | None:
        return None if value is None or value == "NaN" else float(value)

    content = FORMS[form]()
    theirs = [
        ({part.id: part.value for part in figure.key.values.values()}, plain(figure.value))
        for dataset in judge.read_sdmx(io.BytesIO(content)).data
        for figure in dataset.obs
    ]
    ours = [({**figure.dimensions, "TIME_PERIOD": figure.period}, plain(figure.value)) for figure in sdmx.observations(content)]
    extra = {"UNIT_MULT", "DECIMALS", "OBS_STATUS"}
    assert len(ours) == len(theirs) == 6
    assert ours == [({name: code for name, code in key.items() if name not in extra}, value) for key, value in theirs]


def test_each_place_leads_back_to_its_figure():
    from lxml import etree

    for form in ("SDMX-ML 2.1 generic", "SDMX-ML 2.1 generic, flat", "SDMX-ML 3.0"):
        content = FORMS[form]()
        root = etree.fromstring(content)
        for figure in sdmx.observations(content):
            path = "".join(f"/*[local-name()='{step[:-3]}'][{step[-2]}]" for step in figure.place.strip("/").split("/"))
            (element,) = root.xpath("." + path)
            assert element.xpath("string(@OBS_VALUE | *[local-name()='ObsValue']/@value)") == figure.value
    for form in ("SDMX-JSON 1.0", "SDMX-JSON 2.0"):
        content = FORMS[form]()
        for figure in sdmx.observations(content):
            value = json.loads(content)
            for step in figure.place.strip("/").split("/"):
                value = value[int(step) if isinstance(value, list) else step]
            assert value[0] == figure.value


def test_the_order_of_reading_never_matters():
    names = ["SDMX-ML 2.1 structure-specific", "SDMX-ML 3.0", "SDMX-JSON 1.0", "SDMX-ML 2.1 with groups"]
    alone = {name: list(sdmx.observations(FORMS[name]())) for name in names}
    for order in itertools.permutations(names):
        assert {name: list(sdmx.observations(FORMS[name]())) for name in order} == alone


def test_two_messages_read_by_turns_do_not_mix():
    streams = [sdmx.observations(generic()), sdmx.observations(specific(M30))]
    for one, other in zip(*streams, strict=True):
        assert replace(one, place="", attributes={}) == replace(other, place="", attributes={})


def test_an_attribute_of_several_values_keeps_them_all():
    body = (
        '<m:DataSet s:structureRef="S1"><Series FREQ="A"><Comp id="TITLE"><Value>Un titre</Value></Comp>'
        '<Obs TIME_PERIOD="2024" OBS_VALUE="1"><Comp id="OBS_STATUS"><Value>E</Value><Value>P</Value></Comp></Obs>'
        "</Series></m:DataSet>"
    )
    (figure,) = sdmx.observations(message("StructureSpecificData", body, M30))
    assert (figure.attributes["OBS_STATUS"], figure.value) == ("E P", "1")
    (figure,) = sdmx.observations(
        f"STRUCTURE[;],STRUCTURE_ID,ACTION,AREA,TIME_PERIOD,OBS_VALUE,NOTE[]\ndataflow,{FLOW},I,MAR,2024,1,x;y\n".encode()
    )
    assert (figure.attributes, figure.dimensions, figure.value) == ({"NOTE": "x;y"}, {"AREA": "MAR"}, "1")


def test_figures_of_several_data_sets_all_count():
    body = '<m:DataSet s:structureRef="S1"><Series FREQ="A"><Obs TIME_PERIOD="2024" OBS_VALUE="1"/></Series></m:DataSet>'
    found = list(sdmx.observations(message("StructureSpecificData", body * 3)))
    assert [figure.place for figure in found] == [f"/DataSet[{n}]/Series[1]/Obs[1]" for n in (1, 2, 3)]


def test_an_observation_without_value_is_missing_and_never_zero():
    body = '<m:DataSet s:structureRef="S1"><Series FREQ="A"><Obs TIME_PERIOD="2024"/></Series></m:DataSet>'
    (figure,) = sdmx.observations(message("StructureSpecificData", body))
    line = row(figure, {}).values
    assert (line["value"], line["obs_status"]) == (None, "O")


@pytest.mark.parametrize(
    ("written", "first_day", "freq"),
    [("2024", "2024-01-01", "A"), ("2024-Q3", "2024-07-01", "Q"), ("2024-M09", "2024-09-01", "M"), ("2024-09", "2024-09-01", "M"),
     ("2024-S2", "2024-07-01", "S"), ("2024-A1", "2024-01-01", "A"), ("2024-01-01T00:00:00", "2024-01-01", None)],
)  # fmt: skip
def test_a_period_is_known_in_the_ways_of_sdmx(written, first_day, freq):
    (figure,) = list(sdmx.observations(f"DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE\n{FLOW},MAR,{written},3\n".encode()))
    line = row(figure, {}).values
    assert (str(line["period"]), line["freq"], line["period_label"]) == (first_day, freq, written)


def footer(code: str, body: str = "") -> bytes:
    told = f'<f:Footer><f:Message code="{code}"><c:Text>The response will be written to a file</c:Text></f:Message></f:Footer>'
    return message("GenericData", body, after=told)


def error() -> bytes:
    return (
        f'<m:Error xmlns:m="{M21}/message" xmlns:c="{M21}/common"><m:ErrorMessage code="100">'
        "<c:Text>No results found</c:Text></m:ErrorMessage></m:Error>"
    ).encode()


def bare(root: str, version: str = M21) -> bytes:
    return f'<m:{root} xmlns:m="{version}/message"><m:Header/></m:{root}>'.encode()


def entity(what: str) -> bytes:
    return generic().replace(b"<m:GenericData", f"<!DOCTYPE m [{what}]><m:GenericData".encode(), 1)


BOMB = "<!ENTITY a 'ha'>" + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
REFUSED = {
    "an answer put off (413)": (footer("413"), ["diffère", "413", "written to a file"]),
    "an answer cut at the publisher's limit (510)": (
        footer("510", '<m:DataSet structureRef="S1"><g:Obs/></m:DataSet>'), ["diffère", "510"],
    ),
    "a footer alone": (footer("100"), ["avis de l'éditeur", "100"]),
    "an error message": (error(), ["erreur SDMX", "100", "No results found"]),
    "a structure message": (bare("Structure"), ["structure", "/data/"]),
    "a structure message of version 3": (bare("Structure", M30), ["structure", "/data/"]),
    "a query": (bare("DataQuery"), ["question", "DataQuery"]),
    "a generic query": (bare("GenericDataQuery"), ["question", "GenericDataQuery"]),
    "a registry message": (bare("RegistryInterface"), ["registre"]),
    "metadata": (bare("GenericMetadata"), ["métadonnées"]),
    "another version": (bare("GenericData").replace(b"v2_1", b"v2_0"), ["2.0", "demander"]),
    "no observation": (message("GenericData", '<m:DataSet structureRef="S1"/>'), ["aucune observation"]),
    "no header": (generic().replace(b"m:Header>", b"m:Entete>"), ["en-tête"]),
    "another XML": (b"<rss><channel/></rss>", ["<rss>", "SDMX"]),
    "a message cut short": (generic()[:-80], ["ligne 3", "redemander"]),
    "a page": (ERROR_PAGE, ["503 Service Unavailable", "SDMX"]),
    "an external entity": (entity("<!ENTITY x SYSTEM 'file:///etc/hostname'>"), ["DOCTYPE", "sûreté"]),
    "an entity": (entity("<!ENTITY x 'y'>"), ["DOCTYPE", "sûreté"]),
    "a bomb of entities": (entity(BOMB), ["DOCTYPE", "sûreté"]),
    "an external document type": (
        generic().replace(b"<m:GenericData", b"<!DOCTYPE m SYSTEM 'http://127.0.0.1:9/x.dtd'><m:GenericData", 1), ["DOCTYPE"],
    ),
    "nothing": (b" \n", ["vide"]),
    "another JSON": (b'{"value": 3}', ["dataSets"]),
    "a JSON list": (b"[1, 2]", ["SDMX"]),
    "a JSON structure": (b'{"meta": {}, "data": {"dataStructures": []}}', ["structure", "/data/"]),
    "a JSON error": (b'{"errors": [{"code": 404, "title": "NoRecordsFound"}]}', ["erreur SDMX", "NoRecordsFound"]),
    "a JSON cut short": (as_json()[:-40], ["ligne 1", "colonne"]),
    "a JSON nested without end": (b'{"a":' * 100_000, ["JSON"]),
    "a JSON that contradicts itself": (as_json().replace(b'"0": [11.5', b'"7": [11.5'), ["se contredit"]),
    "a JSON without figures": (json.dumps({"structure": structure(), "dataSets": []}).encode(), ["aucune observation"]),
    "a CSV with a cell too few": (as_csv().replace(b",6,2", b",6", 1), ["ligne 2", "7 cellules"]),
    "a CSV with an open quote": (as_csv() + b'"ouvert', ["ligne 8", "ne se lit pas"]),
    "another CSV": (b"pays;annee;valeur\nMA;2024;3\n", ["ni du XML", "pays;annee"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_data_is_refused_in_one_sentence_that_says_what_it_is(case):
    content, named = REFUSED[case]
    with pytest.raises(DocumentError) as refused:
        list(sdmx.observations(content))
    sentence = str(refused.value)
    assert [word for word in named if word not in sentence] == [], sentence
    assert "\n" not in sentence and len(sentence) < 500


def damaged(content: bytes, chance: random.Random) -> bytes:
    at, length = chance.randrange(len(content)), chance.randrange(1, 30)
    wounds = [
        content[:at], content[:at] + content[at + length :], content[:at] + content[max(0, at - length) :],
        content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :], content[:at] + b"null" + content[at + 1 :],
        content[:at] + b"-99999" + content[at + 1 :],
    ]  # fmt: skip
    return chance.choice(wounds)


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_message_is_read_or_refused_and_nothing_else_happens(form):
    content, chance = FORMS[form](), random.Random(form)
    told = 0
    for _ in range(300):
        try:
            for figure in sdmx.observations(damaged(content, chance)):
                row(figure, {"REF_AREA": "ref_area"})
        except DocumentError as error:
            told += len(str(error)) > 20
    assert told > 0


def test_nothing_is_written_on_the_screen_while_reading(capfd):
    for content, _ in REFUSED.values():
        with pytest.raises(DocumentError):
            list(sdmx.observations(content))
    assert capfd.readouterr() == ("", "")


WEIGH = """
import resource, sys
from tests.test_sdmx import FORMS, message
from vigie.readers import sdmx

series = "".join(
    f'<Series FREQ="A" REF_AREA="X{n}">' + f'<Obs TIME_PERIOD="2024" OBS_VALUE="{n}" OBS_STATUS="A"/>' * 40 + "</Series>"
    for n in range(4000)
)
content = message("StructureSpecificData", f'<m:DataSet s:structureRef="S1">{series}</m:DataSet>')
list(sdmx.observations(FORMS["SDMX-ML 3.0"]()))
del series
rest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = sum(1 for _ in sdmx.observations(content))
print(len(content), count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - rest) // 1024)
"""


def test_ten_megabytes_of_sdmx_are_read_in_a_few_megabytes_of_memory():
    told = subprocess.run([sys.executable, "-c", WEIGH], cwd=feeds.ROOT, capture_output=True, text=True, check=True).stdout
    weight, count, grown = map(int, told.split())
    assert weight > 9_000_000
    assert count == 160_000
    assert grown < 32


@pytest.mark.parametrize("name", ["ilo_employment", "oecd_services"])
@pytest.mark.parametrize("form", ["SDMX-ML 2.1 generic", "SDMX-ML 3.0", "SDMX-JSON 1.0", "SDMX-CSV 2.0"])
def test_a_message_of_another_data_flow_is_refused_whole_and_every_figure_of_it_is_counted(name, form):
    judged = examine(name, FORMS[form]())
    assert "n'est pas de ce jeu de données" in judged.refusal
    assert (len(judged.records), len(judged.good), len(judged.held)) == (6, 0, 6)


def ilo(change) -> bytes:
    return change((feeds.SAMPLES / "ilo_employment.2026-10-13.csv").read_bytes().decode()).encode()


@pytest.mark.parametrize(
    "mark",
    ["ECO_AGGREGATE_TOTAL,2002,9487.549,B", "ECO_ISIC3_J,2007,1852.281,B", "ECO_ISIC3_J,2011,55.231,B",
     "ECO_ISIC3_J,2013,2231.25,B"],
)  # fmt: skip
def test_a_real_break_of_the_ilo_is_held_when_it_does_not_say_so(mark):
    judged = examine("ilo_employment", ilo(lambda text: text.replace(mark, mark[:-1])))
    held = [line for line in judged.lines() if line["rule"].startswith("expect_break_flag_beyond")]
    assert [(line["values"]["eco"], line["values"]["period_label"]) for line in held] == [tuple(mark.split(",")[:2])]
    assert judged.refusal == ""


def test_a_branch_larger_than_the_economy_is_held():
    judged = examine("ilo_employment", ilo(lambda text: text.replace("ECO_ISIC3_I,2003,342.693", "ECO_ISIC3_I,2003,342693")))
    assert "plus d'emplois que toute l'économie" in " ".join(line["reason"] for line in judged.lines())


def test_an_employment_series_that_lost_its_years_is_refused():
    def recent(text: str) -> str:
        lines = text.splitlines()
        return "\n".join([lines[0], *(line for line in lines[1:] if int(line.split(",")[6]) > 2010)])

    assert "moins de vingt années" in examine("ilo_employment", ilo(recent)).refusal
