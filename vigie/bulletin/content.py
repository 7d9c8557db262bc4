"""What the note says, read in a file of published tables: that file is all it knows, so is the day it speaks of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from vigie.bulletin.figures import Figure, figure
from vigie.receipt_words import Ask, period_fr
from vigie.wording import degree_text, french_date, local_day, sentence

MOST_CHANGES = 5
"""Changes told one by one: the reader has a minute."""
MOST_DATES = 8
HORIZON_DAYS = 400
"""How far ahead a legal date is a decision of today."""
ESSENTIAL = ("loi", "pertes", "exposes", "exportations")
"""Headlines that open the note; what is claimed and when it was updated have places of their own."""
CELL = "indicator, ref_area, breakdown, scenario, methodology, freq"
SCORES = ("news_surge", "news_volume_z")
"""Statistics of a test: by how much they move means nothing."""


@dataclass(frozen=True)
class Words:
    """The French of published codes."""

    labels: Mapping[tuple[str, str], str]
    laws: Mapping[str, str]
    gaps: Mapping[str, str]
    """Why a reading is missing, by its receipt."""

    def word(self, kind: str, code: str | None) -> str:
        return self.labels.get((kind, code or ""), code or "non précisé")

    def missing(self, row: Mapping[str, Any]) -> str:
        """Why a row has no figure, as exactly as it is known."""
        return self.gaps.get(row["receipt_id"]) or self.word("reason", row["missing_reason"])

    def cell(self, row: Mapping[str, Any]) -> str:
        """What a reading is about beyond its indicator: place, split, perimeter, source."""
        split, _, source = str(row["breakdown"]).partition("@")
        perimeters = [self.word("methodology", part) for part in str(row["methodology"]).split("/") if part != "_Z"]
        parts = [
            self.word("area", row["ref_area"]),
            *([self.laws.get(split) or self.word("breakdown", split)] if not split.startswith("_") else []),
            " rapporté à ".join(perimeters),
            f"selon {self.word('source', source)}" if source else "",
        ]
        return ", ".join(part for part in parts if part)


def words(ask: Ask) -> Words:
    laws = {line["event_id"]: line["title_fr"] for line in ask("select event_id, title_fr from regulations order by 1")}
    laws |= {line["breakdown"]: line["law_fr"] for line in ask("select distinct breakdown, law_fr from exposure_bounds")}
    labels = {(line["list"], line["code"]): line["label_fr"] for line in ask("select * from labels")}
    gaps = {line["receipt_id"]: line["missing_fr"] for line in ask("select receipt_id, missing_fr from gaps order by all desc")}
    return Words(labels, laws, gaps)


def essential(ask: Ask) -> list[dict[str, Any]]:
    """The sentences of the headlines, with what they are and whether they may be cited."""
    return [
        {
            "title": line["title"], "sentence": line["sentence"], "caution": line["caution"], "citable": line["citable"],
            "nature": line["class"], "origin": line["origin"] or None, "receipts": tuple(line["receipt_ids"] or ()),
        }
        for line in ask("select * from headlines order by rank") if line["tile"] in ESSENTIAL
    ]  # fmt: skip


@dataclass(frozen=True)
class Moved:
    """A reading that is no longer what it was when the month began."""

    label: str
    about: str
    period: str
    kind: str
    old: Figure | None
    old_period: str
    new: Figure
    is_whole: bool
    """The reading is of its indicator's whole, not of one of its parts."""
    others: int = 0

    @property
    def is_news(self) -> bool:
        """Something is known that was not, or is other than it was; another date with the same figures is none."""
        if self.old is None:
            return self.new.is_known
        bounds = [(it.value, it.lower, it.upper) for it in (self.old, self.new)]
        return bounds[0] != bounds[1]

    @property
    def strength(self) -> float:
        """How far it moved, from 0 to 2: the change over the larger of both; 2 where one of them is unknown."""
        before, after = self.old.middle if self.old else None, self.new.middle
        if before is None or after is None:
            return 2.0 if self.old else 0.0
        return abs(after - before) / (max(abs(before), abs(after)) or 1.0)


def changes(ask: Ask, told: Words, since: datetime, until: datetime) -> list[Moved]:
    """The readings that moved most since the month began, one an indicator; never across two perimeters."""
    at = "known_from <= {0} and (known_to is null or known_to > {0})"
    latest = f"qualify row_number() over (partition by {CELL} order by period > ?, period desc) = 1"
    rows = ask(
        f"""with moved as (
            select distinct indicator, ref_area, breakdown, methodology, freq from changes where known_at >= ? and known_at <= ?
        ),
        before as (select * from indicator_history where {at.format("?")} {latest}),
        after as (select * from indicator_history where {at.format("?")} {latest})
        select after.*, catalogue.label_fr, before.receipt_id is not null as is_old, before.period as old_period,
          before.value as old_value, before.lower as old_lower, before.upper as old_upper, before.class as old_class,
          before.origin as old_origin, before.missing_reason as old_reason, before.receipt_id as old_receipt_id
        from after
        inner join moved using (indicator, ref_area, breakdown, methodology, freq)
        inner join indicators as catalogue on after.indicator = catalogue.indicator
        left join before on {" and ".join(f"after.{key} = before.{key}" for key in CELL.split(", "))}
        where catalogue.family <> 'observatory' and after.indicator not in {SCORES}
          and (before.receipt_id is null or after.period <> before.period or after.value is distinct from before.value
            or after.lower is distinct from before.lower or after.upper is distinct from before.upper)
        order by {", ".join(f"after.{key}" for key in CELL.split(", "))}""",
        since, until, since, since, since, until, until, until,
    )  # fmt: skip
    by_indicator: dict[str, list[Moved]] = {}
    for row in rows:
        line = _moved(row, told)
        if line.is_news:
            by_indicator.setdefault(row["indicator"], []).append(line)
    strongest = []
    for lines in by_indicator.values():
        best = max(lines, key=lambda line: (line.is_whole, line.strength))
        strongest.append(replace(best, others=len(lines) - 1))
    return sorted(strongest, key=lambda line: -line.strength)[:MOST_CHANGES]


def _moved(row: Mapping[str, Any], told: Words) -> Moved:
    new = figure(row, told.missing(row))
    old, before = None, ""
    if row["is_old"]:
        names = {name: row[f"old_{name}"] for name in ("value", "lower", "upper", "class", "origin", "receipt_id")}
        old = figure({**names, "unit": row["unit"]}, told.word("reason", row["old_reason"]))
        before = period_fr(row["old_period"], row["freq"])
    period = period_fr(row["period"], row["freq"])
    return Moved(
        row["label_fr"], told.cell(row), period, _kind(old, new, before == period), old, before, new,
        is_whole=str(row["breakdown"]).startswith("_"),
    )  # fmt: skip


def _kind(old: Figure | None, new: Figure, is_same_period: bool) -> str:
    if old is None:
        return "première valeur"
    if not new.is_known:
        return "n'est plus connu"
    if not old.is_known:
        return "désormais connu"
    return "révisé" if is_same_period else "nouvelle période"


def tallies(ask: Ask, since: datetime, until: datetime) -> dict[str, int]:
    """How many values came, were revised, were withdrawn since the month began, and how many legal dates moved."""
    counted = {
        line["kind"]: line["n"]
        for line in ask("select kind, count(*) as n from changes where known_at >= ? and known_at <= ? group by 1", since, until)
    }
    (dates,) = ask("select count(*) as n from legal_calendar where revised_at >= ? and revised_at <= ?", since, until)
    return {
        "news": counted.get("nouvelle valeur", 0), "revisions": counted.get("révision", 0),
        "withdrawals": counted.get("retrait", 0), "dates": dates["n"],
    }  # fmt: skip


def alerts(ask: Ask) -> list[dict[str, Any]]:
    """The active alerts, the gravest and oldest first."""
    rows = ask("select * from alerts where state = 'actif' order by level <> 'rouge', opened_at, title")
    contested = {
        (line["rule"], line["entity"]): line["sentence"] for line in ask("select * from alert_flags where kind = 'contested'")
    }
    return [
        {
            **row, "degree": degree_text(row), "since": french_date(local_day(row["opened_at"])),
            "action": sentence(row["action"]), "due": french_date(row["due_on"]) if row["due_on"] else "sans échéance",
            "by": row["acknowledged_by"] or "personne encore",
            "contested": contested.get((row["rule"], row["entity"])), "hushed": row["hushed_by"],
            "caution": sentence(row["caution"]) if row["caution"] else "",
        }
        for row in rows
    ]  # fmt: skip


def crossings(ask: Ask) -> int:
    """How many thresholds the figures cross, whether or not anybody decided an alert on them."""
    (line,) = ask(
        """select count(*) as n from (
            select level from alert_evaluations qualify row_number() over (partition by rule, entity order by period desc) = 1
        ) where level > 0"""
    )
    return int(line["n"])


def disputes(ask: Ask) -> list[dict[str, Any]]:
    """Figures that sources give differently of the same thing, each claim in its words; then those that somebody contests."""
    claims = ask("select * from claims order by coalesce(value, lower, upper), claim_id")
    told = []
    for line in ask("select * from contradictions where is_contradictory order by spread_lower desc nulls last, scope_id"):
        said = [claim for claim in claims if claim["claim_id"] in line["claim_ids"]]
        told.append({**line, "claims": [_claim(claim) for claim in said], "objection": ""})
    for claim in claims:
        if claim["objections"]:
            told.append({
                "subject_fr": claim["subject_fr"], "scope_fr": claim["scope_fr"], "period_fr": claim["period_fr"],
                "spread_text": "sans objet", "receipt_id": claim["receipt_id"], "claims": [_claim(claim)],
                "objection": claim["contested_fr"],
            })  # fmt: skip
    return told


def _claim(claim: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "text": claim["value_text"], "who": claim["who_fr"], "on": claim["said_on_fr"] or "date inconnue",
        "method": claim["method_fr"], "nature": claim["class"], "origin": claim["origin"], "receipt_id": claim["receipt_id"],
    }  # fmt: skip


def exposed(ask: Ask) -> Figure | None:
    """The bounds that the claims on threatened jobs are to be read against; None when either input is not known."""
    rows = ask(
        """select * from indicator_values where indicator = 'job_gross_exposed' and ref_area = 'MA' and breakdown = '_T'
            and methodology = 'CRM' and lower is not null order by period desc limit 1"""
    )
    return figure(rows[0]) if rows else None


def decisions(ask: Ask, today: date) -> dict[str, list[dict[str, Any]]]:
    """What is due: legal dates ahead, promises whose day is past, rules to look at again, questions that nobody has sent."""
    dates = ask(
        """select * from legal_calendar where days_to between 0 and ? and status <> 'CANCELLED'
            order by days_to, title, kind, uid limit ?""", HORIZON_DAYS, MOST_DATES,
    )  # fmt: skip
    promises = ask("select * from events where is_overdue order by due_on, event_id")
    return {
        "dates": [{**line, "on": _day(line)} for line in dates],
        "promises": [
            {**line, "on": french_date(line["due_on"]), "late": (today - _date(line["due_on"])).days} for line in promises
        ],
        "reviews": ask("select * from messages where kind = 'revue' order by created_at, message_id"),
        "asks": ask("select * from data_requests where state = 'to_send' order by holder_fr, request"),
    }


def _day(line: Mapping[str, Any]) -> str:
    if line["precision"] == "day":
        return french_date(_date(line["starts_on"]))
    return period_fr(line["starts_on"], "M" if line["precision"] == "month" else "A")


def _date(day: date) -> date:
    return day.date() if isinstance(day, datetime) else day


def unknowns(ask: Ask) -> list[dict[str, Any]]:
    """What the observatory does not know, each label with its receipt, why, and who could say; what nobody feeds comes first."""
    rows = ask(
        """select label_fr, missing_fr, bool_or(is_whole) as is_whole, min(gaps.receipt_id) as receipt_id,
              case gaps.missing_reason when 'suppressed' then 'l''observatoire, qui doit le taire'
                else coalesce(holders, feeds.publisher, 'détenteur à identifier') end as holder
            from gaps left join feeds on gaps.feed = feeds.feed
            where gaps.missing_reason <> 'not_applicable'
            group by all order by is_whole desc, label_fr, missing_fr, holder"""
    )
    told: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in rows:
        told.setdefault((row["missing_fr"], row["holder"]), []).append((row["label_fr"], row["receipt_id"]))
    return [{"missing_fr": missing, "holder": holder, "labels": labels} for (missing, holder), labels in told.items()]


def sources(ask: Ask, told: Words) -> list[dict[str, Any]]:
    """Every source that brought something, with its licence and what kind of document it was."""
    rows = ask(
        """select feeds.title, feeds.publisher, feeds.licence, max(loads.known_at) as latest_at,
              list_sort(list(distinct loads.origin)) as origins
            from feeds inner join loads on feeds.feed = loads.feed and loads.is_standing
            group by all order by feeds.title"""
    )
    return [
        {**row, "latest": french_date(local_day(row["latest_at"])),
         "origin": ", ".join(told.word("origin", origin) for origin in row["origins"])}
        for row in rows
    ]  # fmt: skip


def absent(ask: Ask, indicator: str) -> str:
    """Why there is nothing to draw of an indicator."""
    rows = ask("select distinct missing_fr from gaps where indicator = ? order by 1", indicator)
    return " ; ".join(row["missing_fr"] for row in rows) or "rien n'en était connu à cette date"
