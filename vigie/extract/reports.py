"""What an article reports: for each event that it tells, who, where, when, how many, and how sure.

An article may tell several events, and most of its sentences tell one by a part: who and where are carried from sentence
to sentence, as a reader does.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from vigie.extract import certainty
from vigie.extract.certainty import Certainty
from vigie.extract.dates import Mention
from vigie.extract.figures import Figure
from vigie.extract.folding import fold
from vigie.extract.gazetteer import Named, gazetteer
from vigie.extract.lexicon import Cue
from vigie.extract.reading import SECTOR, Reading

FAMILIES = {
    "closure": "cut", "layoff": "cut", "jobs_at_risk": "cut", "opening": "growth", "expansion": "growth", "growth": "growth",
    "made": "growth",
    "strike": "strike", "acquisition": "acquisition", "contract": "contract", "law": "law", "policy": "policy",
    "training": "training", "ai_adoption": "ai_adoption",
}  # fmt: skip
"""Words of one family may tell one event: a site that closes lays off."""
SPECIFIC = ("closure", "layoff", "opening", "expansion", "strike", "acquisition", "contract", "law", "ai_adoption", "training",
            "policy", "jobs_at_risk")  # fmt: skip
"""The type of a report is the first of these that it tells."""
PLACED = frozenset({"cut", "growth", "strike"})
"""Families whose events happen somewhere; the others need an organisation or a text of their own."""
WIDE = frozenset({"cut", "law", "policy"})
"""Families that may befall a whole sector: the others are nothing without who or where."""
PEOPLE = frozenset({"jobs", "people"})
STATED_ON = re.compile(
    r"\b(?:annonc|communiqu|declar|reuni|publi|inform|indiqu|revel|confirm|selon|interview|tribune|article|vote|anunci|announc"
    r"|said|statement|اعلن|بلاغ)\w*[^.;]{0,30}$"
)
"""The day on which something was said is no day on which it happens."""
BESIDE = 12
"""Characters between a count and the date that it is of."""
SAID_LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Report:
    """One event as one article tells it; `span` is the sentence that tells it best, in the article's text."""

    family: str
    type: str
    organisation: str | None
    place: str | None
    site: str | None
    happens_on: str | None
    """As the text gives it: a day, a month, a half-year or a year."""
    figure: Figure | None
    """The jobs that the event moves."""
    certainty: Certainty
    span: tuple[int, int]
    mentions: tuple[int, ...]
    """The starts of the figures that belong to it, in the text."""


@dataclass(frozen=True, slots=True)
class _Told:
    """One sentence, as far as one family of event goes in it."""

    family: str
    type: str
    organisation: str | None
    place: str | None
    site: str | None
    span: tuple[int, int]
    cue: Cue


def reports(reading: Reading, published: date, sector: str = SECTOR) -> list[Report]:
    """The events that an article tells of the sector, the first told first; none where it is of something else."""
    if not reading.sector_relevant or reading.told in (["none"], ["stats"]):
        return []
    told = list(_told(reading, gazetteer(sector, "sites").find(reading.text, reading.lang)))
    groups = _grouped(told)
    owned = _owners(reading, groups)
    found = [_report(reading, group, owned[number], published) for number, group in enumerate(groups)]
    return [one for one in found if one.family in _families(reading) and (one.organisation or one.place or one.family in WIDE)]


def _families(reading: Reading) -> set[str]:
    return {FAMILIES[name] for name in reading.told if name in FAMILIES}


def _told(reading: Reading, sites: Sequence[Named]) -> list[_Told]:
    """By sentence and family; who and where are the nearest named before, else the only ones of the article."""
    alone = [_only(reading.organisations), _only(reading.places)]
    last: list[str | None] = [None, None]
    found = []
    for a, b in reading.sentences:
        inside = [[one for one in named if a <= one.start < b] for named in (reading.organisations, reading.places, sites)]
        for cue in (cue for cue in reading.cues if a <= cue.start < b and cue.name in FAMILIES):
            organisation = _near(cue, inside[0]) or last[0] or alone[0]
            place = _near(cue, inside[1]) or last[1] or alone[1]
            found.append(_Told(FAMILIES[cue.name], cue.name, organisation, place, _near(cue, inside[2]), (a, b), cue))
        last = [named[-1].id if named else before for named, before in zip(inside, last, strict=False)]
    return found


def _only(named: Sequence[Named]) -> str | None:
    ids = {one.id for one in named}
    return ids.pop() if len(ids) == 1 else None


def _near(cue: Cue, named: Sequence[Named]) -> str | None:
    """Who does is named before what is done; where, after as well."""
    before = [one for one in named if one.start <= cue.start]
    return (before[-1] if before else named[0]).id if named else None


def _grouped(told: Sequence[_Told]) -> list[list[_Told]]:
    """Sentences of one event together: what leaves a name out is of the only event of its family that may have it."""
    groups: dict[tuple[str, str | None, str | None, str | None], list[_Told]] = {}
    for one in told:
        groups.setdefault((one.family, one.organisation, one.place, one.site), []).append(one)
    for key in sorted(groups, key=lambda key: [part is not None for part in key]):
        if len(groups) > 1 and None in key[1:]:
            larger = [
                other
                for other in groups
                if other != key and other[0] == key[0]
                and all(mine is None or mine == theirs for mine, theirs in zip(key[1:], other[1:], strict=True))
            ]  # fmt: skip
            partial = groups.pop(key) if larger else []
            # « deux fermetures à Fès » is the sum of the two that follow, and no third one
            if len(larger) == 1:
                groups[larger[0]] += partial
    return sorted(groups.values(), key=lambda group: min(one.cue.start for one in group))


def _owners(reading: Reading, groups: Sequence[Sequence[_Told]]) -> dict[int, list[Figure]]:
    """By group, the figures of jobs that its event moves: of the nearest cue in the sentence, or of the sentence before."""
    owned: dict[int, list[Figure]] = {number: [] for number in range(len(groups))}
    cues = sorted(
        (one.cue.start, one.span, number, one.family) for number, group in enumerate(groups) for one in group
        if one.family in PLACED
    )  # fmt: skip
    for figure in reading.figures:
        a, b = reading.sentence_at(figure.start)
        if reading.scope(figure) == "stock":
            continue
        here = [cue for cue in cues if cue[1] == (a, b)]
        if here:
            owned[min(here, key=lambda cue: abs(cue[0] - figure.start))[2]].append(figure)
        elif before := [cue for cue in cues if cue[0] < a]:
            owned[before[-1][2]].append(figure)
    return owned


def _report(reading: Reading, group: Sequence[_Told], figures: Sequence[Figure], published: date) -> Report:
    types = [one.type for one in group]
    first = next(one for one in group if one.type == min(types, key=_rank))
    verbs = [certainty.SAID[verb.name] for one in group for verb in reading.verbs if one.span[0] <= verb.start < one.span[1]]
    said = certainty.strongest(verbs)
    if set(types) == {"jobs_at_risk"} and said in ("stated", "announced"):
        said = "threatened"
    counted = [figure for figure in figures if figure.unit in PEOPLE]
    named = {name: _most([getattr(one, name) for one in group]) for name in ("organisation", "place", "site")}
    return Report(
        family=first.family, type="expansion" if first.type in ("growth", "made") else first.type, **named,
        happens_on=_happens_on(reading, group, said, published),
        figure=_moved(reading, counted, said), certainty=said, span=_best(reading, group, said, counted),
        mentions=tuple(figure.start for figure in figures),
    )  # fmt: skip


def _best(reading: Reading, group: Sequence[_Told], said: Certainty, counted: Sequence[Figure]) -> tuple[int, int]:
    """The sentence to quote: the one that says how far the event has gone, and of how many jobs; else the first."""
    verbs = [verb.start for verb in reading.verbs if certainty.SAID[verb.name] == said]

    def worth(span: tuple[int, int]) -> tuple[bool, bool]:
        return any(span[0] <= start < span[1] for start in verbs), any(span[0] <= one.start < span[1] for one in counted)

    return max((one.span for one in group), key=worth)


def _rank(name: str) -> int:
    return SPECIFIC.index(name) if name in SPECIFIC else len(SPECIFIC)


def _most(names: Sequence[str | None]) -> str | None:
    counted = Counter(name for name in names if name)
    return counted.most_common(1)[0][0] if counted else None


def _moved(reading: Reading, counted: Sequence[Figure], said: Certainty) -> Figure | None:
    """The jobs that a report says are moved: where it says that they were revised, the last number; else the first."""
    if not counted:
        return None
    figure = counted[-1] if said == "revised" and _is_from_to(reading, counted) else counted[0]
    return replace(figure)


def _is_from_to(reading: Reading, counted: Sequence[Figure]) -> bool:
    """« de 350 à 280 postes » gives the new number last, « 280 au lieu de 350 » first."""
    return len(counted) > 1 and bool(re.search(r"\b(?:de|from|من)\s?$", fold(reading.text[: counted[0].start])[-8:]))


def _happens_on(reading: Reading, group: Sequence[_Told], said: Certainty, published: date) -> str | None:
    """The date nearest to the words that tell the event, if it is not that of an announcement."""
    found: list[tuple[int, Mention]] = []
    for one in group:
        a, b = one.span
        for mention in reading.dates:
            if a <= mention.start < b and not (
                _is_of_saying(reading.text, a, mention, said, published) or _is_of_a_count(reading, mention)
            ):
                found.append((abs(mention.start - one.cue.start), mention))
    return min(found, key=lambda pair: (pair[0], pair[1].start))[1].value if found else None


def _is_of_a_count(reading: Reading, mention: Mention) -> bool:
    """Whether a date is when a sector or a firm was counted: « 148 500 emplois à fin 2024 »."""
    return any(
        0 <= mention.start - figure.end <= BESIDE and reading.scope(figure) in ("sector", "stock") for figure in reading.figures
    )


def _is_of_saying(text: str, start: int, mention: Mention, said: Certainty, published: date) -> bool:
    """Whether a date is that of an announcement: nothing was said on a day to come."""
    is_day = len(mention.value) == len("2026-01-01")
    if mention.value[: len("2026-01")] > published.isoformat()[: len("2026-01")] or (
        is_day and date.fromisoformat(mention.value) > published
    ):
        return False
    if STATED_ON.search(fold(text[start : mention.start])[-60:]):
        return True
    is_lately = is_day and published - SAID_LATELY <= date.fromisoformat(mention.value)
    return is_lately and said not in ("removed", "created", "executed")
