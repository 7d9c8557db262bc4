"""What all guards share: where they find the document's rows and its past, and how they say what they saw."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, cast

import pandas as pd
from great_expectations.expectations.expectation import BatchExpectation

from vigie.check import HISTORY
from vigie.history import History

THIN = "\u202f"


class Guard(BatchExpectation):  # type: ignore[misc]
    """An expectation on the whole document that may also look at the feed's past.

    The past travels with the frame, so that a suite stays a list of types and plain arguments.
    """

    @abstractmethod
    def judge(self, frame: pd.DataFrame, history: History | None) -> dict[str, Any]:
        """Great Expectations' own result: `success`, and `result` with what was seen."""

    def _validate(self, metrics: Any, runtime_configuration: Any = None, execution_engine: Any = None) -> dict[str, Any]:
        frame = execution_engine.batch_manager.active_batch_data.dataframe
        return self.judge(frame, frame.attrs.get(HISTORY))


class DocumentGuard(Guard):
    """Refuses a document as a whole; without a past it has nothing to say."""

    @abstractmethod
    def finding(self, frame: pd.DataFrame, history: History) -> str:
        """What is wrong with the document, in French; empty when nothing is."""

    def judge(self, frame: pd.DataFrame, history: History | None) -> dict[str, Any]:
        seen = self.finding(frame, history) if history else ""
        return {"success": not seen, "result": {"observed_value": seen or None, "finding": seen}}


class RowGuard(Guard):
    """Designates rows, by their number."""

    @abstractmethod
    def findings(self, frame: pd.DataFrame, history: History | None) -> dict[int, str]:
        """What is wrong with each faulty row, in French, by row number."""

    def judge(self, frame: pd.DataFrame, history: History | None) -> dict[str, Any]:
        seen = {int(number): text for number, text in self.findings(frame, history).items()}
        return {
            "success": not seen,
            "result": {
                "element_count": len(frame),
                "unexpected_count": len(seen),
                "unexpected_index_list": sorted(seen),
                "partial_unexpected_list": [seen[number] for number in sorted(seen)][:20],
                "findings": {str(number): text for number, text in sorted(seen.items())},
            },
        }


def past_rows(history: History | None, columns: list[str]) -> pd.DataFrame:
    """All that is known of these columns, oldest document first; empty when older rows did not have them."""
    if history is None or not set(columns) <= set(history.known.columns):
        return pd.DataFrame({column: [] for column in columns})
    return history.known[columns]


def previous_rows(history: History, columns: list[str]) -> pd.DataFrame | None:
    """These columns of the document that this one comes in the place of; None when there is none to compare."""
    if history.previous is None:
        return None
    rows = history.previous.read()
    return rows[columns] if set(columns) <= set(rows.columns) and len(rows) else None


def numbered(table: pd.DataFrame) -> Iterator[tuple[int, Any]]:
    """Each row, with its number and its cells by name."""
    for row in table.itertuples():
        yield int(cast(int, row.Index)), row


def figure(value: float) -> str:
    """A number as French prints it."""
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return text.replace(",", THIN).replace(".", ",")


def listed(values: list[str], most: int = 5) -> str:
    """A few of many, in order, and how many more."""
    shown = ", ".join(values[:most])
    return f"{shown} et {len(values) - most} autres" if len(values) > most else shown
