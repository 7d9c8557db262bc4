"""What people do about an alert under way: said once, signed, dated, and never taken back."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from vigie import watch
from vigie.clock import CallError, Run
from vigie.store import exists, open_store


@dataclass(frozen=True)
class Acknowledgement:
    """Somebody takes care of an alert; `note` says how, or who else."""

    alert_id: str
    by: str
    at: datetime
    note: str

    def sentence(self) -> str:
        return f"{self.alert_id} : prise en charge par {self.by}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def under_way(run: Run) -> list[dict[str, Any]]:
    """The alerts that are active, each with what people said of it, oldest first."""
    said = _said(run)
    lines = [line for line in watch.published_alerts(run.data, datetime.max) if line["state"] == "actif"]
    return [line | {"acknowledged": [asdict(act) for act in said if act.alert_id == line["alert_id"]]} for line in lines]


def acknowledge(run: Run, alert_id: str, by: str, note: str = "") -> Acknowledgement:
    """Records that somebody takes care of an active alert; CallError when there is none of that name."""
    if not by.strip():
        raise CallError("une prise en charge se signe : ajouter --by NOM")
    known = [line["alert_id"] for line in under_way(run)]
    if alert_id not in known:
        raise CallError(f"aucune alerte active « {alert_id} » ; actives : {', '.join(known) or 'aucune'}")
    act = Acknowledgement(alert_id, by.strip(), run.now, note.strip())
    with open_store(run.data) as state:
        state.add_act("acknowledge", act.alert_id, act.by, act.at, note=act.note)
    return act


def _said(run: Run) -> list[Acknowledgement]:
    if not exists(run.data):
        return []
    with open_store(run.data) as state:
        acts = state.acts("acknowledge")
    return [Acknowledgement(act.target, act.by_whom, datetime.fromisoformat(act.at), act.note) for act in acts]
