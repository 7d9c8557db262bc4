"""From which day a law binds: what it says, what counts from its publication, and what nobody can know yet."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from vigie.extract.commencement import commencements, published_on

LABELLED = Path(__file__).parent / "labelled" / "laws.develop.jsonl"


def said(text: str, published: object = "2025-07-01", jurisdiction: str = "FR") -> list[tuple[str | None, str, str]]:
    found = commencements(text, published, jurisdiction)
    return [(str(one.day) if one.day else None, one.scope, one.basis) for one in found]


def test_a_law_binds_from_several_days():
    text = "La loi entre en vigueur le lendemain de sa publication, sauf son article 13 qui entre en vigueur le 11 août 2026."
    assert said(text) == [("2025-07-02", "text", "publication"), ("2026-08-11", "article 13", "stated")]


@pytest.mark.parametrize(("jurisdiction", "day"), [("FR", "2025-07-02"), ("ES", "2025-07-21"), ("EU", "2025-07-21")])
def test_the_default_answers_for_a_text_that_says_nothing(jurisdiction, day):
    assert said("Le ministre est chargé de l'exécution du présent décret.", jurisdiction=jurisdiction) == [
        (day, "text", "default")
    ]


@pytest.mark.parametrize("jurisdiction", ["UK", "MA", "IT"])
def test_a_jurisdiction_without_a_known_default_is_unresolved(jurisdiction):
    assert said("Nothing is said here.", jurisdiction=jurisdiction) == [(None, "text", "unresolved")]


@pytest.mark.parametrize(
    "text",
    [
        "Le présent décret entre en vigueur à l'achèvement des travaux.",
        "Le présent décret entre en vigueur trois mois après la publication de l'arrêté prévu à l'article 6.",
        "La présente loi entre en vigueur six mois après sa promulgation.",
        "Le présent arrêté entre en vigueur trente jours ouvrables après sa publication.",
        "L'entrée en vigueur est subordonnée à la publication d'un décret.",
        "La date d'entrée en vigueur du présent texte est le 1er janvier 2999.",
        "Esta ley entrará en vigor cuando se apruebe su reglamento.",
        "Esta ley entrará en vigor a los seis meses de la publicación del reglamento que la desarrolle.",
    ],
)
def test_a_wording_that_is_not_understood_gives_no_date(text):
    assert [day for day, _, _ in said(text)] == [None]


def test_a_latest_day_is_told_as_such():
    (one,) = commencements(
        "L'article 2 entre en vigueur à une date fixée par décret, et au plus tard le 1er janvier 2026.", "2025-05-02", "FR"
    )
    assert (one.day, one.scope, one.basis, one.confidence) == (date(2026, 1, 1), "article 2", "latest", "low")


def test_a_delay_counts_from_the_commencement_of_the_text_itself():
    text = (
        "La présente loi entre en vigueur le 1er janvier 2026. "
        "L'article 4 entre en vigueur six mois après l'entrée en vigueur de la présente loi."
    )
    assert said(text) == [("2026-01-01", "text", "stated"), ("2026-07-01", "article 4", "own_commencement")]


def test_a_title_is_not_a_day():
    assert said("La loi n° 2020-901 du 24 juillet 2020 entre en vigueur le lendemain de sa publication.") == [
        ("2025-07-02", "text", "publication")
    ]


@pytest.mark.parametrize(
    ("written", "jurisdiction", "day"),
    [
        ("2025-07-01", "FR", date(2025, 7, 1)), ("2025-06-30T22:00:00Z", "FR", date(2025, 7, 1)),
        ("2025-06-30T23:00:00Z", "UK", date(2025, 7, 1)),
        ("2999-01-01", "FR", None), ("2998-12-31T23:00:00Z", "FR", None), (None, "FR", None), ("hier", "FR", None),
    ],
)  # fmt: skip
def test_the_day_of_publication_is_that_of_the_gazette_and_a_sentinel_is_no_day(written, jurisdiction, day):
    assert published_on(written, jurisdiction) == day


def test_without_a_day_of_publication_what_counts_from_it_is_unresolved():
    assert said("Le décret entre en vigueur le lendemain de sa publication.", "2999-01-01") == [(None, "text", "publication")]
    assert said("Le décret entre en vigueur le 1er mars 2026.", None) == [("2026-03-01", "text", "stated")]
    assert said("Le décret fixe les horaires.", None) == [(None, "text", "unresolved")]


def test_the_last_day_of_a_shorter_month_ends_a_delay_of_months():
    assert said("Le décret entre en vigueur un mois après sa publication.", "2025-01-31") == [
        ("2025-02-28", "text", "publication")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Si le décret n'est pas publié au 30 juin 2026, l'article 2 entre en vigueur le 1er septembre 2026.",
        "La presente ley entrará en vigor el 1 de enero de 2027, salvo que el Gobierno acuerde su aplazamiento.",
        "La présente loi n'entre pas en vigueur avant la publication du décret prévu à son article 4.",
        "El presente real decreto no entrará en vigor antes del 1 de enero de 2027.",
        "Lo establecido en el artículo 8 no será de aplicación hasta que se apruebe su desarrollo reglamentario.",
        "L'article 5 s'applique six mois après la publication du décret mentionné au même article.",
        "Le présent décret entre en vigueur le jour de sa publication au Journal officiel de la Polynésie française.",
        "Los operadores adaptarán sus sistemas en el plazo de tres meses desde la publicación de esta orden.",
    ],
)
@pytest.mark.parametrize("jurisdiction", ["FR", "ES"])
def test_a_condition_a_negation_or_what_is_awaited_gives_no_date_and_no_default(text, jurisdiction):
    assert [day for day, _, _ in said(text, jurisdiction=jurisdiction)] == [None]


def test_what_cannot_be_later_than_a_day_is_told_as_the_latest():
    (one,) = commencements(
        "Un décret fixe la date d'entrée en vigueur de l'article 13, qui ne peut être postérieure au 1er septembre 2027.",
        "2026-06-18", "FR",
    )  # fmt: skip
    assert (one.day, one.basis, one.confidence) == (date(2027, 9, 1), "latest", "low")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("يدخل هذا القانون حيز التنفيذ ابتداء من فاتح يوليوز 2026.", "2026-07-01"),
        ("تدخل أحكام هذا المرسوم حيز التنفيذ في 15 غشت 2026.", "2026-08-15"),
        ("يعمل بهذا القرار ابتداء من اليوم الموالي لنشره بالجريدة الرسمية.", "2026-01-16"),
        ("يعمل بهذا القرار بعد شهرين من تاريخ نشره.", "2026-03-15"),
        ("يدخل هذا القانون حيز التنفيذ بعد سنتين من تاريخ نشره.", "2028-01-15"),
        ("يدخل هذا القانون حيز التنفيذ بعد صدور النصوص التنظيمية.", None),
    ],
)
def test_moroccan_texts_are_read_in_arabic(text, day):
    assert [found for found, _, _ in said(text, "2026-01-15", "MA")] == [day]


def test_a_month_without_its_day_is_no_day():
    (one,) = commencements("Le présent décret entre en vigueur en septembre 2026.", "2026-01-15", "FR")
    assert (one.day, one.month, one.precision) == (None, date(2026, 9, 1), "month")
    assert (one.as_dict()["date"], one.as_dict()["month"]) == (None, "2026-09")


def test_each_sibling_of_a_family_of_formulas_is_read_to_the_day():
    lines = [line for line in map(json.loads, LABELLED.read_text().splitlines()) if line["batch"] == "families"]
    assert len(lines) > 190 and {line["jurisdiction"] for line in lines} == {"FR", "ES", "EU", "MA"}
    for line in lines:
        found = Counter(day for day, _, _ in said(line["text"], line["published"], line["jurisdiction"]))
        assert found == Counter(label["date"] for label in line["dates"]), line["text"]


@pytest.mark.parametrize(
    "text",
    [
        "Vu le décret du 18 juin 2019, entré en vigueur le 1er juillet 2019 ;",
        "La Orden anterior, cuya entrada en vigor se produjo el 1 de julio de 2019, se cita aquí.",
        "L'arrêté du 12 mai 2011 est abrogé à compter du 1er janvier 2026.",
        "L'article 2 cesse d'être applicable le 31 décembre 2026.",
        "Esta orden será de aplicación hasta el 30 de junio de 2027.",
        "La convention du 5 juin 2020 est applicable aux salariés.",
    ],
)
def test_another_texts_past_an_end_or_a_title_is_no_commencement_and_leaves_the_default(text):
    assert said(text, "2025-07-31") == [("2025-08-01", "text", "default")]


def test_the_words_put_into_another_text_are_not_this_ones_and_a_person_reads_them():
    text = "Les mots : « entre en vigueur le 1er mai 2026 » sont remplacés par les mots : « prend effet le 1er mai 2027 »."
    assert said(text) == [(None, "text", "unresolved")]


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("Le présent décret entre en vigueur le 1er juin 2025.", "medium"),
        ("Le présent décret prend effet rétroactivement au 1er juin 2025.", "high"),
        ("Le présent décret entre en vigueur le 1er août 2025.", "high"),
    ],
)
def test_a_day_before_the_publication_is_sure_only_where_the_text_looks_back(text, confidence):
    (one,) = commencements(text, "2025-07-01", "FR")
    assert one.confidence == confidence


def test_an_accent_tells_what_entered_into_force_from_what_enters():
    assert said("Le décret, entré en vigueur le 1er août 2025, est cité.") == [("2025-07-02", "text", "default")]
    assert said("Le décret entre en vigueur le 1er août 2025.") == [("2025-08-01", "text", "stated")]
