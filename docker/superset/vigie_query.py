"""What the read-only service answers: a reader's question, checked word by word, put to the published tables.

Nothing that a reader writes becomes SQL: a table or a column is one that the published file names itself, everything else
is bound. `ask` runs SQL and returns its rows; `rights` are conditions on rows that hold for the reader's account.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

Row = dict[str, Any]
Ask = Callable[..., list[Row]]
ZONE = ZoneInfo("Africa/Casablanca")
LIMIT, MOST, FARTHEST = 1000, 10_000, 10_000_000
FORMATS = ("json", "csv")
CATALOGUE, READINGS, HISTORY = "indicators", "indicator_values", "indicator_history"
SERIES = ("ref_area", "breakdown", "scenario", "freq", "methodology", "class", "origin", "missing_reason")
"""The columns by which the values of an indicator are chosen."""
FORMULA = re.compile(r"[=+\-@\t\r\n]")
"""How a text begins that a spreadsheet would take for a formula."""
ADDED = {"publisher": "Éditeur des documents dont la ligne est faite", "licence": "Licence de ces documents"}
PAGING = ("limit", "offset", "version", "format")


class Problem(Exception):
    """A question that has no answer: a status of HTTP, a French sentence, the parameter at fault."""

    def __init__(self, status: int, detail: str, parameter: str | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.parameter = status, detail, parameter


@dataclass(frozen=True)
class Answer:
    """Rows, and what is said of them."""

    name: str
    columns: list[str]
    rows: list[Row]
    total: int
    limit: int
    offset: int
    as_of: datetime | None = None
    told: Row = field(default_factory=dict)

    @property
    def next_offset(self) -> int | None:
        """Where the next page begins; None on the last."""
        reached = self.offset + len(self.rows)
        return reached if reached < self.total and self.rows else None


@dataclass(frozen=True)
class Published:
    """The published tables as one account may read them."""

    ask: Ask
    rights: Sequence[str] = ()

    @cached_property
    def publication(self) -> Row:
        """The line that says which version is read."""
        return self.ask("select * from publication")[0]

    @cached_property
    def descriptions(self) -> dict[str, str]:
        """Each published table, and what it is."""
        found = self.ask("select table_name, comment from duckdb_tables() where schema_name = 'main' and not internal order by 1")
        return {line["table_name"]: line["comment"] or "" for line in found}

    @cached_property
    def columns(self) -> dict[str, dict[str, tuple[str, str]]]:
        """Table → column → its type and what it is."""
        found: dict[str, dict[str, tuple[str, str]]] = {table: {} for table in self.descriptions}
        for line in self.ask(
            "select table_name, column_name, data_type, comment from duckdb_columns() where schema_name = 'main' and not internal"
            " order by table_name, column_index"
        ):
            if line["table_name"] in found:
                found[line["table_name"]][line["column_name"]] = (line["data_type"], line["comment"] or "")
        return found

    @cached_property
    def with_history(self) -> list[str]:
        """The tables that say since when and until when each row was believed."""
        return [table for table, columns in self.columns.items() if {"known_from", "known_to"} <= set(columns)]

    def shape(self, table: str) -> dict[str, tuple[str, str]]:
        """The columns of an answer: those of the table, then whose its rows are."""
        told = self.columns[table]
        if not {"feed", "receipt_id"} & set(told) or not {"feeds", "indicator_inputs"} <= set(self.columns):
            return told
        return told | {name: ("VARCHAR", text) for name, text in ADDED.items() if name not in told}

    def tables(self, given: Mapping[str, list[str]]) -> Answer:
        """The list of what is published."""
        words = _words(given, PAGING)
        lines = [
            {
                "table": table, "description": description, "rows": self._count(table),
                "has_history": table in self.with_history, "sources": self.sources(table),
                "columns": [
                    {"name": name, "type": kind, "description": text} for name, (kind, text) in self.shape(table).items()
                ],
            }
            for table, description in self.descriptions.items()
        ]  # fmt: skip
        limit, offset = self._page(words)
        return Answer("tables", list(lines[0]), lines[offset : offset + limit], len(lines), limit, offset)

    def table(self, table: str, given: Mapping[str, list[str]]) -> Answer:
        """The rows of a published table, chosen by the values of its columns, by period, by a past day."""
        if table not in self.descriptions:
            raise Problem(404, f"« {table} » n'est pas une table publiée ; elles sont dans /vigie/api/v1/tables", "table")
        columns = self.columns[table]
        words = _words(given, (*PAGING, "as_of", "from", "to"), columns)
        if "as_of" in words and table not in self.with_history:
            raise Problem(
                400, f"la table {table} ne garde pas ce qu'elle disait autrefois ; en gardent l'histoire : "
                f"{', '.join(self.with_history)}. Pour un jour passé de toute table : vigie export --as-of", "as_of",
            )  # fmt: skip
        if {"from", "to"} & set(words) and "period" not in columns:
            raise Problem(400, f"la table {table} n'a pas de période", "from" if "from" in words else "to")
        return self._answer(table, list(self.shape(table)), words, self._filters(table, given), self.sources(table))

    def indicators(self, given: Mapping[str, list[str]]) -> Answer:
        """The catalogue: what each indicator is, its unit, its limits."""
        words = _words(given, PAGING, ("family",))
        return self._answer(CATALOGUE, list(self.shape(CATALOGUE)), words, self._filters(CATALOGUE, given), [])

    def values(self, indicator: str, given: Mapping[str, list[str]]) -> Answer:
        """The values of an indicator, as they stand or as they stood at the end of a past day."""
        found = self.ask(f"select * from {CATALOGUE} where indicator = ?", indicator)
        if not found:
            raise Problem(404, f"« {indicator} » n'est pas un indicateur ; ils sont dans /vigie/api/v1/indicators", "indicator")
        words = _words(given, (*PAGING, "as_of", "from", "to"), SERIES)
        table = HISTORY if "as_of" in words else READINGS
        if "as_of" in words:
            self._refuse_before_history(indicator, self._moment(words["as_of"]))
        filters = [("indicator = ?", [indicator]), *self._filters(table, given)]
        told = {"indicator": _plain(found[0])}
        return self._answer(table, list(self.shape(READINGS)), words, filters, self._named(found[0]["feeds"] or []), told)

    def _refuse_before_history(self, indicator: str, moment: datetime) -> None:
        """Some indicators are read on the day of the question alone: that nothing is kept is not that nothing was known."""
        first = self.ask(f"select min(known_from) as first from {HISTORY} where indicator = ?", indicator)[0]["first"]
        if first is not None and first >= self.publication["as_of"] and moment < first:
            raise Problem(
                400, f"{indicator} n'est lu qu'au jour de la question : l'histoire n'en garde rien avant le {first:%d/%m/%Y} ; "
                "pour un jour passé : vigie export indicator_values --as-of", "as_of",
            )  # fmt: skip

    def sources(self, table: str) -> list[Row]:
        """The feeds that a table rests on, with their licences."""
        if "table_sources" not in self.columns:
            return []
        return self._named([line["feed"] for line in self.ask("select feed from table_sources where table_name = ?", table)])

    def _named(self, feeds: list[str]) -> list[Row]:
        asked = "select feed, title, publisher, licence, address from feeds where list_contains(?, feed) order by feed"
        return self.ask(asked, feeds)

    def _filters(self, table: str, given: Mapping[str, list[str]]) -> list[tuple[str, list[Any]]]:
        """One condition a column that the question names: any of the values given."""
        found = []
        for name, values in given.items():
            if name in self.columns[table] and name not in (*PAGING, "as_of"):
                kind, _ = self.columns[table][name]
                bound = [_typed(name, kind, value) for value in values]
                marks = ", ".join("?" * len(bound))
                is_list = kind.endswith("[]")
                found.append((f'list_has_any("{name}", [{marks}])' if is_list else f'"{name}" in ({marks})', bound))
        return found

    def _answer(
        self, table: str, columns: list[str], words: Mapping[str, str], filters: Sequence[tuple[str, list[Any]]],
        sources: list[Row], told: Row | None = None,
    ) -> Answer:  # fmt: skip
        limit, offset = self._page(words)
        as_of = self._moment(words["as_of"]) if "as_of" in words else None
        conditions = [*filters, *_periods(words)]
        if as_of is not None:
            conditions.append(("known_from <= ? and (known_to is null or known_to > ?)", [as_of, as_of]))
        where = " and ".join(f"({sql})" for sql, _ in conditions) or "true"
        bound = [value for _, values in conditions for value in values]
        readable = f"from {self._readable(table)} where {where}"
        listed = ", ".join(f"source.{name}" if name not in self.columns[table] else f'told."{name}"' for name in columns)
        asked = (
            f"with told as (select * {readable} order by all limit {limit} offset {offset})"
            f" select {listed} from told {self._joined(table)} order by all"
        )
        total = self._asked(f"select count(*) as rows {readable}", *bound)[0]["rows"]
        lines = [_plain(line) for line in self._asked(asked, *bound)]
        return Answer(table, columns, lines, total, limit, offset, as_of, {**(told or {}), "sources": sources})

    def _readable(self, table: str) -> str:
        """What of a table the account may read; the catalogue says nothing of any place."""
        if not self.rights or table == CATALOGUE:
            return f'"{table}"'
        return f'(select * from "{table}" where {" and ".join(f"({right})" for right in self.rights)})'

    def _joined(self, table: str) -> str:
        """Whose each row is: the publisher of its feed, or those of all that its receipt names."""
        if set(self.shape(table)) == set(self.columns[table]):
            return ""
        if "feed" in self.columns[table]:
            return "left join feeds as source on told.feed = source.feed"
        listed = ", ".join(f"string_agg(distinct named.{name}, ' ; ' order by named.{name}) as {name}" for name in ADDED)
        return (
            f"left join (select made.receipt_id, {listed} from indicator_inputs as made inner join feeds as named"
            " on made.feed = named.feed where made.receipt_id in (select receipt_id from told) group by made.receipt_id)"
            " as source on told.receipt_id = source.receipt_id"
        )

    def _count(self, table: str) -> int | None:
        try:
            count: int = self._asked(f"select count(*) as rows from {self._readable(table)}")[0]["rows"]
        except Problem:
            return None
        return count

    def _asked(self, sql: str, *bound: Any) -> list[Row]:
        try:
            return self.ask(sql, *bound)
        except duckdb.BinderException:
            if not self.rights:
                raise
            raise Problem(
                403, "ce compte ne lit qu'une partie des lignes, et cette table n'a pas la colonne qui les désigne"
            ) from None

    def _page(self, words: Mapping[str, str]) -> tuple[int, int]:
        limit = _whole("limit", words.get("limit", str(LIMIT)), 1, MOST)
        offset = _whole("offset", words.get("offset", "0"), 0, FARTHEST)
        version = _whole("version", words["version"], 0, FARTHEST) if "version" in words else None
        if version not in (None, self.publication["version"]):
            raise Problem(
                409, f"la version {version} n'est plus celle que l'on lit ({self.publication['version']}) : reprendre du début",
                "version",
            )  # fmt: skip
        return limit, offset

    def _moment(self, text: str) -> datetime:
        """A past moment; a day means its end in Casablanca. What is not published yet cannot be asked."""
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
                moment = end_of_day(date.fromisoformat(text))
            else:
                moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
        except ValueError:
            raise Problem(
                400, f"« {text} » n'est pas un jour (AAAA-MM-JJ) ni un instant (AAAA-MM-JJThh:mm:ssZ)", "as_of"
            ) from None
        published = self.publication["as_of"]
        if moment > max(published, end_of_day(published.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZONE).date())):
            raise Problem(400, f"la version publiée ne sait rien après le {published:%d/%m/%Y à %H:%M} (UTC)", "as_of")
        return moment


def end_of_day(day: date) -> datetime:
    """The last microsecond of a day in Casablanca, in universal time, without a zone."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZONE).astimezone(ZoneInfo("UTC"))
    return midnight.replace(tzinfo=None) - timedelta(microseconds=1)


def to_json(answer: Answer, publication: Row, following: str | None) -> str:
    """An answer as JSON: a value that is not known is null, and its row says why."""
    told = {
        "publication": {name: publication[name] for name in ("version", "published_at", "mode", "as_of", "axis")},
        "as_of": answer.as_of, "total": answer.total, "limit": answer.limit, "offset": answer.offset, "next": following,
        **answer.told, "data": answer.rows,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, allow_nan=False, default=_written)


def to_csv(answer: Answer) -> str:
    """An answer as CSV: a value that is not known is empty; no text is a formula."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([_cell(row[name]) for name in answer.columns] for row in answer.rows)
    return page.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        value = " ; ".join(json.dumps(item, ensure_ascii=False) if isinstance(item, dict) else str(item) for item in value)
    if isinstance(value, str):
        return f"'{value}" if FORMULA.match(value) else value
    return _written(value) if isinstance(value, date) else value


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} ne s'écrit pas")


def _plain(line: Row) -> Row:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in line.items()}


def _words(given: Mapping[str, list[str]], known: Sequence[str], columns: Iterable[str] = ()) -> dict[str, str]:
    """The parameters that are said once; a parameter that nothing reads is a question misunderstood."""
    for name in given:
        if name not in (*known, *columns):
            raise Problem(400, f"paramètre inconnu « {name} » ; connus : {', '.join((*known, *columns))}", name)
    for name in known:
        if len(given.get(name, ())) > 1:
            raise Problem(400, f"« {name} » est donné plusieurs fois", name)
    return {name: given[name][0] for name in known if name in given}


def chosen_format(given: Mapping[str, list[str]], accepted: str) -> str:
    """What the reader asks for: `format`, else the media type that the request accepts."""
    asked = given.get("format", ["csv" if "text/csv" in accepted else "json"])[0]
    if asked not in FORMATS:
        raise Problem(400, f"« {asked} » n'est pas un format ; choisir {' ou '.join(FORMATS)}", "format")
    return asked


def _whole(name: str, text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not least <= int(text) <= most:
        raise Problem(400, f"« {text} » n'est pas un nombre entier de {least} à {most}", name)
    return int(text)


def _periods(words: Mapping[str, str]) -> list[tuple[str, list[Any]]]:
    """From the beginning of one year, month or day to the end of another."""
    found = []
    if "from" in words:
        found.append(("period >= ?", [_span("from", words["from"])[0]]))
    if "to" in words:
        found.append(("period < ?", [_span("to", words["to"])[1]]))
    return found


def _span(name: str, text: str) -> tuple[datetime, datetime]:
    matched = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text, re.ASCII)
    try:
        if not matched:
            raise ValueError
        year, month, day = (int(part) if part else None for part in matched.groups())
        start = datetime(year or 0, month or 1, day or 1)
        if day:
            return start, start + timedelta(days=1)
        return start, datetime(start.year + 1, 1, 1) if not month or month == 12 else datetime(start.year, month + 1, 1)
    except (ValueError, OverflowError):
        raise Problem(400, f"« {text} » n'est pas une période : écrire AAAA, AAAA-MM ou AAAA-MM-JJ", name) from None


def _typed(name: str, kind: str, text: str) -> Any:
    """A value as its column holds it."""
    try:
        match kind:
            case "BOOLEAN":
                return {"true": True, "false": False}[text]
            case "INTEGER" | "BIGINT" | "HUGEINT":
                return int(text)
            case "DOUBLE":
                return float(text)
            case "DATE":
                return date.fromisoformat(text)
            case "TIMESTAMP":
                return datetime.fromisoformat(text.removesuffix("Z"))
            case _:
                return text
    except (KeyError, ValueError):
        wanted = {
            "BOOLEAN": "true ou false", "DOUBLE": "un nombre", "DATE": "un jour AAAA-MM-JJ", "TIMESTAMP": "un instant",
        }.get(kind, "un nombre entier")  # fmt: skip
        raise Problem(400, f"« {text} » n'est pas {wanted}", name) from None
