"""Thresholds crossed → alerts and their messages, decided on the built marts.

What is decided and what is to be said are written in one transaction of `state.sqlite`: a crash
leaves both or neither, and the same decision taken again changes nothing.
"""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from typing import Any

import duckdb

from vigie import build, inputs, sector
from vigie import feed as feeds
from vigie.clock import Run
from vigie.decisions import Policy, decide
from vigie.episodes import Change, Episode, message_id
from vigie.evaluations import Evaluation
from vigie.lake import Lake, LakeError, to_json
from vigie.sector import AlertRule
from vigie.wording import ALERT_COLUMNS, alert_line, message

__all__ = ["ALERT_COLUMNS", "WatchReport", "open_state", "published_alerts", "watch"]

SCHEMA = """
create table if not exists decisions (decided_at text primary key, evaluations integer not null);
create table if not exists watched (rule text, version text, entity text, since text, primary key (rule, version, entity));
create table if not exists episodes (
  alert_id text, no integer, decided_at text not null, episode text not null, line text not null,
  primary key (alert_id, no)
);
create table if not exists acknowledgements (
  alert_id text not null, by_whom text not null, at text not null, note text not null
);
create table if not exists outbox (
  message_id text primary key, alert_id text not null, occasion text not null, created_at text not null,
  subject text not null, body text not null, line text not null
);
create table if not exists deliveries (
  message_id text not null references outbox, channel text not null, attempts integer not null default 0,
  last_error text, delivered_at text, abandoned_at text, primary key (message_id, channel)
);
"""
"""Episodes are appended, never rewritten: each version says when it was decided."""


@dataclass(frozen=True)
class WatchReport:
    """What was judged and what came of it; `is_retrospective` means that nothing was decided."""

    evaluations: int
    active: int
    changes: int
    messages: int
    by_degree: dict[str, int]
    is_retrospective: bool = False

    def summary(self) -> str:
        if self.is_retrospective:
            return f"question sur le passé : {self.evaluations} évaluations lues, rien n'est décidé"
        degrees = ", ".join(f"{count} {degree}" for degree, count in sorted(self.by_degree.items(), reverse=True))
        return f"{self.active} alerte(s) active(s){f' ({degrees})' if degrees else ''}, {self.messages} message(s) à envoyer"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@contextmanager
def open_state(lake: Lake) -> Iterator[sqlite3.Connection]:
    """The store of decisions and deliveries; what the block does is one transaction."""
    connection = sqlite3.connect(lake.state, timeout=30, isolation_level=None)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.executescript(SCHEMA)
        connection.execute("begin immediate")
        with connection:
            yield connection
    finally:
        connection.close()


def watch(run: Run) -> WatchReport:
    """Judges every rule on the built warehouse and records what changes, once."""
    lake = run.data
    with lake.lock("build"):
        built = build.stamp(lake)
        if built is None:
            raise LakeError("la dernière construction n'est pas complète : lancer vigie build")
        evaluations, loads, flags = _read(lake)
    at = datetime.fromisoformat(built["as_of"])
    is_past = run.is_retrospective or built["axis"] == "published" or at < datetime.fromisoformat(built["now"])
    with open_state(lake) as state:
        latest = state.execute("select max(decided_at) as at from decisions").fetchone()["at"]
        if is_past or (latest and at < datetime.fromisoformat(latest)):
            return WatchReport(len(evaluations), 0, 0, 0, {}, is_retrospective=True)
        watched = {tuple(row) for row in state.execute("select rule, version, entity from watched")}
        changes = decide(evaluations, _episodes(state), at, watched)
        messages = _record(state, changes, loads, flags, at)
        seen = {(e.rule, e.rule_version, e.entity, at.isoformat()) for e in evaluations}
        state.executemany("insert or ignore into watched values (?, ?, ?, ?)", sorted(seen))
        state.execute("insert or replace into decisions values (?, ?)", (at.isoformat(), len(evaluations)))
        standing = [line for line in _lines(state, at) if line["state"] == "actif"]
    degrees = Counter(line["level"] for line in standing)
    return WatchReport(len(evaluations), len(standing), len(changes), messages, dict(degrees))


def published_alerts(lake: Lake, as_of: datetime) -> list[dict[str, Any]]:
    """Every alert as it stood at that date, in the shape of `ALERT_COLUMNS`."""
    if not lake.state.exists():
        return []
    with open_state(lake) as state:
        return _lines(state, as_of)


Flags = dict[tuple[str, str], list[str]]
"""By rule and entity, what somebody contests in the figures that it rests on."""


def _read(lake: Lake) -> tuple[list[Evaluation], dict[str, list[str]], Flags]:
    """The evaluations, by receipt the loads that each rests on, and what is contested.

    A threshold crossed by what may be a reclassification is calm: the alert on the data speaks instead.
    """
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        columns = ", ".join('"class"' if f.name == "value_class" else f.name for f in fields(Evaluation))
        rows = connection.execute(f"select {columns} from marts.alert_evaluations order by all").fetchall()
        resting = connection.execute(
            """
            select distinct inputs.receipt_id, loads.feed, loads.load_id, loads.caused_by
            from marts.indicator_inputs as inputs
            inner join marts.alert_evaluations as evaluations on inputs.receipt_id = evaluations.receipt_id
            inner join lake.loads as loads on inputs.feed = loads.feed and inputs.load_id = loads.load_id
            order by all
            """
        ).fetchall()
        flagged = connection.execute("select kind, rule, entity, period, sentence from marts.alert_flags order by all").fetchall()
    loads = defaultdict(list)
    for receipt, feed, load, cause in resting:
        loads[receipt].append(f"{feed} {load} (par {cause})")
    inhibited = {(rule, entity, period) for kind, rule, entity, period, _ in flagged if kind == "reclassification"}
    evaluations = [Evaluation(*row) for row in rows]
    judged = [replace(e, level=0) if (e.rule, e.entity, e.period) in inhibited else e for e in evaluations]
    flags: Flags = defaultdict(list)
    for kind, rule, entity, _, sentence in flagged:
        if kind == "contested":
            flags[rule, entity].append(sentence)
    return judged, loads, flags


def _episodes(state: sqlite3.Connection) -> list[Episode]:
    return [_parse(row["episode"]) for row in _latest(state, datetime.max)]


def _lines(state: sqlite3.Connection, at: datetime) -> list[dict[str, Any]]:
    lines = [json.loads(row["line"]) for row in _latest(state, at)]
    # an episode decided before a column existed has nothing to say of it
    return [{name: _typed(line.get(name), kind) for name, kind in ALERT_COLUMNS.items()} for line in lines]


def _latest(state: sqlite3.Connection, at: datetime) -> list[sqlite3.Row]:
    """The last version of each episode decided by then."""
    return state.execute(
        "select episode, line, max(no) from episodes where decided_at <= ? group by alert_id order by alert_id",
        (at.isoformat(),),
    ).fetchall()


def _typed(value: Any, kind: str) -> Any:
    if value is None or kind not in ("TIMESTAMP", "DATE"):
        return value
    return datetime.fromisoformat(value) if kind == "TIMESTAMP" else date.fromisoformat(value)


def _parse(text: str) -> Episode:
    values = json.loads(text)
    reading = values.pop("reading")
    for part, kind in ((values, Episode), (reading, Evaluation)):
        for field in fields(kind):
            if field.type in (datetime, datetime | None) and part[field.name]:
                part[field.name] = datetime.fromisoformat(part[field.name])
    return Episode(**values, reading=Evaluation(**reading))


def _record(state: sqlite3.Connection, changes: list[Change], loads: dict[str, list[str]], flags: Flags, at: datetime) -> int:
    watching = sector.load(inputs.SECTOR)
    rules = {rule.rule: rule for rule in watching.alert_rules}
    messages = 0
    for change in changes:
        episode = change.episode
        before = state.execute(
            "select no, line from episodes where alert_id = ? order by no desc limit 1", (episode.alert_id,)
        ).fetchone()
        rule = rules.get(episode.rule)
        line = _line(episode, rule, _labels(watching), loads, before and json.loads(before["line"]))
        if contested := flags.get((episode.rule, episode.entity)):
            line["caution"] = " ; ".join([line["caution"], *contested])
        state.execute(
            "insert into episodes values (?, ?, ?, ?, ?)",
            (episode.alert_id, before["no"] + 1 if before else 1, at.isoformat(), to_json(asdict(episode)), to_json(line)),
        )
        if change.occasion:
            text = message(change, line)
            state.execute(
                "insert into outbox values (?, ?, ?, ?, ?, ?, ?)",
                (message_id(episode), episode.alert_id, change.occasion, at.isoformat(), text.subject, text.body, to_json(line)),
            )
            messages += 1
    return messages


def _line(
    episode: Episode,
    rule: AlertRule | None,
    label: Callable[[str], str],
    loads: dict[str, list[str]],
    before: dict[str, Any] | None,
) -> dict[str, Any]:
    if rule is not None:
        return alert_line(episode, rule, label, loads.get(episode.reading.receipt_id, ()))
    # a rule that left the sector file leaves its alerts their last texts
    assert before, "an episode can only open under a rule"
    line = {name: _typed(before.get(name), kind) for name, kind in ALERT_COLUMNS.items()}
    return line | {
        "state": episode.state, "due_on": None, "closed_at": episode.closed_at, "updated_at": episode.updated_at,
    }  # fmt: skip


def _labels(watching: sector.Sector) -> Callable[[str], str]:
    titles = {name: feeds.load(name).title for name in feeds.names()}
    return lambda code: titles.get(code) or watching.label(code)
