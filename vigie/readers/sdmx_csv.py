"""SDMX-CSV 1.0 and 2.0: one line a figure, its columns named after the parts of the data structure."""

import csv
import io
import re
from collections.abc import Iterator

from vigie.feed import DocumentError
from vigie.readers import envelope
from vigie.readers.observation import Observation

OPENING = re.compile(rb'(\xef\xbb\xbf)?\s*"?(DATAFLOW|STRUCTURE(\[.\])?)"?(: [^,;\t]*)?[,;\t]')
VALUE = "OBS_VALUE"
TIME = "TIME_PERIOD"
HEADING = {"STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "SERIES_KEY", "OBS_KEY"}
ATTRIBUTES = {"OBS_STATUS", "CONF_STATUS", "DECIMALS", "UNIT_MULT", "LAST UPDATE"}
"""What is an attribute wherever it stands; Eurostat dates its figures ahead of their dimensions."""
DELIMITERS = ",;\t"


def is_here(content: bytes) -> bool:
    """Whether the document opens as SDMX-CSV does."""
    return bool(OPENING.match(content[:200]))


def observations(content: bytes) -> Iterator[Observation]:
    """One figure a line. What stands before the value is a dimension, what stands after is an attribute."""
    lines = csv.reader(io.StringIO(envelope.text(content), newline=""), delimiter=_delimiter(content), strict=True)
    start = 1
    try:
        header = next(lines)
        is_labelled = any(": " in cell for cell in header)
        names = [_code(cell, is_labelled).removesuffix("[]") for cell in header]
        flow = names.index("STRUCTURE_ID") if "STRUCTURE_ID" in names else 0
        parts = [index for index, name in enumerate(names) if index > flow and name not in HEADING]
        if "STRUCTURE_NAME" in names:
            # each code is then followed by its name, in a column of its own
            parts = parts[::2]
        last = next((names.index(name) for name in (VALUE, TIME) if name in names), len(names))
        after = {names[index] for index in parts if index > last} | ATTRIBUTES
        start = lines.line_num + 1
        for cells in lines:
            if any(cells):
                if len(cells) != len(names):
                    raise DocumentError(
                        f"ligne {start} : {len(cells)} cellules au lieu de {len(names)} ; redemander la réponse entière"
                    )
                given = {names[index]: _code(cells[index], is_labelled) for index in parts}
                period, value = given.pop(TIME, ""), given.pop(VALUE, None)
                yield Observation(
                    dataflow=_code(cells[flow], is_labelled),
                    dimensions={name: code for name, code in given.items() if name not in after},
                    attributes={name: text for name, text in given.items() if name in after and text},
                    period=period,
                    value=value,
                    place=f"ligne {start}, {VALUE}",
                )
            start = lines.line_num + 1
    except csv.Error as error:
        raise DocumentError(
            f"ligne {lines.line_num} : le SDMX-CSV ne se lit pas ({error}) ; redemander la réponse entière"
        ) from error


def _delimiter(content: bytes) -> str:
    heading = content.lstrip(b"\xef\xbb\xbf\r\n ").split(b"\n", 1)[0].decode(errors="replace")
    return max(DELIMITERS, key=heading.count)


def _code(cell: str, is_labelled: bool) -> str:
    """« A: Annual » → « A » where codes and names share their cells."""
    return cell.strip().split(": ", 1)[0] if is_labelled else cell.strip()
