"""A text read: its figures, dates, places, organisations and events, with the span of each in the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from vigie.extract import events
from vigie.extract.dates import Mention, dates
from vigie.extract.figures import Figure, figures
from vigie.extract.gazetteer import Named, gazetteer
from vigie.extract.language import language

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
    polarity: int | None
    figures: list[Figure]
    dates: list[Mention]
    places: list[Named]
    organisations: list[Named]

    def as_dict(self) -> dict[str, Any]:
        """The schema of the labelled lines, and `spans` beside it, in the same order."""
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
        }


def read(text: str, published: date, sector: str = SECTOR) -> Reading:
    """Reads a line or a whole article, sentence by sentence; `published` gives their year to dates without one."""
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
    given = events.types([cue for _, sentence in said for cue in events.cues(sentence, lang)], counted, relevant)
    return Reading(lang, text, relevant, given, events.polarity(given), counted, dated, places, organisations)


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


def _moved(mention: Mention, by: int) -> Mention:
    return Mention(mention.value, mention.start + by, mention.end + by)


def _shifted(figure: Figure, by: int) -> Figure:
    return Figure(figure.value, figure.unit, figure.approx, figure.start + by, figure.end + by, figure.value_max)


def _figure(figure: Figure) -> dict[str, Any]:
    said = {"value": _number(figure.value), "unit": figure.unit, "approx": figure.approx}
    return said if figure.value_max is None else {**said, "value_max": _number(figure.value_max)}


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value
