"""France's official journal, as the DILA delivers it: an archive of XML texts a day, found in a directory listing."""

from collections.abc import Iterator
from datetime import date

from vigie.feed import MEBIBYTE, Column, Feed, Request, retyped
from vigie.readers import jorf, notice

FOLDER = "https://echanges.dila.gouv.fr/OPENDATA/JORF/"


def linked(listing: bytes) -> Iterator[Request]:
    """The latest archives of the folder."""
    return jorf.increments(listing, FOLDER)


COMPOSED = "archive composée par Vigie dans la forme des livraisons : articles résumés, numéros LEGITEXT et JORFARTI fictifs"

feed = Feed(
    publisher="DILA, Journal officiel de la République française",
    title="Textes du Journal officiel français",
    address=FOLDER,
    licence="Licence Ouverte 2.0 (source et date de mise à jour à citer)",
    rhythm_days=2,
    lag_days=(0, 2),
    schedule="30 5,21 * * *",
    produces="notices",
    columns=(
        *notice.COLUMNS,
        *notice.ARTICLES,
        Column("nor", "text", "numéro NOR, qui manque parfois"),
        Column("eli", "text", "identifiant européen de la législation"),
    ),
    read=jorf.rows,
    follow=linked,
    is_listing=True,
    max_bytes=64 * MEBIBYTE,
    samples={
        "dila_texts.2025-07-01.tar.gz": retyped(
            by="CMS Francis Lefebvre et Village de la Justice, citant Légifrance",
            address="https://cms.law/fr/fra/news-information/interdiction-prochaine-du-demarchage-telephonique-sans-consentement-"
            "prealable-du-consommateur",
            on=date(2025, 7, 1),
            note=f"loi n° 2025-594 et les textes antérieurs qu'elle touche ; {COMPOSED}",
        ),
        "dila_texts.2026-07-25.tar.gz": retyped(
            by="dépôts publics citant Légifrance (JORFTEXT000054483939)",
            address="https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000054483939",
            on=date(2026, 7, 25),
            note=f"décret n° 2026-662, intitulé tel que cité, à vérifier ; {COMPOSED}",
        ),
        "dila_texts.2026-11-21.tar.gz": retyped(
            by="dépôts publics citant la livraison JORF du 30 septembre 2026",
            address="https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000054912927",
            on=date(2026, 9, 30),
            note=f"collecte de rattrapage ; {COMPOSED}",
        ),
    },
)
