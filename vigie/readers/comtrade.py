"""UN Comtrade, JSON: a count, an error and a list of flows. « No data » looks like success: status 200,
count 0, error empty; an answer without a key stops at 500 rows and does not say so.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from vigie.feed import DocumentError
from vigie.readers import envelope

PREVIEW = 500
"""The most rows of an answer without a key."""


def flows(content: bytes) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each flow as the publisher gives it, with its JSON pointer."""
    envelope.refuse_empty(content)
    envelope.refuse_html(content, "de la réponse JSON attendue")
    try:
        answer = json.loads(envelope.text(content))
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"le JSON s'interrompt à la ligne {error.lineno}, colonne {error.colno} ; redemander la réponse entière"
        ) from error
    except RecursionError as error:
        raise DocumentError("le JSON est imbriqué au-delà de toute raison ; refusé par sûreté") from error
    for number, flow in enumerate(_listed(answer)):
        if not isinstance(flow, dict):
            raise DocumentError(f"la ligne /data/{number} n'est pas un flux d'échanges ; redemander la réponse entière")
        yield flow, f"/data/{number}/primaryValue"


def _listed(answer: Any) -> list[Any]:
    told = answer if isinstance(answer, dict) else {}
    sentence = told.get("error") or told.get("message")
    if sentence:
        raise DocumentError(f"les Nations unies répondent par une erreur : « {str(sentence)[:200]} » ; vérifier la demande")
    listed = told.get("data")
    if not isinstance(listed, list):
        raise DocumentError("le JSON n'est pas une réponse de Comtrade : un objet avec « data » est attendu à la racine")
    if not listed:
        raise DocumentError(
            "aucune donnée : l'éditeur répond par un succès vide (/count 0, /error vide) ; "
            "vérifier le pays et les années, ou attendre que le pays déclare"
        )
    count = told.get("count")
    if count != len(listed):
        raise DocumentError(
            f"réponse incomplète : /count annonce {count} lignes, /data en contient {len(listed)} ; la redemander"
        )
    if count == PREVIEW:
        raise DocumentError(
            f"réponse coupée sans le dire : {PREVIEW} lignes, le plafond d'une demande sans clé ; demander moins d'années"
        )
    return listed
