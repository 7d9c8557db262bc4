"""Answers of Légifrance's search service (PISTE), JSON: a count and a list of texts.

Its instants are midnights of Paris in universal time, so a day is read in Paris or every date is one day early.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from vigie.feed import DocumentError, Row
from vigie.readers import json_answer, notice, rss

NAME = "Légifrance"
PARIS = "Europe/Paris"


def rows(content: bytes) -> Iterator[Row]:
    """One row a text found; the place is its pointer."""
    answer = json_answer.parse(content, NAME)
    refused = json_answer.inside(answer, "error") or json_answer.inside(answer, "message")
    if refused:
        raise DocumentError(f"Légifrance répond par une erreur : « {refused} » ; vérifier la demande, la clé et le quota")
    found = list(json_answer.objects(answer, NAME, "results"))
    if not found:
        raise DocumentError(
            "Légifrance ne trouve aucun texte (/results vide) : la recherche en donne toujours ; vérifier la demande"
        )
    announced = answer.get("totalResultNumber")
    if isinstance(announced, int) and announced > len(found):
        raise DocumentError(
            f"réponse incomplète : Légifrance annonce {announced} textes (/totalResultNumber) et en donne {len(found)} ; "
            "demander une période plus courte"
        )
    for text, place in found:
        yield _row(text, place)


def _row(text: Mapping[str, Any], place: str) -> Row:
    heading: Mapping[str, Any] = next(iter(text.get("titles") or ()), {})
    identity = heading.get("cid") or heading.get("id")
    extracts = [
        value
        for section in text.get("sections") or ()
        for extract in section.get("extracts") or ()
        for value in extract.get("values") or ()
    ]
    return Row(
        {
            "local_id": identity,
            "nor": text.get("nor"),
            "nature": text.get("nature"),
            "title": rss.plain(heading.get("title") or ""),
            "subject": rss.plain(" ".join(extracts)),
            "published_at": notice.day(text.get("datePublication"), PARIS),
            "effective_at": notice.day(heading.get("startDate"), PARIS),
            "adopted_on": notice.day(text.get("dateSignature"), PARIS),
            "status": heading.get("legalStatus"),
            "issuer": text.get("ministere"),
            "link": f"https://www.legifrance.gouv.fr/jorf/id/{identity}" if identity else None,
            "lang": "fr",
        },
        place,
    )
