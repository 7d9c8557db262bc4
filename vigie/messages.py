"""From what changes to messages: one an alert, or one for all that a rule says at once of several entities."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

from vigie import wording
from vigie.alert_rules import AlertRule
from vigie.episodes import NAMESPACE, Change, message_id
from vigie.store import Degree, Kind, Message

SEVERITY: Mapping[str, int] = {"rouge": 2, "orange": 1}


@dataclass(frozen=True)
class Said:
    """A change that people hear of, with the published line of its alert."""

    change: Change
    line: Mapping[str, Any]


def compose(
    said: Iterable[Said], rules: Mapping[str, AlertRule], at: datetime, mutes: Mapping[str, Sequence[str]]
) -> list[Message]:
    """The messages of one decision; `mutes` names, by entity of a feed's alert, the alerts that its silence holds back."""
    ordered = sorted(said, key=lambda one: (*_group(one, rules), one.line["alert_id"]))
    found = []
    for (rule, cause, occasion), group in groupby(ordered, key=lambda one: _group(one, rules)):
        members = list(group)
        thread = str(uuid5(NAMESPACE, f"groupe|{rule}|{cause}")) if _is_grouped(rule, rules) else cause
        if len(members) == 1:
            found.append(_single(members[0], thread, at, mutes))
        else:
            text = wording.group_message(occasion, [one.line for one in members], _cause_fr(members, rules[rule]))
            found.append(_message(members, thread, "group", text, at, occasion))
    return found


def _is_grouped(rule: str, rules: Mapping[str, AlertRule]) -> bool:
    return rule in rules and rules[rule].group_by != "none"


def _group(one: Said, rules: Mapping[str, AlertRule]) -> tuple[str, str, str]:
    """What stands in one message: a rule, a cause, an occasion; the alert itself where nothing is grouped."""
    episode, occasion = one.change.episode, one.change.occasion or ""
    if not _is_grouped(episode.rule, rules):
        return episode.rule, episode.alert_id, occasion
    by = rules[episode.rule].group_by
    return episode.rule, "" if by == "rule" else str(getattr(episode.reading, by)), occasion


def _cause_fr(members: Sequence[Said], rule: AlertRule) -> str:
    return rule.title if rule.group_by == "rule" else f"{rule.title} — {members[0].line['cause_fr']}"


def _single(one: Said, thread: str, at: datetime, mutes: Mapping[str, Sequence[str]]) -> Message:
    text = wording.message(one.change, one.line, mutes.get(one.change.episode.reading.breakdown, ()))
    return _message([one], thread, "alert", text, at, one.change.occasion or "")


def _message(members: Sequence[Said], thread: str, kind: Kind, text: wording.Message, at: datetime, occasion: str) -> Message:
    ids = [message_id(one.change.episode) for one in members]
    degrees: list[Degree] = [one.line["level"] for one in members]
    areas = {str(one.line["ref_area"]) for one in members}
    return Message(
        message_id=ids[0] if len(ids) == 1 else str(uuid5(UUID(thread), "|".join(sorted(ids)))),
        thread_id=thread, kind=kind, degree=max(degrees, key=lambda degree: SEVERITY.get(degree, 0)),
        rule=members[0].change.episode.rule, ref_area=areas.pop() if len(areas) == 1 else "",
        alert_ids=tuple(str(one.line["alert_id"]) for one in members), created_at=at, subject=text.subject, body=text.body,
        payload={"occasion": occasion, "lines": [dict(one.line) for one in members]},
    )  # fmt: skip
