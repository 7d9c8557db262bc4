"""Texts read: numbers, dates, names, events, pages, and the measure that gates them."""

import json
import re
import time
from datetime import date
from pathlib import Path

import pytest

from vigie import cli, evaluate
from vigie.extract import events, page
from vigie.extract.dates import dates
from vigie.extract.folding import FOLDED, PLAIN, fold
from vigie.extract.language import LANGUAGES, language
from vigie.extract.lexicon import Lexicon, LexiconError
from vigie.extract.reading import read, worded
from vigie.extract.units import CURRENCIES

LABELLED = Path(__file__).parent / "labelled"
PUBLISHED = date(2025, 7, 15)


def lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (LABELLED / f"{name}.jsonl").read_text().splitlines()]


def figures(text: str) -> list[tuple[float, str]]:
    return [(figure.value, figure.unit) for figure in read(text, PUBLISHED).figures]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Le groupe compte 12\u202f500 salariés et 1\u00a0200 agents.", [(12500, "jobs"), (1200, "jobs")]),
        ("Il y a 3.300 emplois, 1,2 million de personnes.", [(3300, "jobs"), (1200000, "people")]),
        ("Une enveloppe de 20MDH, puis 26,2 MMDH et 3 Md€.", [(2e7, "MAD"), (26.2e9, "MAD"), (3e9, "EUR")]),
        ("Deux mille quatre cents salariés et une trentaine d'entreprises", [(2400, "jobs"), (30, "companies")]),
        ("Des dizaines de milliers d'emplois sont en jeu.", [(10000, "jobs")]),
        ("La société supprime 210 emplois sur 348.", [(210, "jobs"), (348, "jobs")]),
        ("L'effectif va passer de 300 à 3.300 agents.", [(300, "jobs"), (3300, "jobs")]),
        ("El centro emplea a 1.500 personas y factura 2 millones de euros.", [(1500, "people"), (2e6, "EUR")]),
        ("The $4.8bn deal covers 2,500 workers.", [(4.8e9, "USD"), (2500, "jobs")]),
        ("يوفر القطاع ٣٥٠٠ منصب شغل و120 ألف شخص", [(3500, "jobs"), (120000, "people")]),
        ("Le site a coûté 69 millions d'euros, contre 64 millions en 2014.", [(69e6, "EUR"), (64e6, "EUR")]),
    ],
)
def test_numbers_are_read_in_the_spellings_of_four_languages(text, found):
    assert figures(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Plus de 90 emplois dans quelque 000 structures", "Rendez-vous à 1:54 puis à 20h30",
        "Ep 89. Le marketing à plusieurs casquettes",
        "Victoire 3-1 lors de la 11e journée", "CAN 2025 : coup d'envoi", "L'article 23 de la loi n° 27-11",
        "Appeler le 0 800 00 12 34",
        "Plusieurs centaines d'emplois", "La saison 2022-2023 du Wydad", "Une route de 40 km sous 38 degrés",
    ],
)  # fmt: skip
def test_what_is_not_a_figure_is_not_one(text):
    assert figures(text) == []


@pytest.mark.parametrize(
    ("text", "value", "most", "approx"),
    [
        ("entre 12 et 15 % des postes", 12, 15, "range"), ("de 4 voire 5 % par mois", 4, 5, "range"),
        ("plus de 80 % du marché", 80, None, "gt"),
        ("jusqu'à 500 000 euros", 500000, None, "max"), ("près de 400 emplois", 400, None, "about"), ("moins de 50 agents",
        50, None, "lt"),
        ("une dizaine de sociétés", 10, None, "order"), ("300 emplois", 300, None, "exact"),
    ],
)  # fmt: skip
def test_a_figure_says_how_it_is_approximated(text, value, most, approx):
    (figure,) = read(text, PUBLISHED).figures
    assert (figure.value, figure.value_max, figure.approx) == (value, most, approx)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("adopté le 21 mai 2025", ["2025-05-21"]), ("depuis début mai", ["2025-05"]), ("à fin 2024", ["2024-12"]),
        ("au premier semestre 2025", ["2025-S1"]), ("au T3 2025", ["2025-Q3"]), ("les 7 et 8 octobre", ["2025-10-08"]),
        ("d'ici 2030", ["2030"]), ("le contrat 2024-2030", ["2024", "2030"]), ("voté le 28 décembre dernier", ["2024-12-28"]),
        ("paru le 15 - 07 - 2025", ["2025-07-15"]), ("2022 emplois", []), ("la loi n° 2025-594", []),
        ("el 7 de junio de 2025", ["2025-06-07"]),
        ("from 11 August 2026", ["2026-08-11"]), ("ابتداء من 11 غشت 2026", ["2026-08-11"]), ("في يوليوز 2025", ["2025-07"]),
    ],
)  # fmt: skip
def test_dates_keep_the_precision_of_the_text(text, found):
    assert [mention.value for mention in dates(text, PUBLISHED)] == found


def test_a_name_is_a_name_by_its_capital_and_a_brand_by_its_owner():
    reading = read("Salé et Fès Shore accueillent Webhelp et Sitel ; le beurre salé de Karim Safi reste hors sujet.", PUBLISHED)
    assert [named.id for named in reading.places] == ["sale", "fes"]
    assert [named.id for named in reading.organisations] == ["concentrix", "foundever"]
    arabic = read("تتركز مراكز النداء بالرباط وطنجة ثم فاس", PUBLISHED)
    assert [named.id for named in arabic.places] == ["rabat", "tanger", "fes"]


def test_every_span_holds_what_was_read():
    checked = 0
    for line in lines("press.develop"):
        text, said = line["text"], evaluate.read_line(line)
        for start, end in said["spans"]["figures"]:
            assert re.search(r"[\w٠-٩]", text[start:end]), text
            checked += 1
        for start, end, _ in (*said["spans"]["places"], *said["spans"]["orgs"]):
            assert text[start:end].strip() == text[start:end] and text[start:end][0].isalnum(), text
            checked += 1
        for start, end, value in said["spans"]["dates"]:
            assert (
                value in {mention.value for mention in dates(text[start:end], date.fromisoformat(line["published"]))}
                or text[start:end]
            )
            checked += 1
    assert checked > 400


def test_folding_keeps_every_character_in_its_place():
    assert all(len(bare) == 1 for bare in (*FOLDED.values(), *PLAIN.values()))
    assert fold("À l’œuvre : 20\u202f% — ÉTÉ") == "a l'ouvre : 20 % - ete"


def test_the_language_is_one_of_four():
    said = {"fr": "Le centre d'appels ferme ses portes", "es": "El centro de llamadas cierra sus puertas",
            "en": "The call centre closes its doors", "ar": "مركز النداء يغلق أبوابه"}  # fmt: skip
    assert {code: language(text) for code, text in said.items()} == {code: code for code in LANGUAGES}


def test_polarity_is_given_where_the_event_makes_it_certain():
    assert read("Le centre d'appels ferme et licencie 60 agents", PUBLISHED).polarity == -1
    assert read("Un accord de formation est signé pour l'offshoring", PUBLISHED).polarity is None


def test_a_lexicon_that_cannot_be_read_names_its_line(tmp_path):
    (tmp_path / "events.txt").write_text("# note\nclosure ferme\n")
    with pytest.raises(LexiconError, match=r"events\.txt, ligne 2"):
        Lexicon(tmp_path / "events.txt")
    (tmp_path / "events.txt").write_text("closure: ferme + @site\n")
    with pytest.raises(LexiconError, match="@site"):
        Lexicon(tmp_path / "events.txt")

    (tmp_path / "events.txt").write_text("closure: ferme > <firme>\n")
    with pytest.raises(LexiconError, match="<organisation>"):
        Lexicon(tmp_path / "events.txt")


def test_a_line_may_ask_for_an_order_for_a_known_name_and_for_an_ending(tmp_path):
    (tmp_path / "events.txt").write_text("contract: choisit > <organisation>\nclosure: coup* la ligne\n")
    lexicon = Lexicon(tmp_path / "events.txt")

    def names(text, *spans):
        return [cue.name for cue in lexicon.find(text, known={"organisation": spans})]

    assert names("La banque choisit Majorel", (18, 25)) == ["contract"]
    assert names("Majorel choisit la banque", (0, 7)) == []
    assert names("La banque choisit Majorel") == []
    assert names("Elles coupent la ligne") == names("Elle coupera la ligne") == ["closure"]
    assert names("Le couple a la ligne") == []


def test_what_is_only_possible_is_a_risk_and_background_hides_behind_the_news_of_its_own_sentence():
    def types(text):
        return worded(text, PUBLISHED).event_types

    assert types("Majorel pourrait supprimer 200 postes dans son centre d'appels.") == ["jobs_at_risk"]
    assert types("Majorel supprime 200 postes dans son centre d'appels.") == ["layoff"]
    assert types("Inauguré en 2019, le centre d'appels de Majorel ferme.") == ["closure"]
    both = types("Le centre d'appels de Majorel ferme à Fès. Intelcia ouvre un plateau à Agadir.")
    assert both == ["closure", "opening"]


def test_each_language_has_a_lexicon_and_lexicons_name_known_types_only():
    found = {path.name.split(".")[1]: Lexicon(path) for path in events.LEXICONS.glob("events.*.txt")}
    assert set(found) == set(LANGUAGES)
    for lexicon in found.values():
        assert {line.name for line in lexicon.lines} <= set(events.TYPES) | {"growth", "made", "modal"}
    labels = {name for set_ in ("press.develop", "press.held_out") for line in lines(set_) for name in line["event_types"]}
    assert labels <= set(events.TYPES)


TICKER = "\u00a0\u00a0\u00a0\u00a0".join([
    "Automobile : 82 % de la production exportée en 2025",
    "Près de 400.000 visas délivrés", "Agadir accueille 1,2 million de visiteurs",
])  # fmt: skip
PAGE = f"""{TICKER}

Merci d'avoir signalé!
Relation client : un secteur sous tension
Publié dans La Gazette le 15 - 07 - 2025

Le 14 juillet 2025, un quotidien a parlé de plus de 20 000 emplois menacés dans les centres d'appel dès 2026.
Le manque à gagner serait de 18 milliards de dirhams, pour un métier qui dépend à 80 % d'un seul marché.
Cliquez ici pour lire l'article depuis sa source.
"""


def test_a_page_gives_its_own_figures_and_day_and_none_of_its_ticker(tmp_path, capsys):
    (tmp_path / "page.txt").write_text(PAGE)
    assert cli.main(["extract", str(tmp_path / "page.txt")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["published"] == "2025-07-15"
    assert [(f["value"], f["unit"], f["approx"]) for f in said["figures"]] == [
        (20000, "jobs", "gt"), (18_000_000_000, "MAD", "exact"), (80, "percent", "exact"),
    ]  # fmt: skip
    assert len(said["headlines"]) == 3 and said["places"] == []
    assert "signalé" not in said["text"] and "Cliquez" not in said["text"]


def test_the_same_page_in_html_gives_the_same(tmp_path, capsys):
    article = page.article(PAGE)
    title, *body = article.text.split("\n")
    written = "".join(f"<p>{paragraph}</p>" for paragraph in body)
    html = (
        f"<html><body><div class='ticker'>{TICKER}</div><article><h1>{title}</h1><p>Publié dans La Gazette le 15 - 07 - 2025</p>"
        f"{written}</article></body></html>"
    )
    (tmp_path / "page.html").write_text(html)
    assert cli.main(["extract", str(tmp_path / "page.html")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["published"] == "2025-07-15"
    assert [figure["value"] for figure in said["figures"]] == [20000, 18_000_000_000, 80]


@pytest.mark.parametrize(
    "text", ["1 " * 30000, "1 mai " * 10000, "deux " * 20000, "a" * 200000, "passé de 1 à " * 8000, "(" * 60000]
)
def test_an_endless_text_is_read_in_a_bounded_time(text):
    before = time.process_time()
    read(text, PUBLISHED)
    assert time.process_time() - before < 6


def test_labels_are_not_read(tmp_path, capsys):
    line = {
        "id": "x",
        "text": "Le centre d'appels de Fès ferme",
        "published": "2026-01-28",
        "places": ["rabat"],
        "event_types": ["none"],
    }
    (tmp_path / "lines.jsonl").write_text(json.dumps(line) + "\n")
    assert cli.main(["extract", str(tmp_path / "lines.jsonl")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["id"], said["places"], said["event_types"]) == ("x", ["fes"], ["closure"])


@pytest.mark.parametrize("name", ["press.develop", "press.held_out", "press.unread", "laws.develop", "laws.held_out"])
def test_extraction_stays_above_its_floors(name, capsys):
    assert cli.main(["evaluate", str(LABELLED / f"{name}.jsonl"), "--json", "--gate"]) == 0, capsys.readouterr().out
    scores = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    judged = {score["field"]: score["lines"] for score in scores if score["lines"]}
    assert all(count > 20 for count in judged.values())
    if name == "press.unread":
        assert judged.keys() == {"event_types", "primary_event", "sector_relevant"}
    else:
        assert judged.keys() >= ({"commencements"} if name.startswith("laws") else {"figures", "dates", "event_types"})


def test_the_held_out_lines_are_not_the_developed_ones():
    for kind in ("press", "laws"):
        texts = [{line["text"] for line in lines(f"{kind}.{part}")} for part in ("develop", "held_out")]
        assert all(texts) and not texts[0] & texts[1]


def test_labels_are_of_the_schema():
    units = {"jobs", "people", "percent", "m2", "ha", "centers", "companies", "years", "months", "days", "count"} | CURRENCIES
    read_ = [line for part in ("develop", "held_out") for line in lines(f"press.{part}")]
    assert len(read_) > 300
    for line in read_:
        assert {figure["unit"] for figure in line["figures"]} <= units, line["id"]
        assert line["polarity"] in (-1, 0, 1), line["id"]


def test_a_gate_below_its_floor_fails_and_says_so(tmp_path, capsys):
    wrong = [
        line | {"event_types": ["strike"], "figures": [{"value": 1, "unit": "jobs"}]} for line in lines("press.held_out")[:20]
    ]
    (tmp_path / "wrong.jsonl").write_text("".join(json.dumps(line) + "\n" for line in wrong))
    assert cli.main(["evaluate", str(tmp_path / "wrong.jsonl")]) == 0
    capsys.readouterr()
    assert cli.main(["evaluate", str(tmp_path / "wrong.jsonl"), "--gate"]) == 1
    assert "sous le plancher 0.92" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"text": "a"}\n', "ligne 1 : il manque « published »"), (b'{"text": "a",\n', "ligne 1 : ce n'est pas du JSON"),
        (b'{"text": "a", "published": "hier"}', "hier"), (b"\xff\xfe\x00", "ni du texte"), (b"   \n", "aucun texte"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_a_wrong_call_that_says_why(tmp_path, capsys, content, said):
    (tmp_path / "file").write_bytes(content)
    assert cli.main(["extract", str(tmp_path / "file")]) == 2
    assert said in capsys.readouterr().err


def test_wilson_bounds_what_few_lines_can_tell():
    low, high = evaluate.wilson(9, 10)
    assert (round(low, 3), round(high, 3)) == (0.596, 0.982)
    assert evaluate.wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)


def test_lines_of_which_no_polarity_is_read_are_scored_all_the_same(tmp_path, capsys):
    lines = tmp_path / "lignes.jsonl"
    labels = {"figures": [], "dates": [], "places": [], "orgs": [], "event_types": ["none"], "sector_relevant": False}
    lines.write_text(json.dumps({"text": "Il pleut.", "published": "2026-01-28", **labels}))
    assert cli.main(["evaluate", str(lines), "--json"]) == 0
    told = {found["field"]: found["f1"] for found in map(json.loads, capsys.readouterr().out.splitlines())}
    assert told["polarity"] is None and "figures" in told
