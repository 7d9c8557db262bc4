"""World Bank API v2, JSON: an array of two elements, a heading and its rows.

`decimal` is the publisher's own word on precision, mostly 0 for amounts written with five digits more; where it is
absent, the digits as written say it. An unknown indicator is answered with status 200 and one element that holds a message.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from vigie.feed import DocumentError, Row
from vigie.readers import dates, envelope


def rows(content: bytes) -> Iterator[Row]:
    """Each row with the values under the publisher's own meaning; a null value stays missing."""
    envelope.refuse_empty(content)
    envelope.refuse_html(content, "de la réponse JSON attendue")
    answer = _parse(envelope.text(content))
    heading, lines = _halves(answer)
    released = heading.get("lastupdated")
    for number, line in enumerate(lines):
        place = f"/1/{number}/value"
        try:
            period = dates.period(line["date"])
            yield Row(
                {
                    "indicator": line["indicator"]["id"],
                    "indicator_name": line["indicator"]["value"],
                    "ref_area": line["country"]["id"],
                    "ref_area_name": line["country"]["value"],
                    "freq": period.freq if period else None,
                    "period": period.start if period else None,
                    "period_label": line["date"],
                    "value": line["value"],
                    "obs_status": line.get("obs_status"),
                    "decimals": line.get("decimal", _printed_decimals(line["value"])),
                    "published_at": released,
                },
                place,
            )
        except (KeyError, TypeError) as error:
            raise DocumentError(
                f"la ligne /1/{number} n'a pas la forme d'une observation (champ manquant : {error}) ; "
                "vérifier que la réponse est celle de l'interface v2"
            ) from error


def _parse(text: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"le JSON s'interrompt à la ligne {error.lineno}, colonne {error.colno} ; redemander la réponse entière"
        ) from error


def _printed_decimals(value: Any) -> int | None:
    """How many decimals a figure is written with; None when there is no figure."""
    return max(0, -int(Decimal(value).as_tuple().exponent)) if isinstance(value, int | Decimal) else None


def _halves(answer: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    if isinstance(answer, list) and answer and isinstance(answer[0], dict) and "message" in answer[0]:
        told = answer[0]["message"]
        message = told[0] if isinstance(told, list) and told else told
        written = f"{message.get('key', '')} : {message.get('value', '')}" if isinstance(message, dict) else str(message)
        raise DocumentError(
            f"la Banque mondiale répond par une erreur avec un statut 200 (/0/message/0) : « {written[:200]} » ; "
            "vérifier le code de l'indicateur et du pays"
        )
    if not isinstance(answer, list) or len(answer) != 2 or not isinstance(answer[0], dict):
        raise DocumentError("le JSON n'est pas une réponse de la Banque mondiale : [en-tête, lignes] attendu à la racine")
    heading, lines = answer
    if not lines:
        raise DocumentError("la réponse de la Banque mondiale ne contient aucune ligne (/1) ; vérifier le code demandé")
    if not isinstance(lines, list):
        raise DocumentError("les lignes de la réponse (/1) ne sont pas une liste ; redemander la réponse entière")
    if str(heading.get("pages", 1)) != "1" or str(heading.get("total", len(lines))) != str(len(lines)):
        raise DocumentError(
            f"réponse incomplète : l'en-tête (/0) annonce {heading.get('total')} lignes en {heading.get('pages')} page(s), "
            f"le document en contient {len(lines)} ; demander un per_page plus grand"
        )
    return heading, lines
