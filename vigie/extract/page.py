"""A page of press as plain text: its article, the day that it states, and its ticker set apart.

Some sites glue the headlines of other articles into one line, with four no-break spaces between them; their figures
are not the article's.
"""

import re
from dataclasses import dataclass
from datetime import date

from vigie.readers import dates
from vigie.readers.article import STATED, is_around

GLUE = re.compile("\u00a0{4,}")
FEWEST_GLUED = 2
"""Joints that make a line a ticker."""


@dataclass(frozen=True)
class Article:
    """What a page says: `text` is title and body, `published` the day the page states (None: it states none)."""

    title: str
    text: str
    published: date | None
    headlines: tuple[str, ...]


def article(page: str) -> Article:
    """The article of a page without marks: its first line is the title."""
    headlines: list[str] = []
    lines: list[str] = []
    published = None
    for line in page.splitlines():
        if len(GLUE.findall(line.strip("\u00a0 "))) >= FEWEST_GLUED:
            headlines += [headline.strip() for headline in GLUE.split(line) if headline.strip()]
            continue
        written = " ".join(line.split())
        stated = STATED.match(written)
        if stated:
            published = published or dates.day(stated["day"])
        elif written and not is_around(written):
            lines.append(written)
    return Article(lines[0] if lines else "", "\n".join(lines), published, tuple(headlines))
