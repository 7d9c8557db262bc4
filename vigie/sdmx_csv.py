"""A published table of series as an SDMX-CSV 2.0 message, the tabular format of SDMX 3.0.

Source: SDMX-CSV Data Message Field Guide 2.0 (SDMX Technical Working Group). One row is one observation: the structure
it follows, the action, the dimensions that make its key, its period, its value, its attributes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

VERSION = "1.0.0"
AGENCY = "VIGIE"
CONCEPTS = {"unit": "UNIT_MEASURE"}
"""Columns whose SDMX concept has another name."""
TIME_PERIOD = """case freq
    when 'A' then strftime(period, '%Y') when 'M' then strftime(period, '%Y-%m') when 'W' then strftime(period, '%G-W%V')
    when 'S' then strftime(period, '%Y-S') || (month(period) + 5) // 6
    when 'Q' then strftime(period, '%Y-Q') || quarter(period) else strftime(period, '%Y-%m-%d') end"""
"""The period as SDMX writes it: 2024, 2024-S1, 2024-Q3, 2024-07, 2024-W05, 2024-07-31."""


@dataclass(frozen=True)
class Structure:
    """What a row of a table is: the columns of its key but for the period, the column measured, and the rows that stand."""

    dimensions: tuple[str, ...]
    measure: str
    standing: str = "true"


STRUCTURES: Mapping[str, Structure] = {
    "indicator_values": Structure(
        ("sector", "freq", "ref_area", "indicator", "breakdown", "scenario", "methodology"), "value"
    ),
    "observations": Structure(
        (
            "freq", "ref_area", "indicator", "activity", "occupation", "counterpart_area", "unit_measure", "adjustment",
            "segment", "size", "scenario", "source", "methodology",
        ),
        "obs_value", "known_to is null and not is_withdrawn",
    ),
}  # fmt: skip
"""The tables of series. A key has one observation in a message: of a history, only what is still believed is in it."""


def concept(column: str) -> str:
    """The name of a column in a message."""
    return CONCEPTS.get(column, column.upper())


def select(table: str, cells: Mapping[str, str], types: Mapping[str, str], source: str) -> str:
    """The question whose answer is the message: `cells` is SQL by column, `source` what stands after `from`."""
    structure = STRUCTURES[table]
    attributes = [name for name in cells if name not in {*structure.dimensions, "period", structure.measure}]
    lines = {
        "STRUCTURE": "'dataflow'", "STRUCTURE_ID": f"'{AGENCY}:{table.upper()}({VERSION})'", "ACTION": "'I'",
        **{concept(name): cells[name] for name in structure.dimensions},
        "TIME_PERIOD": TIME_PERIOD, "OBS_VALUE": cells[structure.measure],
        **{concept(name): _moment(cells[name], types.get(name, "VARCHAR")) for name in attributes},
    }  # fmt: skip
    told = ", ".join(f'{sql} as "{name}"' for name, sql in lines.items())
    return f"select {told} from {source} where {structure.standing} order by all"


def _moment(cell: str, kind: str) -> str:
    return f"strftime({cell}, '%Y-%m-%dT%H:%M:%S')" if kind.startswith("TIMESTAMP") else cell
