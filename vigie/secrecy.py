"""The rules of statistical secrecy of a data folder: its private `disclosure.yml`, or those proposed by default.

Knowing them would help who wants to deduce: they are in no published table.
"""

from pydantic import Field

from vigie import declared
from vigie.declared import Strict
from vigie.lake import Lake

FILE = "disclosure.yml"


class SecrecyRules(Strict):
    """Least contributors of a place, of a place × segment, of a first release; most that one, or two, may weigh; p %."""

    minimum: int = Field(default=3, ge=2)
    segment_minimum: int = Field(default=5, ge=2)
    opening: int = Field(default=10, ge=2)
    one_share: float | None = Field(default=0.85, gt=0, le=1)
    two_share: float | None = Field(default=None, gt=0, le=1)
    p_share: float | None = Field(default=0.10, gt=0, le=1)


TYPES = {
    "minimum": "INTEGER", "segment_minimum": "INTEGER", "opening": "INTEGER",
    "one_share": "DOUBLE", "two_share": "DOUBLE", "p_share": "DOUBLE",
}  # fmt: skip


def rules(lake: Lake) -> SecrecyRules:
    """The rules in force; DeclarationError names the file and the line that cannot be used."""
    path = lake.root / FILE
    return declared.read(path, SecrecyRules, "règles de secret statistique") if path.exists() else SecrecyRules()
