"""Services that countries buy from Morocco, in the balanced accounts of the OECD and the WTO (BaTIS)."""

from collections.abc import Iterable, Iterator
from datetime import date

from vigie.feed import Column, Feed, Request, Row, invented
from vigie.readers import sdmx
from vigie.readers.observation import COLUMNS

REPORTERS = ("FRA", "ESP", "BEL", "DEU", "ITA", "NLD", "PRT", "GBR", "USA", "CAN", "CHE", "W")
ITEMS = ("S", "SI", "SJ")
KEY = f"{'+'.join(REPORTERS)}.MAR.M.S.{'+'.join(ITEMS)}.A.USD_EXC.B"
ADDRESS = f"https://sdmx.oecd.org/public/rest/data/OECD.SDD.TPS,DSD_BATIS@DF_BATIS,1.0/{KEY}?startPeriod=2010&format=csvfile"
DIMENSIONS = {
    "REF_AREA": "ref_area", "COUNTERPART_AREA": "counterpart_area", "TRADE_FLOW": "flow", "SERVICE": "item",
    "UNIT_MEASURE": "unit", "ADJUSTMENT": "adjustment",
}  # fmt: skip


def requests(day: date) -> Iterable[Request]:
    yield Request(ADDRESS, headers={"Accept": "application/vnd.sdmx.data+csv;version=1.0.0"})


def read(content: bytes) -> Iterator[Row]:
    """One row per figure: what the reference area imports from its counterpart."""
    return sdmx.rows(content, DIMENSIONS)


feed = Feed(
    publisher="OCDE et OMC (BaTIS)",
    title="Services achetés au Maroc par ses clients, comptes équilibrés",
    address=ADDRESS,
    licence="CC BY 4.0 (conditions d'emploi de l'OCDE)",
    rhythm_days=365,
    lag_days=(330, 730),
    schedule="30 5 * * 4",
    produces="observations",
    columns=(
        *COLUMNS,
        Column("ref_area", "text", "pays qui achète (code ISO à trois lettres ; W monde)"),
        Column("counterpart_area", "text", "pays qui vend"),
        Column("flow", "text", "sens : M importation, X exportation"),
        Column("item", "text", "poste de service (EBOPS)"),
        Column("unit", "text", "unité selon l'éditeur"),
        Column("adjustment", "text", "traitement : B équilibré, N déclaré"),
    ),
    read=read,
    requests=requests,
    # sixty downloads an hour, all addresses of the service together
    pace_seconds=60,
    samples={
        "oecd_services.2026-09-16.csv": invented(
            "chiffres inventés dans la forme de l'éditeur ; le nom de la quatrième dimension est à vérifier sur une vraie réponse"
        ),
    },
)
