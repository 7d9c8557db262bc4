"""Texts of France's official journal that speak of phone selling, found by Légifrance's search service.

Needs an account on PISTE; without its key the feed is off and `dila_texts` carries the same texts.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta

from vigie.feed import Column, Feed, Key, Request, retyped
from vigie.readers import legifrance, notice

SERVICE = "https://api.piste.gouv.fr/dila/legifrance/lf-engine-app/search"
TOKENS = "https://oauth.piste.gouv.fr/api/oauth/token"
DAYS = 400
PAGE = 100
TERMS = ("démarchage téléphonique", "prospection commerciale par voie téléphonique")


def search(day: date) -> Iterator[Request]:
    """One search a term, over the texts published in the last year or so."""
    for term in TERMS:
        yield Request(
            SERVICE,
            headers={"Accept": "application/json", "Content-Type": "application/json"},
            body=json.dumps(_asked(term, day), ensure_ascii=False).encode(),
        )


def _asked(term: str, day: date) -> dict[str, object]:
    exactly = {"typeRecherche": "EXACTE", "valeur": term, "operateur": "ET"}
    published = {"start": (day - timedelta(days=DAYS)).isoformat(), "end": day.isoformat()}
    return {
        "fond": "JORF",
        "recherche": {
            "champs": [{"typeChamp": "ALL", "criteres": [exactly], "operateur": "ET"}],
            "filtres": [{"facette": "DATE_PUBLICATION", "dates": published}],
            "operateur": "ET",
            "pageNumber": 1,
            "pageSize": PAGE,
            "sort": "PUBLICATION_DATE_DESC",
            "typePagination": "DEFAUT",
        },
    }


feed = Feed(
    publisher="DILA, Légifrance (PISTE)",
    title="Textes français sur le démarchage téléphonique, par recherche",
    address="https://www.legifrance.gouv.fr/",
    licence="Licence Ouverte 2.0 (source et date de mise à jour à citer)",
    rhythm_days=7,
    lag_days=(0, 2),
    schedule="0 7 * * *",
    produces="notices",
    columns=(*notice.COLUMNS, Column("nor", "text", "numéro NOR, qui manque parfois")),
    read=legifrance.rows,
    requests=search,
    key=Key(
        ("VIGIE_PISTE_ID", "VIGIE_PISTE_SECRET"), token_address="https://oauth.piste.gouv.fr/api/oauth/token", scope="openid"
    ),
    samples={
        "legifrance_texts.2026-11-20.json": retyped(
            by="dépôts publics citant Légifrance (JORFTEXT000051824277 et JORFTEXT000054483939)",
            address="https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000051824277",
            on=date(2026, 7, 25),
            note="réponse composée par Vigie dans la forme du service ; extraits résumés",
        ),
    },
)
