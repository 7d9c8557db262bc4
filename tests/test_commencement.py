"""From which day a law binds: what it says, what counts from its publication, and what nobody can know yet."""

from datetime import date

import pytest

from vigie.extract.commencement import commencements, published_on


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
