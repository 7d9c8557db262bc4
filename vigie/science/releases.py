"""Which cells of the tables made of confidential declarations may be seen, release after release.

A table is made again only when what changed since its last release is itself no secret: the difference of two
releases is a table, judged by the same rules. A cell once hidden for a period stays so in its later releases.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vigie.science import ScienceError
from vigie.science.disclosure import TOTAL, Attack, Rules, Table, protect, sensitive, table

if TYPE_CHECKING:
    import pyarrow

HEADCOUNT, TOP_FOUR = "headcount", "cr4"
NATION = "MA"
Parts = Mapping[tuple[str, str], Mapping[str, float]]
"""By place and part, what each contributor gives."""


@dataclass(frozen=True)
class Contribution:
    """What one contributor gives to a part of a table at a place, and the time during which that was believed.

    The contributions of an `is_additive` table are those of the cities, whose sum is the country's; those of another
    table are given for the country too.
    """

    table: str
    part: str
    is_additive: bool
    freq: str
    period: datetime
    ref_area: str
    contributor: str
    value: float
    known_from: datetime
    known_to: datetime | None


@dataclass(frozen=True)
class Policy:
    """The rules of a place, those of a place × segment, and how many contributors make a first release."""

    places: Rules
    segments: Rules
    opening: int = 10


def policy(rules: Mapping[str, Any]) -> Policy:
    """The policy that a line of rules declares: minimum, segment_minimum, opening, one_share, two_share, p_share."""
    shares = (rules["one_share"], rules["two_share"], rules["p_share"])
    return Policy(Rules(rules["minimum"], *shares), Rules(rules["segment_minimum"], *shares), rules["opening"])


def cells(given: Iterable[Contribution], policy: Policy) -> list[dict[str, Any]]:
    """Every cell of every release: table_name, freq, period, released_at, ref_area, part (`_T`: all), conf_status (SDMX).

    ScienceError names the table and the cell that an attacker would recover.
    """
    periods: dict[tuple[str, datetime], list[Contribution]] = defaultdict(list)
    for one in given:
        periods[one.freq, one.period].append(one)
    found: list[dict[str, Any]] = []
    for (freq, period), mine in sorted(periods.items(), key=lambda item: item[0]):
        hidden: dict[str, set[tuple[str, str]]] = defaultdict(set)
        last: Mapping[str, Parts] = {}
        adding = {one.table for one in mine if one.is_additive}
        for moment in sorted({m for one in mine for m in (one.known_from, one.known_to) if m is not None}):
            active = [one for one in mine if one.known_from <= moment and (one.known_to is None or moment < one.known_to)]
            tables = _tables(active)
            # what a table of the first few would hide would stay hidden once all have declared
            if tables == last or (not last and len({one.contributor for one in active}) < policy.opening):
                continue
            if not _may_replace(last, tables, hidden, policy, adding):
                continue
            for name, status in _statuses(tables, hidden, policy, adding).items():
                hidden[name] |= {cell for cell, code in status.items() if code != "F"}
                found += [
                    {"table_name": name, "freq": freq, "period": period, "released_at": moment, "ref_area": place,
                     "part": part, "conf_status": code}
                    for (place, part), code in sorted(status.items())
                ]  # fmt: skip
            last = tables
    return found


def _tables(active: Sequence[Contribution]) -> dict[str, dict[tuple[str, str], dict[str, float]]]:
    """By table, each cell's contributors; a total is the sum where the table adds up."""
    found: dict[str, dict[tuple[str, str], dict[str, float]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(float)))
    for one in active:
        areas = [one.ref_area, NATION] if one.is_additive and one.ref_area != NATION else [one.ref_area]
        parts = [one.part, TOTAL] if one.table == HEADCOUNT else [one.part]
        for area in areas:
            for part in parts:
                found[one.table][area, part][one.contributor] += one.value
    for (area, part), shares in list(found[HEADCOUNT].items()) if HEADCOUNT in found else ():
        if part == TOTAL:
            # the share of the four largest tells what the others have: both sides must be a crowd
            for rank, (who, value) in enumerate(sorted(shares.items(), key=lambda share: (-share[1], share[0]))):
                found[TOP_FOUR][area, "TOP" if rank < 4 else "REST"][who] = value
    return {name: {cell: dict(parts) for cell, parts in held.items()} for name, held in found.items()}


def _may_replace(
    last: Mapping[str, Parts],
    tables: Mapping[str, Parts],
    hidden: Mapping[str, set[tuple[str, str]]],
    policy: Policy,
    adding: set[str],
) -> bool:
    """True when what changed, in each cell that is seen and in what the totals tell of the others, is no secret."""
    for name in {*last, *tables} if last else ():
        before, after = last.get(name, {}), tables.get(name, {})
        groups: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for cell in {*before, *after}:
            place = cell[0]
            changes = {
                who: after.get(cell, {}).get(who, 0.0) - before.get(cell, {}).get(who, 0.0)
                for who in {*before.get(cell, {}), *after.get(cell, {})}
            }
            # the hidden cells of a row or a column are told together by its total
            seen = cell if name == HEADCOUNT else (place, TOTAL)
            keys = [cell] if seen not in hidden[name] else _told_with(name, cell, hidden[name]) if name in adding else []
            for key in keys:
                for who, change in changes.items():
                    groups[key][who] += change
        rules = policy.segments if name == HEADCOUNT else policy.places
        if any(any(sensitive([c for c in changes.values() if abs(c) > 1e-9], rules).values()) for changes in groups.values()):
            return False
    return True


def _told_with(name: str, cell: tuple[str, str], hidden: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """The sums of hidden cells that a total which is seen gives away, and to which this one belongs."""
    place, part = cell
    total = part if name == HEADCOUNT else TOTAL
    column = [("", part)] if place != NATION and (NATION, total) not in hidden else []
    row = [(place, "")] if name == HEADCOUNT and part != TOTAL and (place, TOTAL) not in hidden else []
    return column + row


def _statuses(
    tables: Mapping[str, Parts], kept: Mapping[str, set[tuple[str, str]]], policy: Policy, adding: set[str]
) -> dict[str, dict[tuple[str, str], str]]:
    """The status of each cell of each table; a place whose headcount is hidden is hidden everywhere."""
    found: dict[str, dict[tuple[str, str], str]] = {}
    shut: set[str] = set()
    if HEADCOUNT in tables:
        found[HEADCOUNT] = _crossed(tables[HEADCOUNT], kept[HEADCOUNT], policy.segments)
        shut = {place for (place, part), code in found[HEADCOUNT].items() if part == TOTAL and code != "F"}
    for name in sorted(set(tables) - {HEADCOUNT}):
        held = shut | {place for place, _ in kept[name]}
        found[name] = _lined(name, tables[name], held, policy.places, is_additive=name in adding)
    return found


def _crossed(parts: Parts, kept: set[tuple[str, str]], rules: Rules) -> dict[tuple[str, str], str]:
    """Headcount by place and segment, margins included: the pattern that hides least, and its audit."""
    leaves = [cell for cell in parts if cell[0] != NATION and cell[1] != TOTAL]
    crossed = table((cell, who, value) for cell in leaves for who, value in parts[cell].items())
    pattern = protect(crossed, rules, [_inside(cell) for cell in kept])
    _refuse(HEADCOUNT, pattern.attacks)
    return {(NATION if place == TOTAL else place, part): code for (place, part), code in pattern.status.items()}


def _inside(cell: tuple[str, str]) -> tuple[str, str]:
    return (TOTAL if cell[0] == NATION else cell[0], cell[1])


def _lined(name: str, parts: Parts, held: set[str], rules: Rules, *, is_additive: bool) -> dict[tuple[str, str], str]:
    """A figure by place made of several parts (numerator and denominator, languages): seen where all of them may be."""
    places = {place for place, _ in parts}
    codes = dict.fromkeys(places, "F") | dict.fromkeys(held & places, "D")
    for (place, _), shares in sorted(parts.items()):
        broken = sensitive(list(shares.values()), rules)
        if any(broken.values()) and codes[place] in ("F", "D"):
            codes[place] = next(code for rule, code in (("count", "A"), ("one", "O"), ("two", "T"), ("p", "M")) if broken[rule])
    lines = {part: _line(parts, part) for part in sorted({part for _, part in parts})} if is_additive else {}
    while True:
        hidden = {place for place, code in codes.items() if code != "F"}
        told = [(TOTAL,) if place == NATION else (place,) for place in hidden]
        patterns = [protect(line, rules, told) for line in lines.values() if line is not None]
        more = {NATION if cell == (TOTAL,) else cell[0] for pattern in patterns for cell in pattern.hidden} - hidden
        if not more:
            break
        codes |= dict.fromkeys(more, "D")
    # nothing was added: these are attacks on what is published
    _refuse(name, [attack for pattern in patterns for attack in pattern.attacks])
    return {(place, TOTAL): code for place, code in codes.items()}


def _line(parts: Parts, part: str) -> Table | None:
    """One part by city with its total; None where the country is all there is."""
    given = [((place,), who, value) for (place, mine), shares in parts.items() if mine == part and place != NATION
             for who, value in shares.items()]  # fmt: skip
    return table(given) if given else None


def _refuse(name: str, attacks: Sequence[Attack]) -> None:
    for attack in attacks:
        if attack.is_breached:
            who = "un déclarant" if attack.attacker else "un lecteur"
            raise ScienceError(
                f"secret statistique : table « {name} », cellule {' × '.join(attack.cell)} : {who} la retrouverait par "
                "soustraction ; regrouper des villes ou des métiers, ou revoir les règles (disclosure.yml)"
            )


def contributions(rows: Iterable[Mapping[str, Any]]) -> list[Contribution]:
    """Rows of `int_firm_contributions`."""
    return [
        Contribution(
            row["table_name"], row["part"], row["is_additive"], row["freq"], row["period"], row["ref_area"],
            row["holding_id"], float(row["value"]), row["known_from"], row["known_to"],
        )
        for row in rows
    ]  # fmt: skip


def relation(found: Sequence[Mapping[str, Any]]) -> "pyarrow.Table":
    """The cells as a table, with its types even where there is none."""
    import pyarrow as pa

    text, moment = pa.string(), pa.timestamp("us")
    columns = {
        "table_name": text, "freq": text, "period": moment, "released_at": moment, "ref_area": text, "part": text,
        "conf_status": text,
    }  # fmt: skip
    return pa.Table.from_pylist(list(found), schema=pa.schema(list(columns.items())))
