"""Declared returns: the workbook to fill, its submission with a receipt number, and what became of each.

Nothing here, and nothing beyond, names who declared: the number is taken from the content alone. Who submitted
which file is kept on the private side, beside the documents.
"""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import duckdb

from vigie import collect, rows, sector
from vigie import feed as feeds
from vigie.arrivals import Document, read
from vigie.clock import CallError, Run
from vigie.lake import Lake, Load, to_json, write_atomically
from vigie.ledger import FeedLedger
from vigie.readers import declaration
from vigie.readers.declaration import INSTRUCTIONS, LISTS, SHEETS, Heading

FEED = "firm_returns"
SECTOR = "morocco_offshoring"
LINES = 500
"""Lines of each sheet where the template checks what is typed."""
SEGMENTS = {
    "CRM": "relation client", "BPO": "processus externalisés", "ITO": "informatique", "ESO": "ingénierie", "KPO": "connaissance",
}  # fmt: skip
LANGUAGES = {
    "fr": "français", "ar": "arabe (darija)", "es": "espagnol", "en": "anglais", "de": "allemand", "it": "italien",
    "nl": "néerlandais", "pt": "portugais", "other": "autre",
}  # fmt: skip
OCCUPATIONS = {
    "5244": "vendeurs par téléphone", "4222": "employés de centre d'appels", "4132": "opérateurs de saisie",
    "4131": "dactylographes", "4312": "employés de statistique, finance, assurance", "4110": "employés de bureau",
    "2643": "traducteurs, interprètes", "2514": "programmeurs d'applications", "4221": "conseillers de voyage",
    "4227": "enquêteurs", "2512": "développeurs de logiciels", "3512": "techniciens d'assistance informatique",
    "3341": "superviseurs de bureau", "4214": "agents de recouvrement",
}  # fmt: skip
ADVICE = (
    "Déclaration d'un groupe, ou d'une région pour ses groupes",
    "Une ligne par sujet. Ne rien écrire hors des colonnes, ne pas renommer les feuilles ni les en-têtes.",
    "Une cellule vide veut dire « inconnu ». Zéro veut dire zéro.",
    "L'identifiant et la période doivent être les mêmes dans toutes les feuilles.",
    "Écrire des valeurs, non des formules. Les parts vont de 0 à 1.",
    "La déclaration est prise en entier, ou pas du tout : chaque cellule à corriger est dite.",
    "Une nouvelle déclaration du même groupe pour la même période remplace la précédente, dont l'histoire est gardée.",
    "Tout est confidentiel : seuls paraissent des agrégats d'assez de groupes, sans qu'un seul s'y retrouve.",
)


@dataclass(frozen=True)
class Problem:
    """One cell to correct: where, why, what to do."""

    cell: str
    reason: str
    fix: str

    def sentence(self) -> str:
        return f"{self.cell} : {self.reason} → {self.fix}"


@dataclass(frozen=True)
class Receipt:
    """What became of a submission, as `--json` prints it."""

    number: str
    status: Literal["received", "held", "unchanged"]
    at: datetime
    problems: tuple[Problem, ...] = ()

    def sentence(self) -> str:
        told = {"received": "déclaration reçue", "held": "rien n'est pris : à corriger", "unchanged": "déjà reçue, inchangée"}
        lines = [f"{self.number} : {told[self.status]}", *(f"    {problem.sentence()}" for problem in self.problems)]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Declared:
    """One submission in the list: its number, what it is now, its periods, when. Never a name nor a figure."""

    number: str
    status: Literal["current", "superseded", "held"]
    periods: tuple[str, ...]
    at: datetime

    def sentence(self) -> str:
        told = {"current": "en vigueur", "superseded": "remplacée", "held": "à corriger"}[self.status]
        return f"{self.number}  {told:<11} {', '.join(self.periods) or '—':<20} {self.at:%d/%m/%Y %H:%M} (UTC)"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def template(path: Path, lists: str = SECTOR) -> None:
    """Writes the empty workbook: instructions, sheets with their checks, and the lists of codes."""
    import openpyxl
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = INSTRUCTIONS
    for row, line in enumerate(ADVICE, start=1):
        first.cell(row, 1, line).font = Font(bold=row == 1)
    first.column_dimensions["A"].width = 110
    start = len(ADVICE) + 2
    for sheet in SHEETS:
        for heading in sheet.headings:
            for column, text in enumerate((sheet.title, heading.title, heading.help), start=1):
                first.cell(start, column, text)
            start += 1
    places = {}
    listed = book.create_sheet(LISTS)
    for pair, (name, codes) in enumerate(_codes(lists).items()):
        listed.cell(1, 2 * pair + 1, name).font = Font(bold=True)
        for entry, (code, label) in enumerate(codes.items(), start=2):
            listed.cell(entry, 2 * pair + 1, code).number_format = "@"
            listed.cell(entry, 2 * pair + 2, label)
        letter = get_column_letter(2 * pair + 1)
        places[name] = f"{LISTS}!${letter}$2:${letter}${len(codes) + 1}"
    for sheet in SHEETS:
        page = book.create_sheet(sheet.title, len(book.sheetnames) - 1)
        page.freeze_panes = "A2"
        for position, heading in enumerate(sheet.headings, start=1):
            page.cell(1, position, heading.title).font = Font(bold=True)
            letter = get_column_letter(position)
            page.column_dimensions[letter].width = max(14, len(heading.title) + 2)
            check = _validation(heading, places, DataValidation)
            if check is not None:
                page.add_data_validation(check)
                check.add(f"{letter}2:{letter}{LINES}")
    content = io.BytesIO()
    book.save(content)
    write_atomically(path, content.getvalue())


def _codes(name: str) -> dict[str, dict[str, str]]:
    cities = {place.ref_area: place.name_fr for place in sector.load(name).places if place.level == "city"}
    truths = dict.fromkeys(declaration.TRUTHS, "")
    return {"Villes": cities, "Métiers": SEGMENTS, "Langues": LANGUAGES, "Professions": OCCUPATIONS, "Oui ou non": truths}


def _validation(heading: Heading, places: dict[str, str], make: Any) -> Any:
    if heading.choices:
        check = make(type="list", formula1=places[heading.choices], allow_blank=True)
    elif heading.most is not None:
        check = make(type="decimal", operator="between", formula1=f"{heading.least:g}", formula2=f"{heading.most:g}")
    elif heading.least is not None:
        check = make(type="decimal", operator="greaterThanOrEqual", formula1=f"{heading.least:g}")
    else:
        return None
    check.errorTitle, check.error = heading.title, f"{heading.help[:1].upper()}{heading.help[1:]}."
    check.promptTitle, check.prompt = heading.title[:32], heading.help
    check.showErrorMessage = check.showInputMessage = True
    return check


def number(digest: str) -> str:
    """The receipt number of a document: its own content, so that the same file has the same number for ever."""
    head = digest[:12].upper()
    return f"D-{head[:4]}-{head[4:8]}-{head[8:]}"


def submit(run: Run, path: Path, by: str) -> Receipt:
    """Takes a declaration in through the door; its receipt, with what to correct when it is held."""
    if not by.strip():
        raise CallError("une déclaration porte le nom de qui la dépose : --by NOM")
    try:
        content = read(FEED, path)
    except OSError as error:
        raise CallError(f"{path} ne peut être lu : {error.strerror}") from None
    if content is None:
        raise CallError(f"{path} pèse plus que {feeds.load(FEED).max_bytes >> 20} Mio ; il n'a pas été lu : le couper")
    digest = hashlib.sha256(content).hexdigest()
    origin = feeds.recorded(by=feeds.load(FEED).publisher, address="", on=run.now.date())
    document = Document(content, "", path.name, run.now, origin, arrival=f"{digest}:{run.now.isoformat()}")
    told = {"by": by.strip(), "at": run.now, "file": path.name, "document": digest}
    kept = run.data.root / "returns" / f"{run.now:%Y%m%dT%H%M%S%f}-{digest[:12]}.json"
    write_atomically(kept, to_json(told, indent=1) + "\n")
    report = collect.take(run, [FEED], lambda name: collect.Collection(run, name).all([document]))
    if not report.loads:
        latest = FeedLedger(run.data, FEED).of_document(digest)
        assert latest is not None
        return Receipt(number(digest), "held" if _is_held(latest) else "unchanged", run.now, _problems(run.data, latest))
    (load,) = report.loads
    return Receipt(number(digest), "held" if _is_held(load) else "received", load.known_at, _problems(run.data, load))


def _is_held(load: Load) -> bool:
    return load.status != "landed"


def _problems(lake: Lake, load: Load) -> tuple[Problem, ...]:
    """What a held declaration has to correct, each cell once, in the order of the workbook."""
    path = lake.quarantined(load)
    if not path.exists():
        return ()
    found: dict[tuple[str, str], Problem] = {}
    for line in json.loads(path.read_text()):
        columns = str(line["rule"]).partition("(")[2].rstrip(")")
        is_cell = line["row_no"] and columns and "," not in columns and columns != "value"
        cell = declaration.column_of(line["place"], columns) if is_cell else line["place"]
        found.setdefault((cell, line["reason"]), Problem(cell, line["reason"], line["fix"]))
    return tuple(found.values())


def listed(lake: Lake) -> Iterator[Declared]:
    """Every submission, the latest first; a declaration is replaced once all its groups have declared its periods anew."""
    standing = sorted(FeedLedger(lake, FEED).standing(), key=lambda load: load.known_at, reverse=True)
    seen: set[tuple[str, str]] = set()
    for load in standing:
        if _is_held(load):
            yield Declared(number(load.document), "held", (), load.known_at)
            continue
        landed = rows.read(lake.landed(load))  # noqa: F841
        told = duckdb.sql("select distinct holding_id, period from landed order by all").fetchall()
        status: Literal["current", "superseded"] = "superseded" if set(told) <= seen else "current"
        seen |= set(told)
        yield Declared(number(load.document), status, tuple(sorted({period for _, period in told})), load.known_at)
