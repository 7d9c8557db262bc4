"""News and national feeds: what each publisher says when it has nothing, refuses, or leaves things out."""

import io
import json
from dataclasses import replace
from datetime import date, datetime
from urllib.parse import urlsplit

import openpyxl
import pytest
from aiohttp import web

from tests.publisher import Publisher
from vigie import feed as feeds
from vigie import fetch, settings
from vigie.examine import examine
from vigie.polls import PollState

DAY = date(2026, 11, 23)


def sample(file: str) -> bytes:
    return (feeds.SAMPLES / file).read_bytes()


def read(name: str, content: bytes) -> list[feeds.Row]:
    return list(feeds.load(name).read(content))


def requests(name: str) -> list[feeds.Request]:
    asked = feeds.load(name).requests
    assert asked is not None
    return list(asked(DAY))


def encoded(answer: object) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode()


def held(name: str, content: bytes) -> list[tuple[str, str]]:
    examination = examine(name, content)
    assert examination.refusal == ""
    return [(line["place"], line["reason"]) for line in examination.lines()]


def polled(name: str, publisher: Publisher, folder) -> tuple[list[fetch.Answer], list[str]]:
    """One poll of a feed whose publisher is on loopback: its answers, and how each question ended."""
    declared = feeds.load(name)

    def here(address: str) -> str:
        parts = urlsplit(address)
        return publisher.url(f"{parts.path}?{parts.query}" if parts.query else parts.path)

    assert declared.requests is not None
    moved = [replace(request, address=here(request.address)) for request in declared.requests(DAY)]
    key = declared.key and replace(declared.key, token_address=declared.key.token_address and here(declared.key.token_address))
    local = replace(declared, address=publisher.url("/"), requests=lambda _: moved, key=key, pace_seconds=0.0)
    state = PollState.open(folder, name)
    answers = list(fetch.poll(local, state, datetime(2026, 11, 23, 8), replace(settings.read(), allowed_hosts=publisher.hosts)))
    return answers, [outcome.kind for _, outcome in state.this_poll]


# — press —


def test_the_press_bundle_asks_eleven_newspapers_once_each():
    addresses = [request.address for request in requests("press_articles")]
    assert len(addresses) == len(set(addresses)) == 11
    assert all(address.startswith("https://") for address in addresses)


def test_an_item_belongs_to_the_newspaper_that_its_link_leads_to():
    found = {row.values["outlet"] for row in read("press_articles", sample("press_articles.2025-10-21.fil.xml"))}
    assert found == {"Le360", "rtl.be", "maghrebemergent.news", "allafrica.com"}


def test_a_link_that_leads_nowhere_names_no_newspaper_and_stops_nothing():
    odd = b"<rss version='2.0'><channel><title>x</title><item><title>a</title><link>http://[::1</link></item></channel></rss>"
    assert [row.values["outlet"] for row in read("press_articles", odd)] == [None]
    follow = feeds.load("press_articles").follow
    assert follow is not None and list(follow(odd)) == []


def test_the_text_of_the_press_is_perishable_and_its_facts_are_not():
    feed = feeds.load("press_articles")
    assert feed.keep_days == 90
    assert feed.perishable == ("body",)


# — GDELT —


def test_gdelt_is_asked_in_three_languages_and_never_twice_in_six_seconds():
    asked = requests("gdelt_articles")
    assert [next(tongue for tongue in ("french", "spanish", "arabic") if tongue in one.address) for one in asked] == [
        "french", "spanish", "arabic",
    ]  # fmt: skip
    assert all("maxrecords=250" in one.address and one.address.isascii() for one in asked)
    assert feeds.load("gdelt_articles").pace_seconds >= 6


def test_gdelt_refusing_in_plain_text_under_a_200_is_refused_with_its_words():
    with pytest.raises(feeds.DocumentError, match=r"GDELT répond par du texte.*Please limit requests"):
        read("gdelt_articles", b"Please limit requests to one every 5 seconds.\n")


def test_gdelt_saying_that_it_found_nothing_is_no_document():
    assert all(b"{}" in one.empty_bodies for one in requests("gdelt_articles"))
    with pytest.raises(feeds.DocumentError, match="liste en /articles"):
        read("gdelt_articles", b"{}")


def test_a_full_answer_of_gdelt_lands_and_says_that_it_is_truncated():
    one = json.loads(sample("gdelt_articles.2026-11-22.fr.json"))["articles"][0]
    full = encoded({"articles": [one | {"url": f"https://presse.example/{n}"} for n in range(250)]})
    ((place, reason),) = held("gdelt_articles", full)
    assert place == "/articles"
    assert "tronquée" in reason
    assert len(examine("gdelt_articles", full).good) == 250
    assert held("gdelt_articles", encoded({"articles": json.loads(full)["articles"][:249]})) == []


def test_the_day_gdelt_saw_an_article_is_never_its_day_of_publication():
    row = read("gdelt_articles", sample("gdelt_articles.2026-11-22.ar.json"))[0]
    assert row.values["seen_raw"] == "20261119T183000Z"
    assert "published_at" not in row.values
    assert "published_at" not in {column.name for column in feeds.load("gdelt_articles").columns}


def test_markup_in_a_title_seen_by_gdelt_is_text_and_nothing_else():
    one = json.loads(sample("gdelt_articles.2026-11-22.fr.json"))["articles"][0]
    (row,) = read("gdelt_articles", encoded({"articles": [one | {"title": "<script>alert(1)</script><b>Offshoring</b>"}]}))
    assert row.values["title"] == "Offshoring"


# — HCP —


def labour(change) -> bytes:
    book = openpyxl.load_workbook(feeds.SAMPLES / "hcp_labour.2026-10-12.xlsx")
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_the_survey_and_the_census_never_share_a_series():
    found = [row.values for row in read("hcp_labour", sample("hcp_labour.2026-10-12.xlsx"))]
    rates = [
        row for row in found if row["measure"] == "unemployment_rate" and row["population"] == "_T" and row["ref_area"] == "MA"
    ]
    assert {(row["definition"], row["period_label"], row["value"]) for row in rates} == {
        ("HCP_ENE", "T1 2024", 13.7), ("HCP_ENE", "T1 2025", 13.3), ("HCP_RGPH", "2024-09", 21.3),
    }  # fmt: skip
    regions = {row["ref_area"]: row["value"] for row in found if row["ref_area"] != "MA"}
    assert len(regions) == 10
    assert (regions["MA-10"], regions["MA-12"]) == (31.5, 10.6)
    assert {row["definition"] for row in found if row["ref_area"] != "MA"} == {"HCP_RGPH"}


def test_a_new_survey_is_held_until_it_has_a_series_of_its_own():
    def rename(book) -> None:
        book["Régions"]["A3"] = "Définition : enquête sur la main-d'œuvre 2026"

    reasons = held("hcp_labour", labour(rename))
    assert len(reasons) == 11
    assert all("définition" in reason for _, reason in reasons)


def test_a_rate_with_its_comma_lost_is_held():
    def slip(book) -> None:
        book["Taux"]["C8"] = 133

    assert held("hcp_labour", labour(slip)) == [("Taux!C8", "Un pourcentage est compris entre 0 et 100.")]


def test_a_figure_that_hcp_withholds_is_missing_and_never_zero():
    def withhold(book) -> None:
        book["Taux"]["C9"] = "n.d."

    (row,) = [row for row in read("hcp_labour", labour(withhold)) if row.place == "Taux!C9"]
    assert (row.values["value"], row.values["obs_status"]) == (None, "O")


NEWS = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>HCP</title>
<item><title>La situation du marché du travail au troisième trimestre 2026</title><link>https://www.hcp.ma/note</link></item>
<item><title>Indice des prix à la consommation</title><link>https://www.hcp.ma/ipc</link></item>
<item><title>Emploi : appel</title><link>javascript:alert(1)</link></item></channel></rss>"""


def test_only_the_notes_on_labour_are_followed_and_a_note_leads_nowhere_else():
    feed = feeds.load("hcp_labour")
    assert feed.is_listing and feed.follow is not None
    assert [request.address for request in feed.follow(NEWS.encode())] == ["https://www.hcp.ma/note"]
    assert list(feed.follow(b"<!doctype html><title>Note</title>")) == []


def test_a_note_that_is_out_asks_for_its_figures():
    page = "<!doctype html><html><head><title>Marché du travail au T3 2026</title></head></html>".encode()
    with pytest.raises(feeds.DocumentError, match=r"Marché du travail au T3 2026.*classeur"):
        read("hcp_labour", page)


# — Bank Al-Maghrib —


def rates(**changes) -> bytes:
    answer = json.loads(sample("bam_rates.2026-11-20.json"))
    return encoded([line | (changes if line["libDevise"] == "JPY" else {}) for line in answer])


def test_a_rate_for_a_hundred_units_is_divided_and_one_for_one_is_not():
    found = {row.values["currency"]: row.values for row in read("bam_rates", sample("bam_rates.2026-11-19.json"))}
    assert (found["JPY"]["rate"], found["JPY"]["unit"], found["JPY"]["per_unit"]) == (5.9264, 100, pytest.approx(0.059264))
    assert (found["EUR"]["unit"], found["EUR"]["per_unit"]) == (1, 10.6843)
    assert found["EUR"]["period"] == date(2026, 11, 19)


@pytest.mark.parametrize(("unit", "told"), [(1, "pas été divisé par cent"), (10, "ni pour une unité")])
def test_a_unit_that_is_wrong_is_held_whether_or_not_it_is_a_known_one(unit, told):
    ((place, reason),) = held("bam_rates", rates(uniteDevise=unit))
    assert place == "/5"
    assert told in reason


def test_a_holiday_without_rates_is_nothing_and_no_fault():
    (asked,) = requests("bam_rates")
    assert b"[]" in asked.empty_bodies
    assert {204, 404} <= set(asked.empty)


def test_a_rate_that_is_missing_is_held_and_never_zero():
    assert held("bam_rates", rates(moyen=None)) == [("/5", "La devise est citée sans cours.")]


def test_a_line_that_the_bank_says_twice_over_is_one_line():
    answer = json.loads(sample("bam_rates.2026-11-20.json"))
    assert len(read("bam_rates", encoded(answer + answer))) == len(answer)
    contradicted = [*answer, answer[0] | {"moyen": answer[0]["moyen"] + 0.1}]
    assert {reason for _, reason in held("bam_rates", encoded(contradicted))} == {
        "Deux cours différents sont donnés pour la même devise et le même jour."
    }


def test_a_refused_key_is_told_by_the_bank_s_own_words():
    with pytest.raises(feeds.DocumentError, match=r"Access denied.*clé"):
        read("bam_rates", encoded({"statusCode": 401, "message": "Access denied due to invalid subscription key."}))


def test_the_bank_s_key_travels_in_its_header_and_a_holiday_is_nothing_new(tmp_path, monkeypatch):
    monkeypatch.setenv("VIGIE_BAM_KEY", "clef-de-banque")
    with Publisher() as publisher:
        publisher.say("/cours/Version1/api/CoursVirement", b"[]\n")
        assert polled("bam_rates", publisher, tmp_path) == ([], ["nothing"])
        (asked,) = publisher.asks("/cours/Version1/api/CoursVirement")
        assert asked.headers["Ocp-Apim-Subscription-Key"] == "clef-de-banque"


def test_without_its_key_the_bank_is_not_asked(tmp_path, monkeypatch):
    monkeypatch.delenv("VIGIE_BAM_KEY", raising=False)
    with Publisher() as publisher:
        answers, kinds = polled("bam_rates", publisher, tmp_path)
        assert (answers, set(kinds), publisher.asked) == ([], {"off"}, [])


# — CKAN —


def catalogue(**changes) -> bytes:
    answer = json.loads(sample("ckan_datasets.2026-10-20.json"))
    return encoded(answer | {"result": answer["result"] | changes})


def test_the_catalogue_is_asked_at_its_own_root_for_three_bodies():
    addresses = [request.address for request in requests("ckan_datasets")]
    assert len(set(addresses)) == 3
    assert all(address.startswith("https://data.gov.ma/data/api/3/action/package_search?") for address in addresses)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (encoded({"success": False, "error": {"__type": "Search Query Error", "message": "Invalid fq"}}), "Invalid fq"),
        (encoded({"success": False, "error": "Bad request"}), "Bad request"),
        (catalogue(count=0, results=[]), "organisation inconnu"),
        (catalogue(count=663), "663 jeux de données.*en donne 2"),
        (encoded(["status_show"]), "pas celle d'un catalogue"),
    ],
    ids=["envelope", "plain error", "unknown organisation", "truncated", "not a catalogue"],
)
def test_a_catalogue_that_lies_politely_is_refused(content, told):
    with pytest.raises(feeds.DocumentError, match=told):
        read("ckan_datasets", content)


# — France Travail —


def offers(**changes) -> bytes:
    return encoded(json.loads(sample("francetravail_offers.2026-11-22.json")) | changes)


def test_a_page_of_several_is_a_success_and_a_page_beyond_the_last_is_nothing():
    asked = requests("francetravail_offers")
    assert len({one.address for one in asked}) == len(asked) == 8
    assert {one.success for one in asked} == {(200, 206)}
    assert all(204 in one.empty and 200 not in one.empty for one in asked)
    assert {code for code in ("D1408", "M1401") for one in asked if code in one.address} == {"D1408", "M1401"}


def test_a_first_page_lands_the_rest_is_nothing_and_the_token_is_asked_once(tmp_path, monkeypatch):
    monkeypatch.setenv("VIGIE_FRANCE_TRAVAIL_ID", "vigie")
    monkeypatch.setenv("VIGIE_FRANCE_TRAVAIL_SECRET", "secret-de-vigie")

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer jeton-du-jour":
            return web.Response(status=401)
        if request.query["codeROME"] == "D1408" and request.query["range"] == "0-149":
            return web.Response(status=206, body=offers(), headers={"Content-Range": "offres 0-149/312"})
        return web.Response(status=204)

    with Publisher() as publisher:
        publisher.pages["/partenaire/offresdemploi/v2/offres/search"] = answer
        token = json.dumps({"access_token": "jeton-du-jour", "expires_in": 1499, "token_type": "Bearer"})
        publisher.say("/connexion/oauth2/access_token", token, Content_Type="application/json")
        answers, kinds = polled("francetravail_offers", publisher, tmp_path)
        assert [answer.status for answer in answers] == [206]
        assert sorted(kinds) == ["found"] + ["nothing"] * 7
        (asked,) = [one for one in publisher.asked if one.path.startswith("/connexion/oauth2/access_token")]
        assert b"api_offresdemploiv2" in asked.body


def test_more_offers_than_pages_is_said():
    crowd = [{"filtre": "typeContrat", "agregation": [{"valeurPossible": "CDI", "nbResultats": 601}]}]
    ((place, reason),) = held("francetravail_offers", offers(filtresPossibles=crowd))
    assert place == "/filtresPossibles"
    assert "tronquée" in reason
    assert held("francetravail_offers", offers(filtresPossibles=None)) == []


def test_nobody_is_named_in_an_offer_that_lands():
    answer = json.loads(offers())
    answer["resultats"][0]["contact"] = {"nom": "Mme Durand", "courriel": "durand@exemple.example"}
    assert "urand" not in repr([row.values for row in read("francetravail_offers", encoded(answer))])


def test_a_refused_question_to_france_travail_is_told():
    with pytest.raises(feeds.DocumentError, match="paramètre range"):
        read("francetravail_offers", encoded({"codeErreur": "1", "message": "Valeur du paramètre range incorrecte"}))


def test_a_keyed_feed_names_its_settings_and_holds_no_key():
    assert feeds.load("bam_rates").key == feeds.Key(("VIGIE_BAM_KEY",), header="Ocp-Apim-Subscription-Key")
    key = feeds.load("francetravail_offers").key
    assert key is not None
    assert key.settings == ("VIGIE_FRANCE_TRAVAIL_ID", "VIGIE_FRANCE_TRAVAIL_SECRET")
    assert key.token_address.startswith("https://") and key.scope


@pytest.mark.parametrize("name", ["gdelt_articles", "bam_rates", "ckan_datasets", "francetravail_offers"])
@pytest.mark.parametrize(
    "content",
    [b"", b"  ", b"<!doctype html><title>Maintenance</title>", b'{"articles": [', b"[" * 100_000,
     b"null", b'{"a": 1}', b"[1]", b"\xff\xfe"],
    ids=["empty", "blank", "page", "cut", "deep", "null", "other", "not objects", "not UTF-8"],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(name, content):
    with pytest.raises(feeds.DocumentError) as refused:
        read(name, content)
    assert " ; " in str(refused.value)
