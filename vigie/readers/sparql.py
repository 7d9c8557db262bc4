"""Answers of a SPARQL service in JSON: variables and bindings.

A service that runs out of time says so in plain text or on a page, with status 200, or cuts the answer short.
"""

from collections.abc import Iterator, Sequence

from vigie.feed import DocumentError
from vigie.readers import json_answer

Solution = dict[str, str | None]


def solutions(content: bytes, publisher: str, variables: Sequence[str], limit: int) -> Iterator[tuple[Solution, str]]:
    """Each solution's value by variable (None where it is not bound), with its pointer.

    `variables` are those that were asked for; `limit` is the most solutions that the query allows: as
    many mean that there were more.
    """
    answer = json_answer.parse(content, publisher)
    missing = sorted(set(variables) - set(json_answer.inside(answer, "head", "vars") or ()))
    if missing:
        raise DocumentError(f"la réponse de {publisher} n'a pas les variables demandées (/head/vars) : {', '.join(missing)}")
    found = list(json_answer.objects(answer, publisher, "results", "bindings"))
    if not found:
        raise DocumentError(
            f"la réponse de {publisher} est vide (/results/bindings) alors que la période demandée contient toujours des "
            "textes ; la redemander"
        )
    if len(found) >= limit:
        raise DocumentError(
            f"la réponse de {publisher} est tronquée : {len(found)} solutions, autant que la requête en permet ; "
            "demander une période plus courte"
        )
    for solution, place in found:
        yield {name: json_answer.inside(solution, name, "value") or None for name in variables}, place
