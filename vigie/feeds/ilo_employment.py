"""Employment of Morocco by branch of activity, from the ILO's collection of national surveys."""

from collections.abc import Iterable, Iterator
from datetime import date

from vigie.feed import Column, Feed, Request, Row, retyped
from vigie.readers import sdmx
from vigie.readers.observation import COLUMNS

ADDRESS = "https://sdmx.ilo.org/rest/data/ILO,DF_EMP_TEMP_SEX_ECO_NB,1.0/MAR.A.EMP_TEMP_NB.SEX_T.?format=csv&startPeriod=1990"
DIMENSIONS = {"REF_AREA": "ref_area", "MEASURE": "measure", "SEX": "sex", "ECO": "eco", "UNIT_MEASURE": "unit"}
TOTAL = "ECO_AGGREGATE_TOTAL"


def requests(day: date) -> Iterable[Request]:
    yield Request(ADDRESS, headers={"Accept": "application/vnd.sdmx.data+csv;version=1.0.0"})


def read(content: bytes) -> Iterator[Row]:
    """One row per figure, with its share of the total employment of the same year in the same message."""
    found = list(sdmx.rows(content, DIMENSIONS))
    totals = {_year(row): _number(row) for row in found if row.values["eco"] == TOTAL}
    for row in found:
        number, total = _number(row), totals.get(_year(row))
        yield Row({**row.values, "share_of_total": number / total if number is not None and total else None}, row.place)


def _year(row: Row) -> tuple[object, ...]:
    return tuple(row.values[name] for name in ("ref_area", "measure", "sex", "freq", "period_label"))


def _number(row: Row) -> float | None:
    try:
        return float(str(row.values["value"]))
    except ValueError:
        return None


feed = Feed(
    publisher="Organisation internationale du travail (ILOSTAT)",
    title="Emploi du Maroc par branche d'activité",
    address=ADDRESS,
    licence="CC BY 4.0",
    rhythm_days=90,
    lag_days=(90, 800),
    schedule="0 5 * * 2",
    produces="observations",
    columns=(
        *COLUMNS,
        Column("ref_area", "text", "pays (code ISO à trois lettres)"),
        Column("measure", "text", "grandeur, selon l'éditeur"),
        Column("sex", "text", "sexe ; SEX_T ensemble"),
        Column("eco", "text", "branche d'activité, avec le nom de sa nomenclature"),
        Column("unit", "text", "unité selon l'éditeur"),
        Column("share_of_total", "number", "part dans l'emploi total de la même année"),
    ),
    read=read,
    requests=requests,
    pace_seconds=5,
    samples={
        "ilo_employment.2026-10-13.csv": retyped(
            by="dépôt open-numbers/ddf--ilo--ilostat, révision c50d0605",
            address="https://github.com/open-numbers/ddf--ilo--ilostat",
            note=(
                "chiffres du dépôt, remis dans la forme de l'éditeur ; le dépôt n'a pas gardé les états : "
                "les marques B (rupture) et D (définitions différentes) sont les nôtres"
            ),
        ),
    },
)
