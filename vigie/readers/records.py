"""Plain listings: a row of names over lines, in CSV or in a sheet, or a JSON list of objects.

The publisher's own names stay in the feed's declaration: a name that disappears is told, never guessed.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from vigie.feed import DocumentError, Row
from vigie.readers import envelope, workbook

Listing = tuple[list[str], list[tuple[dict[str, object], str]]]
"""The names in their order, and each line by name with its place."""

DELIMITERS = ",;\t|"


def names(content: bytes, form: str) -> list[str]:
    """The names that head the listing, as the publisher writes them."""
    return _listing(content, form)[0]


def rows(content: bytes, form: str, columns: Mapping[str, str]) -> Iterator[Row]:
    """Each line under the feed's column names; `columns` gives them by the publisher's."""
    listed, lines = _listing(content, form)
    told = {
        "nom absent": [name for name in columns if name not in listed],
        "nom inattendu": [name for name in listed if name not in columns],
    }
    if any(told.values()):
        faults = " ; ".join(f"{kind} : {', '.join(found)}" for kind, found in told.items() if found)
        raise DocumentError(f"l'en-tête a changé : {faults} ; corriger le document, ou la déclaration du flux")
    for values, place in lines:
        yield Row({columns[name]: value for name, value in values.items()}, place)


def _listing(content: bytes, form: str) -> Listing:
    envelope.refuse_empty(content)
    envelope.refuse_html(content, f"du document {form} attendu")
    listed, lines = FORMS[form](content)
    repeated = sorted({name for name in listed if listed.count(name) > 1})
    if repeated:
        raise DocumentError(f"nom répété dans l'en-tête : {', '.join(repeated)} ; donner un nom à chaque colonne")
    return listed, lines


def _csv(content: bytes) -> Listing:
    text = envelope.text(content)
    heading = text.lstrip("\n\r").splitlines()[0]
    delimiter = max(DELIMITERS, key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    listed: list[str] = []
    lines = []
    start = 1
    try:
        for line in reader:
            cells = [cell.strip() for cell in line]
            if any(cells):
                if not listed:
                    listed = _named(cells, f"ligne {start}")
                elif len(cells) != len(listed):
                    raise DocumentError(
                        f"ligne {start} : {len(cells)} cellules au lieu de {len(listed)} ; vérifier les guillemets"
                    )
                else:
                    lines.append((_filled(listed, cells), f"ligne {start}"))
            start = reader.line_num + 1
    except csv.Error as error:
        raise DocumentError(f"ligne {reader.line_num} : le CSV ne se lit pas ({error}) ; vérifier les guillemets") from error
    return listed, lines


def _sheet(content: bytes) -> Listing:
    sheet = workbook.sheets(content)[0]
    grid = [
        (number, [workbook.plain(cell) for cell in cells])
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1)
    ]
    widths = {number: sum(cell is not None for cell in cells) for number, cells in grid}
    widest = max(widths.values(), default=0)
    if widest == 0:
        raise DocumentError(f"la feuille « {sheet.title} » est vide ; déposer le classeur complet")
    # a title block is narrower than the table under it
    head = next(number for number, width in widths.items() if width == widest)
    cells = grid[head - 1][1]
    kept = [index for index, cell in enumerate(cells) if cell is not None]
    listed = _named([str(cells[index]).strip() for index in kept], f"{sheet.title}!A{head}")
    lines = [
        (_filled(listed, [line[index] for index in kept]), f"{sheet.title}!A{number}")
        for number, line in grid[head:]
        if widths[number]
    ]
    return listed, lines


def _json(content: bytes) -> Listing:
    try:
        answer = json.loads(envelope.text(content))
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"le JSON s'interrompt à la ligne {error.lineno}, colonne {error.colno} ; redemander la réponse entière"
        ) from error
    found = _objects(answer, "")
    if found is None:
        raise DocumentError("le JSON ne contient aucune liste d'objets ; vérifier l'adresse de la réponse")
    pointer, objects = found
    listed = list(dict.fromkeys(key for line in objects for key in line))
    return listed, [
        ({name: _plain(line.get(name)) for name in listed}, f"{pointer}/{number}") for number, line in enumerate(objects)
    ]


def _objects(value: Any, pointer: str) -> tuple[str, list[dict[str, Any]]] | None:
    """The first list of objects, outermost first, and where it stands."""
    if isinstance(value, list) and value and all(isinstance(line, dict) for line in value):
        return pointer, value
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return next((found for key, part in inside if (found := _objects(part, f"{pointer}/{key}"))), None)


def _plain(value: Any) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _named(cells: list[str], place: str) -> list[str]:
    if not all(cells):
        raise DocumentError(f"{place} : une colonne n'a pas de nom dans l'en-tête ; lui en donner un")
    return cells


def _filled(listed: list[str], cells: list[Any]) -> dict[str, object]:
    return {name: None if cell == "" else cell for name, cell in zip(listed, cells, strict=True)}


FORMS: Mapping[str, Callable[[bytes], Listing]] = {"csv": _csv, "xlsx": _sheet, "json": _json}
"""The formats that a listing comes in, by file extension."""
