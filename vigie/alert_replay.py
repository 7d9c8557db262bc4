"""A stretch of time decided again, by the function that decides live: what one rule would have said, and when.

Where the observatory was watching, each of its decisions is taken again on what it was taken on; before that, on what
the vintages show was then known. Nothing is written and nothing leaves.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

import duckdb

from vigie import messages, sector, watch
from vigie.clock import Run
from vigie.decisions import Act, Policy, decide
from vigie.episodes import Episode
from vigie.evaluations import Evaluation
from vigie.inputs import SECTOR
from vigie.store import Message, Store, exists, open_store
from vigie.wording import alert_line

JUST_BEFORE = timedelta(microseconds=1)

REPLAY_COLUMNS = {
    "rule": "VARCHAR", "moments": "INTEGER", "messages": "INTEGER", "months": "DOUBLE", "messages_a_month": "DOUBLE",
    "first_at": "TIMESTAMP", "last_at": "TIMESTAMP",
}  # fmt: skip
"""The published `rule_replays` table: what each rule would have sent, had it watched since its first vintage."""


@dataclass(frozen=True)
class Moment:
    """What a decision is taken on: the evaluations of the rule, and what is muted by (rule, entity)."""

    at: datetime
    evaluations: list[Evaluation]
    muted: Mapping[tuple[str, str], str]
    acts: int = 0
    """How many human acts had been done."""


@dataclass(frozen=True)
class Replay:
    """What came of it: `source` says whether each decision was the observatory's own or one that vintages allow."""

    source: Literal["décisions", "millésimes"]
    moments: int
    messages: list[Message]
    episodes: list[Episode]
    months: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "source": self.source, "moments": self.moments,
            "messages": [
                {"at": one.created_at, "message_id": one.message_id, "occasion": one.payload["occasion"], "degree": one.degree,
                 "alert_ids": list(one.alert_ids), "subject": one.subject}
                for one in self.messages
            ],
            "episodes": [
                {"alert_id": one.alert_id, "entity": one.entity, "state": one.state, "opened_on": one.opened_on,
                 "opened_at": one.opened_at, "closed_at": one.closed_at, "level": one.level, "certainty": one.certainty}
                for one in self.episodes
            ],
            "messages_a_month": round(len(self.messages) / self.months, 3) if self.months else None,
        }  # fmt: skip


def replay(run: Run, rule: str, first: date | None, last: date | None, published: duckdb.DuckDBPyConnection) -> Replay:
    """What the rule says between two days, both included; of the whole of what is known when none is given."""
    watching = sector.load(SECTOR)
    start = datetime.combine(first, time.min) if first else datetime.min
    end = datetime.combine(last, time.max) if last else datetime.max
    if exists(run.data):
        with open_store(run.data) as state:
            moments = list(_decided(state, rule, start, end))
            if moments:
                before = start - JUST_BEFORE if first else None
                known = [watch.parsed_episode(row.episode) for row in state.latest_episodes(before)] if before else []
                seen = _watched(state, rule, before)
                return _fold(watching, rule, moments, known, seen, watch.acts_of(state), "décisions", start, end)
    return _fold(watching, rule, list(_vintages(published, rule, start, end)), [], set(), [], "millésimes", start, end)


def tallies(published: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The messages of each rule of the sector over all that its vintages know, in the shape of `REPLAY_COLUMNS`."""
    found = []
    watching = sector.load(SECTOR)
    for rule in watching.alert_rules:
        moments = list(_vintages(published, rule.rule, datetime.min, datetime.max))
        told = _fold(watching, rule.rule, moments, [], set(), [], "millésimes", datetime.min, datetime.max)
        found.append(
            {"rule": rule.rule, "moments": len(moments), "messages": len(told.messages), "months": told.months,
             "messages_a_month": len(told.messages) / told.months if len(moments) > 1 else None,
             "first_at": moments[0].at if moments else None, "last_at": moments[-1].at if moments else None}
        )  # fmt: skip
    return found


def _fold(
    watching: sector.Sector, rule: str, moments: list[Moment], known: list[Episode], watched: set[tuple[str, str, str]],
    acts: list[Act], source: Literal["décisions", "millésimes"], start: datetime, end: datetime,
) -> Replay:  # fmt: skip
    rules = {one.rule: one for one in watching.alert_rules}
    episodes = {episode.alert_id: episode for episode in known if episode.rule == rule}
    sent: list[Message] = []
    for moment in moments:
        policy = Policy({rule: rules[rule].remind_days}, moment.muted)
        changes = decide(moment.evaluations, episodes.values(), moment.at, watched, policy, acts[: moment.acts])
        said = []
        for change in changes:
            episodes[change.episode.alert_id] = change.episode
            if change.occasion and not change.is_muted:
                said.append(messages.Said(change, _line(change.episode, watching)))
        sent += messages.compose(said, rules, moment.at, {})
        watched |= {(e.rule, e.rule_version, e.entity) for e in moment.evaluations}
    told = [moment.at for moment in moments]
    length = (min(end, told[-1]) - max(start, told[0])).days / 30.4375 if told else 0
    # as they leave the outbox
    sent.sort(key=lambda one: (one.created_at, one.thread_id, one.message_id))
    return Replay(source, len(moments), sent, sorted(episodes.values(), key=lambda e: (e.opened_at, e.alert_id)), max(length, 1))


def _line(episode: Episode, watching: sector.Sector) -> dict[str, Any]:
    rule = watching.rule_at(episode.rule, episode.reading.ref_area, episode.reading.breakdown)
    assert rule, "a rule that is replayed is in the sector file"
    return alert_line(episode, rule, watch.labels(watching), ())


def _watched(state: Store, rule: str, before: datetime | None) -> set[tuple[str, str, str]]:
    if before is None:
        return set()
    rows = state.execute("select rule, version, entity, since from watched where rule = :rule", {"rule": rule})
    return {(row.rule, row.version, row.entity) for row in rows if row.since is None or row.since <= before.isoformat()}


def _decided(state: Store, rule: str, start: datetime, end: datetime) -> Iterator[Moment]:
    """The decisions of a stretch, each with what it was taken on."""
    decisions = state.execute("select no, decided_at, acts from decisions order by no").all()
    rows = state.execute(
        "select decision, entity, period, body from evaluations where rule = :rule order by decision", {"rule": rule}
    ).all()
    told: dict[tuple[str, str], str] = {}
    number = 0
    for decision in decisions:
        while number < len(rows) and rows[number].decision <= decision.no:
            row = rows[number]
            number += 1
            if row.body is None:
                told.pop((row.entity, row.period), None)
            else:
                told[row.entity, row.period] = row.body
        at = datetime.fromisoformat(decision.decided_at)
        if start <= at <= end and number:
            bodies = [json.loads(body) for body in told.values()]
            muted = {(rule, body["entity"]): cause for body in bodies if (cause := body.pop("muted"))}
            yield Moment(at, [watch.parsed_evaluation(body) for body in bodies], muted, decision.acts)


def _vintages(published: duckdb.DuckDBPyConnection, rule: str, start: datetime, end: datetime) -> Iterator[Moment]:
    """The moments at which what was known of the rule changed, each with what was then known."""
    cursor = published.execute(
        """
        select
          rule, rule_version, entity, indicator, ref_area, breakdown, methodology, freq, period, is_closed, unit, value, lower,
          upper, class as value_class, obs_status, origin, level, missing_reason, known_at, receipt_id, possible_level,
          known_from, known_to
        from alert_history where rule = ? order by entity, period, known_from
        """,
        [rule],
    )
    names = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    moments = {moment for row in rows for moment in (row["known_from"], row["known_to"]) if moment and start <= moment <= end}
    for at in sorted(moments):
        standing = [row for row in rows if row["known_from"] <= at and (row["known_to"] is None or at < row["known_to"])]
        yield Moment(at, [Evaluation(**{n: v for n, v in row.items() if not n.startswith("known_") or n == "known_at"})
                          for row in standing], {})  # fmt: skip


Ask = Callable[[], duckdb.DuckDBPyConnection]
