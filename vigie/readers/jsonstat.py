"""JSON-stat 2.0 and 1.x data sets → observations.

A data set is a cube: the values of its cells in row-major order, dense (a list) or sparse (an object
by position). The established client (pyjstat, last released in 2023) goes through a data frame and
leaves out the status of each cell, which is what tells a provisional figure from a secret one.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from vigie.feed import DocumentError
from vigie.readers import envelope
from vigie.readers.observation import Observation

MOST_CELLS = 5_000_000
"""The most cells that any service of this format gives in one answer: a larger cube is a wrong size."""
STATUS = "OBS_STATUS"


def observations(content: bytes) -> Iterator[Observation]:
    """Each cell that has a value or a status; `attributes` holds the status as the publisher writes it."""
    envelope.refuse_empty(content)
    envelope.refuse_html(content, "de la réponse JSON-stat attendue")
    for dataset, pointer in _datasets(_parsed(content)):
        try:
            yield from _cells(dataset, pointer)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise DocumentError(
                f"le jeu JSON-stat se contredit ({pointer or '/'}) : {type(error).__name__} {error} ; le redemander entier"
            ) from error


def updated(content: bytes) -> str | None:
    """When the publisher says that the data set last changed."""
    for dataset, _ in _datasets(_parsed(content)):
        if dataset.get("updated"):
            return str(dataset["updated"])
    return None


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(envelope.text(content))
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"le JSON s'interrompt à la ligne {error.lineno}, colonne {error.colno} ; redemander la réponse entière"
        ) from error
    except RecursionError as error:
        raise DocumentError("le JSON est imbriqué au-delà de toute raison ; refusé par sûreté") from error


def _datasets(answer: Any) -> list[tuple[Mapping[str, Any], str]]:
    """The data sets of the answer: itself (2.0), or each one under its name (1.x)."""
    if not isinstance(answer, dict):
        raise DocumentError("le JSON n'est pas un jeu JSON-stat : un objet est attendu à la racine")
    for kind in ("error", "warning"):
        if kind in answer:
            _refuse(answer[kind], kind)
    if answer.get("class") in ("collection", "dimension"):
        raise DocumentError(f"c'est une « {answer['class']} » JSON-stat, pas un jeu de données ; demander l'un de ses jeux")
    if "id" in answer and "size" in answer:
        return [(answer, "")]
    found: list[tuple[Mapping[str, Any], str]] = [
        (dataset, f"/{name}")
        for name, dataset in answer.items()
        if isinstance(dataset, dict) and "dimension" in dataset and ("value" in dataset or "status" in dataset)
    ]
    if not found:
        raise DocumentError("le JSON n'est pas un jeu JSON-stat : ni « id » et « size », ni jeu de données nommé")
    return found


def _refuse(told: Any, kind: str) -> None:
    """Eurostat answers with status 200 that the answer is for later, or that there is none."""
    first = told[0] if isinstance(told, list) and told else told
    status, label = (first.get("status", ""), first.get("label", "")) if isinstance(first, dict) else ("", first)
    text = f"(/{kind}) : {status} « {str(label)[:200]} »"
    if "ASYNCHRONOUS" in str(label).upper() or (kind == "warning" and str(status) == "413"):
        raise DocumentError(
            f"les données ne sont pas là : l'éditeur diffère sa réponse {text} ; redemander plus tard, ou demander moins"
        )
    raise DocumentError(f"l'éditeur répond par une erreur {text} ; vérifier la demande")


def _cells(dataset: Mapping[str, Any], pointer: str) -> Iterator[Observation]:
    dimension = dataset["dimension"]
    ids = dataset.get("id") or dimension["id"]
    sizes = dataset.get("size") or dimension["size"]
    codes = [_codes(dimension[name]["category"], size) for name, size in zip(ids, sizes, strict=True)]
    total = 1
    for size in sizes:
        total *= size
        if total > MOST_CELLS:
            raise DocumentError(f"le cube annonce plus de {MOST_CELLS} cellules ({pointer}/size) ; demander moins de données")
    values, (statuses, shared) = _by_position(dataset.get("value")), _statuses(dataset.get("status"), total)
    time = _time(dataset, ids)
    flow = _flow(dataset)
    given = sorted(values.keys() | statuses.keys())
    if not given:
        raise DocumentError(f"le jeu JSON-stat ne contient aucune valeur ({pointer}/value) ; vérifier les filtres de la demande")
    for position in given:
        if not 0 <= position < total:
            raise DocumentError(
                f"la valeur {pointer}/value/{position} est hors du cube de {total} cellules ; réponse à redemander"
            )
        key: dict[str, str] = {}
        rest = position
        for name, size, names in zip(reversed(ids), reversed(sizes), reversed(codes), strict=True):
            rest, at = divmod(rest, size)
            key[name] = names[at]
        place = f"{pointer}/value/{position}" if position in values else f"{pointer}/status/{position}"
        status = statuses.get(position, shared)
        yield Observation(
            dataflow=flow,
            dimensions={name: key[name] for name in ids if name != time},
            attributes={STATUS: str(status)} if status else {},
            period=key.get(time, ""),
            value=values.get(position),
            place=place,
        )


def _codes(category: Mapping[str, Any], size: int) -> list[str]:
    """The codes of a dimension in their order; a dimension of one category may leave its order out."""
    index = category.get("index")
    if index is None:
        index = list(category["label"])
    ordered = sorted(index, key=index.__getitem__) if isinstance(index, dict) else list(index)
    if len(ordered) != size:
        raise ValueError(f"{len(ordered)} codes pour une taille de {size}")
    return [str(code) for code in ordered]


def _by_position(cells: Any) -> dict[int, Any]:
    """What stands at each position; a null cell is no cell."""
    if isinstance(cells, list):
        return {position: cell for position, cell in enumerate(cells) if cell is not None}
    return {int(position): cell for position, cell in (cells or {}).items() if cell is not None}


def _statuses(status: Any, total: int) -> tuple[dict[int, Any], str]:
    """The status of each position, and the one that holds for all the others."""
    if isinstance(status, str):
        return {}, status
    if isinstance(status, list) and len(status) == 1 < total:
        return {}, str(status[0] or "")
    return _by_position(status), ""


def _time(dataset: Mapping[str, Any], ids: list[str]) -> str:
    role = dataset.get("role") or dataset["dimension"].get("role") or {}
    named = role.get("time") or [name for name in ids if name.lower() in ("time", "time_period")]
    return str(named[0]) if named else ""


def _flow(dataset: Mapping[str, Any]) -> str:
    """AGENCY:FLOW(VERSION) when the publisher says it, else the data set's address or label."""
    extension = dataset.get("extension") or {}
    if extension.get("id"):
        version = extension.get("version")
        agency = extension.get("agencyId")
        return (f"{agency}:" if agency else "") + str(extension["id"]) + (f"({version})" if version else "")
    return str(dataset.get("href") or dataset.get("label") or "")
