"""Job offers in France for the trades that Moroccan call centres do: what comes back shows in them.

The service answers 206 when an answer is one page of several, 204 when there is nothing. Of an offer,
neither the text nor the recruiter's name and address are read; the bytes are kept ninety days.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from vigie.feed import Column, DocumentError, Feed, Key, Request, Row, invented
from vigie.readers import json_answer

PUBLISHER = "France Travail"
SEARCH = "https://api.francetravail.io/partenaire/offresdemploi/v2/offres/search"
TRADES = ("D1408", "M1401")
"""ROME codes: remote advice and sales by telephone, surveys by telephone."""
PAGE = 150
PAGES = 4


def questions(_: date) -> Iterator[Request]:
    """The offers of the last day for each trade, newest first; a page beyond the last is no fault."""
    for trade in TRADES:
        for first in range(0, PAGE * PAGES, PAGE):
            asked = {"codeROME": trade, "publieeDepuis": "1", "sort": "1", "range": f"{first}-{first + PAGE - 1}"}
            yield Request(
                f"{SEARCH}?{urlencode(asked)}",
                headers={"Accept": "application/json"}, success=(200, 206), empty=(204, 416),
            )  # fmt: skip


def read(content: bytes) -> Iterator[Row]:
    """One row an offer, and a row of the kind `truncated` when there are more than we ask for."""
    answer = json_answer.parse(content, PUBLISHER)
    if isinstance(answer, dict) and "resultats" not in answer and (said := answer.get("message") or answer.get("error")):
        raise DocumentError(f"France Travail refuse la demande : « {said} » ; vérifier la clé et la question posée")
    found = list(json_answer.objects(answer, PUBLISHER, "resultats"))
    if not found:
        raise DocumentError("France Travail répond par une page vide (/resultats) ; redemander la réponse")
    for offer, place in found:
        yield Row(
            {
                "kind": "offer",
                "local_id": offer.get("id"),
                "title": offer.get("intitule"),
                "trade": offer.get("romeCode"),
                "trade_name": offer.get("romeLibelle"),
                "created_at": offer.get("dateCreation"),
                "updated_at": offer.get("dateActualisation"),
                "location": json_answer.inside(offer, "lieuTravail", "libelle"),
                "employer": json_answer.inside(offer, "entreprise", "nom"),
                "contract": offer.get("typeContratLibelle") or offer.get("typeContrat"),
                "posts": offer.get("nombrePostes"),
                "link": json_answer.inside(offer, "origineOffre", "urlOrigine"),
            },
            place,
        )
    if _announced(answer) > PAGE * PAGES:
        yield Row({"kind": "truncated"}, "/filtresPossibles")


def _announced(answer: Any) -> int:
    """How many offers match in all, counted over the kinds of contract; 0 when the answer does not say."""
    filters = answer.get("filtresPossibles")
    counts = [
        json_answer.inside(value, "nbResultats")
        for one in (filters if isinstance(filters, list) else [])
        if json_answer.inside(one, "filtre") == "typeContrat"
        for value in json_answer.inside(one, "agregation") or []
    ]
    return sum(count for count in counts if isinstance(count, int))


feed = Feed(
    publisher=PUBLISHER,
    title="Offres d'emploi en France : téléconseil, télévente, enquêtes par téléphone",
    address="https://francetravail.io/data/api/offres-emploi",
    licence="accès gratuit sur inscription ; une offre retirée ne se rediffuse pas : les octets ne sont gardés que 90 jours, "
    "l'intitulé, le lieu et la date restent",
    rhythm_days=1,
    lag_days=(0, 2),
    schedule="40 6 * * *",
    produces="notices",
    columns=(
        Column(
            "kind", "text", "nature : offer (offre) ou truncated (avertissement : il y a plus d'offres que de pages demandées)"
        ),
        Column("local_id", "text", "numéro de l'offre"),
        Column("title", "text", "intitulé du poste"),
        Column("trade", "text", "métier (code ROME)"),
        Column("trade_name", "text", "métier"),
        Column("created_at", "timestamp", "création de l'offre"),
        Column("updated_at", "timestamp", "dernière mise à jour de l'offre"),
        Column("location", "text", "lieu de travail"),
        Column("employer", "text", "employeur, quand il se nomme"),
        Column("contract", "text", "contrat"),
        Column("posts", "integer", "nombre de postes"),
        Column("link", "text", "adresse de l'offre"),
    ),
    read=read,
    requests=questions,
    key=Key(
        settings=("VIGIE_FRANCE_TRAVAIL_ID", "VIGIE_FRANCE_TRAVAIL_SECRET"),
        token_address="https://entreprise.francetravail.fr/connexion/oauth2/access_token?realm=%2Fpartenaire",
        scope="api_offresdemploiv2 o2dsoffre",
    ),
    keep_days=90,
    samples={
        "francetravail_offers.2026-11-22.json": invented(
            "offres inventées dans la vraie forme de la réponse ; métiers et codes ROME réels"
        ),
    },
)
