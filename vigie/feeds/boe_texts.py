"""The Spanish texts that touch the sector, consolidated by the BOE: every article in every version, with its days."""

from collections.abc import Iterator
from datetime import date

from vigie.feed import Column, Feed, Request, invented
from vigie.readers import boe_text, notice

ADDRESS = "https://www.boe.es/datosabiertos/api/legislacion-consolidada"
TEXTS = ("BOE-A-2022-10757", "BOE-A-2025-2870", "BOE-A-2025-26698")
"""Ley 11/2022 (telecommunications), Orden TDF/149/2025 (numbering), Ley 10/2025 (customer service)."""


def questions(day: date) -> Iterator[Request]:
    """Each text, whole; one that is not consolidated yet is none."""
    del day
    for text in TEXTS:
        yield Request(f"{ADDRESS}/id/{text}", headers={"Accept": "application/xml"}, empty=(404,))


COMPOSED = (
    "loi fictive, BOE-A-2026-99999 n'existe pas : composée par Vigie dans la forme que documente l'éditeur, pour montrer une "
    "comparaison article par article"
)

feed = Feed(
    publisher="Agencia Estatal Boletín Oficial del Estado",
    title="Textes espagnols consolidés, article par article",
    address=ADDRESS,
    licence="réutilisation libre, source à citer (Aviso legal del BOE)",
    rhythm_days=30,
    lag_days=(0, 10),
    schedule="40 8 * * 1",
    produces="notices",
    columns=(*notice.COLUMNS, *notice.ARTICLES, Column("eli", "text", "identifiant européen de la législation")),
    read=boe_text.rows,
    requests=questions,
    pace_seconds=5,
    samples={
        "boe_texts.2026-03-10.xml": invented(COMPOSED),
        "boe_texts.2026-10-05.xml": invented(COMPOSED),
    },
)
