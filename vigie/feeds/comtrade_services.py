"""Services that Morocco declares to the United Nations, by item of the extended balance of payments."""

from collections.abc import Iterable, Iterator
from datetime import date

from vigie.feed import Column, Feed, Request, Row, invented
from vigie.readers import comtrade, dates

MOROCCO = 504
YEARS = 6
ENTRANCE = "https://comtradeapi.un.org/public/v1/preview/S/A/EB"
FREQUENCIES = {"A": "A", "M": "M"}


def requests(day: date) -> Iterable[Request]:
    """One question a year, so that no answer reaches the ceiling of what is given without a key."""
    for year in range(day.year - YEARS, day.year):
        yield Request(f"{ENTRANCE}?reporterCode={MOROCCO}&period={year}&flowCode=X,M&includeDesc=true")


def read(content: bytes) -> Iterator[Row]:
    """One row per flow, under the publisher's codes."""
    for flow, place in comtrade.flows(content):
        period = dates.period(str(flow.get("period", "")))
        yield Row(
            {
                "reporter": flow.get("reporterISO"),
                "partner": flow.get("partnerISO"),
                "flow": flow.get("flowCode"),
                "item": flow.get("cmdCode"),
                "item_name": flow.get("cmdDesc"),
                "classification": flow.get("classificationCode"),
                "kind": flow.get("typeCode"),
                "freq": FREQUENCIES.get(str(flow.get("freqCode")), flow.get("freqCode")),
                "period": period.start if period else None,
                "period_label": flow.get("period"),
                "value": flow.get("primaryValue"),
                "is_reported": flow.get("isReported"),
            },
            place,
        )


feed = Feed(
    publisher="Nations unies (Comtrade)",
    title="Services échangés par le Maroc, tels qu'il les déclare",
    address=f"{ENTRANCE}?reporterCode={MOROCCO}&flowCode=X,M&includeDesc=true",
    licence="conditions d'emploi de Comtrade : citer la source, ne pas revendre",
    rhythm_days=365,
    lag_days=(270, 900),
    schedule="30 4 * * 5",
    produces="observations",
    columns=(
        Column("reporter", "text", "pays déclarant (code ISO à trois lettres)"),
        Column("partner", "text", "pays partenaire ; W00 monde"),
        Column("flow", "text", "sens : X exportation, M importation"),
        Column("item", "text", "poste de service"),
        Column("item_name", "text", "intitulé du poste"),
        Column("classification", "text", "nomenclature des postes (EBOPS) et son millésime"),
        Column("kind", "text", "nature des échanges : S services, C marchandises"),
        Column("freq", "text", "fréquence"),
        Column("period", "date", "premier jour de la période"),
        Column("period_label", "text", "période telle qu'écrite par l'éditeur"),
        Column("value", "number", "montant en dollars"),
        Column("is_reported", "boolean", "oui : déclaré par le pays ; non : estimé par l'éditeur"),
    ),
    read=read,
    pace_seconds=10,
    requests=requests,
    samples={
        "comtrade_services.2026-08-18.json": invented(
            "chiffres inventés dans la forme d'une réponse de l'éditeur sur les marchandises ; aucun chiffre réel n'est connu"
        ),
    },
)
