"""What laws can reach where nobody has counted: exact bounds by place, and the figure that would narrow them most.

A table of jobs by city, market and kind of work, of which only sums are known (`vigie.science.bounds`). A law reaches a
market's calls made (outbound), the rest (inbound), or both; what several reach, they reach once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vigie.science import ScienceError
from vigie.science.bounds import Array, Margin, Margins

if TYPE_CHECKING:
    import pyarrow

TOTAL, NATION, OTHERS, UNNAMED = "_T", "MA", "_O", "_U"
"""All laws; the country; all other codes; a city of which nothing is known, whichever it is."""
ACTIVITIES = ("outbound", "inbound")
TOLD = ("city", "market", "activity", "lower", "upper", "is_share", "name", "source")
REACH = ("event_id", "market", "activity")
ENDS, HITS = ("lower", "upper", "share_lower", "share_upper"), ("hit_lower", "hit_upper")
BOUNDED = ("breakdown", "ref_area", "conflict")
WIDTHS = ("rank", "width_before", "width_at_most", "width_on_average")
ASKED = ("breakdown", "ref_area", "city", "market", "activity")
TRIED = 3
"""Answers tried to a question: the least, the greatest, and the middle one."""
Row = Mapping[str, Any]
Work = tuple[str, str]
"""A market and a kind of work."""
Works = Mapping[Work, tuple[float, float]]
"""The least and the greatest part of each work that is counted."""


def intervals(margins: Iterable[Row], effects: Iterable[Row]) -> list[dict[str, Any]]:
    """Bounds at each vintage: vintage, breakdown (a law, `_T`), ref_area (`MA`, a city, `_U` any other city), lower and upper
    (persons whose work is reached), share_lower and share_upper (of the jobs there), hit_lower and hit_upper (persons hit on
    the day, at the last vintage), conflict (the sentence that names margins which cannot hold together). None: no end.

    `margins`: vintage, city, market, activity (None: any), lower, upper (None: no end), is_share (of all jobs), name, source.
    `effects`: vintage, event_id, market, activity, least_effect, greatest_effect. What was known and reached alike at two
    vintages is solved once.
    """
    known, laws = _by_vintage(margins), _by_vintage(effects)
    solved: dict[Any, list[dict[str, Any]]] = {}
    found = []
    for vintage in sorted(set(known) & set(laws)):
        told = tuple(sorted((tuple(row[name] for name in TOLD) for row in known[vintage]), key=str))
        reach = tuple(sorted(tuple(row[name] for name in REACH) for row in laws[vintage]))
        if (told, reach) not in solved:
            solved[told, reach] = _solved(_table(known[vintage], laws[vintage]), _works(laws[vintage], hit=False), ENDS)
        lines = [dict(line) for line in solved[told, reach]]
        if vintage == max(known):
            hits = _solved(_table(known[vintage], laws[vintage]), _works(laws[vintage], hit=True), HITS)
            lines = [line | hit for line, hit in zip(lines, hits, strict=True)]
        found += [{"vintage": vintage, **line} for line in lines]
    return found


def questions(margins: Iterable[Row], effects: Iterable[Row]) -> list[dict[str, Any]]:
    """What could be asked at the last vintage, for all laws by place and for each in the country, the best first (rank):
    breakdown, ref_area, and the figure by its city, market, activity (None: any), with width_before, width_at_most (left by
    the least helpful answer) and width_on_average, in persons. Nothing where margins contradict each other or give no end.
    """
    known, laws = _by_vintage(margins), _by_vintage(effects)
    if not known or max(known) not in laws:
        return []
    vintage = max(known)
    table = _table(known[vintage], laws[vintage])
    found = []
    for law, works in _works(laws[vintage], hit=False).items():
        for place in _places(table) if law == TOTAL else [NATION]:
            weights = _weights(table, works, place, 1)
            try:
                if not np.isfinite(table.bounds(weights).upper):
                    continue
            except ScienceError:
                return []
            for rank, asked in enumerate(table.next_figure(weights, _askable(works, place), TRIED), start=1):
                found.append({
                    "vintage": vintage, "breakdown": law, "ref_area": place, "rank": rank,
                    **{name: asked.where.get(name) for name in ("city", "market", "activity")},
                    "width_before": asked.width_before, "width_at_most": asked.width_at_most,
                    "width_on_average": asked.width_on_average,
                })  # fmt: skip
    return found


def _by_vintage(rows: Iterable[Row]) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["vintage"]].append(row)
    return dict(found)


def _table(margins: Sequence[Row], effects: Sequence[Row]) -> Margins:
    """The table that the margins and the laws speak of, with one city that no margin names."""
    known = [
        Margin(
            {name: row[name] for name in ("city", "market", "activity") if row[name] is not None},
            float(row["lower"]), float("inf") if row["upper"] is None else float(row["upper"]),
            row["name"], row["source"], {} if row["is_share"] else None,
        )
        for row in sorted(margins, key=lambda row: str([row[name] for name in TOLD]))
    ]  # fmt: skip
    cities = sorted({row["city"] for row in margins if row["city"] is not None})
    markets = sorted({row["market"] for row in (*margins, *effects) if row["market"] is not None})
    return Margins({"city": [*cities, UNNAMED, OTHERS], "market": [*markets, OTHERS], "activity": ACTIVITIES}, known)


def _places(table: Margins) -> list[str]:
    return [NATION, *(city for city in table.dimensions["city"] if city != OTHERS)]


def _works(effects: Sequence[Row], *, hit: bool) -> dict[str, Works]:
    """By law, and for all of them: all the work that is reached, or the part of it that is hit on the day."""
    found: dict[str, dict[Work, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for row in sorted(effects, key=lambda row: tuple(row[name] for name in REACH)):
        ends = (float(row["least_effect"]), float(row["greatest_effect"])) if hit else (1.0, 1.0)
        for law in (row["event_id"], TOTAL):
            found[law][row["market"], row["activity"]].append(ends)
    # the widest alone at least, all side by side at most
    return {
        law: {work: (max(low for low, _ in ends), min(1.0, sum(high for _, high in ends))) for work, ends in works.items()}
        for law, works in found.items()
    }


def _weights(table: Margins, works: Works, place: str, end: int) -> Array:
    counted = table.weights(lambda cell: works.get((cell["market"], cell["activity"]), (0.0, 0.0))[end])
    return counted * _inside(table, place)


def _inside(table: Margins, place: str) -> Array:
    return table.members({} if place == NATION else {"city": place})


def _solved(table: Margins, works: Mapping[str, Works], names: Sequence[str]) -> list[dict[str, Any]]:
    """By law and place, the two ends and, where `names` are four, those of their share of the jobs there."""
    found = []
    for law, mine in works.items():
        for place in _places(table):
            line: dict[str, Any] = {"breakdown": law, "ref_area": place, **dict.fromkeys(names), "conflict": None}
            try:
                low, high = (_weights(table, mine, place, end) for end in (0, 1))
                ends = [table.bounds(low).lower, table.bounds(high).upper]
            except ScienceError as error:
                found.append(line | {"conflict": str(error)})
                continue
            share = table.shares(high, _inside(table, place)) if len(names) > len(ends) else None
            ends += [share.lower, share.upper] if share else []
            found.append(line | {name: end if np.isfinite(end) else None for name, end in zip(names, ends, strict=False)})
    return found


def _askable(works: Works, place: str) -> list[dict[str, str]]:
    """Sums that a survey or a register could give: never the answer itself, which nobody would need bounds for."""
    markets, kinds = ({work[side]: None for work in sorted(works)} for side in (0, 1))
    crossed: list[dict[str, str]] = [{"market": market, "activity": kind} for market, kind in sorted(works)]
    of_kinds: list[dict[str, str]] = [{"activity": kind} for kind in kinds]
    asked: list[dict[str, str]] = [{}, *({"market": market} for market in markets), *of_kinds]
    if place == NATION:
        return [*asked, *(crossed if len(works) > 1 else [])]
    return [*of_kinds, *crossed, *({"city": place, **one} for one in asked)]


def relation(found: Sequence[Row], numbers: Sequence[str], texts: Sequence[str]) -> "pyarrow.Table":
    """Rows as a table, with its types even where there is none: vintage, the texts, the numbers."""
    import pyarrow as pa

    columns = {"vintage": pa.timestamp("us")} | dict.fromkeys(texts, pa.string()) | dict.fromkeys(numbers, pa.float64())
    return pa.Table.from_pylist([dict(row) for row in found], schema=pa.schema(list(columns.items())))
