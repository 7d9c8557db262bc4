"""What the readers refuse, and in which words; what they keep as printed."""

import io
import json
import time
import zipfile
from datetime import UTC, date, datetime

import feedparser
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.formula import ArrayFormula

from vigie import feed as feeds
from vigie.feed import DocumentError
from vigie.readers import article, dates, envelope, records, register, rss, workbook, worldbank

RELEASE = (feeds.SAMPLES / "oc_exports.2025-10-20.xlsx").read_bytes()
ERROR_PAGE = b"<!doctype html><html><head><title>503 Service Unavailable</title></head><body><h1>Patience</h1></body></html>"
ITEM = "<item><title>Un titre</title><link>https://exemple.ma/1</link></item>"


def rss_of(items: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Fil</title>{items}</channel></rss>'.encode()
    )


def changed(change) -> bytes:
    """The release of October 2025 after `change(workbook)`."""
    book = openpyxl.load_workbook(io.BytesIO(RELEASE))
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def cell(sheet: str, coordinate: str, value: object) -> bytes:
    return changed(lambda book: book[sheet].__setitem__(coordinate, value))


def without_sheets(book) -> None:
    for name in ("Années", "Semestres", "Trimestres"):
        del book[name]


def without_part(part: str) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(RELEASE))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            if name != part:
                target.writestr(name, source.read(name))
    return buffer.getvalue()


def answer(**heading: object) -> bytes:
    line = {
        "indicator": {"id": "X", "value": "X"}, "country": {"id": "MA", "value": "Morocco"}, "date": "2024", "value": 1,
    }  # fmt: skip
    return json.dumps([{"page": 1, "pages": 1, "total": 1} | heading, [line]]).encode()


WORLD_BANK_ERROR = b'[{"message": [{"id": "120", "key": "Invalid value", "value": "The provided parameter value is not valid"}]}]'

REFUSED = {
    "a truncated workbook": (workbook, RELEASE[: len(RELEASE) // 2], ["tronqué", str(len(RELEASE) // 2)]),
    "a workbook that is an error page": (workbook, ERROR_PAGE, ["503 Service Unavailable", "classeur"]),
    "a workbook of before 2007": (workbook, bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 500, [".xls"]),
    "a workbook without its main part": (workbook, without_part("xl/workbook.xml"), [".xlsx"]),
    "a workbook without one of its sheets": (workbook, without_part("xl/worksheets/sheet1.xml"), ["« Années » qui n'y est pas"]),
    "an empty workbook": (workbook, b"", ["vide"]),
    "a workbook of notes only": (workbook, changed(without_sheets), ["notes"]),
    "a sheet without its corner": (workbook, cell("Années", "A6", None), ["Années", "Segment"]),
    "a header that is no period": (workbook, cell("Années", "C6", "2O24"), ["Années", "C6", "2O24"]),
    "a figure under no period": (workbook, cell("Semestres", "E8", 3.2), ["Semestres", "E8"]),
    "a header without periods": (
        workbook, changed(lambda book: book["Trimestres"].delete_cols(2, 3)), ["Trimestres", "ligne 6"],
    ),
    "a World Bank error with status 200": (worldbank, WORLD_BANK_ERROR, ["Invalid value", "/0/message/0"]),
    "a World Bank answer that is a page": (worldbank, ERROR_PAGE, ["503 Service Unavailable", "JSON"]),
    "a World Bank answer cut short": (worldbank, answer()[:60], ["ligne 1", "colonne"]),
    "a World Bank answer in several pages": (worldbank, answer(pages=3, total=120), ["120", "3 page"]),
    "a World Bank answer without rows": (worldbank, b'[{"page": 0, "total": 0}, null]', ["aucune ligne"]),
    "a World Bank row without its date": (worldbank, answer().replace(b'"date"', b'"jour"'), ["/1/0", "date"]),
    "another JSON": (worldbank, b'{"value": 3}', ["Banque mondiale"]),
    "an empty RSS": (rss, rss_of(""), ["aucun article", "/rss/channel/item"]),
    "an RSS that is an error page": (rss, ERROR_PAGE, ["503 Service Unavailable", "RSS"]),
    "an RSS that is no text": (rss, b"\x00\x01\x02", ["aucun élément XML", "3 octets"]),
    "another XML": (rss, b"<sitemap/>", ["<sitemap>", "<rss>"]),
    "a register in another encoding": (register, "a,b\n1,2\né,3\n".encode("latin-1"), ["0xe9", "ligne 3", "UTF-8"]),
    "a register without a column": (register, b"a\n1\n", ["ligne 1", "absente : b"]),
    "a register with a column too many": (register, b"a,b,c\n1,2,3\n", ["ligne 1", "inattendue : c"]),
    "a register line with a cell too many": (register, b"a,b\n1,2\n1,2,3\n", ["ligne 3", "3 cellules"]),
    "a register with an open quote": (register, b'a,b\n1,"2\n', ["ligne 2"]),
    "a page without an article": (article, ERROR_PAGE.replace(b"<h1>Patience</h1>", b""), ["503 Service Unavailable", "article"]),
    "a page without anything": (article, b"<html></html>", ["sans titre", "article"]),
}  # fmt: skip


def read(reader, content: bytes) -> list:
    match reader:
        case _ if reader is workbook:
            return workbook.tables(content, corner="Segment")
        case _ if reader is register:
            return list(register.rows(content, ["a", "b"]))
        case _ if reader is article:
            return [article.row(content)]
        case _:
            return list(reader.rows(content))


@pytest.mark.parametrize("case", REFUSED)
def test_a_document_that_cannot_be_read_is_refused_in_one_sentence_that_names_the_place(case):
    reader, content, named = REFUSED[case]
    with pytest.raises(DocumentError) as refused:
        read(reader, content)
    sentence = str(refused.value)
    assert "\n" not in sentence
    assert [word for word in named if word not in sentence] == []


def test_what_the_refusals_start_from_is_readable():
    assert len(workbook.tables(RELEASE, corner="Segment")) == 3
    assert [row.values["value"] for row in worldbank.rows(answer())] == [1]
    assert [row.values["title"] for row in rss.rows(rss_of(ITEM))] == ["Un titre"]
    assert [row.place for row in register.rows(b"b,a\n2,1\n", ["a", "b"])] == ["ligne 2"]


@pytest.mark.parametrize(
    ("printed", "freq", "start", "flag"),
    [
        (2025, "A", date(2025, 1, 1), ""),
        ("2024 (p)", "A", date(2024, 1, 1), "p"),
        ("2024*", "A", date(2024, 1, 1), "p"),
        ("S2 2025", "S", date(2025, 7, 1), ""),
        ("1er semestre 2025 (e)", "S", date(2025, 1, 1), "e"),
        ("2025-H2", "S", date(2025, 7, 1), ""),
        ("T3 2025 (p)", "Q", date(2025, 7, 1), "p"),
        ("4e trimestre 2024", "Q", date(2024, 10, 1), ""),
        ("2025-03", "M", date(2025, 3, 1), ""),
    ],
)
def test_a_period_is_read_as_releases_write_it(printed, freq, start, flag):
    assert dates.period(printed) == dates.Period(freq, start, flag)


@pytest.mark.parametrize(
    "printed", ["2O24", "2 2025", "T5 2025", "S3 2025", "Évolution 2024", "26.22", True, None, date(2025, 1, 1)]
)
def test_what_is_not_a_period_is_not_read_as_one(printed):
    assert dates.period(printed) is None


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("20 octobre 2025", date(2025, 10, 20)),
        ("1er juin 2016", date(2016, 6, 1)),
        ("août 2016", date(2016, 8, 31)),
        ("15 - 07 - 2025", date(2025, 7, 15)),
        ("2024", date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 29)),
        ("32 mai 2025", None),
        ("2025-13", None),
    ],
)
def test_a_day_is_read_as_french_pages_write_it_and_a_month_gives_its_last_day(printed, day):
    assert dates.day(printed) == day


def figures(content: bytes) -> dict[str, workbook.Figure]:
    return {figure.place: figure for table in workbook.tables(content, corner="Segment") for figure in table.figures}


def test_a_formula_stays_the_text_it_is():
    assert figures(cell("Années", "C12", "=SUM(C7:C11)"))["Années!C12"].value == "=SUM(C7:C11)"


def packed(size: int) -> bytes:
    """The release with one part that unpacks to `size` zeros."""
    buffer = io.BytesIO(RELEASE)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as target:
        target.writestr("xl/media/image1.png", bytes(size))
    return buffer.getvalue()


def replaced(part: str, start: str, end: str) -> bytes:
    """The release with a piece of one part replaced."""
    source = zipfile.ZipFile(io.BytesIO(RELEASE))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name).decode()
            target.writestr(name, content.replace(start, end, 1) if name == part else content)
    return buffer.getvalue()


def test_a_workbook_that_unpacks_beyond_its_caps_is_refused_unopened():
    for size in (30_000_000, 100_000_000):
        with pytest.raises(DocumentError, match="ne pas l'ouvrir"):
            workbook.tables(packed(size), corner="Segment")


def test_a_workbook_that_declares_entities_is_refused():
    bomb = '<!DOCTYPE x [<!ENTITY a "mille"><!ENTITY b "&a;&a;">]><worksheet '
    with pytest.raises(DocumentError, match="xlsx"):
        workbook.tables(replaced("xl/worksheets/sheet1.xml", "<worksheet ", bomb), corner="Segment")


def test_a_cell_that_strays_at_the_end_of_the_sheet_is_told():
    with pytest.raises(DocumentError, match="16384"):
        workbook.tables(cell("Années", "XFD1048576", "x"), corner="Segment")


def test_what_begins_like_a_formula_is_text_in_a_sheet_and_in_a_csv():
    book = openpyxl.Workbook()
    book.active.append(["nom", "valeur"])
    book.active.append(['=HYPERLINK("http://x.ma")', "=1+1"])
    book.active["A3"] = ArrayFormula("A3:A3", "=SUM(B1:B2)")
    buffer = io.BytesIO()
    book.save(buffer)
    read = [row.values for row in records.rows(buffer.getvalue(), "xlsx", {"nom": "name", "valeur": "value"})]
    assert read == [{"name": '=HYPERLINK("http://x.ma")', "value": "=1+1"}, {"name": "=SUM(B1:B2)", "value": None}]
    written = b"nom,valeur\n=cmd|x,+1\n@SUM(A1),-2\n"
    read = [tuple(row.values.values()) for row in records.rows(written, "csv", {"nom": "name", "valeur": "value"})]
    assert read == [("=cmd|x", "+1"), ("@SUM(A1)", "-2")]


def test_the_decimals_of_a_figure_are_those_it_is_printed_with():
    assert {place: figures(RELEASE)[place].decimals for place in ("Années!C7", "Années!B12", "Semestres!C10")} == {
        "Années!C7": 3, "Années!B12": 2, "Semestres!C10": 1,
    }  # fmt: skip
    assert figures(cell("Années", "C7", 10.578 + 1))["Années!C7"].decimals == 3


def test_a_flag_in_a_cell_and_a_flag_in_a_header_both_mark_the_figure():
    read = figures(RELEASE)
    assert (read["Trimestres!B7"].value, read["Trimestres!B7"].flag) == ("2.814", "p")
    assert (read["Années!C7"].value, read["Années!C7"].flag) == (10.578, "p")


def test_a_date_typed_as_a_date_is_read_like_a_date_written_out():
    def retype(book) -> None:
        book["Années"]["A3"] = "Date de publication :"
        book["Années"]["B3"] = date(2025, 10, 20)

    table = workbook.tables(changed(retype), corner="Segment")[0]
    assert dates.day(table.stated("Date de publication")) == date(2025, 10, 20)


def test_an_empty_cell_gives_no_figure_and_a_footnote_gives_none_either():
    assert not {"Années!C12", "Années!B7", "Années!A14"} & set(figures(RELEASE))


def test_an_empty_row_inside_a_table_loses_nothing():
    split = changed(lambda book: book["Années"].insert_rows(9))
    assert len(figures(split)) == len(figures(RELEASE)) == 14


def test_a_register_line_with_a_line_break_keeps_the_line_it_starts_on():
    rows = list(register.rows(b'a,b\n"un\ndeux",1\ntrois,2\n', ["a", "b"]))
    assert [(row.values["a"], row.place) for row in rows] == [("un\ndeux", "ligne 2"), ("trois", "ligne 4")]


def test_an_error_page_is_known_however_it_begins():
    for start in (b"<!DOCTYPE html>", b"\n  <HTML lang='fr'>", b"<!-- nginx -->\n<html>", "\ufeff<html>".encode()):
        with pytest.raises(DocumentError, match="page HTML"):
            envelope.refuse_html(start, "du fichier attendu")
    envelope.refuse_html(b"a,b\n<html>,1\n", "du fichier attendu")


def test_a_seed_like_page_gives_its_three_figures_and_none_of_the_ticker():
    page = (feeds.SAMPLES / "press_articles.2025-07-16.lopinion.html").read_bytes()
    row = article.row(page)
    assert row.values["published_at"] == date(2025, 7, 15)
    assert row.values["outlet"] == "L'Opinion"
    assert all(figure in row.values["body"] for figure in ("20 000 emplois", "18 milliards de dirhams", "80 %"))
    ticker = ("82 %", "400 000", "500 000", "1,2 million", "55 milliards", "66,1 %", "15 ans", "signalé", "Cliquez ici")
    assert all(alien.encode() in page for alien in ticker)
    assert [alien for alien in ticker if alien in row.values["body"]] == []


def test_the_links_of_a_feed_are_web_addresses_only():
    items = ITEM + ITEM.replace("https://exemple.ma/1", "javascript:alert(1)") + ITEM.replace("https", "file")
    assert list(rss.links(rss_of(items))) == ["https://exemple.ma/1"]


def test_markup_in_a_summary_is_text_only():
    described = ITEM.replace("</item>", "<description><![CDATA[<p>Un <b>fait</b><script>x()</script></p>]]></description></item>")
    assert next(iter(rss.rows(rss_of(described)))).values["body"] == "Un fait"


@pytest.mark.parametrize(
    ("printed", "moment"),
    [
        ("mar., 15 juil. 2025 10:30", datetime(2025, 7, 15, 10, 30, tzinfo=UTC)),
        ("Mar, 15 Jul 2025 10:00:00 +0100", datetime(2025, 7, 15, 9, tzinfo=UTC)),
        ("1er août 2025 à 14h05", datetime(2025, 8, 1, 14, 5, tzinfo=UTC)),
        ("martes 15 de julio de 2025", datetime(2025, 7, 15, tzinfo=UTC)),
        ("١٥ دجنبر 2025 - 12:30", datetime(2025, 12, 15, 12, 30, tzinfo=UTC)),
        ("15 غشت 2025", datetime(2025, 8, 15, tzinfo=UTC)),
        ("15 - 07 - 2025", datetime(2025, 7, 15, tzinfo=UTC)),
        ("15/07/2025", datetime(2025, 7, 15, tzinfo=UTC)),
        ("1752570000", datetime(2025, 7, 15, 9, tzinfo=UTC)),
        ("15 mai 1752", None),
        ("99/99/2025", None),
        ("hier", None),
    ],
)
def test_the_date_of_a_feed_is_read_in_french_spanish_and_arabic(printed, moment):
    assert dates.stamp(printed) == moment
    item = ITEM.replace("</item>", f"<pubDate>{printed}</pubDate></item>")
    values = next(iter(rss.rows(rss_of(item)))).values
    assert (values["published_at"], values["published_raw"]) == (moment, printed)


ITEM_PLACE, ENTRY_PLACE = "/rss/channel/item[1]", "/feed/entry[1]"
FORMS = {
    "RSS 0.91": ('<rss version="0.91"><channel><item><title>Un</title></item></channel></rss>', ITEM_PLACE),
    "RSS 1.0": (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        "<channel><title>Fil</title></channel><item><title>Un</title></item></rdf:RDF>",
        "/rdf:RDF/item[1]",
    ),
    "Atom 0.3": ('<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>Un</title></entry></feed>', ENTRY_PLACE),
    "Atom 1.0": ('<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Un</title></entry></feed>', ENTRY_PLACE),
    "CDF": ('<CHANNEL><TITLE>Fil</TITLE><ITEM HREF="https://x.ma/1"><TITLE>Un</TITLE></ITEM></CHANNEL>', "/channel/item[1]"),
    "cut short": ("<rss version='2.0'><channel><item><title>Un</title></item>", ITEM_PLACE),
    "a bare ampersand": (
        "<rss version='2.0'><channel><item><title>Un</title><link>https://x.ma/?a=1&b=2</link></item>",
        ITEM_PLACE,
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_that_feedparser_reads_is_read(form):
    document, place = FORMS[form]
    for encoding in ("utf-8", "utf-16", "windows-1252"):
        (row,) = rss.rows(f"<?xml version='1.0' encoding='{encoding}'?>{document}".encode(encoding))
        assert (row.values["title"], row.place) == ("Un", place)


def test_an_ill_formed_feed_is_read_and_says_why():
    assert {row.values["bozo"] for row in rss.rows(rss_of(ITEM))} == {None}
    (cut,) = rss.rows(rss_of(ITEM)[:-20])
    assert cut.values["bozo"].startswith("XML mal formé, ligne 2")
    (other,) = rss.rows(rss_of(ITEM.replace("titre", "éditeur")).decode().encode("windows-1252"))
    assert (other.values["title"], other.values["bozo"]) == (
        "Un éditeur",
        "encodage autre que celui annoncé : lu en windows-1252",
    )


def test_entities_reach_no_file_and_no_network_and_do_not_grow(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("code secret")
    nested = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    for declared, used in (
        (f'<!ENTITY x SYSTEM "{secret.as_uri()}">', "&x;"),
        ('<!ENTITY x SYSTEM "http://127.0.0.1:9/x">', "&x;"),
        (f'<!ENTITY a0 "mille">{nested}', "&a9;"),
        (f'<!ENTITY % x SYSTEM "{secret.as_uri()}"> %x;', "rien"),
    ):
        document = f"<!DOCTYPE rss [{declared}]><rss><channel><item><title>{used}</title></item></channel></rss>"
        (row,) = rss.rows(document.encode())
        assert len(row.values["title"]) < 100
        assert "secret" not in row.values["title"]


def test_bytes_that_name_a_file_do_not_open_it(tmp_path):
    kept = tmp_path / "fil.xml"
    kept.write_bytes(rss_of(ITEM))
    with pytest.raises(DocumentError, match="aucun élément XML"):
        list(rss.rows(str(kept).encode()))


@pytest.mark.parametrize("markup", ["<!--" * 100_000, "<a>" * 200_000, "<div>" * 100_000, "<" * 400_000, "&" * 400_000])
def test_a_hostile_body_costs_less_than_two_seconds(markup):
    escaped = markup.replace("&", "&amp;").replace("<", "&lt;")
    for written in (escaped, f"<![CDATA[{markup}]]>"):
        document = rss_of(ITEM.replace("</item>", f"<description>{written}</description></item>"))
        start = time.process_time()
        assert len(list(rss.rows(document))) == 1
        assert time.process_time() - start < 2


def test_blocks_of_a_summary_do_not_stick_together_and_plain_text_keeps_its_signs():
    assert rss.plain("<ul><li>un</li><li>deux</li></ul>l'<b>e</b>mploi<br>fin") == "un deux l'emploi fin"
    assert next(iter(rss.rows(rss_of(ITEM.replace("Un titre", "R&amp;D : 3 &lt; 5"))))).values["title"] == "R&D : 3 < 5"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_damaged_feed_gives_as_many_rows_as_feedparser_finds_entries(data):
    document = bytearray(data.draw(st.sampled_from(FEEDS)))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(document) - 1))
        upto = data.draw(st.integers(at, min(at + 40, len(document))))
        document[at:upto] = data.draw(st.sampled_from(DAMAGES))
    content = bytes(document)
    try:
        known = len(feedparser.parse(io.BytesIO(content), sanitize_html=False, resolve_relative_uris=False).entries)
    except ValueError:
        known = None  # a reference to half of a character stops feedparser; not us
    try:
        assert len(list(rss.rows(content))) in ((known,) if known else range(1, 1000))
    except DocumentError:
        assert not known


FEEDS = [path.read_bytes() for path in feeds.sample_documents("press_articles") if path.suffix == ".xml"]
FEEDS += [document.encode() for document, _ in FORMS.values()]
DAMAGES = [
    b"", b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<item>", b"</item>", b"<entry>", b"</title>", b"\x00",
    b"\xff\xfe", b"\xe9", b"&#xD800;", b"&#0;", b"&nope;", b"\xe2\x80\xae", b"<?xml version='1.0' encoding='utf-16'?>",
    b"<a href='", b"\x1b",
    b"<pubDate>99999999999999</pubDate>", b"<pubDate>0000-00-00T25:61:61Z</pubDate>", b"<!DOCTYPE x [<!ENTITY e 'f'>]>",
]  # fmt: skip


def test_an_opening_of_many_comments_is_read_once():
    start = time.process_time()
    assert not envelope.is_html(b"<!---->" * 9000 + b"<rss>")
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("content", "written"),
    [
        ("\ufeffa;é\n".encode(), "a;é\n"),
        ("a;é\n".encode("utf-16"), "a;é\n"),
        ("<meta charset='iso-8859-15'>€".encode("iso-8859-15"), "<meta charset='iso-8859-15'>€"),
        ("<meta charset=windows-1256>دجنبر".encode("windows-1256"), "<meta charset=windows-1256>دجنبر"),
        (b"<?xml version='1.0' encoding='utf-16'?><a/>", "<?xml version='1.0' encoding='utf-16'?><a/>"),
        (b"<?xml version='1.0' encoding='zip'?><a/>", None),
    ],
)  # fmt: skip
def test_a_text_is_read_in_the_encoding_it_announces(content, written):
    if written is None:
        with pytest.raises(DocumentError, match="zlib"):
            envelope.text(content)
    else:
        assert envelope.text(content) == written


def test_a_page_with_any_text_gives_one_row_and_the_suite_judges_what_it_lacks():
    text = "Le centre d'appels de Rabat emploie 1 200 personnes et recrute encore cette année. " * 6
    undated = article.row(f"<html><body><h1>Un titre</h1><article><p>{text}</p></article></body></html>".encode())
    assert (undated.values["title"], undated.values["published_at"], undated.values["published_raw"]) == ("Un titre", None, None)
    untitled = article.row(f"<html><body><article><p>{text}</p><p>Publié le 3 mai 2026</p></article></body></html>".encode())
    assert (untitled.values["title"], untitled.values["published_at"]) == (None, date(2026, 5, 3))
    declared = f"<html><head><meta charset='windows-1252'></head><body><h1>Été</h1><p>{text} cœur</p></body></html>"
    for encoding in ("windows-1252", "utf-8"):
        assert article.row(declared.replace("windows-1252", encoding).encode(encoding)).values["title"] == "Été"


PIECES = [
    "<p>", "</p>", "<br/>", "<BR>", "<a href='x'>", '<a href="http://é.ma/?a=1&amp;b=2">', "</a>", "<b>", "</b>", "<div class=x>",
    "</div>", "<span>", "mot", " ", "l'", "é", "&amp;", "&nbsp;", "&lt;", "&gt;", "&amp;nbsp;", "<", ">", "<i>", "</i>",
    "&eacute;", "&#233;", "&#x27;", "&#128;", "&apos;", "&inconnu;", "&ETH;", "&#55296;", "<script>x</script>",
    "<!-- c -->", "<h1>", "</h1>",
    "<img src='a' alt=\"b > c\"/>", "<strong>", "<blink>", "<pre>", "</pre>",
    "<tr>", "<td>", "<li>", "</li>", "<ul>", "</ul>", "<figure>", "<small/>", "<p/>", "&quot;", "&#39;", "&#8217;", "<textarea>",
    "<title>", "<a\nb>", "<table>", "</table>", "\n", "\xa0", "&", "<style>p</style>",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_plain_markup_is_read_without_a_parser_as_the_parser_reads_it(markup):
    quick = rss._unmarked(markup)
    assert quick is None or quick.split() == rss._parsed(markup).split()


def test_the_markup_that_newspapers_write_needs_no_parser():
    assert rss._unmarked(
        '<p>1&nbsp;200 <a href="x?a=1&amp;b=2">emplois</a></p><ul><li>l&#8217;un &amp; l\'<b>autre</b></li></ul>'
    )
    assert rss._unmarked("<p>&eacute;&rsquo;&#233;</p>").strip() == "é’é"
    assert rss._unmarked("&nbsp;&#38;amp;amp;#38;&amp;lt;") == "\xa0&amp;amp;#38;&lt;"
    assert rss._unmarked("<p>&#128;</p>") is None
    assert rss._unmarked("<p>&inconnu; &amp</p>") is None
    assert rss._unmarked("<script>x</script>") is None
