"""The dirham's rates, as Bank Al-Maghrib fixes them each working day for transfers.

A rate is printed for one unit of the currency or for a hundred (yen, Nordic crowns): it is divided
here, since a series that mixes both is wrong by a factor of a hundred.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from vigie.feed import Column, DocumentError, Feed, Key, Request, Row, invented
from vigie.readers import json_answer

PUBLISHER = "Bank Al-Maghrib"
ADDRESS = "https://api.centralbankofmorocco.ma/cours/Version1/api/CoursVirement"
CASABLANCA = ZoneInfo("Africa/Casablanca")


def question(_: date) -> Iterator[Request]:
    """The rates of the day; on a holiday there are none, and that is no fault."""
    yield Request(ADDRESS, headers={"Accept": "application/json"}, empty=(204, 404), empty_bodies=(b"[]",))


def read(content: bytes) -> Iterator[Row]:
    """One row a currency, with the rate as printed and for one unit; a line said twice over is one line."""
    answer = json_answer.parse(content, PUBLISHER)
    if isinstance(answer, dict) and "message" in answer:
        raise DocumentError(f"Bank Al-Maghrib refuse la demande : « {answer['message']} » ; vérifier la clé et l'abonnement")
    said: set[str] = set()
    for line, place in json_answer.objects(answer, PUBLISHER):
        written = json.dumps(line, sort_keys=True)
        if written in said:
            continue
        said.add(written)
        fixed_at = _local(line.get("date"))
        yield Row(
            {
                "currency": line.get("libDevise"),
                "rate": line.get("moyen"),
                "unit": line.get("uniteDevise"),
                "per_unit": _per_unit(line),
                "period": fixed_at.date() if isinstance(fixed_at, datetime) else fixed_at,
                "fixed_at": fixed_at,
            },
            place,
        )


def _local(printed: Any) -> Any:
    """A moment in Morocco, which the bank writes without its zone; what is not one stays as printed."""
    try:
        return datetime.fromisoformat(str(printed)).replace(tzinfo=CASABLANCA)
    except ValueError:
        return printed


def _per_unit(line: Mapping[str, Any]) -> float | None:
    rate, unit = line.get("moyen"), line.get("uniteDevise")
    if not isinstance(rate, int | float) or not isinstance(unit, int | float) or unit <= 0:
        return None
    return round(rate / unit, 12)


NOTE = "cours inventés, de l'ordre de ceux du jour, dans la vraie forme de la réponse ; unités réelles"

feed = Feed(
    publisher=PUBLISHER,
    title="Cours de change du dirham : virements, cours moyen du jour",
    address=ADDRESS,
    licence="service gratuit sur inscription ; cours publics, à citer avec leur source",
    # a rate is out on its day; from Friday to Monday, or over a holiday beside a weekend, there is none
    rhythm_days=3,
    lag_days=(0, 4),
    schedule="45 13 * * 1-5",
    produces="observations",
    columns=(
        Column("currency", "text", "devise (code ISO 4217)"),
        Column("rate", "number", "cours moyen imprimé, en dirhams pour l'unité indiquée"),
        Column("unit", "integer", "nombre d'unités de la devise que vaut le cours : 1 ou 100"),
        Column("per_unit", "number", "dirhams pour une unité de la devise"),
        Column("period", "date", "jour du cours"),
        Column("fixed_at", "timestamp", "moment du cours"),
    ),
    read=read,
    requests=question,
    key=Key(settings=("VIGIE_BAM_KEY",), header="Ocp-Apim-Subscription-Key"),
    # other clients of this service leave fifteen seconds between two questions
    pace_seconds=15,
    samples={
        "bam_rates.2026-11-19.json": invented(NOTE),
        "bam_rates.2026-11-20.json": invented(NOTE),
    },
)
