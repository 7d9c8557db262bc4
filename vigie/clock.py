"""The run: which data folder, what time it is, and as of when the observatory is asked."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from vigie import scene
from vigie.lake import Lake, Mode

CASABLANCA = ZoneInfo("Africa/Casablanca")
SAMPLE_NOW = datetime(2026, 11, 23, 8)
"""The sample mode's present: 23 November 2026, 09:00 in Casablanca, as naive UTC. A rehearsal sets another (`vigie.scene`)."""
SECOND = timedelta(seconds=1)

Axis = Literal["known", "published"]


class CallError(Exception):
    """A call that makes no sense: exit status 2."""


@dataclass(frozen=True)
class Run:
    """Everything a stage may know of its surroundings; timestamps are naive UTC.

    `axis` says what `as_of` cuts: what the observatory knew (`known`) or what publishers had
    released (`published`). `is_ticking` is false where the present was given, or is the samples' own.
    `late_before` is the present before this one, on a clock that a rehearsal moves by leaps.
    """

    data: Lake
    now: datetime
    as_of: datetime
    axis: Axis = "known"
    caused_by: str = "vigie"
    is_ticking: bool = False
    late_before: datetime | None = None

    def known_at(self, collected_at: datetime) -> datetime:
        """When what is written to the ledger now becomes known: what was fetched and then lay waiting was not known yet."""
        if self.late_before and collected_at <= self.late_before:
            # a second early, so that several late documents of a feed do not move the present that others work in
            return self.now - SECOND
        return max(collected_at, _clock()) if self.is_ticking else collected_at

    @property
    def mode(self) -> Mode:
        return self.data.mode

    def caught_up(self) -> "Run":
        """The same run once its ledger has moved on: what was just collected is not after its present."""
        latest = max((load.known_at for load in self.data.loads()), default=self.now)
        if self.is_retrospective or latest <= self.now:
            return self
        return replace(self, now=latest, as_of=latest)

    @property
    def is_retrospective(self) -> bool:
        """True when the question is about the past: nothing may then be decided or sent."""
        return self.as_of < self.now or self.axis == "published"


def moment(text: str, *, end_of_day: bool = False) -> datetime:
    """Reads a day or a local (Casablanca) or zoned timestamp into naive UTC."""
    try:
        if len(text) == 10:
            clock = time(23, 59, 59) if end_of_day else time(9)
            local = datetime.combine(date.fromisoformat(text), clock, CASABLANCA)
        else:
            local = datetime.fromisoformat(text)
            local = local if local.tzinfo else local.replace(tzinfo=CASABLANCA)
    except ValueError:
        raise CallError(f"« {text} » n'est pas une date : écrire AAAA-MM-JJ ou AAAA-MM-JJThh:mm:ss") from None
    return local.astimezone(UTC).replace(tzinfo=None)


def sample_moment(day: date) -> datetime:
    """When a bundled document of that day was collected, on the sample clock."""
    return datetime.combine(day, time(9), CASABLANCA).astimezone(UTC).replace(tzinfo=None)


def start(
    folder: Path,
    mode: Mode = "sample",
    now: str | None = None,
    as_of: str | None = None,
    as_published: str | None = None,
    caused_by: str = "vigie",
) -> Run:
    """Opens (or creates) a data folder and sets its clock; CallError when the two dates clash."""
    if as_of and as_published:
        raise CallError("--as-of et --as-published ne se combinent pas : choisir un seul axe")
    lake = Lake.open(folder, mode)
    set_scene = scene.of(lake)
    present = moment(now) if now else _present(lake, set_scene)
    question = as_of or as_published
    asked = moment(question, end_of_day=True) if question else present
    if asked > present:
        if not question or asked.date() != present.date():
            raise CallError(f"--as-of {question} est après le présent de ce dossier ({present:%Y-%m-%d})")
        asked = present
    axis: Axis = "published" if as_published else "known"
    late_before = set_scene.before if set_scene and now is None else None
    return Run(lake, present, asked, axis, caused_by, is_ticking=lake.mode == "live" and now is None, late_before=late_before)


def _present(lake: Lake, set_scene: scene.Scene | None) -> datetime:
    if lake.mode == "sample":
        # each document dropped on the sample day is known a second after the one before
        return max([set_scene.now if set_scene else SAMPLE_NOW, *(load.known_at for load in lake.loads())])
    return _clock()


def _clock() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
