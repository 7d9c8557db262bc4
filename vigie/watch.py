"""Thresholds crossed → alerts and their messages, decided on the built marts.

What is decided and what is to be said are written in one transaction of the store: a crash
leaves both or neither, and the same decision taken again changes nothing.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from typing import Any

import duckdb

from vigie import build, inputs, sector
from vigie import feed as feeds
from vigie.clock import Run
from vigie.decisions import decide
from vigie.episodes import Change, Episode, message_id
from vigie.evaluations import Evaluation
from vigie.lake import Lake, LakeError, to_json
from vigie.sector import AlertRule
from vigie.store import Message, Store, exists, open_store
from vigie.wording import ALERT_COLUMNS, alert_line, message

__all__ = ["ALERT_COLUMNS", "WatchReport", "published_alerts", "watch"]


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
    with open_store(lake) as state:
        latest = state.execute("select max(decided_at) from decisions").scalar()
        if is_past or (latest and at < datetime.fromisoformat(latest)):
            return WatchReport(len(evaluations), 0, 0, 0, {}, is_retrospective=True)
        watched = {(row.rule, row.version, row.entity) for row in state.execute("select rule, version, entity from watched")}
        changes = decide(evaluations, _episodes(state), at, watched)
        messages = _record(state, changes, loads, flags, at)
        _note_seen(state, evaluations, at)
        standing = [line for line in _lines(state, at) if line["state"] == "actif"]
    degrees = Counter(line["level"] for line in standing)
    return WatchReport(len(evaluations), len(standing), len(changes), messages, dict(degrees))


def published_alerts(lake: Lake, as_of: datetime) -> list[dict[str, Any]]:
    """Every alert as it stood at that date, in the shape of `ALERT_COLUMNS`."""
    if not exists(lake):
        return []
    with open_store(lake) as state:
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


def _episodes(state: Store) -> list[Episode]:
    return [_parse(row.episode) for row in state.latest_episodes()]


def _lines(state: Store, at: datetime) -> list[dict[str, Any]]:
    lines = [json.loads(row.line) for row in state.latest_episodes(at)]
    # an episode decided before a column existed has nothing to say of it
    return [{name: _typed(line.get(name), kind) for name, kind in ALERT_COLUMNS.items()} for line in lines]


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


def _record(state: Store, changes: list[Change], loads: dict[str, list[str]], flags: Flags, at: datetime) -> int:
    watching = sector.load(inputs.SECTOR)
    rules = {rule.rule: rule for rule in watching.alert_rules}
    lines = {row.alert_id: json.loads(row.line) for row in state.latest_episodes()}
    decided = []
    messages = 0
    for change in changes:
        episode = change.episode
        before = lines.get(episode.alert_id)
        rule = rules.get(episode.rule)
        line = _line(episode, rule, _labels(watching), loads, before)
        if contested := flags.get((episode.rule, episode.entity)):
            line["caution"] = " ; ".join([line["caution"], *contested])
        decided.append((episode.alert_id, to_json(asdict(episode)), to_json(line)))
        if change.occasion:
            text = message(change, line)
            state.post(Message(
                message_id(episode), episode.alert_id, "alert", line["level"], episode.rule, line["ref_area"],
                (episode.alert_id,), at, text.subject, text.body, {"occasion": change.occasion, "lines": [line]},
            ))  # fmt: skip
            messages += 1
    state.add_episodes(at, decided)
    return messages


def _note_seen(state: Store, evaluations: list[Evaluation], at: datetime) -> None:
    seen = sorted({(e.rule, e.rule_version, e.entity) for e in evaluations})
    if seen:
        state.execute(
            "insert into watched values (:rule, :version, :entity, :since) on conflict do nothing",
            [{"rule": rule, "version": version, "entity": entity, "since": at.isoformat()} for rule, version, entity in seen],
        )
    state.execute(
        "insert into decisions values (:at, :count) on conflict (decided_at) do update set evaluations = excluded.evaluations",
        {"at": at.isoformat(), "count": len(evaluations)},
    )


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
