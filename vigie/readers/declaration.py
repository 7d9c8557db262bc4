"""Declarations: a workbook whose sheets, headings and codes are ours, that a holding or a region fills.

Each filled cell is one row, at its own place: what is wrong is told cell by cell. No message repeats what a cell
holds, for what is declared is confidential.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from vigie.feed import DocumentError, Row
from vigie.readers import dates, workbook

WHOLE = "_T"
TRUTHS = {"oui": 1, "non": 0}
INSTRUCTIONS = "Lisez-moi"
LISTS = "Listes"


@dataclass(frozen=True)
class Heading:
    """A column of a sheet: what it is called, the row's field or measure that it fills, how it is filled.

    `choices` names the list of the codes that it admits, `least` and `most` bound a number, `is_required` says
    that a line without it says nothing.
    """

    title: str
    name: str
    help: str
    choices: str = ""
    least: float | None = None
    most: float | None = None
    is_required: bool = False


@dataclass(frozen=True)
class Sheet:
    """One subject: the columns that say of whom and of what, then those that are measured."""

    title: str
    keys: tuple[Heading, ...]
    measures: tuple[Heading, ...]

    @property
    def headings(self) -> tuple[Heading, ...]:
        return (*self.keys, *self.measures)


HOLDING = Heading("Identifiant", "holding_id", "identifiant du groupe (ICE), le même dans toutes les feuilles", is_required=True)
PERIOD = Heading("Période", "period", "année (2025) ou semestre (S1 2025)", is_required=True)
CITY = Heading("Ville", "ref_area", "code de la ville, voir la feuille Listes", choices="Villes", is_required=True)
SHEETS = (
    Sheet(
        "Groupes",
        (HOLDING, Heading("Groupe", "holding", "nom du groupe", is_required=True), PERIOD),
        (
            Heading("Part du premier client", "top_client_share", "part des recettes, de 0 à 1", least=0, most=1),
            Heading("IA en production", "has_ai", "oui si un procédé au moins est en production", choices="Oui ou non"),
            Heading("Label", "has_label", "oui si le groupe porte Morocco Trusted AI Services", choices="Oui ou non"),
        ),
    ),
    Sheet(
        "Sites",
        (HOLDING, PERIOD, CITY, Heading("Métier", "segment", "segment, voir Listes", choices="Métiers", is_required=True)),
        (
            Heading("Effectif", "headcount", "personnes employées, moyenne de la période", least=0, is_required=True),
            Heading("Départs", "leavers", "départs sur douze mois", least=0),
            Heading("Heures de formation", "training_hours", "technologie et IA, sur douze mois", least=0),
            Heading("Personnes formées", "trained", "au moins une formation sur douze mois", least=0),
            Heading("Emplois reconvertis", "converted", "passés des appels sortants à autre chose, cumul", least=0),
        ),
    ),
    Sheet(
        "Marchés",
        (HOLDING, PERIOD, Heading("Marché", "code", "pays du client (code ISO à deux lettres)", is_required=True)),
        (
            Heading("Recettes", "revenue", "en dirhams", least=0, is_required=True),
            Heading("Part des appels sortants", "outbound_share", "part de l'activité, de 0 à 1", least=0, most=1),
        ),
    ),
    Sheet(
        "Langues",
        (HOLDING, PERIOD, CITY, Heading("Langue", "code", "langue de travail, voir Listes", choices="Langues", is_required=True)),
        (Heading("Part des heures", "hours_share", "part des heures de la ville, de 0 à 1", least=0, most=1, is_required=True),),
    ),
    Sheet(
        "Plateformes",
        (HOLDING, PERIOD, Heading("Éditeur", "code", "éditeur de la plateforme, en majuscules", is_required=True)),
        (Heading("Postes", "seats", "postes équipés", least=0, is_required=True),),
    ),
    Sheet(
        "Professions",
        (HOLDING, PERIOD, CITY, Heading("CITP-08", "code", "profession, voir Listes", choices="Professions", is_required=True)),
        (Heading("Effectif", "occupied", "personnes dans cette profession", least=0, is_required=True),),
    ),
)  # fmt: skip


def rows(content: bytes) -> Iterator[Row]:
    """Each filled cell of every sheet, under its keys; the sheets of instructions and lists are passed over."""
    found = {sheet.title.strip(): sheet for sheet in workbook.sheets(content)}
    missing = [sheet.title for sheet in SHEETS if sheet.title not in found]
    if missing:
        raise DocumentError(
            f"feuille absente : {', '.join(missing)} ; repartir du modèle (vigie returns template -o FICHIER.xlsx)"
        )
    lines = [(sheet, cells) for sheet in SHEETS for cells in _lines(found[sheet.title], sheet)]
    named = {
        (_text(cells["holding_id"]), _text(cells["period"])): _text(cells["holding"])
        for sheet, cells in lines if sheet.title == "Groupes"
    }  # fmt: skip
    for sheet, cells in lines:
        printed = _text(cells["period"])
        period = dates.period(workbook.plain(cells["period"].value))
        keys: dict[str, object] = {
            "holding_id": _text(cells["holding_id"]), "holding": named.get((_text(cells["holding_id"]), printed)),
            "period": printed, "freq": period.freq if period else None, "starts_on": period.start if period else None,
            "ref_area": WHOLE, "segment": WHOLE, "code": WHOLE,
        }  # fmt: skip
        keys |= {key.name: _text(cells[key.name]) for key in sheet.keys if key.name not in keys or keys[key.name] == WHOLE}
        for measure in sheet.measures:
            cell = cells[measure.name]
            value = _value(cell, measure)
            if value is not None or measure.is_required or measure is sheet.measures[0]:
                yield Row(keys | {"measure": measure.name, "value": value}, f"{sheet.title}!{cell.coordinate}")
    if not lines:
        raise DocumentError("aucune ligne n'est remplie ; remplir au moins les feuilles Groupes et Sites")


def _lines(sheet: Worksheet, wanted: Sheet) -> Iterator[Mapping[str, Cell]]:
    """The filled lines of a sheet, its cells by name."""
    heads = {str(cell.value).strip(): cell.column for cell in sheet[1] if isinstance(cell, Cell) and cell.value is not None}
    lost = [heading.title for heading in wanted.headings if heading.title not in heads]
    if lost:
        raise DocumentError(
            f"feuille « {wanted.title} », ligne 1 : colonne absente : {', '.join(lost)} ; reprendre celles du modèle"
        )
    places = {heading.name: heads[heading.title] for heading in wanted.headings}
    for line in range(2, sheet.max_row + 1):
        cells = {name: sheet.cell(line, column) for name, column in places.items()}
        # a merged cell has no value of its own
        if any(cell.value is not None and str(cell.value).strip() for cell in cells.values()):
            yield cells  # type: ignore[misc]


def _text(cell: Cell) -> str | None:
    value = workbook.plain(cell.value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None if value is not None else None


def _value(cell: Cell, measure: Heading) -> object:
    value = workbook.plain(cell.value)
    if isinstance(value, bool):
        return int(value)
    if measure.choices and isinstance(value, str):
        return TRUTHS.get(value.strip().casefold(), value)
    return None if isinstance(value, str) and not value.strip() else value


def column_of(place: str, name: str) -> str:
    """The cell of the same line where a key of a row stands: « Sites!E7 » and « ref_area » give « Sites!C7 »."""
    title, _, cell = place.partition("!")
    (sheet,) = (sheet for sheet in SHEETS if sheet.title == title)
    names = [heading.name for heading in sheet.headings]
    line = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    known = {"starts_on": "period", "freq": "period", "holding": "holding_id" if title != "Groupes" else "holding"}
    wanted = known.get(name, name)
    return f"{title}!{chr(ord('A') + names.index(wanted))}{line}" if wanted in names else place
