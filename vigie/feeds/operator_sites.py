"""Sites of operators, city by city: a register of what the press, companies and officials have stated."""

from collections.abc import Iterator
from datetime import date

from vigie.feed import Column, Feed, Row
from vigie.readers import dates, register

COLUMNS = (
    Column("site_id", "text", "identifiant de la ligne"),
    Column("operator", "text", "opérateur ou parc"),
    Column("former_names", "text", "anciens noms"),
    Column("city", "text", "ville, telle que la source la nomme"),
    Column("ref_area", "text", "territoire (code ISO 3166-2)"),
    Column("region", "text", "région (code ISO 3166-2)"),
    Column("scope", "text", "portée : city, site, country, world, park, capacity, planned, commitment, closure, transfer"),
    Column("headcount", "integer", "effectif énoncé"),
    Column("jobs_planned", "integer", "emplois annoncés, prévus ou supprimés"),
    Column("is_counted", "boolean", "la ligne compte dans l'effectif connu des villes"),
    Column("as_of_printed", "text", "date du fait, aussi précise que connue"),
    Column("status", "text", "qui l'énonce : press, company, union ou official"),
    Column("source", "text", "source"),
    Column("source_url", "text", "adresse de l'article ou de la page"),
    Column("confidence", "text", "confiance : high, medium ou low"),
    Column("note", "text", "remarque"),
)


def read(content: bytes) -> Iterator[Row]:
    """Each line, with the first day of the date it states."""
    for row in register.rows(content, [column.name for column in COLUMNS]):
        yield Row(dict(row.values) | {"as_of": _first_day(str(row.values["as_of_printed"]))}, row.place)


def _first_day(printed: str) -> date | None:
    period = dates.period(printed)
    return period.start if period else dates.day(printed)


feed = Feed(
    publisher="Registre tenu par Vigie",
    title="Implantations des opérateurs, par ville",
    address=None,
    licence="faits cités avec leur source",
    rhythm_days=180,
    lag_days=(1, 400),
    schedule="10 8 * * 1-5",
    produces="register",
    columns=(*COLUMNS, Column("as_of", "date", "premier jour de la date du fait")),
    read=read,
    snapshot=True,
    register=True,
)
