"""CKAN catalogues (open data portals): the answer of `package_search`.

A failed question is answered with an envelope that says `success: false`, sometimes under status 200;
an organisation that does not exist is answered with a success and no data set.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from vigie.feed import DocumentError, Row
from vigie.readers import json_answer


def datasets(content: bytes, publisher: str, page: str) -> Iterator[Row]:
    """One row a data set; `page` is the address that a data set's name completes."""
    answer = json_answer.parse(content, publisher)
    _refuse_failure(answer, publisher)
    found = list(json_answer.objects(answer, publisher, "result", "results"))
    count = json_answer.inside(answer, "result", "count")
    if not found:
        raise DocumentError(
            f"{publisher} ne connaît aucun jeu de données de cette organisation (/result/count : {count}) ; "
            "un nom d'organisation inconnu reçoit la même réponse, le vérifier"
        )
    if isinstance(count, int) and count > len(found):
        raise DocumentError(
            f"réponse tronquée : {publisher} annonce {count} jeux de données (/result/count) et en donne {len(found)} ; "
            "demander des pages (start) dans le flux"
        )
    for dataset, place in found:
        yield Row(_described(dataset, page), place)


def _refuse_failure(answer: Any, publisher: str) -> None:
    if not isinstance(answer, dict) or "success" not in answer:
        raise DocumentError(
            f"la réponse de {publisher} n'est pas celle d'un catalogue CKAN (/success manque) ; vérifier l'adresse"
        )
    if answer["success"] is not True:
        error = answer.get("error")
        said = error.get("message") or error.get("__type") or error if isinstance(error, dict) else error
        raise DocumentError(f"{publisher} répond par une erreur (/error) : « {said} » ; vérifier la question posée au catalogue")


def _described(dataset: Mapping[str, Any], page: str) -> dict[str, object]:
    resources = [line for line in dataset.get("resources") or [] if isinstance(line, dict)]
    tags = [str(tag.get("display_name") or tag.get("name")) for tag in dataset.get("tags") or [] if isinstance(tag, dict)]
    name = dataset.get("name")
    return {
        "local_id": dataset.get("id"),
        "name": name,
        "title": dataset.get("title"),
        "notes": dataset.get("notes"),
        "tags": ", ".join(tags),
        "organization": json_answer.inside(dataset, "organization", "name"),
        "issuer": json_answer.inside(dataset, "organization", "title"),
        "created_at": dataset.get("metadata_created"),
        "modified_at": dataset.get("metadata_modified"),
        "state": dataset.get("state"),
        "licence": dataset.get("license_title"),
        "files": len(resources),
        "formats": ", ".join(sorted({str(line["format"]).upper() for line in resources if line.get("format")})),
        "link": f"{page}{name}" if name else None,
    }
