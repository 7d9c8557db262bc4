"""World Bank indicators of Morocco and its peers: ICT service exports, and the dirham's rate."""

from datetime import date

from vigie.feed import Column, Feed, retyped
from vigie.readers import worldbank

COUNTRIES = "MAR;SEN;MDG;MUS;PHL;PRT;ROU;SAU"
INDICATORS = "BX.GSR.CCIS.CD;PA.NUS.FCRF"

feed = Feed(
    publisher="Banque mondiale",
    title="Indicateurs de développement : exportations de services numériques, taux de change",
    address=f"https://api.worldbank.org/v2/country/{COUNTRIES}/indicator/{INDICATORS}?source=2&format=json&per_page=20000",
    licence="CC BY 4.0",
    rhythm_days=90,
    lag_days=(180, 560),
    schedule="0 6 * * 1",
    produces="observations",
    columns=(
        Column("indicator", "text", "code de l'indicateur"),
        Column("indicator_name", "text", "intitulé de l'éditeur"),
        Column("ref_area", "text", "pays (code ISO à deux lettres)"),
        Column("ref_area_name", "text", "pays, tel qu'écrit par l'éditeur"),
        Column("freq", "text", "fréquence : A année"),
        Column("period", "date", "premier jour de la période"),
        Column("period_label", "text", "période telle qu'écrite par l'éditeur"),
        Column("value", "number", "valeur de l'indicateur"),
        Column("obs_status", "text", "état donné par l'éditeur"),
        Column("decimals", "integer", "nombre de décimales selon l'éditeur"),
        Column("published_at", "timestamp", "dernière mise à jour annoncée par l'éditeur"),
    ),
    read=worldbank.rows,
    samples={
        "wb_indicators.2019-01-31.json": retyped(
            by="dépôt open-numbers/ddf--world_bank--world_development_indicators, révision bb1e8cd7",
            address="https://github.com/open-numbers/ddf--world_bank--world_development_indicators",
            on=None,
            note="millésime 2018-2019 ; la date de mise à jour n'a pas été conservée et reste vide",
        ),
        "wb_indicators.2026-07-14.json": retyped(
            by="dépôt open-numbers/ddf--open_numbers--world_development_indicators, révision 01a34e8b",
            address="https://github.com/open-numbers/ddf--open_numbers--world_development_indicators",
            on=date(2026, 7, 13),
            note="millésime 2025-2026 ; la valeur de 2016 pour le Maroc y est révisée",
        ),
    },
)
