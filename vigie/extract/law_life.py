"""The life of a legal text: proposed, voted, published, in force, amended, then repealed, and never backwards.

A source tells facts, each of a state and a day; the machine takes those that its table allows, in the order of a life, and
keeps the others beside. A step that no source tells is passed through and said to be so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

STATES = ("proposed", "voted", "published", "in_force", "amended", "repealed")
TRANSITIONS: dict[str | None, frozenset[str]] = {
    None: frozenset({"proposed"}),
    "proposed": frozenset({"voted", "repealed"}),
    "voted": frozenset({"published", "repealed"}),
    "published": frozenset({"in_force", "repealed"}),
    "in_force": frozenset({"amended", "repealed"}),
    "amended": frozenset({"amended", "repealed"}),
    "repealed": frozenset(),
}
"""From a state, those that may follow at once. A bill that is withdrawn and a law that is quashed are repealed."""
CHAIN = STATES[:4]
"""What a text goes through to be in force; who is told of a later step may take the former ones for granted."""


@dataclass(frozen=True, slots=True)
class Fact:
    """That a text is in `state` from `on` (None: since nobody says when), as `source` says; the lower `rank` is believed."""

    state: str
    on: date | None
    source: str
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A state reached (`is_told` by a source, or implied by a later one), to come, or refused with the reason why."""

    state: str
    since: date | None
    source: str | None
    status: str
    """`reached`, `implied`, `expected` or `refused`."""
    reason_fr: str | None = None


def life(facts: Iterable[Fact], today: date) -> list[Step]:
    """The steps of one text in the order of its life, then those that are refused.

    Of two sources for one state the one of lower rank is believed, then the earliest day. A day before that of the former
    step moves to it (a text may take effect before it is published; it does not bind before). ValueError for an unknown state.
    """
    told = sorted(facts, key=_order)
    for fact in told:
        if fact.state not in STATES:
            raise ValueError(f"« {fact.state} » n'est pas un état d'un texte ; états : {', '.join(STATES)}")
    steps: list[Step] = []
    refused: list[Step] = []
    state: str | None = None
    since: date | None = None
    seen: dict[str, Fact] = {}
    for fact in told:
        first = seen.get(fact.state)
        if first and (fact.state != "amended" or fact.on == first.on):
            if first.on != fact.on:
                reason = f"{first.source} dit un autre jour" + (f", le {first.on:%d/%m/%Y}" if first.on else "")
                refused.append(Step(fact.state, fact.on, fact.source, "refused", reason))
            continue
        path = _path(state, fact.state)
        if path is None:
            refused.append(Step(fact.state, fact.on, fact.source, "refused", f"le texte est déjà {FRENCH[state]}"))
            continue
        seen[fact.state] = fact
        day = max(filter(None, (fact.on, since)), default=None)
        was_coming = bool(steps) and steps[-1].status == "expected"
        is_coming = was_coming or (fact.on is not None and fact.on > today)
        # before an amendment to come, an entry into force that nobody told may be to come as well
        steps += [
            Step(passed, None, None, "expected" if was_coming or (is_coming and passed == "in_force") else "implied")
            for passed in path
        ]
        steps.append(Step(fact.state, day, fact.source, "expected" if is_coming else "reached"))
        state, since = fact.state, day
    return steps + refused


def current(steps: Iterable[Step]) -> Step | None:
    """The last state that a text has reached; None when none is told."""
    return next((step for step in reversed(list(steps)) if step.status in ("reached", "implied")), None)


FRENCH = {
    None: "inconnu", "proposed": "proposé", "voted": "voté", "published": "publié", "in_force": "en vigueur",
    "amended": "modifié", "repealed": "abrogé",
}  # fmt: skip


def _order(fact: Fact) -> tuple[int, int, date, int, str]:
    """A life's order; amendments by their days, after the entry into force."""
    place = STATES.index(fact.state) if fact.state in STATES else len(STATES)
    first = 0 if fact.state == "amended" else fact.rank
    return place, first, fact.on or date.min, fact.rank, fact.source


def _path(state: str | None, target: str) -> list[str] | None:
    """The states between `state` and `target` that nobody told; None when there is no way."""
    if target in TRANSITIONS[state]:
        return []
    if target == "repealed":
        # a text of which only the end is told was published at least
        return list(CHAIN[:3]) if state is None else None
    goal = CHAIN if target == "amended" else CHAIN[: CHAIN.index(target)] if target in CHAIN else ()
    start = CHAIN.index(state) + 1 if state in CHAIN else 0
    between = list(goal[start:])
    if state is not None and state not in CHAIN:
        return None
    return between if between and between[0] in TRANSITIONS[state] and target in TRANSITIONS[between[-1]] else None
