"""Who receives which message, by which ways, and when: `sectors/<sector>/routes.yml`.

A route names the settings that hold its addresses, never an address. Hours are those of Casablanca.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from vigie import declared, sector
from vigie.clock import CASABLANCA
from vigie.declared import Code, Strict, Text
from vigie.feed import SECTORS
from vigie.sector import Sector
from vigie.store import Message

WAITING = ("orange", "calme")
"""The degrees that may wait; a red message leaves at once, always."""


def _hour(text: Any) -> Any:
    try:
        return time.fromisoformat(text)
    except (TypeError, ValueError):
        raise ValueError(f"« {text} » n'est pas une heure : l'écrire 'HH:MM', entre guillemets") from None


Hour = Annotated[time, BeforeValidator(_hour)]
Setting = Annotated[str, Field(pattern=r"^VIGIE_[A-Z0-9_]+$")]
Waiting = Literal["orange", "calme"]


class QuietHours(Strict):
    """From when to when, on every day, what is not red waits; `start` after `end` goes through midnight."""

    start: Hour
    end: Hour

    def end_after(self, moment: datetime) -> datetime | None:
        """When the quiet hours that hold this moment end, both in naive UTC; None outside of them."""
        here = local(moment)
        hour = here.time()
        is_over_midnight = self.start > self.end
        if is_over_midnight:
            is_quiet = hour >= self.start or hour < self.end
        else:
            is_quiet = self.start <= hour < self.end
        if not is_quiet:
            return None
        day = here.date() + timedelta(days=is_over_midnight and hour >= self.start)
        return _utc(datetime.combine(day, self.end, CASABLANCA))


class Digest(Strict):
    """When a route hears what came of its period, even if it is nothing; `weekday` 1 is Monday.

    Messages of the degrees that `holds` names wait for it instead of leaving one by one.
    """

    every: Literal["day", "week"]
    at: Hour
    weekday: Annotated[int, Field(ge=1, le=7)] = 1
    holds: tuple[Waiting, ...] = ()

    @field_validator("holds", mode="before")
    @classmethod
    def _red_never_waits(cls, holds: Any) -> Any:
        if isinstance(holds, list) and "rouge" in holds:
            raise ValueError("un message rouge part tout de suite : il n'attend jamais le recueil")
        return tuple(holds) if isinstance(holds, list) else holds

    def last_before(self, moment: datetime) -> datetime:
        """The latest moment of a digest that is not after this one, both in naive UTC."""
        here = local(moment)
        back = (here.isoweekday() - self.weekday) % 7 if self.every == "week" else 0
        slot = datetime.combine(here.date() - timedelta(days=back), self.at, CASABLANCA)
        if slot > here:
            day = here.date() - timedelta(days=back + (7 if self.every == "week" else 1))
            slot = datetime.combine(day, self.at, CASABLANCA)
        return _utc(slot)

    @property
    def period_fr(self) -> str:
        return "de la semaine" if self.every == "week" else "du jour"


class Route(Strict):
    """A role, what it is told of (everything where a filter is empty), by which settings' addresses, and how often."""

    route: Code
    role: Text
    to: Setting | None = None
    webhook: Setting | None = None
    webhook_secret: Setting | None = None
    apprise: Setting | None = None
    regions: Annotated[list[Code], Field(min_length=1)] | None = None
    degrees: Annotated[list[Literal["rouge", "orange", "calme"]], Field(min_length=1)] | None = None
    rules: Annotated[list[Code], Field(min_length=1)] | None = None
    languages: tuple[Literal["fr"], ...] = ("fr",)
    quiet_hours: QuietHours | None = None
    digest: Digest | None = None
    budget_per_week: Annotated[int, Field(ge=1)]
    budget_basis: Text

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if not (self.to or self.webhook or self.apprise):
            raise ValueError(f"la route « {self.route} » ne mène nulle part : nommer to, webhook ou apprise")
        if self.webhook_secret and not self.webhook:
            raise ValueError(f"la route « {self.route} » signe un webhook qu'elle n'a pas : nommer webhook")
        return self

    def takes(self, message: Message, within: dict[str, str | None]) -> bool:
        """True when the message is for this route; `within` gives the place that holds each place."""
        if only := message.payload.get("route"):
            return bool(only == self.route)
        if message.kind == "failure":
            return True
        if self.degrees and message.degree not in self.degrees:
            return False
        if message.payload.get("language", "fr") not in self.languages:
            return False
        lines = message.payload.get("lines") or []
        rules = {message.rule, *(line.get("rule") for line in lines)}
        if self.rules and not rules & set(self.rules):
            return False
        places = {message.ref_area, *(line.get("ref_area") for line in lines)} - {"", None}
        return not self.regions or any(_is_within(place, self.regions, within) for place in places)

    def holds(self, message: Message) -> bool:
        """True when the message waits for this route's digest."""
        return bool(self.digest and message.kind in ("alert", "group") and message.degree in self.digest.holds)

    def not_before(self, message: Message, now: datetime) -> datetime | None:
        """Until when the quiet hours keep a message; None when it may leave."""
        if self.quiet_hours and message.degree in WAITING:
            return self.quiet_hours.end_after(now)
        return None


class Routes(Strict):
    """The routes of a sector; the places and rules that they name are the sector's."""

    routes: Annotated[list[Route], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_are_unique_and_known(self, info: ValidationInfo) -> Self:
        names = [route.route for route in self.routes]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"route déclarée deux fois : {', '.join(repeated)}")
        known = info.context or {}
        for kind, named, there in (
            ("lieu", {area for route in self.routes for area in route.regions or ()}, known.get("places")),
            ("règle", {rule for route in self.routes for rule in route.rules or ()}, known.get("rules")),
        ):
            if there is not None and (lost := sorted(named - set(there))):
                raise ValueError(f"{kind} que le fichier du secteur ne connaît pas : {', '.join(lost)}")
        return self


@dataclass(frozen=True)
class Directory:
    """The routes of a sector in their order, and the place that holds each of its places."""

    routes: tuple[Route, ...]
    within: dict[str, str | None]

    def named(self, route: str) -> Route | None:
        return next((one for one in self.routes if one.route == route), None)


def load(name: str) -> Directory:
    """The routes of a sector; DeclarationError or SectorError says where a file is wrong."""
    folder = SECTORS / name
    # read again only where a file has changed: a sector takes a sixth of a second
    stamps = tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in (folder / "routes.yml", folder / "sector.yml"))
    return _load(name, stamps)


@lru_cache(maxsize=2)
def _load(name: str, _: tuple[int, ...]) -> Directory:
    watched = sector.load(name)
    return read(SECTORS / name / "routes.yml", watched)


def read(path: Path, watched: Sector) -> Directory:
    """The routes of a file from anywhere, for a sector."""
    known = {"places": [p.ref_area for p in watched.places], "rules": [rule.rule for rule in watched.alert_rules]}
    found = declared.read(path, Routes, "fichier de routes", known)
    return Directory(tuple(found.routes), {place.ref_area: place.parent for place in watched.places})


def _is_within(place: str, regions: list[str], within: dict[str, str | None]) -> bool:
    at: str | None = place
    while at is not None:
        if at in regions:
            return True
        at = within.get(at)
    return False


def local(moment: datetime) -> datetime:
    """A naive UTC time on the clocks of Casablanca."""
    return moment.replace(tzinfo=UTC).astimezone(CASABLANCA)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
