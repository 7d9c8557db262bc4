"""One figure as a statistical agency states it, and the row that every statistics feed lands.

Agencies write the same thing in SDMX-ML, SDMX-JSON, SDMX-CSV or JSON-stat: a value, where it stands
among dimensions, and what its attributes say of it. Readers of these formats give `Observation`s.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from vigie.feed import Column, Row
from vigie.readers import dates

NOT_NUMBERS = ("", "nan", "na", "n/a", ":", "..")
FREQUENCY = "FREQ"
UNNAMED = "sans nom"
"""The dataflow of a message that does not say which one it is."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A figure, its dimensions other than time, and its attributes, under the agency's own identifiers.

    `dataflow` is AGENCY:FLOW(VERSION), as far as the message says; `period` is as written; `value` is
    as written, None when the agency gives none; `place` leads back to it in the document.
    """

    dataflow: str
    dimensions: Mapping[str, str]
    attributes: Mapping[str, str]
    period: str
    value: object
    place: str


COLUMNS = (
    Column("dataflow", "text", "jeu de données dont le message se réclame"),
    Column("series_key", "text", "clé de la série : chaque dimension et son code"),
    Column("freq", "text", "fréquence"),
    Column("period", "date", "premier jour de la période"),
    Column("period_label", "text", "période telle qu'écrite par l'éditeur"),
    Column("value", "number", "valeur, dans l'unité de l'éditeur"),
    Column("obs_status", "text", "état du chiffre selon l'éditeur (code SDMX)"),
    Column("conf_status", "text", "confidentialité selon l'éditeur (code SDMX)"),
    Column("decimals", "integer", "nombre de décimales selon l'éditeur"),
    Column("unit_mult", "integer", "puissance de dix de l'unité selon l'éditeur"),
)
"""What every statistics feed lands beside the dimensions of its own."""


def row(observation: Observation, dimensions: Mapping[str, str]) -> Row:
    """The row of a figure; `dimensions` names the column of each dimension that the feed knows.

    A figure without a status is a normal one (A), one that the agency does not give is missing (O);
    a dimension that the message does not have stays missing, for the door to tell.
    """
    noted = {name.upper(): text for name, text in observation.attributes.items()}
    given = noted | {name.upper(): code for name, code in observation.dimensions.items()}
    value = _value(observation.value)
    start, freq = _period(observation.period)
    stated = {
        "dataflow": observation.dataflow or UNNAMED,
        "series_key": ";".join(f"{name}={code}" for name, code in observation.dimensions.items()),
        "freq": given.get(FREQUENCY) or freq,
        "period": start,
        "period_label": observation.period,
        "value": value,
        "obs_status": noted.get("OBS_STATUS") or ("O" if value is None else "A"),
        "conf_status": noted.get("CONF_STATUS") or noted.get("CONF_STATUS_OBS") or "F",
        "decimals": noted.get("DECIMALS"),
        "unit_mult": noted.get("UNIT_MULT"),
    }
    return Row(stated | {column: given.get(name.upper()) for name, column in dimensions.items()}, observation.place)


def _value(written: object) -> object:
    is_nothing = written is None or (isinstance(written, str) and written.strip().lower() in NOT_NUMBERS)
    return None if is_nothing else written


def _period(written: str) -> tuple[date | None, str | None]:
    """First day and frequency of « 2024 », « 2024-Q3 », « 2024-M09 », « 2024-09-30 »; nothing for anything else."""
    label = re.sub(r"(?<=\d)-A1$", "", written.strip()).replace("-M", "-")
    if re.fullmatch(r"\d{4}-\d\d-\d\d(T[\d:.]+Z?)?", label):
        try:
            return date.fromisoformat(label[:10]), None
        except ValueError:
            return None, None
    period = dates.period(label)
    return (period.start, period.freq) if period else (None, None)
