"""What people object to a public figure: append-only, one file an objection, numbered in their order.

An objection speaks of a claim by its code (K1, with all its figures) or of one figure by its identifier;
both outlive the editions of the register. Nothing is ever taken back: a second thought is a new objection.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from vigie.lake import Lake, to_json, write_atomically


@dataclass(frozen=True)
class Objection:
    """Who contests which claim, when, on what source, and why."""

    claim: str
    source_url: str
    made_by: str
    made_at: datetime
    reason: str

    @classmethod
    def parse(cls, text: str) -> "Objection":
        values = json.loads(text)
        return cls(**values | {"made_at": datetime.fromisoformat(values["made_at"])})


def record(lake: Lake, objection: Objection) -> int:
    """Adds the objection to the record; returns its number."""
    with lake.lock("objections"):
        number = len(of(lake)) + 1
        write_atomically(lake.objections / f"{number:04d}.json", to_json(asdict(objection), indent=1) + "\n")
    return number


def of(lake: Lake) -> list[Objection]:
    """Every objection, oldest first."""
    return [Objection.parse(path.read_text()) for path in sorted(lake.objections.glob("[0-9]*.json"))]
