"""How well extraction does on labelled lines: precision, recall and F1 per field, with 95 % intervals.

Counts are pooled over the lines. Precision and recall have Wilson's interval; F1 and exact lines a bootstrap over lines,
drawn from a fixed seed.
"""

import random
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from vigie.extract import commencement
from vigie.extract.model import Reader
from vigie.extract.reading import read
from vigie.readers.dates import last_day

Z = 1.959964
"""Two-sided 95 % of the normal law."""
DRAWS = 1000
SEED = 20261123
Line = Mapping[str, Any]

WRONG = "confident_wrong_dates"
"""Wrong dates of law given with high confidence: none is accepted."""
FLOORS = {
    "figures": 0.92, "dates": 0.95, "places": 0.95, "orgs": 0.95, "sector_relevant": 0.92, "event_types": 0.80,
    "commencements": 0.90, "exact_lines": 0.90,
}  # fmt: skip
"""The least F1 that the project accepts on lines that the author of the rules has not read."""


@dataclass(frozen=True)
class Score:
    """One field over all lines: hits, false alarms, misses, and the intervals of what they give."""

    field: str
    lines: int
    hits: int
    false_alarms: int
    misses: int
    precision: float | None
    precision_interval: tuple[float, float] | None
    recall: float | None
    recall_interval: tuple[float, float] | None
    f1: float | None
    f1_interval: tuple[float, float] | None


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (Wilson 1927)."""
    share = hits / total
    centre = share + Z * Z / (2 * total)
    half = Z * sqrt(share * (1 - share) / total + Z * Z / (4 * total * total))
    scale = 1 + Z * Z / total
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def _f1(hits: int, false_alarms: int, misses: int) -> float | None:
    return 2 * hits / (2 * hits + false_alarms + misses) if hits + false_alarms + misses else None


def score(field: str, pairs: Sequence[tuple[Counter[Hashable], Counter[Hashable]]]) -> Score:
    """The score of one field from (labelled, found) multisets, one pair a line."""
    counts = [
        (sum((labelled & found).values()), sum((found - labelled).values()), sum((labelled - found).values()))
        for labelled, found in pairs
    ]
    hits, false_alarms, misses = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0, 0)
    found, labelled = hits + false_alarms, hits + misses
    dice = random.Random(SEED)
    drawn = sorted(
        f1
        for _ in range(DRAWS if counts else 0)
        if (f1 := _f1(*(sum(column) for column in zip(*dice.choices(counts, k=len(counts)), strict=True)))) is not None
    )
    return Score(
        field, len(pairs), hits, false_alarms, misses,
        hits / found if found else None, wilson(hits, found) if found else None,
        hits / labelled if labelled else None, wilson(hits, labelled) if labelled else None,
        _f1(hits, false_alarms, misses),
        (drawn[int(0.025 * len(drawn))], drawn[int(0.975 * len(drawn)) - 1]) if drawn else None,
    )  # fmt: skip


def _labels(values: Sequence[Any]) -> Counter[Hashable]:
    return Counter(value for value in values if value != "none")


def _figures(line: Line) -> Counter[Hashable]:
    return Counter((round(float(figure["value"]), 4), figure["unit"]) for figure in line["figures"])


def _approximated(line: Line) -> Counter[Hashable]:
    return Counter((round(float(figure["value"]), 4), figure["unit"], figure.get("approx")) for figure in line["figures"])


FIELDS: dict[str, tuple[str, Callable[[Line], Counter[Hashable]]]] = {
    "figures": ("figures", _figures),
    "figures_with_approx": ("figures", _approximated),
    "dates": ("dates", lambda line: Counter(set(line["dates"]))),
    "places": ("places", lambda line: Counter(set(line["places"]))),
    "orgs": ("orgs", lambda line: Counter(set(line["orgs"]))),
    "event_types": ("event_types", lambda line: _labels(line["event_types"])),
    "primary_event": ("event_types", lambda line: Counter(line["event_types"][:1])),
    "sector_relevant": ("sector_relevant", lambda line: Counter([True] if line["sector_relevant"] else [])),
    "polarity": ("polarity", lambda line: Counter([] if line.get("polarity") is None else [line["polarity"]])),
}
"""What is scored: the label that a line must have to be judged, and what is counted of it."""


def evaluate(lines: Sequence[Line], reader: Reader = read) -> list[Score]:
    """The scores of press lines (`text`, `published`, labels), each field on the lines that are labelled for it.

    A polarity that is not given is not judged.
    """
    pairs = [(line, read_line(line, reader)) for line in lines]
    scores = []
    for name, (label, labels) in FIELDS.items():
        judged = [
            (line, found) for line, found in pairs if label in line and (name != "polarity" or found["polarity"] is not None)
        ]
        scores.append(score(name, [(labels(line), labels(found)) for line, found in judged]))
    return scores


def read_line(line: Line, reader: Reader = read) -> dict[str, Any]:
    """What extraction says of a line, its labels unread."""
    published = last_day(str(line["published"])[:10])
    if published is None:
        raise ValueError(f"« {line['published']} » n'est pas une date : écrire published comme 2026-01-28")
    return reader(str(line["text"]), published).as_dict()


def evaluate_laws(lines: Sequence[Line]) -> list[Score]:
    """The scores of legal lines: dates found, and lines whose set of dates is exactly the labelled one."""
    found = [commencement.commencements(str(line["text"]), line["published"], str(line["jurisdiction"])) for line in lines]
    days = [
        (Counter(str(label["date"]) for label in line["dates"]), Counter(str(one.as_dict()["date"]) for one in ones))
        for line, ones in zip(lines, found, strict=True)
    ]
    confident = [
        (Counter[Hashable](), Counter(one.day for one in ones if one.confidence == "high" and str(one.day) not in labelled))
        for (labelled, _), ones in zip(days, found, strict=True)
    ]
    exact = [(Counter(["exact"]), Counter(["exact"] if labelled == told else ["other"])) for labelled, told in days]
    return [
        score("commencements", [(Counter(a), Counter(b)) for a, b in days]),
        score("exact_lines", [(Counter(a), Counter(b)) for a, b in exact]),
        score(WRONG, [(Counter(a), Counter(b)) for a, b in confident]),
    ]


def below_floors(scores: Sequence[Score]) -> list[str]:
    """The fields whose F1 is under the project's floor, one French sentence each."""
    below = [
        f"{one.field} : F1 {one.f1:.3f}, sous le plancher {FLOORS[one.field]:.2f}"
        for one in scores
        if one.field in FLOORS and one.f1 is not None and one.f1 < FLOORS[one.field]
    ]
    wrong = sum(one.false_alarms for one in scores if one.field == WRONG)
    return [*below, f"{wrong} date(s) fausses données pour sûres : il n'en faut aucune"] if wrong else below
