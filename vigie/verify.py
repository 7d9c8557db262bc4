"""A receipt checked against the documents alone: their bytes, the rows at their places, the value made again.

Nothing of the observatory is needed but this library and the documents; a fault names the document, the row or the
step that no longer stands.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from vigie import acts, formula, scenarios, sector
from vigie import feed as feeds
from vigie.acts import Act
from vigie.declared import DeclarationError
from vigie.documents import Documents, LostError
from vigie.lake import Lake, LakeError, Load
from vigie.rebuild import Bench, RebuildError, Table, again, differences, same
from vigie.receipt import FORMAT
from vigie.receipt_words import reading_fr
from vigie.sector import SectorError

StepName = Literal["document", "ligne", "registre", "formule", "valeur", "reçu"]
EDITED = {"published_at", "load_id", "row_no", "place"}
"""Columns of a staged row that its edition may complete, or that name the row itself."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: which step, about what, and what came of it in French."""

    step: StepName
    about: str
    is_good: bool
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """All that was looked at in one receipt."""

    receipt_id: str
    title: str
    reading: str
    checks: tuple[Check, ...]

    @property
    def is_good(self) -> bool:
        return all(check.is_good for check in self.checks)

    @property
    def faults(self) -> list[Check]:
        return [check for check in self.checks if not check.is_good]

    def summary(self) -> str:
        """One French line, or one a fault."""
        named = f"{self.title} : {self.reading}" if self.reading else self.title
        if not self.is_good:
            return "\n".join([f"reçu non vérifié — {named}", *(f"  ✘ {check.step} : {check.sentence}" for check in self.faults)])
        documents = sum(check.step == "document" for check in self.checks)
        lines = sum(check.step == "ligne" for check in self.checks)
        others = dict.fromkeys(check.sentence for check in self.checks if check.step == "formule")
        told = f"reçu vérifié — {named} ({documents} document(s), {lines} ligne(s), valeur refaite)"
        return "\n".join([told, *(f"  à savoir : {sentence}" for sentence in others)])

    def as_dict(self) -> dict[str, Any]:
        return {
            "receipt_id": self.receipt_id, "title": self.title, "reading": self.reading, "verified": self.is_good,
            "checks": [asdict(check) for check in self.checks],
        }  # fmt: skip


class Verifier:
    """Checks receipts; documents are hashed and read once for all of them, and one DuckDB serves."""

    def __init__(self, documents: Documents, lake: Lake | None = None) -> None:
        self._documents = documents
        self._lake = lake
        self._bench = Bench()
        self._sectors: dict[str, sector.Sector | scenarios.Written] = {}
        # many receipts rest on the same rows
        self._known: dict[str, list[dict[str, Any]]] = {}

    def verify(self, receipt: Mapping[str, Any]) -> Verdict:
        """Every check of one receipt, in the order of the proof."""
        try:
            checks = tuple(self._checks(receipt))
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            checks = (Check("reçu", "forme", False, f"le reçu est incomplet ou altéré ({type(error).__name__} : {error})"),)
        return Verdict(str(receipt.get("receipt_id")), str(receipt.get("title")), str(receipt.get("reading")), checks)

    def _checks(self, receipt: Mapping[str, Any]) -> Iterator[Check]:
        if receipt.get("format") != FORMAT:
            yield Check("reçu", "forme", False, f"format « {receipt.get('format')} » inconnu : cette version lit {FORMAT}")
            return
        documents = {(document["feed"], document["load_id"]): document for document in receipt["documents"]}
        lost = set()
        for document in documents.values():
            check = self._document(document)
            if not check.is_good:
                lost.add(document["sha256"])
            yield check
        for given in receipt["inputs"]:
            if given["kind"] == "reading":
                yield from self._reading(given)
                continue
            document = documents.get((given["feed"], given["load_id"]))
            if document is None:
                yield Check("ligne", given["input_id"], False, f"la ligne {given['input_id']} ne nomme pas son document")
            elif document["sha256"] not in lost:
                yield from self._input(given, document, receipt)
        yield from self._formula(receipt)
        yield from self._value(receipt)

    def _formula(self, receipt: Mapping[str, Any]) -> Iterator[Check]:
        others, false = formula.other_files(receipt), formula.false_sql(receipt, self._lake)
        version = receipt["code"]["version"]
        if others:
            said = f"formule d'une autre version que celle d'ici (le reçu est de la version {version}) : {_few(others)}"
            yield Check("formule", receipt["receipt_id"], True, said)
        if false:
            said = f"le SQL du reçu n'est pas celui du fichier qu'il nomme : {_few(false)}"
            yield Check("formule", receipt["receipt_id"], False, said)

    def _reading(self, given: Mapping[str, Any]) -> Iterator[Check]:
        """A reading is proved by its own receipt, which must speak of that very row."""
        yield from self._checks(given["receipt"])
        wrong = differences(given["row"], given["receipt"]["row"])
        if wrong:
            yield Check("ligne", given["input_id"], False, f"{given['receipt']['title']} : {' ; '.join(wrong)}")

    def _document(self, document: Mapping[str, Any]) -> Check:
        named = document["file_name"] or document["address"] or document["sha256"]
        if not document["sha256"]:
            return Check("document", named, True, "aucun document n'est arrivé : le registre dit pourquoi")
        try:
            content = self._documents.content(document["feed"], document["sha256"], document["file_name"])
        except LostError as error:
            return Check("document", document["sha256"], False, str(error))
        return Check("document", document["sha256"], True, f"{named} : {len(content)} octets, empreinte {document['sha256']}")

    def _input(self, given: Mapping[str, Any], document: Mapping[str, Any], receipt: Mapping[str, Any]) -> Iterator[Check]:
        where = f"{document['file_name'] or document['feed']}, {given['place']}" if given["place"] else str(document["file_name"])
        try:
            match given["kind"]:
                case "sector":
                    wrong = self._sector_line(given, document)
                case "load":
                    wrong = self._ledger_line(given["row"], document)
                case "held":
                    wrong = self._held_row(given["row"], document)
                case _:
                    wrong = self._landed_row(given, document, receipt["staging"])
        except (LostError, RebuildError, SectorError, DeclarationError) as error:
            wrong = [str(error)]
        step: StepName = "registre" if given["kind"] in ("load", "held") else "ligne"
        if wrong:
            yield Check(step, given["input_id"], False, f"{where} : {' ; '.join(wrong)}")
        else:
            yield Check(step, given["input_id"], True, f"{where} : relu à l'identique")

    def _landed_row(self, given: Mapping[str, Any], document: Mapping[str, Any], staging: Mapping[str, Any]) -> list[str]:
        """The row at its place read again, typed again, and brought again to the columns that are believed."""
        feed, row, landed = given["feed"], given["row"], given["landed"]
        records = self._documents.records(feed, document["sha256"], _decisions(document), document["file_name"])
        part = staging[feed]
        if row.get("is_withdrawn"):
            return self._withdrawn(row, records, part)
        found = next((record for record in records if record["row_no"] == landed["row_no"]), None)
        if found is None:
            return [f"le document n'a plus de ligne n° {landed['row_no']}"]
        wrong = differences({name: value for name, value in landed.items() if name != "load_id"}, found)
        if given["text"] is not None:
            told = self._documents.texts(feed, document["sha256"]).get(given["place"], "")
            if not told.startswith(given["text"]):
                wrong.append(f"texte : « {told[:80]} » au lieu de « {given['text'][:80]} »")
        said = {"document": document["sha256"], "origin": document["origin"]["kind"]}
        if any(name in row and row[name] != value for name, value in said.items()):
            wrong.append("la ligne et le document ne disent pas la même empreinte ou la même origine")
        staged = self._staged(part, [landed])
        return wrong + differences({name: row[name] for name in staged[0] if name in row and name not in EDITED}, staged[0])

    def _withdrawn(self, row: Mapping[str, Any], records: Sequence[Mapping[str, Any]], part: Mapping[str, Any]) -> list[str]:
        """A figure is withdrawn by a document that no longer holds it."""
        key = [name for name in part["key"] if name in row]
        for staged in self._staged(part, [{**record, "load_id": row["load_id"]} for record in records]):
            if all(same(row[name], staged[name]) for name in key):
                return ["le document porte encore la ligne que l'on dit retirée"]
        return []

    def _staged(self, part: Mapping[str, Any], landed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        lines = [_json(line) for line in landed]
        asked = json.dumps([part, lines])
        if asked not in self._known:
            tables = {part["source"]: Table(part["columns"], lines)}
            self._known[asked] = self._bench.rows(tables, [(part["relation"], part["sql"])], part["relation"])
        return self._known[asked]

    def _ledger_line(self, row: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
        wrong = []
        if document["sha256"] and not self._is_read_alike(document):
            wrong.append(f"{self._count(document)} ligne(s) lues au lieu de {document['rows']['read']}")
        counted = {"rows_read": "read", "rows_landed": "landed", "rows_quarantined": "quarantined", "rows_rejected": "rejected"}
        wrong += differences({name: document["rows"][told] for name, told in counted.items()}, row)
        wrong += differences(
            {"document": document["sha256"], "status": document["status"], "known_at": document["known_at"]}, row
        )
        if self._lake and (kept := self._ledger.get((row["feed"], row["load_id"]))):
            wrong += differences({name: row[name] for name in (*counted, "document", "status", "reason")}, asdict(kept))
        elif self._lake:
            wrong.append("le registre n'a plus ce chargement")
        return wrong

    def _is_read_alike(self, document: Mapping[str, Any]) -> bool:
        return bool(self._count(document) == document["rows"]["read"])

    def _count(self, document: Mapping[str, Any]) -> int:
        try:
            return len(self._documents.read(document["feed"], document["sha256"], document["file_name"]))
        except LostError:
            if document["status"] == "refused":
                return 0
            raise

    def _held_row(self, row: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
        if not row["row_no"]:
            return []
        found = self._documents.read(document["feed"], document["sha256"], document["file_name"])
        is_there = 0 < row["row_no"] <= len(found) and found[row["row_no"] - 1].place == row["place"]
        return [] if is_there else [f"la ligne n° {row['row_no']} n'est plus à cette place"]

    def _sector_line(self, given: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
        table, _, name = given["place"].partition("/")
        if document["sha256"] not in self._sectors:
            content = self._documents.content("sector", document["sha256"], document["file_name"])
            with tempfile.TemporaryDirectory() as folder:
                copy = Path(folder) / Path(document["file_name"]).name
                copy.write_bytes(content)
                read = sector.read if copy.name == "sector.yml" else scenarios.read
                self._sectors[document["sha256"]] = read(copy)
        lines = self._sectors[document["sha256"]].lines(table)
        found = next((line for line in lines if name in line.values()), None)
        if found is None:
            return [f"{given['place']} n'est plus dans le fichier"]
        return differences({column: value for column, value in given["row"].items() if column in found}, _json(found))

    def _value(self, receipt: Mapping[str, Any]) -> Iterator[Check]:
        rebuild, row = receipt["rebuild"], receipt["row"]
        if rebuild is None:
            yield _withheld(receipt)
            return
        wrong = differences({name: row[name] for name in rebuild["expected"] if name in row}, rebuild["expected"])
        if not row.get("missing_reason") and reading_fr(row) != receipt["reading"]:
            wrong.append(f"le reçu affiche « {receipt['reading']} » pour « {reading_fr(row)} »")
        try:
            wrong += again(self._bench, rebuild, receipt["inputs"])
        except RebuildError as error:
            wrong.append(str(error))
        told = receipt["reading"] or "la ligne"
        yield Check("valeur", receipt["receipt_id"], not wrong, " ; ".join(wrong) or f"refaite de ses seules entrées : {told}")

    @cached_property
    def _ledger(self) -> dict[tuple[str, str], Load]:
        try:
            return {(load.feed, load.load_id): load for load in self._lake.loads()} if self._lake else {}
        except LakeError:
            return {}


def _few(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" et {len(names) - most} autres" if len(names) > most else "")


def _withheld(receipt: Mapping[str, Any]) -> Check:
    """A value that is not redone: hidden, or made of what nobody may see. Any other one has to be."""
    if receipt["row"].get("missing_reason"):
        return Check("valeur", receipt["receipt_id"], True, "valeur retenue par secret statistique : rien n'est à refaire")
    named = [name for name in receipt["formula"].get("feeds") or () if name in feeds.names()]
    if not any(feeds.load(name).is_confidential for name in named):
        return Check("valeur", receipt["receipt_id"], False, "le reçu ne porte pas de quoi refaire la valeur")
    told = "faite de déclarations confidentielles : elle ne se refait que du côté privé"
    return Check("valeur", receipt["receipt_id"], True, told)


def _decisions(document: Mapping[str, Any]) -> acts.Decisions:
    """What people had decided about a document when it was judged."""
    return acts.fold(
        Act(
            verb=told["verb"],
            rows=tuple(told["rows"]),
            changes={int(no): cells for no, cells in told["changes"].items()},
            by=told["by"],
            at=datetime.fromisoformat(told["at"]),
            reason=told["reason"],
        )
        for told in document["acts"]
    )


def _json(line: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its dates as JSON holds them."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in line.items()}


def read(path: Path) -> dict[str, Any]:
    """The receipt in a file, JSON or page; ValueError when there is none."""
    text = path.read_text(encoding="utf-8")
    opening, closing = '<script type="application/json" id="recu">', "</script>"
    if opening in text:
        text = text.partition(opening)[2].partition(closing)[0]
    receipt = json.loads(text)
    if not isinstance(receipt, dict) or "receipt_id" not in receipt:
        raise ValueError("aucun reçu dans ce fichier")
    return receipt
