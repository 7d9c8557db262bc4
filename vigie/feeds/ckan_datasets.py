"""Data sets that Morocco's open data portal lists for the bodies that could measure the sector.

A new file there is worth an engineer's look: nothing official says today how many people work in
call centres, city by city.
"""

from collections.abc import Iterator
from datetime import date
from urllib.parse import urlencode

from vigie.feed import Column, Feed, Request, Row, invented
from vigie.readers import ckan

PUBLISHER = "data.gov.ma"
SEARCH = "https://data.gov.ma/data/api/3/action/package_search"
PAGE = "https://data.gov.ma/data/fr/dataset/"
ORGANIZATIONS = ("anrt", "cnss", "mtnra")
MOST = 1000
"""Data sets that one answer may hold; the reader refuses an answer that leaves some out."""


def questions(_: date) -> Iterator[Request]:
    """All the data sets of each organisation, the last changed first."""
    for name in ORGANIZATIONS:
        asked = {"fq": f"organization:{name}", "rows": str(MOST), "sort": "metadata_modified desc"}
        yield Request(f"{SEARCH}?{urlencode(asked)}")


def read(content: bytes) -> Iterator[Row]:
    return ckan.datasets(content, PUBLISHER, PAGE)


feed = Feed(
    publisher="Portail national des données ouvertes (data.gov.ma)",
    title="Jeux de données publiés par l'ANRT, la CNSS et le ministère de la transition numérique",
    address="https://data.gov.ma/data/fr/dataset",
    licence="notices du catalogue libres ; chaque jeu de données a sa licence, le plus souvent ODbL",
    # no calendar: the portal gains a file of these bodies a few times a year
    rhythm_days=120,
    lag_days=(0, 30),
    schedule="30 6 * * *",
    produces="notices",
    columns=(
        Column("local_id", "text", "identifiant du jeu de données"),
        Column("name", "text", "nom court, dans l'adresse"),
        Column("title", "text", "intitulé"),
        Column("notes", "text", "description"),
        Column("tags", "text", "mots-clés de l'éditeur"),
        Column("organization", "text", "organisme (nom court)"),
        Column("issuer", "text", "organisme"),
        Column("created_at", "timestamp", "création de la notice"),
        Column("modified_at", "timestamp", "dernière modification de la notice"),
        Column("state", "text", "état selon le catalogue"),
        Column("licence", "text", "licence du jeu de données"),
        Column("files", "integer", "nombre de fichiers"),
        Column("formats", "text", "formats des fichiers"),
        Column("link", "text", "adresse de la notice"),
    ),
    read=read,
    requests=questions,
    samples={
        "ckan_datasets.2026-10-20.json": invented(
            "notices inventées dans la vraie forme de la réponse ; l'organisme et la version du catalogue sont réels"
        ),
    },
)
