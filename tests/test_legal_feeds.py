"""The gazettes: their formats, their ways of saying « unknown » and « nothing », and what they are refused for."""

import gzip
import io
import json
import re
import tarfile
from datetime import date
from urllib.parse import parse_qs

import pytest

from vigie import check, rows
from vigie import feed as feeds
from vigie.feed import DocumentError
from vigie.feeds import eu_acts
from vigie.readers import hardened_xml, notice

LEGAL = ("boe_notices", "boe_texts", "dila_texts", "eu_acts", "legifrance_texts", "uk_legislation")
TEXT = "JORFTEXT000000000001"
VERSION = f"20260101-000000/jorf/global/texte/version/JORF/TEXT/{TEXT}.xml"
STRUCT = VERSION.replace("/version/", "/struct/")
XXE = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
PAGE = b"<!doctype html><html><head><title>503 Service Unavailable</title></head><body/></html>"


def read(name: str, content: bytes) -> list[feeds.Row]:
    return list(feeds.load(name).read(content))


def sample(name: str, day: str) -> bytes:
    (path,) = feeds.SAMPLES.glob(f"{name}.{day}.*")
    return path.read_bytes()


def values(name: str, content: bytes) -> list[dict]:
    return [dict(row.values) for row in read(name, content)]


def packed(files: dict[str, str], *odd: tarfile.TarInfo) -> bytes:
    """A .tar.gz of these files, with members of any other kind after them."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, text in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
        for info in odd:
            tar.addfile(info)
    return gzip.compress(buffer.getvalue())


def text_version(identity: str = TEXT, title: str = "Décret", publication: str = "2026-01-01", start: str = "2999-01-01") -> str:
    return (
        f"<TEXTE_VERSION><META><META_COMMUN><ID>{identity}</ID><NATURE>DECRET</NATURE></META_COMMUN><META_SPEC>"
        f"<META_TEXTE_CHRONICLE><CID>{identity}</CID><DATE_PUBLI>{publication}</DATE_PUBLI><DATE_TEXTE>2999-01-01</DATE_TEXTE>"
        f"</META_TEXTE_CHRONICLE><META_TEXTE_VERSION><TITREFULL>{title}</TITREFULL><DATE_DEBUT>{start}</DATE_DEBUT>"
        "</META_TEXTE_VERSION></META_SPEC></META></TEXTE_VERSION>"
    )


def structure(*links: tuple[str, str]) -> str:
    versions = "".join(f'<VERSION etat=""><LIEN_TXT id="{identity}" debut="{start}"/></VERSION>' for identity, start in links)
    return f"<TEXTELR><META><META_COMMUN><ID>{TEXT}</ID></META_COMMUN></META><VERSIONS>{versions}</VERSIONS></TEXTELR>"


def summary(items: str, day: str = "20260102", code: str = "200") -> bytes:
    return (
        f"<response><status><code>{code}</code><text>dicho</text></status><data><sumario><metadatos><publicacion>BOE</publicacion>"
        f"<fecha_publicacion>{day}</fecha_publicacion></metadatos><diario><seccion nombre='I. Disposiciones'>"
        f"<departamento nombre='JEFATURA'><epigrafe nombre='Consumo'>{items}</epigrafe></departamento></seccion></diario>"
        "</sumario></data></response>"
    ).encode()


def item(number: int) -> str:
    return f"<item><identificador>BOE-A-2026-{number}</identificador><titulo>Ley {number}</titulo></item>"


def answered(*solutions: dict, variables: tuple[str, ...] = ()) -> bytes:
    return json.dumps({"head": {"vars": variables or eu_acts.VARIABLES}, "results": {"bindings": list(solutions)}}).encode()


@pytest.mark.parametrize(
    ("printed", "zone", "expected"),
    [
        ("2025-07-01", "UTC", "2025-07-01"),
        ("20250701", "UTC", "2025-07-01"),
        ("2025-06-30T22:00:00.000+0000", "Europe/Paris", "2025-07-01"),
        ("2026-01-14T23:00Z", "Europe/Paris", "2026-01-15"),
        (1751320800000, "Europe/Paris", "2025-07-01"),
        ("2999-01-01", "UTC", None),
        ("2998-12-31T23:00Z", "Europe/Paris", None),
        ("2998-12-31T23:00:00.000+0000", "Europe/Paris", None),
        (32472140400000, "Europe/Paris", None),
        ("9999-12-31", "UTC", None),
        ("1001-01-01", "UTC", None),
        ("", "UTC", None),
        (None, "UTC", None),
        ("1er juillet 2025", "UTC", "1er juillet 2025"),
    ],
)
def test_a_sentinel_is_no_date_and_a_midnight_of_paris_keeps_its_day(printed, zone, expected):
    assert notice.day(printed, zone) == expected


def test_a_date_that_cannot_be_read_is_a_fault_of_its_row_alone():
    content = packed(
        {VERSION: text_version(publication="bientôt"), VERSION.replace("01.xml", "02.xml"): text_version(TEXT[:-1] + "2")}
    )
    records, faults = rows.typed(read("dila_texts", content), feeds.load("dila_texts").columns)
    assert [record["local_id"][-1] for record in records] == ["1", "2"]
    assert {number: [fault.rule for fault in found] for number, found in faults.items()} == {1: ["type(published_at)"]}


def test_the_law_on_phone_selling_is_read_as_it_was_published():
    law = values("dila_texts", sample("dila_texts", "2025-07-01"))[0]
    assert (law["local_id"], law["published_at"], law["adopted_on"]) == ("JORFTEXT000051824277", "2025-07-01", "2025-06-30")
    assert law["effective_at"] is None and law["nor"] is None
    assert "L. 223-1" in law["subject"] and "11 août 2026" in law["subject"]
    (again,) = [r for r in values("dila_texts", sample("dila_texts", "2026-07-25")) if r["local_id"] == law["local_id"]]
    assert again["effective_at"] == "2025-07-02"


def test_the_start_of_a_text_is_on_the_link_of_its_consolidated_version():
    links = [(TEXT, "2999-01-01"), ("LEGITEXT000000000009", "2026-03-01"), ("LEGITEXT000000000009", "2026-02-01")]
    (row,) = values("dila_texts", packed({STRUCT: structure(*links), VERSION: text_version()}))
    assert row["effective_at"] == "2026-02-01"
    (row,) = values("dila_texts", packed({STRUCT: structure((TEXT, "2999-01-01")), VERSION: text_version()}))
    assert row["effective_at"] is None


def test_only_texts_of_the_official_journal_make_rows():
    others = {
        "x/jorf/global/conteneur/JORF/CONT/JORFCONT000000000001.xml": "<JO/>",
        "x/legi/global/texte/version/LEGITEXT000000000001.xml": text_version("LEGITEXT000000000001"),
        "x/jorf/global/texte/version/JORFTEXT000000000003.pdf": "%PDF",
    }
    assert [row["local_id"] for row in values("dila_texts", packed({**others, VERSION: text_version()}))] == [TEXT]
    with pytest.raises(DocumentError, match="aucun texte du Journal officiel"):
        read("dila_texts", packed(others))


def test_a_text_whose_file_is_cut_short_is_a_row_for_the_door_and_its_neighbours_are_read():
    broken = VERSION.replace("01.xml", "02.xml")
    found = read("dila_texts", packed({VERSION: text_version(), broken: text_version()[:80]}))
    assert [(row.values["local_id"][-1], row.values.get("title")) for row in found] == [("1", "Décret"), ("2", None)]
    assert found[1].place == broken


def test_the_latest_archives_of_the_folder_are_followed_and_the_full_dump_never():
    names = [f"JORF_202611{day:02d}-02{day:02d}00.tar.gz" for day in range(1, 21)]
    listing = "".join(
        f'<tr><td><a href="{name}">{name}</a></td></tr>' for name in [*names, "Freemium_jorf_global_20250713-140000.tar.gz"]
    )
    declared = feeds.load("dila_texts")
    asked = list(declared.follow(f"<!DOCTYPE html><html><body><table>{listing}</table></body></html>".encode()))
    assert declared.is_listing
    assert [request.address for request in asked] == [declared.address + name for name in names[-12:]]
    with pytest.raises(DocumentError, match="ne montre aucune archive"):
        list(declared.follow(PAGE))


def link(path: str, kind: bytes, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(path)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (packed({VERSION: text_version(), "../../etc/cron.d/x": "x"}), "sort du dossier"),
        (packed({VERSION: text_version(), "/etc/passwd": "x"}), "sort du dossier"),
        (packed({VERSION: text_version()}, link("x/texte/version/a.xml", tarfile.SYMTYPE, "/etc/passwd")), "est un lien"),
        (packed({VERSION: text_version()}, link("x/texte/version/a.xml", tarfile.LNKTYPE, VERSION)), "est un lien"),
        (packed({VERSION: text_version()})[:-40], "tronquée ou abîmée"),
        (PAGE, "503 Service Unavailable"),
        (b"", "vide"),
    ],
)
def test_a_hostile_or_broken_archive_is_refused_whole(content, said):
    with pytest.raises(DocumentError, match=said):
        read("dila_texts", content)


@pytest.mark.parametrize("declared", [XXE, LAUGHS, '<?xml version="1.0"?><!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd">'])
def test_xml_that_declares_a_dtd_is_refused_and_reads_nothing_else(declared):
    inside = text_version(title="&secret;" if "secret" in declared else "&c;" if "ENTITY" in declared else "Décret")
    documents = {
        "dila_texts": packed({VERSION: declared + inside}),
        "boe_notices": declared.encode() + summary(item(1)),
        "uk_legislation": declared.encode() + sample("uk_legislation", "2025-07-29").partition(b"?>")[2],
    }
    for name, content in documents.items():
        with pytest.raises(hardened_xml.HostileXmlError, match="ne pas l'ouvrir"):
            read(name, content)


def test_an_entity_in_an_article_condemns_the_archive_too():
    article = VERSION.replace("texte/version", "article")
    hostile = (
        XXE
        + f'<ARTICLE><CONTEXTE><TEXTE cid="{TEXT}"/></CONTEXTE><BLOC_TEXTUEL><CONTENU>&secret;</CONTENU></BLOC_TEXTUEL></ARTICLE>'
    )
    with pytest.raises(hardened_xml.HostileXmlError):
        read("dila_texts", packed({VERSION: text_version(), article: hostile}))


def test_a_summary_of_one_item_is_read_as_one_of_several():
    (alone,) = read("boe_notices", summary(item(1)))
    several = read("boe_notices", summary(item(1) + item(2)))
    assert [row.values["local_id"] for row in several] == ["BOE-A-2026-1", "BOE-A-2026-2"]
    assert several[0].values == alone.values
    assert alone.values["published_at"] == "2026-01-02" and alone.values["issuer"] == "JEFATURA"
    assert [row.place.rpartition("/")[2] for row in [alone, *several]] == ["item", "item[1]", "item[2]"]


def test_a_summary_in_json_is_refused_since_its_lists_of_one_become_objects():
    with pytest.raises(DocumentError, match="demander le XML"):
        read("boe_notices", b'{"status": {"code": "200"}, "data": {"sumario": {"diario": {"seccion": {"item": {}}}}}}')


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (summary("", code="404"), "code 404.*dimanche"),
        (
            b"<response><status><code>404</code><text>La informacion solicitada no existe</text></status><data/></response>",
            "no existe",
        ),
        (summary(""), "est vide"),
        (summary(item(1), day=""), "ne dit pas sa date"),
        (summary(item(1))[:-20], "n'est pas bien formé"),
        (PAGE, "503 Service Unavailable"),
    ],
)
def test_a_summary_that_says_nothing_is_refused_with_its_reason(content, said):
    with pytest.raises(DocumentError, match=said):
        read("boe_notices", content)


def test_sundays_are_asked_for_and_their_404_is_no_failure():
    sunday = date(2026, 11, 22)
    asked = list(feeds.load("boe_notices").requests(sunday))
    assert [request.address[-8:] for request in asked] == ["20261119", "20261120", "20261121", "20261122"]
    assert all(request.empty == (404,) and request.headers == {"Accept": "application/xml"} for request in asked)


def test_the_day_a_british_text_came_out_is_never_the_day_its_page_changed():
    first, again = (values("uk_legislation", sample("uk_legislation", day))[-1] for day in ("2025-07-29", "2026-11-21"))
    assert first["local_id"] == again["local_id"] == "uksi/2025/904"
    assert first["published_at"] == again["published_at"] == "2025-07-24T10:00:00Z"
    assert (first["updated_at"], again["updated_at"]) == ("2025-07-24T10:00:00Z", "2026-02-06T09:00:00Z")
    undated = sample("uk_legislation", "2025-07-29").replace(b"<published>2025-07-24T10:00:00Z</published>", b"")
    (row,) = values("uk_legislation", undated)
    assert row["published_at"] is None


def test_an_atom_feed_that_is_empty_or_is_no_feed_is_refused():
    with pytest.raises(DocumentError, match="rien de nouveau"):
        read("uk_legislation", b'<feed xmlns="http://www.w3.org/2005/Atom"><title>New Legislation</title></feed>')
    with pytest.raises(DocumentError, match="racine"):
        read("uk_legislation", b"<rss><channel/></rss>")
    with pytest.raises(DocumentError, match="503 Service Unavailable"):
        read("uk_legislation", PAGE)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Virtuoso 42000 Error The estimated execution time 1200 (sec) exceeds the limit of 400 (sec).", "exceeds the limit"),
        (PAGE, "503 Service Unavailable"),
        (answered({"celex": {"type": "literal", "value": "32024R1689"}})[:-30], "ligne 1"),
        (answered(), "est vide"),
        (answered({"celex": {"type": "literal", "value": "32024R1689"}}, variables=("celex",)), "variables demandées"),
        (answered(*({"celex": {"type": "literal", "value": f"32024R{n:04d}"}} for n in range(2000))), "tronquée"),
        (b'{"head": {}, "results": {}}', "variables demandées"),
    ],
)
def test_an_answer_of_the_sparql_service_that_is_no_whole_answer_is_refused(content, said):
    with pytest.raises(DocumentError, match=said):
        read("eu_acts", content)


def test_an_act_that_the_service_knows_in_part_keeps_what_is_known():
    (row,) = values(
        "eu_acts", answered({"celex": {"type": "typed-literal", "value": "32026R0001"}, "published": {"value": "2026-01-02"}})
    )
    assert (row["local_id"], row["published_at"]) == ("32026R0001", "2026-01-02")
    assert [name for name in ("title", "effective_at", "subject", "status", "nature") if row[name]] == []


def test_the_query_of_acts_is_bounded_in_time_and_in_number():
    (request,) = feeds.load("eu_acts").requests(date(2026, 11, 21))
    (query,) = parse_qs(request.body.decode())["query"]
    assert '"2026-11-07"^^xsd:date' in query and query.endswith("limit 2000\n")
    assert set(eu_acts.VARIABLES) <= set(re.findall(r"\?(\w+)", query.partition("where")[0]))
    assert request.headers["Accept"] == "application/sparql-results+json"


def test_the_search_is_a_post_of_json_that_waits_for_its_key():
    declared = feeds.load("legifrance_texts")
    asked = list(declared.requests(date(2026, 11, 21)))
    bodies = [json.loads(request.body) for request in asked]
    assert declared.key.settings == ("VIGIE_PISTE_ID", "VIGIE_PISTE_SECRET") and declared.key.token_address.startswith("https://")
    assert bodies[0]["recherche"]["champs"][0]["criteres"][0]["valeur"] == "démarchage téléphonique"
    assert bodies[0]["recherche"]["filtres"][0]["dates"] == {"start": "2025-10-17", "end": "2026-11-21"}


def test_a_search_says_its_days_in_paris_and_its_extracts_without_markup():
    decree, law = values("legifrance_texts", sample("legifrance_texts", "2026-11-20"))
    assert (decree["published_at"], decree["effective_at"]) == ("2026-07-25", "2026-08-11")
    assert (law["published_at"], law["adopted_on"]) == ("2025-07-01", "2025-06-30")
    assert decree["subject"] == "consentement au démarchage téléphonique, article L. 223-1"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"error": "invalid_token"}', "invalid_token"),
        (b'{"totalResultNumber": 0, "results": []}', "aucun texte"),
        (b'{"totalResultNumber": 250, "results": [{"titles": []}]}', "réponse incomplète"),
        (b'{"results": null}', "/results"),
        (PAGE, "503 Service Unavailable"),
        (b"quota exceeded", "quota exceeded"),
    ],
)
def test_an_answer_of_the_search_that_is_no_whole_answer_is_refused(content, said):
    with pytest.raises(DocumentError, match=said):
        read("legifrance_texts", content)


def test_both_feeds_of_the_official_journal_name_a_text_alike():
    by_archive = {
        row["local_id"] for day in ("2025-07-01", "2026-07-25") for row in values("dila_texts", sample("dila_texts", day))
    }
    by_search = {row["local_id"] for row in values("legifrance_texts", sample("legifrance_texts", "2026-11-20"))}
    assert by_search < by_archive


def test_every_legal_feed_asks_the_same_of_its_rows():
    for name in LEGAL:
        guarded = {(e["type"], e["kwargs"].get("column")) for e in check.suite(name)}
        for column in ("local_id", "title", "published_at"):
            assert ("expect_column_values_to_not_be_null", column) in guarded, name
        assert ("expect_column_values_to_be_unique", "local_id") in guarded, name
        assert any(e["meta"]["on_failure"] == "refuse_batch" for e in check.suite(name)), name


def test_the_observatory_shows_each_text_once_and_what_to_look_at(observatory):
    repeated = observatory.ask("select local_id from notices group by jurisdiction, local_id having count(*) > 1")
    assert repeated == []
    found = dict(observatory.ask("select local_id, matches from notices where is_relevant"))
    assert "L. 223-1" in found["JORFTEXT000051824277"]
    assert "démarchage téléphonique" in found["JORFTEXT000054483939"]
    assert "atención a la clientela" in found["BOE-A-2025-26698"]
    assert "llamadas comerciales" in found["BOE-A-2026-8409"]
    assert observatory.value("select is_relevant from notices where local_id = 'JORFTEXT000054912927'") is False
    assert "subject" not in [name for name, *_ in observatory.ask("describe notices")]


def consolidated(blocks: str, **fields: str) -> bytes:
    meta = {
        "identificador": "BOE-A-2026-1",
        "titulo": "Ley 1/2026",
        "fecha_publicacion": "20260102",
        "fecha_vigencia": "20260122",
    }
    told = "".join(f"<{name}>{value}</{name}>" for name, value in (meta | fields).items())
    return (
        f"<response><status><code>200</code></status><data><metadatos>{told}</metadatos><texto>{blocks}</texto></data></response>"
    ).encode()


BLOCK = (
    "<bloque id='pr' tipo='preambulo' titulo='Preámbulo'><version fecha_publicacion='20260102'><p>Sepan.</p></version></bloque>"
    "<bloque id='a1' tipo='precepto' titulo='Artículo 1'>"
    "<version id_norma='BOE-A-2026-1' fecha_publicacion='20260102' fecha_vigencia='20260122'><p>Uno.</p><p>Dos.</p></version>"
    "<version id_norma='BOE-A-2026-9' fecha_publicacion='20260901' fecha_vigencia='99991231'><p>Tres.</p></version></bloque>"
)


def test_a_consolidated_text_gives_each_article_in_all_its_versions():
    (row,) = values("boe_texts", consolidated(BLOCK, estatus_derogacion="S"))
    assert (row["local_id"], row["published_at"], row["effective_at"]) == ("BOE-A-2026-1", "2026-01-02", "2026-01-22")
    assert (row["status"], row["is_whole"]) == ("DEROGADA", True)
    first, second = json.loads(row["articles"])
    assert (first["article"], first["text"], first["by"]) == ("Artículo 1", "Uno.\nDos.", "BOE-A-2026-1")
    assert (first["published_on"], first["effective_on"]) == ("2026-01-02", "2026-01-22")
    assert (second["by"], second["effective_on"]) == ("BOE-A-2026-9", None)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<response><status><code>500</code><text>fallo</text></status></response>", "fallo"),
        (b"<response><status><code>200</code></status><data/></response>", "ne dit pas de quel texte"),
        (consolidated(""), "aucun article"),
        (PAGE, "503 Service Unavailable"),
    ],
)
def test_a_consolidated_text_that_is_not_there_is_refused_with_its_reason(content, said):
    with pytest.raises(DocumentError, match=said):
        read("boe_texts", content)


def article(number: str, identity: str, words: str) -> str:
    return (
        f"<ARTICLE><META><META_COMMUN><ID>{identity}</ID></META_COMMUN><META_SPEC><META_ARTICLE><NUM>{number}</NUM>"
        f"<DATE_DEBUT>2999-01-01</DATE_DEBUT></META_ARTICLE></META_SPEC></META><CONTEXTE><TEXTE cid='{TEXT}'/></CONTEXTE>"
        f"<BLOC_TEXTUEL><CONTENU><p>{words}</p></CONTENU></BLOC_TEXTUEL></ARTICLE>"
    )


def test_a_french_text_is_whole_when_every_article_that_it_lists_is_there():
    links = "".join(f"<LIEN_ART id='JORFARTI00000000000{n}'/>" for n in (2, 1))
    struct = structure().replace("</TEXTELR>", f"<STRUCT>{links}</STRUCT></TEXTELR>")
    files = {VERSION: text_version(), STRUCT: struct}
    one, two = (VERSION.replace("texte/version", "article").replace(TEXT, f"JORFARTI00000000000{n}") for n in (1, 2))
    files[one] = article("1", "JORFARTI000000000001", "Un.")
    (row,) = values("dila_texts", packed(files))
    assert row["is_whole"] is False and [a["article"] for a in json.loads(row["articles"])] == ["1"]
    files[two] = article("2", "JORFARTI000000000002", "Deux.")
    (row,) = values("dila_texts", packed(files))
    assert row["is_whole"] is True
    assert [(a["article"], a["text"], a["effective_on"]) for a in json.loads(row["articles"])] == [
        ("2", "Deux.", None),
        ("1", "Un.", None),
    ]
    (row,) = values("dila_texts", packed({VERSION: text_version()}))
    assert row["is_whole"] is False and row["articles"] is None
