"""The door's judgement of one document: its rows, the faults of each, and why the whole is refused.

Pure: what is on disk is neither read nor written here.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vigie import check, parsing, rows
from vigie import feed as feeds
from vigie.acts import Decisions
from vigie.check import Fault, Verdict
from vigie.feed import DocumentError
from vigie.history import History

NOBODY = Decisions()
STRUCTURAL = (
    "type(", "expect_column_values_to_not_be_null(", "expect_column_values_to_be_in_set(",
    "expect_column_values_to_be_unique(", "expect_compound_columns_to_be_unique(",
)  # fmt: skip
"""Rules on which what we compute relies: a row that breaks one can be corrected or rejected, not released."""


@dataclass(frozen=True)
class Examination:
    """What the door says of a document, before anything is committed."""

    records: list[dict[str, Any]] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    refusal: str = ""
    rejected: frozenset[int] = frozenset()

    @property
    def good(self) -> list[dict[str, Any]]:
        """The rows that land."""
        return [] if self.refusal else [r for r in self._kept if r["row_no"] not in self.verdict.rows]

    @property
    def held(self) -> list[dict[str, Any]]:
        """The rows that stay at the door: the faulty ones, or all those of a refused document."""
        return list(self._kept) if self.refusal else [r for r in self._kept if r["row_no"] in self.verdict.rows]

    @property
    def _kept(self) -> list[dict[str, Any]]:
        return [r for r in self.records if r["row_no"] not in self.rejected]

    def lines(self) -> list[dict[str, Any]]:
        """One line per fault: those of the document as a whole, then of each row, with the row's values."""
        whole = [{"row_no": None, "place": "document", **_said(fault), "values": None} for fault in self.verdict.batch]
        return whole + [
            {"row_no": record["row_no"], "place": record["place"], **_said(fault), "values": record}
            for record in self._kept
            for fault in self.verdict.rows.get(record["row_no"], [])
        ]


def released_at(records: list[dict[str, Any]]) -> datetime | None:
    """The day that a document's publisher states, naive UTC: the latest of its rows."""
    return max((record["published_at"] for record in records if record.get("published_at")), default=None)


def _said(fault: Fault) -> dict[str, str]:
    return {"rule": fault.rule, "reason": fault.reason, "fix": fault.fix}


def examine(name: str, content: bytes, decisions: Decisions = NOBODY, past: History | None = None) -> Examination:
    """Reads, types and judges a document beside its past, once people's decisions about it are applied."""
    declared = feeds.load(name)
    try:
        read = decisions.corrected(parsing.read_rows(name, content))
    except DocumentError as error:
        return Examination(refusal="" if decisions.whole == "reject" else str(error))
    if not read:
        return Examination(refusal="le document ne contient aucune ligne de données")
    records, typing_faults = rows.typed(read, declared.columns, is_discreet=declared.is_confidential)
    if decisions.whole == "reject":
        return Examination(records, rejected=frozenset(record["row_no"] for record in records))
    if past and not declared.snapshot:
        past = past.before_release(released_at(records))
    verdict = check.check(name, rows.frame(records, declared.columns), past)
    for number, faults in typing_faults.items():
        # a cell that could not be typed is empty to the suite: its own fault says all there is to say
        untyped = {fault.rule.removeprefix("type") for fault in faults}
        others = [fault for fault in verdict.rows.get(number, []) if not fault.rule.endswith(tuple(untyped))]
        verdict.rows[number] = [*faults, *others]
    _waive(verdict, decisions)
    refusal = " ; ".join(f"{fault.reason} ({fault.fix})" for fault in verdict.batch)
    kept = [record for record in records if record["row_no"] not in decisions.rejected]
    if not refusal and kept and all(record["row_no"] in verdict.rows for record in kept):
        first = verdict.rows[kept[0]["row_no"]][0]
        refusal = f"aucune ligne ne passe la porte ; la première : {first.reason} ({kept[0]['place']})"
    if not refusal and declared.produces == "returns" and any(record["row_no"] in verdict.rows for record in kept):
        refusal = "la déclaration est retenue en entier : des cellules sont à corriger"
    return Examination(records, verdict, refusal, decisions.rejected)


def _waive(verdict: Verdict, decisions: Decisions) -> None:
    """Takes away the faults that people overruled."""
    for number in decisions.rejected:
        verdict.rows.pop(number, None)
    whole = decisions.whole == "release"
    if whole:
        verdict.batch.clear()
    for number in set(verdict.rows) if whole else decisions.released & set(verdict.rows):
        kept = [fault for fault in verdict.rows[number] if fault.rule.startswith(STRUCTURAL)]
        if kept:
            verdict.rows[number] = kept
        else:
            del verdict.rows[number]
