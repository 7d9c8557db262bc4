"""What people decided about documents held at the door: append-only, one file an act.

Acts are kept by document, not by load: however often a document is judged anew, what was decided
about it holds.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Literal

from vigie.feed import Row
from vigie.lake import Lake, to_json, write_atomically

Verb = Literal["fix", "release", "reject"]


@dataclass(frozen=True)
class Act:
    """One decision: rows by number (none: the whole document), and for a fix the new raw cells of each."""

    verb: Verb
    rows: tuple[int, ...]
    changes: Mapping[int, Mapping[str, str]]
    by: str
    at: datetime
    reason: str

    @classmethod
    def parse(cls, text: str) -> "Act":
        values = json.loads(text)
        values["rows"] = tuple(values["rows"])
        values["changes"] = {int(row): cells for row, cells in values["changes"].items()}
        values["at"] = datetime.fromisoformat(values["at"])
        return cls(**values)


def record(lake: Lake, feed: str, document: str, act: Act) -> None:
    """Adds the act to those of the document; from here on it will be applied, whatever happens next."""
    folder = lake.acts(feed, document)
    number = len(of(lake, feed, document)) + 1
    write_atomically(folder / f"{number:04d}.json", to_json(asdict(act), indent=1) + "\n")


def of(lake: Lake, feed: str, document: str) -> list[Act]:
    """The acts on a document, oldest first."""
    return [Act.parse(path.read_text()) for path in sorted(lake.acts(feed, document).glob("[0-9]*.json"))]


@dataclass(frozen=True)
class Decisions:
    """All the acts on a document, folded: the last word on each row."""

    changes: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    released: frozenset[int] = frozenset()
    rejected: frozenset[int] = frozenset()
    whole: Literal["", "release", "reject"] = ""
    count: int = 0

    def corrected(self, rows: Sequence[Row]) -> list[Row]:
        """The rows as read, with the corrected cells in place of the printed ones."""
        return [
            replace(row, values={**row.values, **self.changes[number]}) if number in self.changes else row
            for number, row in enumerate(rows, start=1)
        ]


def fold(acts: Iterable[Act]) -> Decisions:
    """A later act on a row, or on the whole document, has the last word."""
    changes: dict[int, dict[str, str]] = {}
    verdicts: dict[int, Verb] = {}
    whole: Literal["", "release", "reject"] = ""
    taken = list(acts)
    for act in taken:
        for row, cells in act.changes.items():
            changes[row] = {**changes.get(row, {}), **cells}
        for row in act.rows:
            verdicts[row] = act.verb
        if not act.rows and act.verb != "fix":
            whole = act.verb
    return Decisions(
        changes,
        frozenset(row for row, verb in verdicts.items() if verb == "release"),
        frozenset(row for row, verb in verdicts.items() if verb == "reject"),
        whole,
        len(taken),
    )
