"""What is to be said of alerts: a pure function from evaluations, past episodes and human acts to what changes.

The figures make an alert (vigie.episodes); people and causes decide whether it is said: somebody silences it or takes it
in charge, a feed that is dead speaks for the figures that rest on it. The same function decides live, in a back-test and
in a rehearsal.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vigie.episodes import TRANSITIONS, Change, Episode, Hush, IllegalTransition, follow_entity, told
from vigie.evaluations import Evaluation


@dataclass(frozen=True)
class Act:
    """What somebody did about an alert, or about all those that a silence names (`rule` or `rule/entity`)."""

    kind: str
    target: str
    by: str
    at: datetime
    until: datetime | None = None
    note: str = ""

    def covers(self, episode: Episode, now: datetime) -> bool:
        """True when it hushes this alert at that moment."""
        names = (episode.alert_id, episode.rule, f"{episode.rule}/{episode.entity}")
        return self.kind in ("silence", "snooze") and self.target in names and self.at <= now < (self.until or datetime.max)


@dataclass(frozen=True)
class Policy:
    """What decides beside the figures: the rules in force, after how many days each reminds (None: never), what mutes what.

    `muted` holds, by (rule, entity), the French name of the cause that speaks instead.
    """

    remind_days: Mapping[str, int | None]
    muted: Mapping[tuple[str, str], str]


def decide(
    evaluations: Iterable[Evaluation],
    episodes: Iterable[Episode],
    now: datetime,
    watched: Collection[tuple[str, str, str]],
    policy: Policy,
    acts: Iterable[Act] = (),
) -> list[Change]:
    """What changes; `watched` holds the (rule, version, entity) seen before, `acts` all that people ever did.

    An entity seen for the first time has its past episodes recorded without a word.
    """
    lines: dict[tuple[str, str], list[Evaluation]] = defaultdict(list)
    for evaluation in evaluations:
        lines[evaluation.rule, evaluation.entity].append(evaluation)
    pasts: dict[tuple[str, str], list[Episode]] = defaultdict(list)
    for episode in episodes:
        pasts[episode.rule, episode.entity].append(episode)
    done = [act for act in acts if act.at <= now]
    changes = []
    for key in sorted(lines.keys() | pasts.keys()):
        line = sorted(lines.get(key, ()), key=lambda e: e.period)
        past = sorted(pasts.get(key, ()), key=lambda e: (e.opened_on, e.opened_at))
        is_new = bool(line) and (line[-1].rule, line[-1].rule_version, line[-1].entity) not in watched
        is_in_force = key[0] in policy.remind_days
        reopened = _reopened(past, done) if is_in_force else set()
        for before, change in follow_entity(line, past, now, reopened, is_new=is_new, is_in_force=is_in_force):
            heard = _heard(before, change, now, policy, done)
            if heard.episode == before:
                continue
            if heard.episode.state not in TRANSITIONS[before.state if before else None]:
                raise IllegalTransition(f"{heard.episode.alert_id} : {before and before.state} → {heard.episode.state}")
            changes.append(replace(heard, episode=replace(heard.episode, updated_at=now)))
    return changes


def _heard(before: Episode | None, change: Change, now: datetime, policy: Policy, acts: Sequence[Act]) -> Change:
    """The same change once people's acts and what mutes it are taken in."""
    episode, occasion = change.episode, change.occasion
    is_active = episode.state == "actif"
    taken = [act for act in acts if act.kind == "acknowledge" and act.target == episode.alert_id and act.at >= episode.armed_at]
    episode = replace(
        episode, acknowledged_by=taken[-1].by if taken and is_active else None,
        economic_note=_said(acts, "read", episode), annotations=_said(acts, "annotate", episode),
    )  # fmt: skip
    hush = _hush(episode, now, policy, acts)
    if hush:
        return _muted(before, Change(episode, occasion), hush)
    was_silenced = before is not None and before.hush in ("silence", "snooze")
    episode = replace(episode, hush=None, hushed_by=None, hushed_rank=0)
    if occasion is None and is_active and before and episode.told:
        if was_silenced:
            occasion = "fin de silence"
        elif _is_to_be_recalled(episode, now, policy):
            occasion = "rappel"
        episode = told(episode, occasion, now)
    return Change(episode, occasion)


def _said(acts: Sequence[Act], kind: str, episode: Episode) -> str | None:
    """What people wrote of an alert, each with their name and day."""
    notes = [act for act in acts if act.kind == kind and act.target == episode.alert_id]
    return " ; ".join(f"{act.note} ({act.by}, le {act.at:%d/%m/%Y})" for act in notes) or None


def _reopened(past: Iterable[Episode], acts: Sequence[Act]) -> set[str]:
    """The resolved alerts that somebody reopened since."""
    asked = [act for act in acts if act.kind == "reopen"]
    return {
        episode.alert_id
        for episode in past
        if episode.state == "résolu"
        and any(act.target == episode.alert_id and act.at >= (episode.closed_at or episode.updated_at) for act in asked)
    }


def _muted(before: Episode | None, change: Change, hush: tuple[Hush, str]) -> Change:
    """The change as it is noted while nothing is said: people are still to be told, once, of what they have not heard."""
    episode = change.episode
    is_active = episode.state == "actif"
    noted = before.hushed_rank if before and before.hush else 0
    rank = episode.rank if change.occasion else 0
    is_noted = change.occasion is None or (is_active and rank <= noted)
    heard = (before.told, before.told_rank, before.told_at) if before else (0, 0, None)
    quiet = replace(
        episode, hush=hush[0] if is_active else None, hushed_by=hush[1] if is_active else None,
        hushed_rank=max(rank, noted) if is_active else 0,
        told=heard[0], told_rank=heard[1] if is_active else 0, told_at=heard[2],
    )  # fmt: skip
    return Change(quiet, None if is_noted else change.occasion, is_muted=not is_noted)


def _hush(episode: Episode, now: datetime, policy: Policy, acts: Sequence[Act]) -> tuple[Hush, str] | None:
    """Why nothing is said of this alert now: the cause that speaks instead, else the silence that ends last."""
    if cause := policy.muted.get((episode.rule, episode.entity)):
        return "inhibition", cause
    standing = [act for act in acts if act.covers(episode, now)]
    if not standing:
        return None
    last = max(standing, key=lambda act: act.until or datetime.max)
    until = f", jusqu'au {last.until:%d/%m/%Y %H:%M} (UTC)" if last.until else ""
    return ("silence" if last.kind == "silence" else "snooze"), f"{last.by}{until}" + (f" : {last.note}" if last.note else "")


def _is_to_be_recalled(episode: Episode, now: datetime, policy: Policy) -> bool:
    days = policy.remind_days.get(episode.rule)
    return (
        days is not None
        and episode.acknowledged_by is None
        and episode.told_at is not None
        and now >= episode.told_at + timedelta(days=days)
    )
