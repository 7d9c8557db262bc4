"""The monthly note: the same bytes for the same day, nothing of the future, a class to each figure, a table to each chart."""

import builtins
import itertools
import os
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html

from vigie import bulletin, cli
from vigie.bulletin.charts import Chart, Group, Row
from vigie.bulletin.figures import figure

DAY = "2026-03-31"
CHARTS = ["exportations", "exposition", "scenarios", "vulnerabilite", "rangs"]
ENGLISH = re.compile(
    r"\b(the|of|and|with|by|from|value|values|jobs?|employment|status|unknown|none|null|nan|loading|chart|dataset|feed|rows?"
    r"|claims?|headcount|growth|share|target|updated|latest|landed|retyped|recorded|invented|measured|bounded|modelled|claimed)\b",
    re.IGNORECASE,
)
CODES = re.compile(r"(?<![\w-])(_[TZ]|MA-[A-Z]{3}|OC_(NEW|OLD)|DECLARED|PCT|RATIO|MAD_BN|CENTRAL|not_\w+|suppressed)(?![\w-])")


def written(data: Path, target: Path, *words: str) -> bytes:
    assert cli.main(["bulletin", "-o", str(target), "--data", str(data), *words]) == 0
    return target.read_bytes()


@pytest.fixture(scope="module")
def today(observatory, tmp_path_factory) -> bytes:
    return written(observatory.data, tmp_path_factory.mktemp("note") / "note.html")


@pytest.fixture(scope="module")
def then(observatory, tmp_path_factory) -> bytes:
    return written(observatory.data, tmp_path_factory.mktemp("note") / "alors.html", "--as-of", DAY)


@pytest.fixture(scope="module")
def silent(observatory, tmp_path_factory) -> html.HtmlElement:
    """The note of tables where every figure that a chart draws is missing."""
    path = tmp_path_factory.mktemp("muet") / "published.duckdb"
    shutil.copy((observatory.data / "published.duckdb").resolve(), path)
    with duckdb.connect(str(path)) as connection:
        for table in ("indicator_values", "exposure_bounds", "vulnerability"):
            columns = [name for (name, *_) in connection.execute(f"describe {table}").fetchall()]
            emptied = ", ".join(f"{name} = null" for name in columns if name in ("value", "lower", "upper") or "rank_" in name)
            connection.execute(f"update {table} set {emptied}, class = 'unknown', missing_reason = 'late'")
        connection.execute("update claims set who_fr = '<script>alert(1)</script>'")
        return html.fromstring(bulletin.page(bulletin.asking(connection)))


def read(page: bytes) -> html.HtmlElement:
    return html.fromstring(page.decode())


def said(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def lines(page: html.HtmlElement) -> list[tuple[str, html.HtmlElement, html.HtmlElement]]:
    """Each row of each chart beside the row of its table."""
    pairs = []
    for figure_ in page.iter("figure"):
        name = figure_.find(".//svg/title").get("id").removesuffix("-titre")
        drawn = figure_.xpath(".//g[@class='ligne']")
        told = figure_.xpath(".//table/tbody/tr[not(@class='groupe')]")
        assert len(drawn) == len(told) > 0, name
        pairs += [(name, *pair) for pair in zip(drawn, told, strict=True)]
    return pairs


def scale(drawing: html.HtmlElement):
    """Where a value is drawn, read from the two ends of the printed scale."""
    ticks = [(float(text.get("x")), said(text)) for text in drawing.xpath(".//text[@text-anchor='middle']")]
    (x0, low), (x1, high) = ticks[0], ticks[-1]
    number = lambda text: float(re.sub(r"\s", "", text).replace(",", ".").replace("−", "-"))  # noqa: E731
    return lambda value: x0 + (x1 - x0) * (value - number(low)) / (number(high) - number(low))


def test_the_same_tables_make_the_same_bytes_on_any_machine(observatory, today, tmp_path):
    assert written(observatory.data, tmp_path / "encore.html") == today
    done = subprocess.run(
        [sys.executable, "-m", "vigie.cli", "bulletin", "-o", str(tmp_path / "la-bas.html"), "--data", str(observatory.data)],
        env=os.environ | {"TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "la-bas.html").read_bytes() == today


def test_the_note_of_a_past_day_says_nothing_that_was_not_known(observatory, today, then):
    page = read(then)
    assert "31 mars 2026" in said(page.find(".//header")) and "état reconstruit" in said(page.find(".//header"))
    assert "dans 133" in said(page.xpath("//section[@aria-labelledby='essentiel']")[0])
    assert "Aucune alerte n'était tenue" in said(page.xpath("//section[@aria-labelledby='alertes']")[0])
    cited = {code.text for code in page.iter("code") if "data-recu" in code.attrib}
    later = {
        receipt
        for (receipt,) in observatory.ask(
            f"select receipt_id from indicator_history group by 1 having min(known_from) >= timestamp '{DAY}' + interval 1 day"
        )
    }
    assert len(cited) > 50 and later
    assert cited & later == set()
    assert {code.text for code in read(today).iter("code") if "data-recu" in code.attrib} & later
    assert "novembre 2026" not in said(page) and "Alertes actives" in said(page)


def test_the_order_is_that_of_a_reader_who_has_a_minute(today):
    page = read(today)
    assert [said(title).split(" depuis")[0] for title in page.iter("h2")] == [
        "L'essentiel", "Ce qui a le plus changé", "Alertes actives", "Chiffres disputés", "Décisions à prendre", "Graphiques",
        "Ce que l'on ne sait pas, et qui le détient", "Sources et licences", "Méthode et reçus",
    ]  # fmt: skip
    assert 3 <= len(page.xpath("//ul[@class='essentiel']/li")) <= 5
    assert "Données illustratives." in said(page.find(".//header"))


def test_active_alerts_and_contradictions_are_all_told(observatory, today):
    page = read(today)
    told = page.xpath("//section[@aria-labelledby='alertes']//tbody/tr")
    actives = observatory.ask("select finding, action from alerts where state = 'actif'")
    assert len(told) == len(actives) > 0
    plain = {re.sub(r"\s", " ", said(row)) for row in told}
    for finding, _ in actives:
        assert any(re.sub(r"\s+", " ", finding) in text for text in plain), finding
    disputed = observatory.value("select count(*) from contradictions where is_contradictory")
    assert len(page.xpath("//section[@aria-labelledby='disputes']//h3")) == disputed > 0


def test_each_chart_has_a_table_of_the_same_figures(today):
    page = read(today)
    assert [figure_.find(".//svg/title").get("id") for figure_ in page.iter("figure")] == [f"{name}-titre" for name in CHARTS]
    marks = bands = 0
    for name, drawn, row in lines(page):
        at = scale(drawn.getparent())
        cells = row.findall("td")
        value, lower, upper = (cell.find("data") for cell in cells[:3])
        assert said(row.find("th"))[:30].startswith(said(drawn.findall("text")[0]).rstrip("…")[:30]), name
        mark = drawn.xpath("circle | path[not(@class)]")
        assert bool(mark) == (value is not None), (name, said(row))
        if value is not None:
            marks += 1
            x = mark[0].get("cx") or re.match(r"M([-\d.]+)", mark[0].get("d"))[1]
            assert float(x) == pytest.approx(at(float(value.get("value"))), abs=0.3)
            assert said(value) in said(drawn.xpath("text[@class='lecture']")[0])
        band = drawn.xpath("rect[@class='bande']")
        assert bool(band) == (lower is not None or upper is not None), (name, said(row))
        if band and lower is not None:
            bands += 1
            assert float(band[0].get("x")) == pytest.approx(at(float(lower.get("value"))), abs=0.3)
        if band and upper is not None:
            end = float(band[0].get("x")) + float(band[0].get("width"))
            assert end == pytest.approx(at(float(upper.get("value"))), abs=2.3)
    assert marks > 20 and bands > 15


def test_what_is_missing_is_never_drawn_nor_written_as_zero(today, silent):
    missing = [(drawn, row) for _, drawn, row in lines(read(today)) if drawn.get("data-nature") == "unknown"]
    emptied = [(drawn, row) for _, drawn, row in lines(silent)]
    assert missing and len(emptied) > 20
    for drawn, row in missing + emptied:
        assert drawn.xpath("circle | path | rect") == []
        assert row.findall(".//data") == []
        assert re.search(r"inconnu \(.{5,}\)", said(row)), said(row)
        assert "inconnu" in said(drawn)


def test_no_modelled_figure_stands_without_its_band(today):
    modelled = [(drawn, row) for _, drawn, row in lines(read(today)) if drawn.get("data-nature") == "modelled"]
    assert len(modelled) > 5
    for drawn, row in modelled:
        assert float(drawn.xpath("rect[@class='bande']")[0].get("width")) > 0
        assert len(row.findall(".//data")) == 3
    assert "intervalle non calculé" not in said(read(today))
    assert "intervalle non calculé" in figure({"value": 3.0, "unit": "PS", "class": "modelled", "receipt_id": "r"}).text


def test_every_figure_says_its_class_by_a_shape_and_a_word(today):
    natures = read(today).xpath("//span[contains(@class, 'nature')]")
    assert {tuple(said(nature).split()) for nature in natures} == {
        ("●", "mesuré"), ("▬", "encadré"), ("◆", "modélisé"), ("▲", "affirmé"), ("?", "inconnu"),
    }  # fmt: skip
    shapes = {(drawn.get("data-nature"), said(drawn.xpath("text[@class='lecture']")[0])[0]) for _, drawn, _ in lines(read(today))}
    assert shapes <= set(bulletin.MARKS.items()) and len(shapes) > 3


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"value": 26.219, "unit": "MAD_BN", "class": "measured"}, "26,22 Md MAD"),
        ({"lower": 13500.0, "upper": 24000.0, "unit": "PS", "class": "bounded"}, "de 13\u202f500 à 24\u202f000 emplois"),
        ({"lower": 20000.0, "unit": "PS", "class": "claimed"}, "au moins 20\u202f000 emplois"),
        ({"upper": 0.2, "unit": "RATIO", "class": "claimed"}, "au plus 20\u202f%"),
        ({"value": 0.5, "lower": 0.4, "upper": 0.6, "unit": "RATIO", "class": "modelled"}, "50\u202f% (de 40 à 60)"),
        ({"value": 3.5e-6, "unit": "RATIO", "class": "measured"}, "moins de 0,1\u202f%"),
        ({"value": -0.2, "unit": "PS", "class": "measured"}, "entre −1 et 0 emplois"),
        ({"value": 0.0, "unit": "PS", "class": "measured"}, "0 emplois"),
        ({"value": None, "unit": "PS", "class": "unknown"}, "inconnu (secret statistique)"),
    ],
)
def test_a_figure_is_said_in_french_and_never_rounded_to_a_zero_that_it_is_not(row, text):
    assert figure({"receipt_id": "r", **row}, "secret statistique").text == text


def test_a_scale_holds_losses_and_gains_with_zero_between():
    rows = [
        Row("perte", figure({"value": 820.0, "lower": 300.0, "upper": 1290.0, "unit": "PS", "class": "modelled"})),
        Row("gain", figure({"value": -140.0, "lower": -310.0, "upper": 20.0, "unit": "PS", "class": "modelled"})),
        Row("ouvert", figure({"lower": 900.0, "unit": "PS", "class": "claimed"})),
        Row("rien", figure({"unit": "PS", "class": "unknown"}, "en retard")),
    ]
    chart = Chart("essai", "PS", [Group("tous", rows)])
    assert [text for _, text in chart.ticks] == ["−500", "0", "500", "1\u202f000", "1\u202f500"]
    loss, gain, above, nothing = chart.drawn
    assert loss.band[0] < loss.mark < loss.band[1]
    assert gain.band[0] < gain.mark < chart.x(0) < gain.band[1]
    assert above.is_open and above.mark is None and above.band[1] == chart.ticks[-1][0]
    assert (nothing.mark, nothing.band) == (None, None)


def test_no_english_string_of_ours_and_no_code_is_printed(today, then):
    for page in map(read, (today, then)):
        # names of publishers and of licences, and receipts, are what they are
        for section in page.xpath("//section[@aria-labelledby='sources']//td | //code | //style | //*[@lang='es']"):
            section.drop_tree() if section.tag != "td" else section.clear()
        text = said(page)
        assert len(text) > 10_000
        assert ENGLISH.findall(text) == []
        assert CODES.findall(text) == []


def test_the_page_stands_alone_and_can_be_walked_by_keyboard_and_by_headings(today):
    page = read(today)
    assert page.xpath("//script | //link | //img | //iframe | //object | //*[@onclick] | //form") == []
    assert not re.search(rb"url\(|@import|src=", today)
    assert [link for link in page.xpath("//a/@href") if not link.startswith("#")] == []
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.xpath("//a/@href")} <= set(ids)
    levels = [int(title.tag[1]) for title in page.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert page.find("body").find("a").get("href") == "#contenu"
    for table in page.iter("table"):
        assert said(table.find("caption")) and table.xpath(".//thead//th[@scope='col']")
        assert all(row.xpath("th[@scope]") for row in table.xpath(".//tr"))
    assert page.get("lang") == "fr" and said(page.find(".//title")).startswith("Vigie, note mensuelle, novembre 2026")


@pytest.mark.real
@pytest.mark.parametrize(("width", "media"), [(1280, "screen"), (360, "screen"), (800, "print")])
def test_axe_finds_nothing_on_the_note(chromium, observatory, tmp_path, width, media):
    """WCAG 2 A and AA, and axe's best practices, on a desk, on a phone and on paper."""
    written(observatory.data, tmp_path / "note.html")
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.emulate_media(media=media)
    page.goto((tmp_path / "note.html").as_uri())
    found = Axe().run(page).response
    spread = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert len(found["passes"]) > 20
    assert {(rule["id"], rule["impact"], len(rule["nodes"])) for rule in found["violations"]} == set()
    assert spread <= width


def test_what_a_source_wrote_is_text_and_never_markup(silent):
    assert silent.xpath("//script") == []
    assert "<script>alert(1)</script>" in said(silent.xpath("//section[@aria-labelledby='disputes']")[0])


def test_the_pdf_is_tagged_french_and_titled(observatory, tmp_path, caplog):
    content = written(observatory.data, tmp_path / "note.pdf")
    assert content.startswith(b"%PDF-1.7")
    packed = re.findall(rb"/FlateDecode.*?stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    unpacked = content + b"\n".join(zlib.decompressobj().decompress(stream) for stream in packed)
    for mark in (b"/StructTreeRoot", b"/Lang ?\\(fr\\)", b"/Marked true", b"/DisplayDocTitle true", b"pdfuaid:part"):
        assert re.search(mark, unpacked), mark
    assert len(re.findall(rb"/S ?/Figure", unpacked)) == len(CHARTS)
    assert len(re.findall(rb"/S ?/Table\b", unpacked)) >= len(CHARTS) + 5
    assert caplog.messages == []


def test_without_the_libraries_of_the_pdf_the_page_is_written_and_the_error_says_what_to_install(
    observatory, today, tmp_path, monkeypatch, capsys
):
    real = builtins.__import__

    def without(name, *rest, **named):
        if name == "weasyprint":
            print("English words of the library")
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    assert cli.main(["bulletin", "--target", str(tmp_path), "--data", str(observatory.data)]) == 1
    told = capsys.readouterr()
    assert "apt-get install libpango-1.0-0" in told.err and "English" not in told.out + told.err
    assert [path.name for path in tmp_path.iterdir()] == ["bulletin.2026-11-23.html"]
    assert (tmp_path / "bulletin.2026-11-23.html").read_bytes() == today


def test_a_note_that_cannot_be_made_says_why(observatory, tmp_path, capsys):
    assert cli.main(["bulletin", "-o", str(tmp_path / "note.docx"), "--data", str(observatory.data)]) == 2
    assert "finir par .html ou .pdf" in capsys.readouterr().err
    (tmp_path / "fichier").touch()
    assert cli.main(["bulletin", "-o", str(tmp_path / "fichier" / "note.html"), "--data", str(observatory.data)]) == 1
    assert "écriture impossible" in capsys.readouterr().err
    assert cli.main(["bulletin", "-o", str(tmp_path / "note.html"), "--data", str(tmp_path / "vide")]) == 1
    assert "rien n'est encore publié" in capsys.readouterr().err
    assert not (tmp_path / "note.html").exists()
