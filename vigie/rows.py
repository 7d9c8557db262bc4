"""Typing of read rows by a feed's declared columns, and their landing as Parquet."""

import io
import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vigie.check import Fault
from vigie.feed import Column, Row

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow

RESERVED = ("load_id", "row_no", "place")
SPACES = str.maketrans("", "", "\u00a0\u202f ")
TRUTHS = {"oui": True, "true": True, "1": True, "non": False, "false": False, "0": False}
TYPE_NAMES = {
    "number": "un nombre", "integer": "un nombre entier", "date": "une date AAAA-MM-JJ",
    "timestamp": "une date et heure AAAA-MM-JJThh:mm:ss", "boolean": "oui ou non", "text": "un texte",
}  # fmt: skip


class TypingError(ValueError):
    """A cell that does not hold what its column declares."""


def typed(
    rows: Sequence[Row], columns: Sequence[Column], *, is_discreet: bool = False
) -> tuple[list[dict[str, Any]], dict[int, list[Fault]]]:
    """Each row's values as declared, in order, and the faults of cells that are not (row numbers from 1).

    A discreet fault does not repeat what the cell holds.
    """
    declared = {column.name for column in columns}
    records: list[dict[str, Any]] = []
    faults: dict[int, list[Fault]] = {}
    for number, row in enumerate(rows, start=1):
        unknown = set(row.values) - declared
        if unknown:
            raise TypingError(f"colonnes non déclarées par le flux : {', '.join(sorted(unknown))}")
        record: dict[str, Any] = {}
        for column in columns:
            raw = row.values.get(column.name)
            try:
                record[column.name] = _value(raw, column)
            except TypingError:
                record[column.name] = None
                held = "la cellule" if is_discreet else f"« {raw} »"
                reason = f"{column.description or column.name} : {held} n'est pas {TYPE_NAMES[column.type]}"
                fix = f"corriger la cellule ({row.place}) puis redéposer le document"
                faults.setdefault(number, []).append(Fault(f"type({column.name})", reason, fix))
        records.append(record | {"row_no": number, "place": row.place})
    return records, faults


def _value(raw: object, column: Column) -> Any:
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if isinstance(raw, float) and math.isnan(raw):
        return None
    match column.type:
        case "text":
            return str(raw).strip()
        case "number":
            return _number(raw)
        case "integer":
            number = _number(raw)
            if number != int(number):
                raise TypingError(raw)
            return int(number)
        case "boolean":
            return _truth(raw)
        case "date":
            stamp = _stamp(raw)
            return stamp.date()
        case "timestamp":
            return _stamp(raw)


def _number(raw: object) -> float:
    if isinstance(raw, bool):
        raise TypingError(raw)
    text = str(raw).translate(SPACES)
    if "," in text:
        if "." in text or re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", text):
            # « 1,234 » is a thousand to some and a little over one to others: a person must say
            raise TypingError(raw)
        text = text.replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        raise TypingError(raw) from None
    if not math.isfinite(number):
        raise TypingError(raw)
    return number


def _truth(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    try:
        return TRUTHS[str(raw).strip().lower()]
    except KeyError:
        raise TypingError(raw) from None


def _stamp(raw: object) -> datetime:
    if isinstance(raw, datetime):
        stamp = raw
    elif isinstance(raw, date):
        stamp = datetime(raw.year, raw.month, raw.day)
    else:
        try:
            stamp = datetime.fromisoformat(str(raw).strip())
        except ValueError:
            raise TypingError(raw) from None
    return stamp.astimezone(UTC).replace(tzinfo=None) if stamp.tzinfo else stamp


def frame(records: Sequence[dict[str, Any]], columns: Sequence[Column]) -> "pd.DataFrame":
    """Typed rows for the door: index = row number, missing values as pandas' own."""
    import pandas as pd

    dtypes = {
        "text": "object", "number": "float64", "integer": "Int64", "boolean": "boolean",
        "date": "datetime64[us]", "timestamp": "datetime64[us]",
    }  # fmt: skip
    index = pd.Index([record["row_no"] for record in records])
    data = {
        column.name: pd.Series([record[column.name] for record in records], index=index, dtype=dtypes[column.type])
        for column in columns
    }
    return pd.DataFrame(data, index=index)


def schema(columns: Sequence[Column]) -> "pyarrow.Schema":
    """The landed shape of a feed: its columns, then load_id, row_no, place."""
    import pyarrow as pa

    types = {
        "text": pa.string(), "number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_(),
        "date": pa.date32(), "timestamp": pa.timestamp("us"),
    }  # fmt: skip
    fields = [pa.field(column.name, types[column.type]) for column in columns]
    return pa.schema([*fields, pa.field("load_id", pa.string()), pa.field("row_no", pa.int64()), pa.field("place", pa.string())])


def table(records: Sequence[dict[str, Any]], columns: Sequence[Column], load_id: str) -> "pyarrow.Table":
    """The rows of a load as they land."""
    import pyarrow as pa

    return pa.Table.from_pylist([record | {"load_id": load_id} for record in records], schema=schema(columns))


def parquet(records: Sequence[dict[str, Any]], columns: Sequence[Column], load_id: str) -> bytes:
    """The bytes of a landed file."""
    return _written(table(records, columns, load_id))


def _written(landed: "pyarrow.Table") -> bytes:
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(landed, buffer, compression="zstd")
    return buffer.getvalue()


def blanked(path: Path, columns: Sequence[str]) -> bytes:
    """The bytes of a landed file once those columns hold nothing."""
    import pyarrow as pa

    landed = read(path)
    for name in columns:
        place = landed.schema.get_field_index(name)
        kind = landed.schema.field(place).type
        landed = landed.set_column(place, name, pa.nulls(landed.num_rows, kind))
    return _written(landed)


def read(path: Path) -> "pyarrow.Table":
    """A landed file, whole."""
    import pyarrow.parquet as pq

    return pq.read_table(path)


def columns_of(path: Path) -> list[str]:
    """The column names of a landed file."""
    import pyarrow.parquet as pq

    return list(pq.read_schema(path).names)
