"""Thresholds crossed → alerts and their messages, decided on the built marts.

What is decided, what it was decided on and what is to be said are written in one transaction of the store: a crash
leaves all or nothing, and the same decision taken again changes nothing.
"""

import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid5

from vigie import build, inputs, judged, messages, sector, wording
from vigie import feed as feeds
from vigie.clock import Run
from vigie.decisions import Act, Policy, decide
from vigie.episodes import NAMESPACE, Change, Episode, message_id
from vigie.evaluations import Evaluation, rank
from vigie.judged import Judged
from vigie.lake import Lake, LakeError, to_json
from vigie.store import Degree, Message, Store, exists, open_store
from vigie.wording import ALERT_COLUMNS, alert_line, disk_message, error_message, local_day, review_message

__all__ = ["ALERT_COLUMNS", "WatchReport", "published_alerts", "watch"]


DISK_AMBER, DISK_RED = 0.10, 0.03
"""The share of the disk that is free under which people are told."""


@dataclass(frozen=True)
class WatchReport:
    """What was judged and what came of it; `is_retrospective` means that nothing was decided.

    `preview` holds what would be said, when asked for it alone: nothing is then written nor sent.
    """

    evaluations: int
    active: int
    changes: int
    messages: int
    by_degree: dict[str, int]
    is_retrospective: bool = False
    muted: int = 0
    errors: dict[str, str] = field(default_factory=dict)
    preview: tuple[tuple[str, str], ...] | None = None

    def summary(self) -> str:
        if self.is_retrospective:
            return f"question sur le passé : {self.evaluations} évaluations lues, rien n'est décidé"
        degrees = ", ".join(f"{count} {degree}" for degree, count in sorted(self.by_degree.items(), reverse=True))
        parts = [
            f"{self.active} alerte(s) active(s){f' ({degrees})' if degrees else ''}",
            f"{self.messages} message(s) à envoyer",
        ]
        if self.muted:
            parts.append(f"{self.muted} retenu(s)")
        if self.errors:
            parts.append(f"EN ERREUR : {', '.join(self.errors)}")
        return ", ".join(parts) + (" (essai à blanc : rien n'est écrit)" if self.preview is not None else "")

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class _Preview(Exception):
    """Undoes the transaction of a decision that was only asked for."""

    def __init__(self, report: WatchReport) -> None:
        self.report = report


def watch(run: Run, *, is_preview: bool = False) -> WatchReport:
    """Judges every rule on the built warehouse and records what changes, once; `is_preview` only says what it would."""
    lake = run.data
    watching = sector.load(inputs.SECTOR)
    with lake.lock("build"):
        built = build.stamp(lake)
        if built is None:
            raise LakeError("la dernière construction n'est pas complète : lancer vigie build")
        known = _episodes_of(lake)
        told = judged.read(lake, watching.alert_rules, known)
    at = datetime.fromisoformat(built["as_of"])
    is_past = run.is_retrospective or built["axis"] == "published" or at < datetime.fromisoformat(built["now"])
    try:
        with open_store(lake) as state:
            latest = state.execute("select max(decided_at) from decisions").scalar()
            if is_past or (latest and at < datetime.fromisoformat(latest)):
                return WatchReport(told.count, 0, 0, 0, {}, is_retrospective=True, errors=dict(told.errors))
            report = _decide(state, told, watching, at, lake, is_preview=is_preview)
            if is_preview:
                raise _Preview(report)
            return report
    except _Preview as asked:
        return asked.report


def _decide(state: Store, told: Judged, watching: sector.Sector, at: datetime, lake: Lake, *, is_preview: bool) -> WatchReport:
    watched = {(row.rule, row.version, row.entity) for row in state.execute("select rule, version, entity from watched")}
    # a rule that cannot be read says nothing, and its alerts stay as they are
    standing = [episode for episode in _episodes(state) if episode.rule not in told.errors]
    policy = Policy({rule.rule: rule.remind_days for rule in watching.alert_rules}, told.muted)
    changes = decide(told.evaluations, standing, at, watched, policy, acts_of(state))
    sent, muted = _record(state, changes, told, watching, at, lake)
    _note_decision(state, told, at)
    active = [line for line in _lines(state, at) if line["state"] == "actif"]
    return WatchReport(
        told.count, len(active), len(changes), len(sent), dict(Counter(line["level"] for line in active)), muted=muted,
        errors=dict(told.errors), preview=tuple((one.subject, one.body) for one in sent) if is_preview else None,
    )  # fmt: skip


def published_alerts(lake: Lake, as_of: datetime) -> list[dict[str, Any]]:
    """Every alert as it stood at that date, in the shape of `ALERT_COLUMNS`."""
    if not exists(lake):
        return []
    with open_store(lake) as state:
        return _lines(state, as_of)


def acts_of(state: Store) -> list[Act]:
    """All that people ever did about alerts."""
    return [
        Act(
            row.kind, row.target, row.by_whom, datetime.fromisoformat(row.at),
            datetime.fromisoformat(row.until) if row.until else None, row.note,
        )
        for row in state.acts()
    ]  # fmt: skip


def _episodes_of(lake: Lake) -> list[Episode]:
    if not exists(lake):
        return []
    with open_store(lake) as state:
        return _episodes(state)


def _episodes(state: Store) -> list[Episode]:
    return [parsed_episode(row.episode) for row in state.latest_episodes()]


def _lines(state: Store, at: datetime) -> list[dict[str, Any]]:
    lines = [json.loads(row.line) for row in state.latest_episodes(at)]
    # an episode decided before a column existed has nothing to say of it
    return [{name: _typed(line.get(name), kind) for name, kind in ALERT_COLUMNS.items()} for line in lines]


def _typed(value: Any, kind: str) -> Any:
    if value is None or kind not in ("TIMESTAMP", "DATE"):
        return value
    return datetime.fromisoformat(value) if kind == "TIMESTAMP" else date.fromisoformat(value)


def parsed_evaluation(values: Mapping[str, Any]) -> Evaluation:
    """An evaluation as the store holds it."""
    return Evaluation(**_dated(values, Evaluation))


def parsed_episode(text: str) -> Episode:
    """An episode as the store holds it, whatever version of the house wrote it."""
    values = json.loads(text)
    if "told_level" in values:
        values |= {"told_rank": rank(values.pop("told_level"), "certain"), "armed_at": values["opened_at"]}
    for name in ("reading", "revised"):
        values[name] = parsed_evaluation(values[name]) if values.get(name) else None
    return Episode(**_dated(values, Episode))


def _dated(values: Mapping[str, Any], kind: type) -> dict[str, Any]:
    moments = {f.name for f in fields(kind) if f.type in (datetime, datetime | None)}
    return {
        name: datetime.fromisoformat(value) if name in moments and isinstance(value, str) else value
        for name, value in values.items()
    }


def _record(
    state: Store, changes: list[Change], told: Judged, watching: sector.Sector, at: datetime, lake: Lake
) -> tuple[list[Message], int]:
    """Writes the episodes, what there is to say of them and the messages; returns the messages, and how many say nothing."""
    before = {row.alert_id: json.loads(row.line) for row in state.latest_episodes()}
    label = labels(watching)
    decided, said, notices = [], [], []
    titles = {(line["rule"], line["entity"]): line["title"] for line in before.values()}
    for change in changes:
        line = _line(change, watching, label, told, before.get(change.episode.alert_id))
        titles[change.episode.rule, change.episode.entity] = line["title"]
        decided.append((change.episode.alert_id, to_json(asdict(change.episode)), to_json(line)))
        if change.occasion:
            notices.append(_notice(change, line, at))
            said += [] if change.is_muted else [messages.Said(change, line)]
    mutes: dict[str, list[str]] = defaultdict(list)
    for key, feed in told.muted.items():
        if key in titles:
            mutes[feed].append(titles[key])
    rules = {rule.rule: rule for rule in watching.alert_rules}
    sent = messages.compose(said, rules, at, mutes)
    sent += [_warning(rule, "erreur", reason, "rouge", error_message(rule, reason), at) for rule, reason in told.errors.items()]
    sent += [
        _warning(name, "revue", f"{rule.review_by}", "orange", review_message(rule), at)
        for name, rule in rules.items()
        if rule.review_by < local_day(at)
    ]
    # a sample says the same on every machine
    sent += _disk(lake.root, at) if lake.mode == "live" else []
    state.add_episodes(at, decided)
    state.add_notices(notices)
    return [one for one in sent if state.post(one)], len(notices) - len(said)


def _notice(change: Change, line: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    episode = change.episode
    name = f"{episode.alert_id}|{change.occasion}|{at.isoformat()}"
    return {
        "notice_id": str(uuid5(NAMESPACE, name)) if change.is_muted else message_id(episode), "alert_id": episode.alert_id,
        "occasion": change.occasion, "degree": line["level"], "group_key": episode.rule, "created_at": at.isoformat(),
        "due_at": at.isoformat(), "state": "muted" if change.is_muted else "sent", "why": episode.hushed_by,
        "subject": line["title"], "body": line["finding"], "line": to_json(line),
    }  # fmt: skip


def _warning(rule: str, occasion: str, reason: str, degree: Degree, text: wording.Message, at: datetime) -> Message:
    """What is wrong with a rule itself: said once for each reason."""
    name = str(uuid5(NAMESPACE, f"{occasion}|{rule}|{reason}"))
    payload = {"occasion": occasion, "lines": []}
    return Message(name, name, "failure", degree, rule, "", (), at, text.subject, text.body, payload)


def _disk(folder: Path, at: datetime) -> list[Message]:
    """That the disk is nearly full: said once a day and a degree."""
    usage = shutil.disk_usage(folder)
    free = usage.free / usage.total
    degree: Degree | None = "rouge" if free < DISK_RED else "orange" if free < DISK_AMBER else None
    if degree is None:
        return []
    return [_warning("", "disque", f"{at:%Y-%m-%d}|{degree}", degree, disk_message(degree, free, usage.free), at)]


def _note_decision(state: Store, told: Judged, at: datetime) -> None:
    seen = sorted({(e.rule, e.rule_version, e.entity) for e in told.evaluations})
    if seen:
        state.execute(
            "insert into watched values (:rule, :version, :entity, :since) on conflict do nothing",
            [{"rule": rule, "version": version, "entity": entity, "since": at.isoformat()} for rule, version, entity in seen],
        )
    bodies = {
        (e.rule, e.entity, e.period.isoformat()): to_json(asdict(e) | {"muted": told.muted.get((e.rule, e.entity))})
        for e in told.evaluations
    }
    state.decided(at, told.count, max((act.no for act in state.acts()), default=0), bodies)


def _line(
    change: Change, watching: sector.Sector, label: Callable[[str], str], told: Judged, before: dict[str, Any] | None
) -> dict[str, Any]:
    episode = change.episode
    reading = episode.reading
    rule = watching.rule_at(episode.rule, reading.ref_area, reading.breakdown)
    if rule is None:
        # a rule that left the sector file leaves its alerts their last texts
        assert before, "an episode can only open under a rule"
        line = {name: _typed(before.get(name), kind) for name, kind in ALERT_COLUMNS.items()}
        return line | {
            "state": episode.state, "due_on": None, "closed_at": episode.closed_at, "updated_at": episode.updated_at,
        }  # fmt: skip
    line = alert_line(
        episode, rule, label, told.loads.get(reading.receipt_id, ()), before,
        told.hindsight.get((episode.rule, episode.entity, episode.last_on)),
    )  # fmt: skip
    if contested := told.contested.get((episode.rule, episode.entity)):
        line["caution"] = " ; ".join([line["caution"], *contested])
    return line


def labels(watching: sector.Sector) -> Callable[[str], str]:
    """The French name of a feed or of a code of the sector."""
    titles = {name: feeds.load(name).title for name in feeds.names()}
    return lambda code: titles.get(code) or watching.label(code)
