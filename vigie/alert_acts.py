"""What people do about alerts: signed, dated, appended and never taken back. It is heard at the next watch."""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from vigie import sector, watch
from vigie.clock import CallError, Run
from vigie.inputs import SECTOR
from vigie.store import exists, open_store, verify

Kind = Literal["acknowledge", "silence", "snooze", "reopen", "annotate", "read"]
DONE: Mapping[Kind, str] = {
    "acknowledge": "prise en charge", "silence": "silence", "snooze": "mise en veille", "reopen": "réouverture",
    "annotate": "note", "read": "lecture économique",
}  # fmt: skip
LONGEST_DAYS = 366
"""A silence that lasts longer is a rule to change."""


@dataclass(frozen=True)
class RecordedAct:
    """What somebody did, as the store keeps it; `no` is its number in the order of acts."""

    no: int
    kind: Kind
    target: str
    by: str
    at: datetime
    until: datetime | None
    note: str

    def sentence(self) -> str:
        until = f", jusqu'au {self.until:%d/%m/%Y %H:%M} (UTC)" if self.until else ""
        return f"{DONE[self.kind]} n° {self.no} : {self.target}, par {self.by}{until} ; la prochaine veille en tient compte"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"kind_fr": DONE[self.kind]}


def under_way(run: Run, *, is_all: bool = False) -> list[dict[str, Any]]:
    """The alerts that are active, or all that ever were, each with what people did of it, oldest first."""
    acts = _acts(run)
    lines = [line for line in watch.published_alerts(run.data, datetime.max) if is_all or line["state"] == "actif"]
    return [line | {"acts": [act.as_dict() for act in acts if _is_about(act, line)]} for line in lines]


def act(run: Run, kind: Kind, target: str, by: str, note: str = "", until: datetime | None = None) -> RecordedAct:
    """Records what somebody does; CallError when it cannot be done, naming what can.

    The target of a silence is a rule, or `rule/entity`; that of any other act is an alert.
    """
    if not by.strip():
        raise CallError("un acte se signe : ajouter --by NOM")
    if kind in ("silence", "reopen", "annotate", "read") and not note.strip():
        raise CallError("dire pourquoi, ou quoi : ajouter --note TEXTE")
    if kind in ("silence", "snooze"):
        _check_until(run, until)
    if kind == "silence":
        _check_scope(run, target)
    else:
        _check_alert(run, kind, target)
    with open_store(run.data) as state:
        no = state.add_act(kind, target, by.strip(), run.now, until, note.strip())
    return RecordedAct(no, kind, target, by.strip(), run.now, until, note.strip())


def moment(run: Run, text: str) -> datetime:
    """Until when: a day (2026-12-31: its end in UTC), a moment, or a length from now (14j, 36h)."""
    length = re.fullmatch(r"(\d{1,4})\s*([jh])", text.strip())
    if length:
        count = int(length[1])
        return run.now + (timedelta(days=count) if length[2] == "j" else timedelta(hours=count))
    try:
        if "T" not in text and " " not in text.strip():
            return datetime.combine(date.fromisoformat(text.strip()), datetime.min.time()) + timedelta(days=1)
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise CallError(f"« {text} » ne dit pas jusqu'à quand : une date (2026-12-31) ou une durée (14j, 36h)") from None
    return found.replace(tzinfo=None)


def broken(run: Run, heads: Collection[str] = ()) -> tuple[int, str] | None:
    """The first row of the journal that no longer holds, with what is wrong; None when all hold. `heads`: see `verify`."""
    if not exists(run.data) and not heads:
        return None
    with open_store(run.data) as state:
        found = verify(state, heads)
    return (found.no, found.reason) if found else None


def _check_until(run: Run, until: datetime | None) -> None:
    if until is None:
        raise CallError("un silence a une fin : ajouter --until DATE (2026-12-31) ou une durée (14j, 36h)")
    if until <= run.now:
        raise CallError(f"{until:%d/%m/%Y %H:%M} est déjà passé : donner une date à venir")
    if until > run.now + timedelta(days=LONGEST_DAYS):
        raise CallError("plus d'un an de silence : c'est la règle qu'il faut changer, dans le fichier du secteur")


def _check_scope(run: Run, target: str) -> None:
    rules = [rule.rule for rule in sector.load(SECTOR).alert_rules]
    rule, _, entity = target.partition("/")
    if rule not in rules:
        raise CallError(f"règle inconnue « {rule} » ; règles du secteur : {', '.join(rules)}")
    known = {line["entity"] for line in watch.published_alerts(run.data, datetime.max) if line["rule"] == rule}
    if entity and entity not in known:
        raise CallError(f"aucune alerte de {rule} sur « {entity} » ; connues : {', '.join(sorted(known)) or 'aucune'}")


def _check_alert(run: Run, kind: Kind, target: str) -> None:
    wanted = {"acknowledge": ("actif",), "snooze": ("actif",), "reopen": ("résolu",)}.get(kind)
    lines = watch.published_alerts(run.data, datetime.max)
    known = [line["alert_id"] for line in lines if wanted is None or line["state"] in wanted]
    if target not in known:
        states = " ou ".join(wanted) if wanted else "connue"
        raise CallError(f"aucune alerte « {target} » à l'état {states} ; il y a : {', '.join(known) or 'aucune'}")


def _is_about(act: RecordedAct, line: Mapping[str, Any]) -> bool:
    return act.target in (line["alert_id"], line["rule"], f"{line['rule']}/{line['entity']}")


def _acts(run: Run) -> list[RecordedAct]:
    if not exists(run.data):
        return []
    with open_store(run.data) as state:
        rows = state.acts()
    found = []
    for row in rows:
        until = datetime.fromisoformat(row.until) if row.until else None
        found.append(RecordedAct(row.no, row.kind, row.target, row.by_whom, datetime.fromisoformat(row.at), until, row.note))
    return found
