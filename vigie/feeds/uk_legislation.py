"""New statutory instruments of the United Kingdom, as legislation.gov.uk lists them."""

from datetime import date

from vigie.feed import Feed, retyped
from vigie.readers import legislation_atom, notice

COMPOSED = "fil composé par Vigie dans la forme de l'éditeur ; les heures de mise en ligne ne sont pas celles du site"

feed = Feed(
    publisher="The National Archives, legislation.gov.uk",
    title="Nouveaux textes réglementaires britanniques",
    address="https://www.legislation.gov.uk/new/uksi/data.feed",
    licence="Open Government Licence v3.0",
    rhythm_days=2,
    lag_days=(0, 3),
    schedule="45 7,19 * * *",
    produces="notices",
    columns=notice.COLUMNS,
    read=legislation_atom.rows,
    pace_seconds=5,
    samples={
        "uk_legislation.2025-07-29.xml": retyped(
            by="Society for Computers and Law et Legislation Tracker",
            address="https://www.scl.org/data-use-and-access-act-2025-commencement-no-1-regulations-2025-made",
            on=date(2025, 7, 29),
            note=COMPOSED,
        ),
        "uk_legislation.2026-11-21.xml": retyped(
            by="Info-Gov",
            address="https://www.info-gov.uk/data-protection/data-protection-news/government-brings-major-tranche-of-data-use-and-"
            "access-act-2025-into-force",
            on=date(2026, 1, 30),
            note=f"collecte de rattrapage ; {COMPOSED}",
        ),
    },
)
