"""A beat that somebody outside can watch: when it stops, nothing inside is left to say so.

The sweep beats every minute. `vigie pulse` fails when the last beat is old: a cron or a monitor that is not ours runs it.
VIGIE_PULSE_URL is asked at each beat, for the services that alert when they are no longer asked.
"""

import json
import logging
import urllib.request
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vigie import settings
from vigie.lake import Lake, to_json, write_atomically

log = logging.getLogger("vigie")

TIMEOUT_SECONDS = 5


@dataclass(frozen=True)
class Pulse:
    """When the observatory last beat (naive UTC, of the machine's own clock), and whether that is too old."""

    beat_at: datetime | None
    age: timedelta | None
    is_stale: bool

    def sentence(self) -> str:
        if self.age is None:
            return "aucun battement : l'observatoire n'a jamais été servi dans ce dossier ; lancer vigie serve"
        minutes = int(self.age.total_seconds() // 60)
        said = f"dernier battement il y a {minutes} min"
        return f"{said} : l'ordonnanceur est arrêté ; relancer vigie serve" if self.is_stale else said

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"age": None if self.age is None else self.age.total_seconds()}


def beat(lake: Lake) -> None:
    """Writes that the observatory is at work, and tells whoever listens; a listener that is away stops nothing."""
    write_atomically(_path(lake), to_json({"beat_at": _now()}))
    address = settings.read().pulse_url
    if not address:
        return
    try:
        if urlsplit(address).scheme not in ("http", "https"):
            raise ValueError("l'adresse doit commencer par http:// ou https://")
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS):
            pass
    except (OSError, ValueError) as error:
        log.info("  VIGIE_PULSE_URL : battement non reçu (%s)", type(error).__name__)


def read(lake: Lake, most: timedelta) -> Pulse:
    """How the observatory beats; stale when it last did longer ago than `most`, or never did."""
    try:
        beat_at = datetime.fromisoformat(json.loads(_path(lake).read_text())["beat_at"])
    except (OSError, ValueError, KeyError):
        return Pulse(None, None, is_stale=True)
    age = _now() - beat_at
    return Pulse(beat_at, age, age > most)


def _path(lake: Lake) -> Path:
    return lake.root / "pulse.json"


def _now() -> datetime:
    # the machine's clock, whatever present the sample plays
    return datetime.now(UTC).replace(tzinfo=None)
