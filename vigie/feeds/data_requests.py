"""Figures that nobody has published: who holds each, and on what day they were asked for it."""

from collections.abc import Iterable

from vigie.feed import Column, Feed, Row
from vigie.readers import register

COLUMNS = (
    Column("request", "text", "identifiant de la demande"),
    Column("indicator", "text", "indicateur que ce chiffre renseignerait (code), quand il y en a un"),
    Column("figure_fr", "text", "le chiffre qui manque"),
    Column("ref_area", "text", "territoire (code ISO)"),
    Column("holder", "text", "qui le détient (sigle)"),
    Column("holder_fr", "text", "qui le détient, en toutes lettres"),
    Column("reason_fr", "text", "ce qu'il permettrait d'établir"),
    Column("requested_on", "date", "jour où la demande est partie ; vide tant qu'elle ne l'est pas"),
    Column("requested_by", "text", "qui l'a envoyée"),
    Column("answered_on", "date", "jour de la réponse ; vide tant qu'il n'y en a pas"),
    Column("answer_fr", "text", "ce que dit la réponse"),
)


def read(content: bytes) -> Iterable[Row]:
    return register.rows(content, [column.name for column in COLUMNS])


feed = Feed(
    publisher="Registre tenu par Vigie",
    title="Demandes de données : ce qui manque, et qui le détient",
    address=None,
    licence="registre de l'observatoire",
    rhythm_days=180,
    lag_days=(1, 400),
    schedule="40 8 * * 1-5",
    produces="register",
    columns=COLUMNS,
    read=read,
    snapshot=True,
    register=True,
)
