"""JSON answers of web interfaces: decoded once, and the shape told when it is not the one expected."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from vigie.feed import DocumentError
from vigie.readers import envelope


def parse(content: bytes, publisher: str) -> Any:
    """The value of a JSON answer; DocumentError says what came in its place, which is often plain text."""
    envelope.refuse_empty(content)
    envelope.refuse_html(content, f"de la réponse JSON de {publisher}")
    text = envelope.text(content).strip()
    if text[:1] not in ("{", "["):
        said = " ".join(text.split())[:200]
        raise DocumentError(f"{publisher} répond par du texte et non par du JSON : « {said} » ; attendre, puis redemander")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"le JSON de {publisher} ne se lit pas : ligne {error.lineno}, colonne {error.colno} ({error.msg}) ; "
            "redemander la réponse entière"
        ) from error
    except RecursionError as error:
        raise DocumentError(f"le JSON de {publisher} s'emboîte trop profondément ; ne pas l'ouvrir") from error


def objects(answer: Any, publisher: str, *path: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each object of the list that stands at `path`, with its pointer."""
    pointer = "".join(f"/{step}" for step in path)
    listed = answer
    for step in path:
        listed = listed.get(step) if isinstance(listed, dict) else None
    if not isinstance(listed, list):
        raise DocumentError(
            f"la réponse de {publisher} n'a pas de liste en {pointer or 'sa racine'} ; l'éditeur a changé son format, "
            "signaler le flux à l'équipe technique"
        )
    for number, line in enumerate(listed):
        if not isinstance(line, dict):
            raise DocumentError(f"{pointer}/{number} n'est pas un objet dans la réponse de {publisher} ; redemander la réponse")
        yield line, f"{pointer}/{number}"


def inside(line: Mapping[str, Any], *path: str) -> Any:
    """The value at `path` within an object, None when a step of it is missing."""
    value: Any = line
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value
