"""Services that members of the Union trade with Morocco: the mirror of Morocco's own exports.

Morocco publishes no services exports by client country; what the Union says it buys from Morocco is
the only open measure of it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from vigie.feed import Column, Feed, Row, invented
from vigie.readers import jsonstat, observation, sdmx
from vigie.readers.observation import COLUMNS, Observation

REPORTERS = ("EU27_2020", "FR", "ES", "BE", "DE", "IT", "NL", "PT")
ITEMS = ("S", "SI", "SJ")
ADDRESS = (
    "https://ec.europa.eu/eurostat/api/dissemination/statistics/1.0/data/bop_its6_det"
    "?format=JSON&lang=EN&freq=A&currency=MIO_EUR&partner=MA&stk_flow=CRE&stk_flow=DEB&sinceTimePeriod=2010"
    + "".join(f"&bop_item={item}" for item in ITEMS)
    + "".join(f"&geo={reporter}" for reporter in REPORTERS)
)
DIMENSIONS = {"GEO": "ref_area", "PARTNER": "counterpart_area", "BOP_ITEM": "item", "STK_FLOW": "flow", "CURRENCY": "unit"}
OBS_STATUS = {
    "b": "B", "d": "D", "u": "U", "n": "N", "e": "E", "s": "E", "i": "I", "f": "F", "p": "P", "r": "A", "z": "M", ":": "O",
}  # fmt: skip
"""Eurostat's flags as SDMX writes them, the gravest first: a figure may bear several."""
SECRET = "c"
UPDATED = "LAST UPDATE"


def read(content: bytes) -> Iterator[Row]:
    """One row per cell, its flags under SDMX's codes; a cell flagged « c » is confidential.

    The address answers in JSON-stat; what a person exports from the publisher's site comes in SDMX.
    """
    is_cube = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and b'"dataSets"' not in content
    updated = jsonstat.updated(content) if is_cube else None
    for figure in jsonstat.observations(content) if is_cube else sdmx.observations(content):
        flags = figure.attributes.get("OBS_FLAG") or figure.attributes.get("OBS_STATUS", "")
        row = observation.row(_with_codes(figure, flags), DIMENSIONS)
        yield Row({**row.values, "flags": flags, "published_at": updated or _moment(figure.attributes.get(UPDATED))}, row.place)


def _with_codes(figure: Observation, flags: str) -> Observation:
    is_secret = SECRET in flags.lower() or (figure.attributes.get("CONF_STATUS") or "F") != "F"
    # a flag that is not in the list stays as written, for the door to hold
    status = next((code for flag, code in OBS_STATUS.items() if flag in flags.lower()), flags)
    codes = {"CONF_STATUS": "C" if is_secret else "F", "OBS_STATUS": "Q" if is_secret else status}
    return replace(figure, attributes={**figure.attributes, **codes})


def _moment(written: str | None) -> datetime | None:
    """« 20/10/26 23:00:00 », as the publisher's SDMX-CSV dates its last update."""
    try:
        return datetime.strptime(written or "", "%d/%m/%y %H:%M:%S")
    except ValueError:
        return None


feed = Feed(
    publisher="Eurostat",
    title="Services échangés avec le Maroc, déclarés par l'Union européenne (statistiques miroir)",
    address=ADDRESS,
    licence="CC BY 4.0 (politique de réutilisation de la Commission)",
    rhythm_days=90,
    lag_days=(180, 560),
    schedule="30 11 * * 3",
    produces="observations",
    columns=(
        *COLUMNS,
        Column("ref_area", "text", "pays déclarant, membre de l'Union"),
        Column("counterpart_area", "text", "pays partenaire"),
        Column("item", "text", "poste de la balance des paiements (MBP6)"),
        Column("flow", "text", "sens : CRE crédit (exportation), DEB débit (importation)"),
        Column("unit", "text", "monnaie et ordre de grandeur"),
        Column("flags", "text", "marques de l'éditeur, telles qu'écrites"),
        Column("published_at", "timestamp", "dernière mise à jour annoncée par l'éditeur"),
    ),
    read=read,
    pace_seconds=5,
    samples={
        "eurostat_services.2026-10-21.json": invented(
            "chiffres inventés dans la forme de l'éditeur : ils servent à essayer les marques (b, e, p, c, :), pas à conclure"
        ),
    },
)
