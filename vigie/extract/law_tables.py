"""What legal texts say as tables: from when they bind, how they live, what changed from one version to the next."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, pairwise
from typing import Any

from vigie.extract import law_life, law_versions
from vigie.extract.commencement import Commencement, commencements, speaks
from vigie.extract.folding import fold
from vigie.extract.tables import COUNT, DAY, LONGEST_QUOTE, NUMBER, TEXT, Row

COMMENCEMENTS = {
    "row_id": TEXT, "rank": COUNT, "day": DAY, "month": DAY, "precision": TEXT, "scope": TEXT, "basis": TEXT, "confidence": TEXT,
    "quote": TEXT,
}  # fmt: skip
STATES = {
    "subject_id": TEXT, "rank": COUNT, "state": TEXT, "since": DAY, "source": TEXT, "status": TEXT, "reason_fr": TEXT,
    "is_current": "bool",
}  # fmt: skip
CHANGES = {
    "text_id": TEXT, "rank": COUNT, "article": TEXT, "kind": TEXT, "before": TEXT, "after": TEXT, "kept_share": NUMBER,
    "before_on": DAY, "after_on": DAY, "before_row_id": TEXT, "after_row_id": TEXT, "by": TEXT,
}  # fmt: skip
WHOLE = re.compile(
    r"\b(?:presente?|esta|este|cette|ladite|dicha|this|la|le)s? (?:loi|decret|arrete|ordonnance|deliberation|convention|ley"
    r"|real decreto|orden|resolucion|circular|reglamento|act|regulations|order)\b"
)
"""A clause that names the text itself; any other, in an article, is of that article."""
GONE = re.compile(
    r"(?:(?:article|articulo)[^.]{0,12}\.\s*)?\(?(?:suprimid[oa]|derogad[oa]|sin contenido|abrogee?|supprimee?)\)?\.?$"
)


def readings(texts: Iterable[Row]) -> list[dict[str, Any]]:
    """One row a commencement that a text gives; one that says « unresolved », and why, when it gives none.

    The default of a jurisdiction answers only for a text of which every article is kept (`is_whole`).
    """
    return [
        {
            "row_id": row["row_id"], "rank": rank, "day": one.day, "month": one.month, "precision": one.precision,
            "scope": one.scope, "basis": one.basis, "confidence": one.confidence, "quote": one.quote[:LONGEST_QUOTE],
        }
        for row in texts
        for rank, one in enumerate(_read(row), start=1)
    ]  # fmt: skip


def _read(row: Row) -> list[Commencement]:
    articles = latest(_articles(row))
    if not articles:
        return [Commencement(None, "text", "not_kept", "none", "")]
    found, is_said = [], False
    for article in articles:
        if not speaks(article["text"]):
            continue
        is_said = True
        day = article.get("published_on") or row["published_at"]
        said = commencements(article["text"], str(day or "")[:10], row["jurisdiction"])
        found += [_scoped(one, article["article"]) for one in said if one.quote]
    if found:
        return found
    if is_said or not row["is_whole"]:
        return [Commencement(None, "text", "unresolved" if is_said else "not_whole", "none", "")]
    return commencements("", str(row["published_at"] or "")[:10], row["jurisdiction"])


def _scoped(one: Commencement, article: str) -> Commencement:
    if one.scope != "text" or not article or WHOLE.search(fold(one.quote)):
        return one
    named = f"article {article}" if re.fullmatch(r"[\w.° -]{1,12}", article) and article[0].isdigit() else article
    return Commencement(one.day, named, one.basis, one.confidence, one.quote, one.month)


def _articles(row: Row) -> list[dict[str, Any]]:
    return json.loads(row["articles"]) if row["articles"] else []


def latest(articles: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last version of each article, in the order of the text."""
    kept: dict[str, dict[str, Any]] = {}
    for article in articles:
        before = kept.get(article["article"])
        if before is None or _published(article) >= _published(before):
            kept[article["article"]] = article
    return list(kept.values())


def _published(article: Mapping[str, Any]) -> str:
    return str(article.get("published_on") or "")


def states(facts: Iterable[Row]) -> list[dict[str, Any]]:
    """The life of each subject; facts (`subject_id`, `state`, `on_day`, `source`, `source_rank`, `today`) come by subject."""
    found = []
    for subject, rows in groupby(facts, key=lambda row: row["subject_id"]):
        told = list(rows)
        steps = law_life.life(
            (law_life.Fact(row["state"], row["on_day"], row["source"], row["source_rank"]) for row in told), told[0]["today"]
        )
        now = law_life.current(steps)
        found += [
            {
                "subject_id": subject, "rank": rank, "state": step.state, "since": step.since, "source": step.source,
                "status": step.status, "reason_fr": step.reason_fr, "is_current": step is now,
            }
            for rank, step in enumerate(steps, start=1)
        ]  # fmt: skip
    return found


def changes(texts: Iterable[Row]) -> list[dict[str, Any]]:
    """Each article that differs between two successive versions of a text; deliveries come by text and by day known.

    A gazette that gives every version of an article with its day is believed on the days; of one that gives the text as it
    stands, two deliveries are two versions.
    """
    found = []
    for text, rows in groupby(texts, key=lambda row: row["text_id"]):
        compared = [
            (before, after, change)
            for before, after in pairwise(_versions(list(rows)))
            for change in law_versions.compare(before["articles"], after["articles"])
        ]
        found += [
            {
                "text_id": text, "rank": rank, "article": change.article, "kind": change.kind, "before": change.before,
                "after": change.after, "kept_share": change.kept_share, "before_on": before["on"], "after_on": after["on"],
                "before_row_id": before["row_id"], "after_row_id": after["row_id"], "by": after["by"],
            }
            for rank, (before, after, change) in enumerate(compared, start=1)
        ]  # fmt: skip
    return found


def _versions(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """The successive states of one text, oldest first."""
    dated = [row for row in rows if any(one.get("effective_on") and one.get("by") for one in _articles(row))]
    if dated:
        yield from _by_day(dated[-1])
        return
    for row in rows:
        articles = {one["article"]: one["text"] for one in _articles(row)}
        if articles and row["is_whole"]:
            yield {"on": row["known_at"].date(), "row_id": row["row_id"], "by": None, "articles": articles}


def _by_day(row: Row) -> Iterator[dict[str, Any]]:
    """The text as it binds from each day on which one of its articles changes."""
    articles = _articles(row)
    days = sorted({one["effective_on"] for one in articles if one.get("effective_on")})
    for day in days:
        standing = latest(one for one in articles if one.get("effective_on") and one["effective_on"] <= day)
        by = next((one["by"] for one in reversed(standing) if one["effective_on"] == day), None)
        yield {
            "on": date.fromisoformat(day), "row_id": row["row_id"], "by": by,
            "articles": {one["article"]: one["text"] for one in standing if not _is_gone(one["text"])},
        }  # fmt: skip


def _is_gone(text: str) -> bool:
    """« (Suprimido) », « (Derogado) », « (Abrogé) »: an article of which only the number is left."""
    return bool(GONE.match(fold(text).strip()))
