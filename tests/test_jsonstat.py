"""JSON-stat and Comtrade: sparse and dense cubes, flags, and the answers that look like success."""

import json

import pytest

from vigie import feed as feeds
from vigie.examine import examine
from vigie.feed import DocumentError
from vigie.feeds import comtrade_services, eurostat_services
from vigie.readers import comtrade, jsonstat

ERROR_PAGE = b"<!doctype html><html><head><title>503 Service Unavailable</title></head><body>Patience</body></html>"
AREAS, YEARS = ["FR", "ES"], ["2022", "2023", "2024"]
FIGURES = {("FR", "2022"): 11.5, ("FR", "2023"): 12, ("ES", "2022"): 4.0, ("ES", "2024"): 0}


def cube(**changed: object) -> dict:
    """Two countries, three years, one fixed frequency; two cells are empty and one is zero."""
    return {
        "version": "2.0", "class": "dataset", "label": "Essai", "updated": "2026-10-20T23:00:00+0200",
        "extension": {"id": "BOP_ITS6_DET", "agencyId": "ESTAT", "version": "1.0"},
        "id": ["freq", "geo", "time"], "size": [1, 2, 3], "role": {"time": ["time"]},
        "dimension": {
            "freq": {"category": {"label": {"A": "Annual"}}},
            "geo": {"category": {"index": {"FR": 0, "ES": 1}}},
            "time": {"category": {"index": YEARS}},
        },
        "value": {"0": 11.5, "1": 12, "3": 4.0, "5": 0},
        "status": {"1": "p", "2": "c", "4": ":"},
    } | changed  # fmt: skip


def read(answer: object) -> list[jsonstat.Observation]:
    return list(jsonstat.observations(json.dumps(answer).encode()))


def figures(answer: object) -> dict[tuple[str, str], object]:
    return {(one.dimensions["geo"], one.period): one.value for one in read(answer)}


def test_a_sparse_cube_gives_the_cells_that_have_a_value_or_a_status():
    assert figures(cube()) == FIGURES | {("FR", "2024"): None, ("ES", "2023"): None}
    noted = {(one.dimensions["geo"], one.period): one.attributes.get("OBS_STATUS") for one in read(cube())}
    assert noted[("FR", "2023")] == "p" and noted[("FR", "2024")] == "c" and noted[("ES", "2023")] == ":"
    assert noted[("FR", "2022")] is None
    assert {one.dataflow for one in read(cube())} == {"ESTAT:BOP_ITS6_DET(1.0)"}
    assert {one.dimensions["freq"] for one in read(cube())} == {"A"}


def test_a_dense_cube_says_the_same_as_a_sparse_one():
    dense = cube(value=[11.5, 12, None, 4.0, None, 0], status=[None, "p", "c", None, ":", None])
    assert [(one.dimensions, one.period, one.value, one.attributes) for one in read(dense)] == [
        (one.dimensions, one.period, one.value, one.attributes) for one in read(cube())
    ]


def test_one_status_alone_holds_for_every_cell():
    for status in ("e", ["e"]):
        assert {one.attributes["OBS_STATUS"] for one in read(cube(status=status))} == {"e"}


def test_zero_is_a_figure_and_an_empty_cell_is_none():
    assert figures(cube())[("ES", "2024")] == 0
    assert figures(cube())[("FR", "2024")] is None


def test_the_first_version_of_the_format_names_its_data_sets():
    whole = cube()
    dimension = whole.pop("dimension") | {name: whole.pop(name) for name in ("id", "size", "role")}
    assert [one.value for one in read({"essai": whole | {"dimension": dimension}})] == [one.value for one in read(cube())]
    (first, *_) = read({"essai": whole | {"dimension": dimension}})
    assert first.place == "/essai/value/0"


def asynchronous(kind: str) -> dict:
    told = "ASYNCHRONOUS_RESPONSE. Your request will be treated asynchronously. Please try again later."
    return {kind: [{"status": 413, "id": 413, "label": told}]}


REFUSED = {
    "an answer put off": (asynchronous("error"), ["diffère", "413", "redemander plus tard"]),
    "an answer put off, as a warning": (asynchronous("warning"), ["diffère", "413", "/warning"]),
    "a warning that is one object": ({"warning": {"status": 413, "label": "try later"}}, ["diffère", "413"]),
    "an extraction too big": (
        {"error": [{"status": 413, "id": 413, "label": "EXTRACTION_TOO_BIG: 7644780 rows"}]}, ["erreur", "EXTRACTION_TOO_BIG"],
    ),
    "an error": ({"error": [{"status": 400, "label": "Invalid value for dimension geo"}]}, ["erreur", "400", "geo"]),
    "an error in a word": ({"error": "unavailable"}, ["erreur", "unavailable"]),
    "an empty cube": (cube(value={}, status={}), ["aucune valeur"]),
    "a collection": ({"class": "collection", "link": {}}, ["collection"]),
    "a dimension": ({"class": "dimension", "category": {}}, ["dimension"]),
    "a list": ([1, 2], ["objet", "racine"]),
    "another JSON": ({"data": []}, ["JSON-stat"]),
    "a cell outside of the cube": (cube(value={"6": 1}), ["/value/6", "hors du cube de 6"]),
    "a cube of another size": (cube(size=[1, 2, 4]), ["se contredit", "taille"]),
    "a dimension that is not there": (cube(id=["freq", "geo", "temps"]), ["se contredit", "temps"]),
    "a cube without end": (cube(id=["time"] * 9, size=[3] * 9 + [10**9]), ["se contredit"]),
    "a cube that no service gives": (
        cube(id=["time"], size=[10**9], dimension={"time": {"category": {"index": YEARS}}}), ["se contredit"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_an_answer_that_is_no_cube_is_refused_in_one_sentence(case):
    answer, named = REFUSED[case]
    with pytest.raises(DocumentError) as refused:
        read(answer)
    sentence = str(refused.value)
    assert [word for word in named if word not in sentence] == [], sentence
    assert "\n" not in sentence and len(sentence) < 500


@pytest.mark.parametrize(
    ("content", "named"),
    [(b"", ["vide"]), (ERROR_PAGE, ["503"]), (json.dumps(cube()).encode()[:60], ["ligne 1"]), (b'{"a":' * 100_000, ["JSON"])],
)
def test_what_is_no_json_is_refused(content, named):
    with pytest.raises(DocumentError) as refused:
        list(jsonstat.observations(content))
    assert [word for word in named if word not in str(refused.value)] == []


@pytest.mark.parametrize(
    ("flags", "obs_status", "conf_status"),
    [("", "A", "F"), ("p", "P", "F"), ("b", "B", "F"), ("e", "E", "F"), ("s", "E", "F"), ("bp", "B", "F"), ("ep", "E", "F"),
     ("c", "Q", "C"), ("bc", "Q", "C"), (":", "O", "F"), (":c", "Q", "C"), ("u", "U", "F"), ("d", "D", "F"), ("f", "F", "F"),
     ("r", "A", "F"), ("z", "M", "F"), ("@", "@", "F")],
)  # fmt: skip
def test_the_flags_of_eurostat_become_those_of_sdmx(flags, obs_status, conf_status):
    answer = cube(value={"0": 1}, status={"0": flags})
    (row,) = eurostat_services.read(json.dumps(answer).encode())
    assert (row.values["obs_status"], row.values["conf_status"], row.values["flags"]) == (obs_status, conf_status, flags)


SAMPLE = (feeds.SAMPLES / "eurostat_services.2026-10-21.json").read_bytes()


def test_a_secret_figure_written_in_clear_is_held_at_the_door():
    answer = json.loads(SAMPLE)
    (secret,) = [position for position, flag in answer["status"].items() if flag == "c"]
    assert secret not in answer["value"]
    judged = examine("eurostat_services", json.dumps(answer | {"value": answer["value"] | {secret: 200}}).encode())
    assert [(line["place"], "confidentiel" in line["reason"]) for line in judged.lines()] == [(f"/value/{secret}", True)]


def test_a_cube_of_another_data_set_is_refused_whole():
    judged = examine("eurostat_services", json.dumps(cube(extension={"id": "NAMA_10_GDP", "agencyId": "ESTAT"})).encode())
    assert "n'est pas de ce jeu de données" in judged.refusal
    assert (len(judged.records), len(judged.good)) == (6, 0)


def test_what_a_person_exports_from_eurostat_in_sdmx_says_the_same():
    exported = (
        "DATAFLOW,LAST UPDATE,freq,currency,bop_item,stk_flow,partner,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\n"
        "ESTAT:BOP_ITS6_DET(1.0),20/10/26 23:00:00,A,MIO_EUR,S,DEB,MA,FR,2024,5300.0,p,F\n"
        "ESTAT:BOP_ITS6_DET(1.0),20/10/26 23:00:00,A,MIO_EUR,SI,DEB,MA,ES,2021,,c,\n"
        "ESTAT:BOP_ITS6_DET(1.0),20/10/26 23:00:00,A,MIO_EUR,SJ,DEB,MA,ES,2021,,,C\n"
    )
    judged = examine("eurostat_services", exported.encode())
    assert (judged.refusal, judged.lines()) == ("", [])
    provisional, *secret = judged.good
    bundled = {(row.values["series_key"], row.values["period_label"]): row.values for row in eurostat_services.read(SAMPLE)}
    same = bundled[(provisional["series_key"], "2024")]
    assert (float(same["value"]), same["obs_status"], same["conf_status"]) == (5300.0, "P", "F")
    assert (provisional["value"], provisional["obs_status"], provisional["conf_status"]) == (5300.0, "P", "F")
    assert str(provisional["published_at"]) == "2026-10-20 23:00:00"
    assert [(row["value"], row["obs_status"], row["conf_status"]) for row in secret] == [(None, "Q", "C")] * 2


def answer(**changed: object) -> bytes:
    flow = {"typeCode": "S", "freqCode": "A", "period": "2023", "reporterISO": "MAR", "flowCode": "X", "primaryValue": 3.0}
    return json.dumps({"elapsedTime": "0.1 secs", "count": 1, "data": [flow], "error": ""} | changed).encode()


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (answer(count=0, data=[]), ["aucune donnée", "succès vide"]),
        (answer(count=0, data=[], error="Invalid period"), ["erreur", "Invalid period"]),
        (b'{"statusCode": 429, "message": "Rate limit is exceeded. Try again in 1 seconds."}', ["Rate limit"]),
        (answer(count=2), ["incomplète", "2 lignes", "1 "]),
        (answer(count=500, data=[{}] * 500), ["coupée", "500"]),
        (answer(data=[3]), ["/data/0"]),
        (b'{"count": 0}', ["Comtrade"]),
        (b"[]", ["Comtrade"]),
        (ERROR_PAGE, ["503"]),
        (b"", ["vide"]),
        (answer()[:40], ["ligne 1"]),
    ],
)
def test_a_comtrade_answer_without_data_says_so_though_it_looks_like_success(content, named):
    with pytest.raises(DocumentError) as refused:
        list(comtrade.flows(content))
    assert [word for word in named if word not in str(refused.value)] == [], str(refused.value)


def test_a_comtrade_flow_keeps_its_place_and_its_period():
    (row,) = comtrade_services.read(answer())
    assert (row.place, row.values["value"], str(row.values["period"])) == ("/data/0/primaryValue", 3.0, "2023-01-01")


def test_comtrade_is_asked_one_year_at_a_time_below_the_ceiling_of_an_answer_without_key():
    from datetime import date

    asked = [request.address for request in comtrade_services.requests(date(2026, 11, 23))]
    assert len(asked) == len(set(asked)) == comtrade_services.YEARS
    assert "period=2025&" in asked[-1]
