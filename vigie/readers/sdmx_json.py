"""SDMX-JSON 1.0 and 2.0 data messages: figures by the positions of their codes in the structure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vigie.feed import DocumentError
from vigie.readers import envelope
from vigie.readers.observation import Observation

TIME = "TIME_PERIOD"
Part = Mapping[str, Any]


def observations(content: bytes) -> Iterator[Observation]:
    """Every figure of every data set, in the order of the document; its place is a JSON pointer."""
    try:
        message = json.loads(envelope.text(content))
    except (json.JSONDecodeError, RecursionError) as error:
        where = f"à la ligne {error.lineno}, colonne {error.colno}" if isinstance(error, json.JSONDecodeError) else "trop profond"
        raise DocumentError(f"le JSON se lit mal ({where}) ; redemander la réponse entière") from error
    body, pointer = _body(message)
    count = 0
    try:
        for number, dataset in enumerate(body["dataSets"]):
            for observation in _figures(dataset, _structure(body, dataset), f"{pointer}/dataSets/{number}"):
                count += 1
                yield observation
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise DocumentError(
            f"le SDMX-JSON se contredit après {count} observation(s) ({pointer}/dataSets) : sa structure n'explique pas ses "
            f"données ({type(error).__name__} {error}) ; demander du SDMX-CSV"
        ) from error
    if not count:
        raise DocumentError(
            f"le message SDMX-JSON ne contient aucune observation ({pointer}/dataSets) ; vérifier la clé demandée"
        )


def _body(message: Any) -> tuple[Part, str]:
    """What holds the data sets and their structures, and its pointer: the root, or `data` under it."""
    if not isinstance(message, dict):
        raise DocumentError("le JSON n'est pas un message SDMX : un objet est attendu à la racine")
    errors = message.get("errors") or message.get("error")
    if errors:
        told = json.dumps(errors, ensure_ascii=False)[:200]
        raise DocumentError(f"l'éditeur répond par une erreur SDMX (/errors) : {told} ; vérifier la demande")
    inner = message.get("data")
    for body, pointer in ((message, ""), (inner, "/data")):
        if isinstance(body, dict) and isinstance(body.get("dataSets"), list):
            return body, pointer
    if isinstance(inner, dict) or "structure" in message:
        raise DocumentError("c'est un message SDMX-JSON de structure, pas de données ; demander les données (/data/)")
    raise DocumentError("le JSON n'est pas un message de données SDMX : aucun « dataSets » ; vérifier l'adresse demandée")


def _structure(body: Part, dataset: Part) -> Part:
    structures = body.get("structures")
    found: Part = structures[dataset.get("structure", 0)] if structures else body["structure"]
    return found


def _figures(dataset: Part, structure: Part, pointer: str) -> Iterator[Observation]:
    dimensions, attributes = structure["dimensions"], structure.get("attributes", {})
    flow = _flow(structure)
    n_measures = len(structure.get("measures", {}).get("observation", ())) or 1
    order = _order(dimensions)
    shared = _codes(dimensions.get("dataSet", ()), [0] * len(dimensions.get("dataSet", ())))
    noted = _noted(attributes.get("dataSet", ()), dataset.get("attributes") or ())
    # figures may also stand under no series, beside them
    lines = [(None, dataset), *(dataset.get("series") or {}).items()]
    for key, line in lines:
        if key is None:
            at_series, of_series, path = shared, noted, pointer
        else:
            at_series = shared | _codes(dimensions.get("series", ()), _positions(key))
            of_series = noted | _noted(attributes.get("series", ()), line.get("attributes") or ())
            path = f"{pointer}/series/{key}"
        for position, cells in (line.get("observations") or {}).items():
            given = at_series | _codes(dimensions.get("observation", ()), _positions(position))
            cells = cells or []
            own = _noted(attributes.get("observation", ()), cells[n_measures:])
            period = given.pop(TIME, None) or given.pop("TIME", "")
            yield Observation(
                flow, {name: given[name] for name in order if name in given}, of_series | own, period,
                cells[0] if cells else None, f"{path}/observations/{position}",
            )  # fmt: skip


def _order(dimensions: Part) -> list[str]:
    """Dimensions in the order of the series key, wherever the message attaches each."""
    every = [part for level in ("dataSet", "series", "observation") for part in dimensions.get(level, ())]
    return [part["id"] for part in sorted(every, key=lambda part: part.get("keyPosition", len(every)))]


def _positions(key: str) -> list[int]:
    return [int(part) for part in key.split(":")] if key else []


def _codes(parts: Sequence[Part], positions: Sequence[int]) -> dict[str, str]:
    return {part["id"]: _written(part["values"][at]) for part, at in zip(parts, positions, strict=True)}


def _noted(parts: Sequence[Part], positions: Sequence[Any]) -> dict[str, str]:
    """Attributes by position; SDMX-JSON 2.0 may write the text itself in the place of its position."""
    if len(positions) < len(parts):
        # some services give no place to an attribute that has no value at all
        parts = [part for part in parts if part.get("values")]
    found = {}
    for part, at in zip(parts, positions, strict=False):
        if isinstance(at, int) and not isinstance(at, bool) and part.get("values"):
            found[part["id"]] = _written(part["values"][at])
        elif isinstance(at, str):
            found[part["id"]] = at
    return found


def _written(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return str(value.get("id") or value.get("value") or value.get("name"))


def _flow(structure: Part) -> str:
    """AGENCY:FLOW(VERSION), from the link to the dataflow, or to the structure where there is none."""
    links = {link.get("rel"): link.get("urn") or link.get("href", "") for link in structure.get("links", ())}
    reference = links.get("dataflow") or links.get("datastructure") or structure.get("dataflow") or ""
    if "=" in reference:
        return str(reference).rpartition("=")[2]
    parts = str(reference).rpartition("/dataflow/")[2].split("/")
    return f"{parts[0]}:{parts[1]}({parts[2]})" if len(parts) == 3 else str(reference)
