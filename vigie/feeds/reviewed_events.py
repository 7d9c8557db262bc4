"""What people decided on events that the press reports: accepted, corrected or rejected, each decision a line."""

from collections.abc import Iterable

from vigie.feed import Column, Feed, Row, invented
from vigie.readers import register

COLUMNS = (
    Column("event_id", "text", "identifiant de l'événement candidat"),
    Column("decision", "text", "décision : accept (accepté tel quel), correct (accepté une fois corrigé) ou reject (rejeté)"),
    Column("event_type", "text", "ce qui se passe, tel que la décision le retient"),
    Column("title", "text", "l'événement en une ligne"),
    Column("ref_area", "text", "territoire (code ISO 3166-2)"),
    Column("operator", "text", "opérateur"),
    Column("site_id", "text", "implantation du registre qui dit déjà cet événement"),
    Column("jobs", "integer", "emplois en cause ; vide quand aucun chiffre n'est sûr"),
    Column("happened_on", "date", "jour du fait"),
    Column("source", "text", "qui le rapporte"),
    Column("source_url", "text", "adresse de l'article"),
    Column("quote", "text", "les mots de l'article"),
    Column("origin", "text", "origine de l'article : recorded, retyped ou invented"),
    Column("reason", "text", "pourquoi"),
    Column("decided_by", "text", "qui décide"),
    Column("decided_at", "timestamp", "quand"),
)


def read(content: bytes) -> Iterable[Row]:
    return register.rows(content, [column.name for column in COLUMNS])


feed = Feed(
    publisher="Relecteurs de l'observatoire",
    title="Événements relus : ce que des personnes ont accepté, corrigé ou rejeté",
    address=None,
    licence="décisions de l'observatoire ; faits cités avec leur source",
    rhythm_days=365,
    lag_days=(0, 400),
    schedule="50 8 * * 1-5",
    produces="register",
    columns=COLUMNS,
    read=read,
    samples={
        "reviewed_events.2026-01-28.csv": invented(
            "décisions inventées par Vigie sur des événements fictifs, pour montrer une double relecture"
        ),
    },
)
