"""Registers: CSV in UTF-8, a first line of column names, one fact a line."""

import csv
import io
from collections.abc import Iterator, Sequence

from vigie.feed import DocumentError, Row
from vigie.readers import envelope


def rows(content: bytes, columns: Sequence[str]) -> Iterator[Row]:
    """Each line under the expected column names, in any order; its place is the line it starts on."""
    envelope.refuse_empty(content)
    envelope.refuse_html(content, "du registre CSV attendu")
    reader = csv.reader(io.StringIO(envelope.text(content), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader)]
        _same_columns(header, columns)
        start = reader.line_num + 1
        for line in reader:
            if any(cell.strip() for cell in line):
                if len(line) != len(header):
                    raise DocumentError(
                        f"ligne {start} : {len(line)} cellules au lieu de {len(header)} ; "
                        "entourer de guillemets un texte qui contient une virgule"
                    )
                yield Row(dict(zip(header, line, strict=True)), f"ligne {start}")
            start = reader.line_num + 1
    except csv.Error as error:
        raise DocumentError(f"ligne {reader.line_num} : le CSV ne se lit pas ({error}) ; vérifier les guillemets") from error


def _same_columns(header: Sequence[str], columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in header]
    unknown = [name for name in header if name not in columns]
    if missing or unknown or len(header) != len(columns):
        told = []
        if missing:
            told.append(f"colonne absente : {', '.join(missing)}")
        if unknown:
            told.append(f"colonne inattendue : {', '.join(unknown)}")
        raise DocumentError(f"ligne 1 : {' ; '.join(told) or 'colonne répétée'} ; rétablir l'en-tête du registre")
