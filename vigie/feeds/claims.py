"""Public figures as somebody stated them, each with its scope: what is said, never what is computed with."""

from collections.abc import Iterator

from vigie.feed import Column, Feed, Row
from vigie.readers import dates, register

COLUMNS = (
    Column("claim", "text", "code de l'énoncé, tel qu'on le cite (K1)"),
    Column("subject", "text", "grandeur énoncée (code)"),
    Column("perimeter", "text", "périmètre tel qu'énoncé (code) ; _Z quand il n'est pas dit"),
    Column("segment", "text", "segment d'activité (code)"),
    Column("ref_area", "text", "territoire (code ISO)"),
    Column("freq", "text", "fréquence : A année"),
    Column("period", "text", "période dont parle l'énoncé"),
    Column("value", "number", "valeur énoncée"),
    Column("lower", "number", "borne basse, quand l'énoncé est « plus de » ou une fourchette"),
    Column("upper", "number", "borne haute, quand l'énoncé en donne une"),
    Column("stated_on", "date", "jour énoncé, quand l'énoncé est une date"),
    Column("unit", "text", "unité : PS personnes, PC pour cent, NB nombre, MAD_BN milliards de dirhams, DATE jour"),
    Column("nature", "text", "ce qu'il est : datum (chiffre), at_stake (en jeu), target (cible), law (règle de droit)"),
    Column("class", "text", "nature du chiffre : measured (compté par une administration) ou claimed (affirmé)"),
    Column("method", "text", "méthode : published (publiée), unpublished (non publiée) ou unknown (non recherchée)"),
    Column("source", "text", "qui énonce le chiffre (sigle ou nom court)"),
    Column("source_name", "text", "qui énonce le chiffre, et où on l'a lu"),
    Column("source_url", "text", "adresse de l'article ou de la page"),
    Column("source_date", "text", "date de l'énoncé, aussi précise que connue"),
    Column("confidence", "text", "confiance : high, medium ou low"),
    Column("wording", "text", "ce que dit l'énoncé, en peu de mots"),
    Column("inference", "text", "ce que l'observatoire en infère ; jamais lu par un calcul"),
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
    title="Registre des chiffres : ce qui est dit du secteur",
    address=None,
    licence="faits cités avec leur source",
    rhythm_days=180,
    lag_days=(1, 400),
    schedule="30 8 * * 1-5",
    produces="register",
    columns=(
        *COLUMNS,
        Column("starts_on", "date", "premier jour de la période"),
        Column("published_at", "timestamp", "dernier jour possible de la date de l'énoncé"),
    ),
    read=read,
    snapshot=True,
    register=True,
)
