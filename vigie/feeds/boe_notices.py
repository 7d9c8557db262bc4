"""Spain's official journal: one summary a day from Monday to Saturday; none on Sundays is no failure."""

from collections.abc import Iterator
from datetime import date, timedelta

from vigie.feed import Feed, Request, retyped
from vigie.readers import boe, notice

ADDRESS = "https://www.boe.es/datosabiertos/api/boe/sumario/"
DAYS = 4
"""Days asked for at each poll, so that a missed one is made up for."""


def summaries(day: date) -> Iterator[Request]:
    """The summaries of the last days, the oldest first."""
    for back in reversed(range(DAYS)):
        asked = day - timedelta(days=back)
        yield Request(f"{ADDRESS}{asked:%Y%m%d}", headers={"Accept": "application/xml"}, empty=(404,))


COMPOSED = "sommaire composé par Vigie dans la forme de l'éditeur, réduit à ces textes"

feed = Feed(
    publisher="Agencia Estatal Boletín Oficial del Estado",
    title="Sommaire du journal officiel espagnol",
    address=ADDRESS,
    licence="réutilisation libre, source à citer (Aviso legal del BOE)",
    rhythm_days=2,
    lag_days=(0, 2),
    schedule="15 8 * * 1-6",
    produces="notices",
    columns=notice.COLUMNS,
    read=boe.rows,
    requests=summaries,
    samples={
        "boe_notices.2025-02-15.xml": retyped(
            by="Zahoribo, reproduisant le BOE",
            address="https://www.boe.es/buscar/act.php?id=BOE-A-2025-2870",
            on=date(2025, 2, 15),
            note=f"Orden TDF/149/2025 ; {COMPOSED}",
        ),
        "boe_notices.2025-12-27.xml": retyped(
            by="Notarios y Registradores et dépôts publics citant BOE-A-2025-26698",
            address="https://www.boe.es/eli/es/l/2025/12/26/10",
            on=date(2025, 12, 27),
            note=f"Ley 10/2025 ; {COMPOSED}",
        ),
        "boe_notices.2026-11-21.xml": retyped(
            by="dépôts publics citant BOE-A-2026-8409",
            address="https://www.boe.es/buscar/act.php?id=BOE-A-2026-8409",
            on=date(2026, 4, 16),
            note=f"numérotation des appels commerciaux, paru le 16 avril 2026 et collecté en rattrapage ; {COMPOSED}",
        ),
    },
)
