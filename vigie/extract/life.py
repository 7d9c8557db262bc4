"""The life of an event, from what its reports say: threatened, announced, confirmed, executed, revised, cancelled.

A report moves the state along `ALLOWED` or leaves it: what happened cannot become a project again, and what was
cancelled stays so (if it starts again, that is another event).
"""

from collections.abc import Iterable
from typing import Literal

from vigie.extract.certainty import Certainty

State = Literal["threatened", "announced", "confirmed", "revised", "executed", "cancelled"]
ALLOWED: dict[State | None, frozenset[State]] = {
    None: frozenset({"threatened", "announced", "confirmed", "revised", "executed", "cancelled"}),
    "threatened": frozenset({"announced", "confirmed", "revised", "executed", "cancelled"}),
    "announced": frozenset({"confirmed", "revised", "executed", "cancelled"}),
    "confirmed": frozenset({"revised", "executed", "cancelled"}),
    "revised": frozenset({"confirmed", "executed", "cancelled"}),
    "executed": frozenset(),
    "cancelled": frozenset(),
}
SAYS: dict[Certainty, State] = {
    "stated": "announced", "threatened": "threatened", "announced": "announced", "confirmed": "confirmed",
    "executed": "executed", "removed": "executed", "created": "executed", "revised": "revised", "cancelled": "cancelled",
    "denied": "cancelled",
}  # fmt: skip
OPEN = frozenset[State | None]({"threatened", "announced", "confirmed", "revised"})
"""States in which one still waits for something."""


def after(state: State | None, said: Certainty) -> State:
    """The state once a report has said that."""
    asked = SAYS[said]
    return asked if state is None or asked in ALLOWED[state] else state


def states(said: Iterable[Certainty]) -> list[State]:
    """The state after each report, in the order in which they were known."""
    found: list[State] = []
    for one in said:
        found.append(after(found[-1] if found else None, one))
    return found
