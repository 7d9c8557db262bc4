"""What every feed of legal notices lands, whatever the format: one row a text that a publisher announced."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from vigie.feed import Column

COLUMNS = (
    Column("local_id", "text", "identifiant du texte chez l'éditeur"),
    Column("nature", "text", "nature du texte (loi, décret, rubrique du journal…)"),
    Column("title", "text", "intitulé"),
    Column("subject", "text", "ce dont le texte traite : rubriques, résumé, mots des articles"),
    Column("published_at", "timestamp", "parution"),
    Column("effective_at", "timestamp", "entrée en vigueur du texte ; vide quand elle n'est pas connue"),
    Column("adopted_on", "date", "date de signature"),
    Column("updated_at", "timestamp", "dernière mise à jour de la notice"),
    Column("status", "text", "état du texte selon l'éditeur"),
    Column("issuer", "text", "autorité dont émane le texte"),
    Column("link", "text", "adresse du texte"),
    Column("lang", "text", "langue de l'intitulé"),
)

ARTICLES = (
    Column("articles", "text", "articles du texte, en JSON : numéro, titre, mots, parution et entrée en vigueur de leur version"),
    Column("is_whole", "boolean", "tous les articles du texte sont là"),
)
"""What a gazette that gives the text itself lands besides."""


@dataclass(frozen=True, slots=True)
class Article:
    """One version of an article: its number as printed, its words, and the days of this version (ISO; None: unknown)."""

    article: str
    text: str
    title: str | None = None
    published_on: str | None = None
    effective_on: str | None = None
    by: str | None = None
    """The text that brought this version."""


def as_json(articles: Sequence[Article]) -> str | None:
    """Articles as a landed column keeps them; None when there is none."""
    return json.dumps([asdict(one) for one in articles], ensure_ascii=False) if articles else None


UNKNOWN_BEFORE = date(1100, 1, 1)
UNKNOWN_FROM = date(2900, 1, 1)
"""Publishers write « unknown » or « for ever » as 1001-01-01, 2999-01-01 or 9999-12-31."""


def day(printed: object, zone: str = "UTC") -> str | None:
    """The calendar day of « 2025-07-01 », « 20250701 », an instant or epoch milliseconds, as the publisher's `zone` sees it.

    A sentinel is no date. What cannot be read is given back as written, for the door to name it.
    """
    if printed is None or printed == "":
        return None
    found = _parsed(printed, zone)
    if found is None:
        return str(printed)
    return None if found < UNKNOWN_BEFORE or found >= UNKNOWN_FROM else found.isoformat()


def _parsed(printed: object, zone: str) -> date | None:
    try:
        if isinstance(printed, int) and not isinstance(printed, bool):
            return datetime.fromtimestamp(printed / 1000, UTC).astimezone(ZoneInfo(zone)).date()
        moment = datetime.fromisoformat(str(printed).strip())
    except (ValueError, OverflowError, OSError):
        return None
    # midnight of Paris is written as the evening before in universal time
    return (moment.astimezone(ZoneInfo(zone)) if moment.tzinfo else moment).date()
