"""Workbooks (.xlsx) laid out as statistical releases: a title block, then labels by periods.

A formula is kept as its text, never computed: nobody printed the figure it would give.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from xml.etree.ElementTree import ParseError

from openpyxl.cell.cell import Cell
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.worksheet import Worksheet

from vigie.feed import MEBIBYTE, DocumentError
from vigie.readers import archive, dates, envelope

UNPACKED = archive.Caps(members=2_000, decoded=64 * MEBIBYTE)
MOST_CELLS = 2_000_000
"""Cells of a sheet's rectangle, which are all gone through."""
OLD_EXCEL = bytes.fromhex("d0cf11e0")
NOTES = re.compile(r"notes?|lisez[- ]?moi|métadonnées|sommaire", re.IGNORECASE)
DIGITS = 9
"""Figures are compared at nine decimals: a cell's binary dust is not a printed digit."""


@dataclass(frozen=True)
class Figure:
    """One cell of a table: what stands at the crossing of a label and a period."""

    label: str
    period: dates.Period
    period_label: str
    value: object
    decimals: int | None
    flag: str
    place: str


@dataclass(frozen=True)
class Table:
    """One sheet: the lines of its title block, and its figures."""

    sheet: str
    title: str
    lines: tuple[str, ...]
    figures: tuple[Figure, ...]

    def stated(self, label: str) -> str:
        """What the title block states after « label : »; DocumentError when it states nothing."""
        for line in self.lines:
            name, _, rest = line.partition(":")
            if name.strip().casefold() == label.casefold() and rest.strip():
                return rest.strip()
        raise DocumentError(f"feuille « {self.sheet} » : la ligne « {label} : … » manque au-dessus du tableau ; l'ajouter")


def tables(content: bytes, corner: str) -> list[Table]:
    """Every sheet but the notes, each read as labels by periods; `corner` heads the column of labels."""
    kept = [sheet for sheet in sheets(content) if not NOTES.fullmatch(sheet.title.strip())]
    if not kept:
        raise DocumentError("le classeur n'a aucune feuille de tableau, seulement des notes ; déposer le classeur complet")
    return [_table(sheet, corner) for sheet in kept]


def sheets(content: bytes) -> list[Worksheet]:
    """The sheets of a workbook, formulas as written; DocumentError when it is damaged, a bomb or no .xlsx."""
    envelope.refuse_empty(content)
    envelope.refuse_html(content, "du classeur .xlsx attendu")
    if content.startswith(OLD_EXCEL):
        raise DocumentError("le document est un classeur .xls d'avant 2007 (premier octet) ; l'enregistrer en .xlsx")
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            archive.refuse_bomb(packed, len(content), UNPACKED)
            damaged = packed.testzip()
        if damaged:
            raise DocumentError(f"le classeur est abîmé : la partie {damaged} ne se relit pas ; le télécharger de nouveau")
        reader = ExcelReader(BytesIO(content))
        reader.read()
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise DocumentError(
            f"le classeur est tronqué ou n'est pas un .xlsx : la fin de l'archive manque après l'octet {len(content)} ; "
            "le télécharger de nouveau"
        ) from error
    except (KeyError, ValueError, TypeError, AttributeError, ParseError, InvalidFileException, SyntaxError) as error:
        said = str(error).partition("\n")[0]
        raise DocumentError(f"le classeur ne suit pas le format .xlsx ({said}) ; l'enregistrer de nouveau en .xlsx") from error
    # the library passes over a sheet whose part is not in the archive
    lost = sorted({sheet.name for sheet in reader.parser.sheets} - set(reader.wb.sheetnames))
    if lost:
        raise DocumentError(f"le classeur annonce une feuille « {lost[0]} » qui n'y est pas ; le télécharger de nouveau")
    found: list[Worksheet] = list(reader.wb.worksheets)
    for sheet in found:
        if sheet.max_row * sheet.max_column > MOST_CELLS:
            raise DocumentError(
                f"feuille « {sheet.title} » : elle s'étend jusqu'à la ligne {sheet.max_row} et la colonne {sheet.max_column} ; "
                "effacer ce qui traîne loin du tableau"
            )
    if not found:
        raise DocumentError("le classeur n'a aucune feuille de cellules ; déposer le classeur complet")
    return found


def plain(value: object) -> object:
    """A cell's value; a formula, of whatever kind, is the text that was typed."""
    if isinstance(value, ArrayFormula):
        return value.text if isinstance(value.text, str) else f"={value.ref}"
    return f"={value.ref}" if isinstance(value, DataTableFormula) else value


def _table(sheet: Worksheet, corner: str) -> Table:
    head = _corner(sheet, corner)
    lines = tuple(_line(row) for row in sheet.iter_rows(max_row=max(head.row - 1, 1)) if _line(row))
    if not lines:
        raise DocumentError(f"feuille « {sheet.title} » : aucun titre au-dessus du tableau (cellule A1) ; l'ajouter")
    columns = _columns(sheet, head)
    return Table(sheet.title, lines[0], lines, tuple(_figures(sheet, head, columns)))


def _corner(sheet: Worksheet, corner: str) -> Cell:
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell, Cell) and isinstance(cell.value, str) and cell.value.strip().casefold() == corner.casefold():
                return cell
    raise DocumentError(
        f"feuille « {sheet.title} » : la colonne « {corner} » est introuvable ; rétablir la ligne d'en-tête du tableau"
    )


def _line(row: tuple[object, ...]) -> str:
    """The cells of a line of the title block, dates written out, read as one text."""
    values = [cell.value for cell in row if isinstance(cell, Cell) and cell.value is not None]
    return " ".join(str(dates.day(value) or value) if not isinstance(value, str) else value.strip() for value in values)


def _columns(sheet: Worksheet, head: Cell) -> dict[int, tuple[dates.Period, str]]:
    columns = {}
    for (cell,) in sheet.iter_cols(min_col=head.column + 1, min_row=head.row, max_row=head.row):
        if cell.value is None:
            continue
        period = dates.period(cell.value)
        if period is None:
            raise DocumentError(
                f"feuille « {sheet.title} », cellule {cell.coordinate} : « {cell.value} » n'est pas une période "
                "(écrire 2025, S1 2025 ou T3 2025, suivi de (p) si le chiffre est provisoire)"
            )
        columns[cell.column] = (period, str(cell.value).strip())
    if not columns:
        raise DocumentError(
            f"feuille « {sheet.title} », ligne {head.row} : aucune période à droite de « {head.value} » ; rétablir l'en-tête"
        )
    return columns


def _figures(sheet: Worksheet, head: Cell, columns: dict[int, tuple[dates.Period, str]]) -> Iterator[Figure]:
    for row in sheet.iter_rows(min_row=head.row + 1, min_col=head.column):
        label = row[0].value
        filled = [cell for cell in row[1:] if isinstance(cell, Cell) and cell.value is not None]
        for cell in filled:
            if cell.column not in columns:
                raise DocumentError(
                    f"feuille « {sheet.title} », cellule {cell.coordinate} : chiffre sans période en tête de colonne ; "
                    f"écrire la période à la ligne {head.row}"
                )
            period, period_label = columns[cell.column]
            value, flag, decimals = _value(cell)
            yield Figure(
                label=str(label or "").strip(), period=period, period_label=period_label, value=value,
                decimals=decimals, flag=flag or period.flag, place=f"{sheet.title}!{cell.coordinate}",
            )  # fmt: skip


def _value(cell: Cell) -> tuple[object, str, int | None]:
    """The figure, its flag, and the decimals it is printed with."""
    value = plain(cell.value)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return str(value), "", None
    if isinstance(value, str):
        if value.startswith("="):
            return value, "", None
        text, flag = dates.split_flag(value)
        return text, flag, len(text.partition(",")[2] or text.partition(".")[2])
    rounded = round(value, DIGITS)
    stored = len(f"{rounded:.{DIGITS}f}".rstrip("0").partition(".")[2])
    shown = re.search(r"\.(0+)", cell.number_format or "")
    return rounded, "", max(stored, len(shown[1]) if shown else 0)
