"""Jobs, shares and claims on the sector: a register in which sources that disagree all stay."""

from collections.abc import Iterator

from vigie.feed import Column, Feed, Row
from vigie.readers import dates, register

COLUMNS = (
    Column("indicator", "text", "grandeur énoncée (code)"),
    Column("perimeter", "text", "périmètre : OFFSHORING (tout le secteur) ou CRM (centres d'appels)"),
    Column("segment", "text", "segment d'activité (code)"),
    Column("ref_area", "text", "territoire (code ISO)"),
    Column("freq", "text", "fréquence : A année"),
    Column("period", "text", "période dont parle la source"),
    Column("value", "number", "valeur énoncée"),
    Column("lower", "number", "borne basse, quand la source donne une fourchette ou « plus de »"),
    Column("upper", "number", "borne haute, quand la source en donne une ou qu'elle va de soi"),
    Column("unit", "text", "unité : PS personnes, PC pour cent, NB nombre"),
    Column("class", "text", "nature : measured (compté par une administration) ou claimed (affirmé)"),
    Column("source", "text", "qui énonce le chiffre (sigle ou nom court)"),
    Column("source_name", "text", "qui énonce le chiffre, et où on l'a lu"),
    Column("source_url", "text", "adresse de l'article ou de la page"),
    Column("source_date", "text", "date de la source, aussi précise que connue"),
    Column("confidence", "text", "confiance : high, medium ou low"),
    Column("wording", "text", "ce que dit la source, en peu de mots"),
)


def read(content: bytes) -> Iterator[Row]:
    """Each line; a source dated by its month or year was out by the last day of it."""
    for row in register.rows(content, [column.name for column in COLUMNS]):
        period = dates.period(row.values["period"])
        yield Row(
            dict(row.values)
            | {
                "starts_on": period.start if period else None,
                "published_at": dates.last_day(str(row.values["source_date"])),
            },
            row.place,
        )


feed = Feed(
    publisher="Registre tenu par Vigie",
    title="Emplois, parts de marché et affirmations sur le secteur",
    address=None,
    licence="faits cités avec leur source",
    rhythm_days=180,
    lag_days=(30, 400),
    schedule="0 8 * * 1-5",
    produces="observations",
    columns=(
        *COLUMNS,
        Column("starts_on", "date", "premier jour de la période"),
        Column("published_at", "timestamp", "dernier jour possible de la date de la source"),
    ),
    read=read,
    snapshot=True,
    register=True,
)
