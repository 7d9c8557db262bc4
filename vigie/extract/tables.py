"""What articles say as tables: readings, stories, the events that reports tell, and what links events.

Articles and reports come in the order in which they were known.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from vigie.extract import duplicates, identity
from vigie.extract.gazetteer import names
from vigie.extract.identity import Told
from vigie.extract.reading import SECTOR, read
from vigie.extract.reports import Report, reports

if TYPE_CHECKING:
    import pyarrow

Row = Mapping[str, Any]
LONGEST_QUOTE = 400
"""Characters of a quoted sentence: what one may quote of a text that is not ours."""
TEXT, NUMBER, COUNT, DAY, FLAG = "string", "float64", "int64", "date32", "bool"
READINGS = {
    "article_id": TEXT, "kind": TEXT, "report": COUNT, "value": TEXT, "number": NUMBER, "number_max": NUMBER, "unit": TEXT,
    "approximation": TEXT, "certainty": TEXT, "scope": TEXT, "family": TEXT, "organisation": TEXT, "place_id": TEXT, "site": TEXT,
    "happens_on": TEXT, "span_start": COUNT, "span_end": COUNT, "quote": TEXT, "lang": TEXT,
}  # fmt: skip
STORIES = {"article_id": TEXT, "story_id": TEXT}
EVENT_REPORTS = {
    "event_id": TEXT, "told_as": TEXT, "article_id": TEXT, "report": COUNT, "rank": COUNT,
    "mention_rank": COUNT, "is_sure": FLAG, "state": TEXT, "organisation_name": TEXT, "happens_from": DAY, "happens_to": DAY,
}  # fmt: skip
LINKS = {"link_rank": COUNT, "kind": TEXT, "event_id": TEXT, "other_id": TEXT, "article_id": TEXT, "reason_fr": TEXT}


def day_of(row: Row) -> date:
    """When an article came out, else when it was known."""
    moment: datetime = row["published_at"] or row["first_seen_at"]
    return moment.date()


def text_of(row: Row) -> str:
    """The text that spans are counted in: title, line feed, body."""
    return "\n".join(part for part in (row["title"], row["body"]) if part)


def readings(articles: Iterable[Row]) -> list[dict[str, Any]]:
    """One row a mention: an event reported, a figure, a date, a place, an organisation; `report` numbers the event it is of."""
    return [line for row in articles for line in _mentions(row["article_id"], text_of(row), day_of(row))]


def _mentions(article: str, text: str, day: date) -> Iterator[dict[str, Any]]:
    reading = read(text, day)
    told = reports(reading, day)
    owners = {start: number for number, one in enumerate(told) for start in one.mentions}

    def line(kind: str, start: int, end: int, quoted: tuple[int, int], **said: Any) -> dict[str, Any]:
        quote = " ".join(text[slice(*quoted)].split())
        cut = quote if len(quote) <= LONGEST_QUOTE else quote[: LONGEST_QUOTE - 1] + "…"
        return dict.fromkeys(READINGS) | {
            "article_id": article, "kind": kind, "span_start": start, "span_end": end, "quote": cut, "lang": reading.lang,
        } | said  # fmt: skip

    for number, one in enumerate(told):
        yield line("event", *one.span, one.span, report=number, **_event(one))
    for figure in reading.figures:
        yield line(
            "figure", figure.start, figure.end, reading.sentence_at(figure.start), report=owners.get(figure.start),
            value=text[figure.start : figure.end], number=figure.value, number_max=figure.value_max, unit=figure.unit,
            approximation=figure.approx, certainty=reading.certainty(figure), scope=reading.scope(figure),
        )  # fmt: skip
    for mention in reading.dates:
        yield line("date", mention.start, mention.end, reading.sentence_at(mention.start), value=mention.value)
    for kind, named in (("place", reading.places), ("organisation", reading.organisations)):
        for found in named:
            yield line(kind, found.start, found.end, reading.sentence_at(found.start), value=found.id)


def _event(one: Report) -> dict[str, Any]:
    figure = one.figure
    return {
        "value": one.type, "family": one.family, "organisation": one.organisation, "place_id": one.place, "site": one.site,
        "happens_on": one.happens_on, "certainty": one.certainty, "number": figure.value if figure else None,
        "number_max": figure.value_max if figure else None, "unit": figure.unit if figure else None,
        "approximation": figure.approx if figure else None,
    }  # fmt: skip


def stories(articles: Iterable[Row]) -> list[dict[str, Any]]:
    """Each article and the first of its story; illustrative articles have stories of their own."""
    placing = {is_invented: duplicates.Stories() for is_invented in (False, True)}
    return [
        {
            "article_id": row["article_id"],
            "story_id": placing[row["origin"] == "invented"].place(row["article_id"], day_of(row), text_of(row)),
        }
        for row in articles
    ]  # fmt: skip


def told(rows: Iterable[Row]) -> list[Told]:
    """Rows of `int_reports`."""
    return [
        Told(
            report=f"{row['article_id']}/{row['report']}", article=row["article_id"], rank=row["report"], story=row["story_id"],
            day=day_of(row), family=row["family"], organisation=row["organisation"], place=row["place_id"], site=row["site"],
            happens_on=row["happens_on"], jobs=row["number"], jobs_max=row["number_max"], approximation=row["approximation"],
            certainty=row["certainty"], is_invented=row["origin"] == "invented",
        )
        for row in rows
    ]  # fmt: skip


def event_reports(rows: Sequence[Row], sector: str = SECTOR) -> list[dict[str, Any]]:
    """Each report and its event (`event_id`, the one that stays where events were merged; `told_as` when it was known)."""
    placed, links = identity.events(told(rows))
    gone = {link.other: link.event for link in links if link.kind == "merge"}
    known = names(sector, "organisations")
    told_by: dict[str, dict[str, int]] = {}
    found = []
    for rank, (row, one) in enumerate(zip(rows, placed, strict=True)):
        event = one.event
        while event in gone:
            event = gone[event]
        articles = told_by.setdefault(event, {})
        place = articles.setdefault(row["article_id"], len(articles) + 1)
        first, last = identity.days(row["happens_on"]) if row["happens_on"] else (None, None)
        found.append({
            "event_id": event, "told_as": one.event, "article_id": row["article_id"], "report": row["report"], "rank": rank,
            "mention_rank": place, "is_sure": one.is_sure, "state": one.state,
            "organisation_name": known.get(row["organisation"]), "happens_from": first, "happens_to": last,
        })  # fmt: skip
    return found


def event_links(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Events that were one, and events told apart, in the order in which it was known."""
    return [
        {
            "link_rank": rank, "kind": link.kind, "event_id": link.event, "other_id": link.other,
            "article_id": link.report.rpartition("/")[0], "reason_fr": link.reason,
        }
        for rank, link in enumerate(identity.events(told(rows))[1])
    ]  # fmt: skip


def relation(found: Sequence[Row], columns: Mapping[str, str]) -> "pyarrow.Table":
    """Rows as a table, with its types even where there is none."""
    import pyarrow as pa

    kinds = {TEXT: pa.string(), NUMBER: pa.float64(), COUNT: pa.int64(), DAY: pa.date32(), FLAG: pa.bool_()}
    return pa.Table.from_pylist([dict(row) for row in found], schema=pa.schema([(name, kinds[k]) for name, k in columns.items()]))
