"""A text read: its figures, dates, places, organisations and events, with the span of each in the text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from vigie.extract import certainty as verbs_of
from vigie.extract import denial, events, learned
from vigie.extract.certainty import Certainty, Scope
from vigie.extract.dates import Mention, dates
from vigie.extract.figures import Figure, figures
from vigie.extract.gazetteer import Named, gazetteer
from vigie.extract.language import language
from vigie.extract.lexicon import Cue

SECTOR = "morocco_offshoring"
LONGEST_SENTENCE = 2000
SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[«\"“A-ZÀ-ÝÁ-Ú¿¡\u0600-\u06ff\d])|\n+")
ABBREVIATED = re.compile(r"(?:\b(?:M|Mme|MM|Dr|St|art|Art|n|Ep|p|etc|cf|vs|[A-Z])\.)$")


@dataclass(frozen=True)
class Reading:
    """What one text says; spans are character offsets in `text`."""

    lang: str
    text: str
    sector_relevant: bool
    event_types: list[str]
    told: list[str]
    """The event types with those that the text speaks of to deny them."""
    polarity: int | None
    figures: list[Figure]
    dates: list[Mention]
    places: list[Named]
    organisations: list[Named]
    sentences: list[tuple[int, int]]
    cues: list[Cue]
    """The words that say an event."""
    denied: set[Cue]
    """Those of them that the text denies."""
    verbs: list[Cue]
    """The words that say how far it has gone."""

    def sentence_at(self, start: int) -> tuple[int, int]:
        """The sentence in which a span starts."""
        return next((a, b) for a, b in reversed(self.sentences) if a <= start)

    def certainty(self, figure: Figure) -> Certainty:
        """The verb nearest to a figure in its sentence."""
        a, b = self.sentence_at(figure.start)
        feared = any(cue.name == "jobs_at_risk" for cue in self.cues if a <= cue.start < b)
        return verbs_of.nearest(figure.start, figure.end, [verb for verb in self.verbs if a <= verb.start < b], feared)

    def scope(self, figure: Figure) -> Scope:
        """What a figure is the figure of."""
        a, b = self.sentence_at(figure.start)
        places, organisations = (
            [named for named in mentioned if a <= named.start < b] for mentioned in (self.places, self.organisations)
        )
        return verbs_of.scope(self.text[a:b], _shifted(figure, -a), places, organisations)

    def features(self) -> set[str]:
        """What stands in the text, for what labelled lines taught."""
        counted = {f"num{unit}": [(f.start, f.end) for f in self.figures if f.unit == unit] for unit in self._units()}
        named = {"organisationx": self.organisations, "placex": self.places}
        return learned.features(
            self.text, counted | {kind: [(one.start, one.end) for one in found] for kind, found in named.items()}
        )

    def hints(self) -> set[str]:
        """What the lexicons made of the text, for what labelled lines taught."""
        said = {*(f"type:{name}" for name in self.event_types), *(f"cue:{cue.name}" for cue in self.cues)}
        named = {"organisation" if self.organisations else "", "place" if self.places else ""} - {""}
        relevance = "relevant" if self.sector_relevant else "elsewhere"
        return said | {f"unit:{unit}" for unit in self._units()} | named | {relevance}

    def _units(self) -> set[str]:
        return {figure.unit for figure in self.figures}

    def as_dict(self) -> dict[str, Any]:
        """The schema of the labelled lines; beside it `spans`, `certainty` and `scope` of the figures, in the same order."""
        return {
            "lang": self.lang,
            "text": self.text,
            "sector_relevant": self.sector_relevant,
            "event_types": self.event_types,
            "polarity": self.polarity,
            "figures": [_figure(figure) for figure in self.figures],
            "dates": list(dict.fromkeys(mention.value for mention in self.dates)),
            "places": list(dict.fromkeys(named.id for named in self.places)),
            "orgs": list(dict.fromkeys(named.id for named in self.organisations)),
            "spans": {
                "figures": [[figure.start, figure.end] for figure in self.figures],
                "dates": [[mention.start, mention.end, mention.value] for mention in self.dates],
                "places": [[named.start, named.end, named.id] for named in self.places],
                "orgs": [[named.start, named.end, named.id] for named in self.organisations],
            },
            "certainty": [self.certainty(figure) for figure in self.figures],
            "scope": [self.scope(figure) for figure in self.figures],
        }


def read(text: str, published: date, sector: str = SECTOR) -> Reading:
    """Reads a line or a whole article; `published` gives their year to dates without one.

    The words of the lexicons are read everywhere; what labelled lines taught judges the title and the first sentences.
    """
    whole = worded(text, published, sector)
    end = max((b for _, b in whole.sentences if b <= learned.LONGEST), default=0)
    if not end:
        return whole
    lead = whole if end == whole.sentences[-1][1] else _beginning(whole, end, sector)
    judge = learned.taught()
    scores = judge.judge(lead.features(), lead.hints())
    relevant = whole.sector_relevant or scores[learned.RELEVANT] > 0
    types = judge.types(scores, relevant)
    if lead is not whole:
        types = [name for name in dict.fromkeys(types + whole.event_types) if name not in ("none", "stats")] or types
    return replace(whole, sector_relevant=relevant, event_types=types, polarity=events.polarity(types))


def _beginning(whole: Reading, end: int, sector: str) -> Reading:
    """What was read of the first sentences of a text, as if there were no others."""
    text = whole.text[:end]
    cut = replace(
        whole,
        text=text,
        sentences=[span for span in whole.sentences if span[1] <= end],
        figures=[one for one in whole.figures if one.end <= end],
        dates=[one for one in whole.dates if one.end <= end],
        places=[one for one in whole.places if one.end <= end],
        organisations=[one for one in whole.organisations if one.end <= end],
        cues=[one for one in whole.cues if one.end <= end],
        verbs=[one for one in whole.verbs if one.end <= end],
    )
    relevant = events.is_relevant(text, cut.organisations, sector)
    return replace(
        cut,
        sector_relevant=relevant,
        event_types=_given(text, cut.cues, whole.denied, cut.figures, relevant, bool(cut.organisations)),
    )


def worded(text: str, published: date, sector: str = SECTOR) -> Reading:
    """What the words of the lexicons say, sentence by sentence."""
    lang = language(text)
    said = list(_sentences(text))
    dated = [_moved(mention, start) for start, sentence in said for mention in dates(sentence, published)]
    counted: list[Figure] = []
    for start, sentence in said:
        inside = [
            (mention.start - start, mention.end - start) for mention in dated if start <= mention.start < start + len(sentence)
        ]
        counted += [_shifted(figure, start) for figure in figures(sentence, lang, inside)]
    places = gazetteer(sector, "places").find(text, lang)
    organisations = gazetteer(sector, "organisations").find(text, lang)
    relevant = events.is_relevant(text, organisations, sector)
    cues: list[Cue] = []
    denied: set[Cue] = set()
    for start, sentence in said:
        known = {"organisation": _within(organisations, start, sentence), "place": _within(places, start, sentence)}
        inside_it = events.cues(sentence, lang, relevant, known)
        cues += [_at(cue, start) for cue in inside_it]
        denied |= {_at(cue, start) for cue in denial.denied(sentence, inside_it, lang)}
    verbs = [_at(cue, start) for start, sentence in said for cue in verbs_of.cues(sentence, lang)]
    told = events.types(cues, text, counted, relevant, bool(organisations))
    given = _given(text, cues, denied, counted, relevant, bool(organisations))
    sentences = [(start, start + len(sentence)) for start, sentence in said]
    return Reading(
        lang, text, relevant, given, told, events.polarity(given), counted, dated, places, organisations, sentences, cues,
        denied, verbs,
    )  # fmt: skip


def _given(
    text: str, cues: Sequence[Cue], denied: set[Cue], counted: Sequence[Figure], relevant: bool, is_of_firm: bool
) -> list[str]:
    """The event types of the cues that nothing denies."""
    affirmed = [cue for cue in cues if cue not in denied]
    given = events.types(affirmed, text, counted, relevant, is_of_firm)
    return ["none"] if given == ["stats"] and denied.intersection(cues) else given


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """Sentences with their places; an initial or an abbreviation ends none, an endless one is cut."""
    start = 0
    for match in SENTENCE.finditer(text):
        if "\n" not in match[0] and ABBREVIATED.search(text[max(0, match.start() - 6) : match.start()]):
            continue
        yield from _pieces(start, text[start : match.start()])
        start = match.end()
    yield from _pieces(start, text[start:])


def _pieces(start: int, sentence: str) -> Iterator[tuple[int, str]]:
    """Reading costs the square of a sentence's length, and anyone may write an endless one."""
    for cut in range(0, len(sentence), LONGEST_SENTENCE):
        yield start + cut, sentence[cut : cut + LONGEST_SENTENCE]


def _within(named: Sequence[Named], start: int, sentence: str) -> list[tuple[int, int]]:
    """The spans of names in the sentence where they stand."""
    return [(one.start - start, one.end - start) for one in named if start <= one.start and one.end <= start + len(sentence)]


def _at(cue: Cue, by: int) -> Cue:
    return Cue(cue.name, cue.start + by, cue.end + by)


def _moved(mention: Mention, by: int) -> Mention:
    return Mention(mention.value, mention.start + by, mention.end + by)


def _shifted(figure: Figure, by: int) -> Figure:
    return Figure(figure.value, figure.unit, figure.approx, figure.start + by, figure.end + by, figure.value_max)


def _figure(figure: Figure) -> dict[str, Any]:
    said = {"value": _number(figure.value), "unit": figure.unit, "approx": figure.approx}
    return said if figure.value_max is None else {**said, "value_max": _number(figure.value_max)}


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value
