"""Legal events that touch the sector, by market: a register reviewed by people."""

from collections.abc import Iterable

from vigie.feed import Column, Feed, Row
from vigie.readers import register

COLUMNS = (
    Column("event_id", "text", "identifiant de l'événement"),
    Column("market", "text", "marché concerné (code ISO)"),
    Column("instrument", "text", "texte"),
    Column("title_fr", "text", "objet du texte"),
    Column("adopted_on", "date", "date d'adoption"),
    Column("published_on", "date", "date de publication"),
    Column("in_force_on", "date", "date d'entrée en vigueur"),
    Column("ends_on", "date", "date de fin"),
    Column("deadline_on", "date", "date limite d'adaptation"),
    Column("effect_fr", "text", "effet"),
    Column("channel", "text", "canal : voice, voice_digital, voice_inbound, voicebot, caller_id ou supply"),
    Column("regime", "text", "régime : opt_in, opt_out, ban, numbering, sanctions, transparency, incentive ou bill"),
    Column("severity", "text", "gravité pour le Maroc : critical, high, medium, low ou positive"),
    Column("stage", "text", "stade : enacted (adopté), announced (annoncé) ou proposed (proposé)"),
    Column("date_precision", "text", "précision de l'entrée en vigueur : day, month, year ou unknown"),
    Column("source", "text", "source"),
    Column("source_url", "text", "adresse de la source"),
    Column("confidence", "text", "confiance : sourced, press, to_verify, general_knowledge ou not_found"),
    Column("note", "text", "remarque"),
)


def read(content: bytes) -> Iterable[Row]:
    return register.rows(content, [column.name for column in COLUMNS])


feed = Feed(
    publisher="Registre tenu par Vigie",
    title="Textes de loi et règlements qui touchent le secteur",
    address=None,
    licence="faits cités avec leur source",
    rhythm_days=180,
    lag_days=(1, 60),
    schedule="20 8 * * 1-5",
    produces="register",
    columns=COLUMNS,
    read=read,
    snapshot=True,
    register=True,
)
