"""What holdings declare of themselves, in a workbook of ours: confidential, row by row and file by file."""

from collections.abc import Iterator

from vigie.feed import Column, Feed, Row, invented
from vigie.readers import declaration

INVENTED = invented("groupes, effectifs et parts inventés : aucun opérateur réel n'y figure")


def read(content: bytes) -> Iterator[Row]:
    """One row a filled cell, at that cell."""
    yield from declaration.rows(content)


feed = Feed(
    publisher="Groupes déclarants",
    title="Déclarations confidentielles des groupes : effectifs, formation, clients, langues, outils",
    address=None,
    licence="confidentiel : seuls des agrégats protégés sont publiés",
    rhythm_days=365,
    lag_days=(60, 240),
    schedule="40 7 * * 1-5",
    produces="returns",
    columns=(
        Column("holding_id", "text", "identifiant du groupe"),
        Column("holding", "text", "nom du groupe"),
        Column("period", "text", "période écrite"),
        Column("freq", "text", "fréquence : A ou S"),
        Column("starts_on", "date", "premier jour de la période"),
        Column("ref_area", "text", "ville (code ISO 3166-2)"),
        Column("segment", "text", "métier"),
        Column("code", "text", "marché, langue, éditeur ou profession"),
        Column("measure", "text", "ce qui est mesuré"),
        Column("value", "number", "valeur (un nombre, ou oui ou non)"),
    ),
    read=read,
    is_confidential=True,
    samples={
        "firm_returns.2026-03-16.xlsx": INVENTED,
        "firm_returns.2026-07-06.xlsx": INVENTED,
    },
)
