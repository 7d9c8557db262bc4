"""What the small YAML beside a table may say, for each method of the bench (vigie/lab.py)."""

from typing import Literal

from pydantic import Field, field_validator

from vigie.declared import Strict
from vigie.science import measures
from vigie.science.periods import Frequency


class CompositeSpec(Strict):
    """How a composite index is made of the columns of a table."""

    class Group(Strict):
        code: str
        parent: str | None = None
        weight: float = Field(1.0, ge=0)
        aggregation: Literal["arithmetic", "geometric", "dual_geometric"] = "arithmetic"

    class Indicator(Strict):
        code: str
        parent: str
        weight: float = Field(1.0, ge=0)
        low: float | None = None
        high: float | None = None
        log: bool = False
        reversed: bool = False

    unit: str
    groups: list[Group] = Field(min_length=1)
    indicators: list[Indicator] = Field(min_length=1)
    normalisation: Literal["goalposts", "minmax", "zscore", "none"] = "goalposts"
    bottom: float = 1.0
    top: float = 99.0
    ceiling: float = 100.0
    least_coverage: float = Field(2 / 3, ge=0, le=1)
    draws: int = Field(0, ge=0)


class BoundsSpec(Strict):
    """Which columns are dimensions, and what is summed: a weight for the cells that agree with `where`."""

    class Weight(Strict):
        where: dict[str, str] = Field(default_factory=dict)
        weight: float = 1.0

    dimensions: list[str] = Field(min_length=1)
    sum: list[Weight] = Field(min_length=1)
    by: str | None = None
    questions: list[list[str]] = Field(default_factory=list)


class SitingSpec(Strict):
    """Columns of the places, and how many sites to place."""

    place: str
    weight: str
    lat: str
    lon: str
    sites: int = Field(ge=1)
    method: Literal["p_median", "coverage"] = "p_median"
    radius_km: float = Field(75.0, ge=0)
    allowed: str | None = None
    required: list[str] = Field(default_factory=list)
    draws: int = Field(0, ge=0)
    spread: float = Field(0.3, ge=0)
    seed: int = Field(20260811, ge=0)


class DisclosureSpec(Strict):
    """Columns of the contributions, the rules, and which cells an earlier release already hid."""

    class Rules(Strict):
        minimum: int = Field(default=3, ge=1)
        one: float | None = Field(default=0.85, gt=0, le=1)
        two: float | None = Field(default=None, gt=0, le=1)
        p: float | None = Field(default=0.10, gt=0)

    dimensions: list[str] = Field(min_length=1)
    contributor: str
    value: str
    rules: Rules = Field(default_factory=lambda: DisclosureSpec.Rules())
    parents: dict[str, dict[str, str]] = Field(default_factory=dict)
    hidden_before: list[list[str]] = Field(default_factory=list)
    insiders: bool = True


class BacktestSpec(Strict):
    """Columns of a signal and of the events that it should announce, periods in order.

    `event` marks the periods in which an event starts, or, with `target: true`, those that a good signal
    marks. `excluded` periods (in crisis) are left out. `first` is the first period judged in real time.
    """

    period: str
    signal: str
    event: str
    target: bool = False
    excluded: str | None = None
    horizon: int = Field(6, ge=0)
    direction: Literal["above", "below"] = "above"
    theta: float = Field(0.5, ge=0, le=1)
    mu: float | None = Field(None, ge=0, le=1)
    threshold: float | None = None
    first: str | None = None


class AdjustSpec(Strict):
    """Columns of one series, whether Ramadan is taken out, and how far ahead to look.

    `ramadan: tested` takes its effect out when it stands above twice its error. `breaks: growth` looks for
    breaks in the changes, for a series that rises or falls steadily.
    """

    period: str
    value: str
    frequency: Frequency = "M"
    ramadan: Literal["tested", "always", "never"] = "tested"
    breaks: Literal["level", "growth"] = "level"
    horizon: int = Field(0, ge=0)
    level: float = Field(0.8, gt=0, lt=1)


class MeasureSpec(Strict):
    """Which statistic of the catalogue, the column that plays each of its parts, and the columns that name a group."""

    measure: str
    columns: dict[str, str]
    by: list[str] = Field(default_factory=list)

    @field_validator("measure")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in measures.MEASURES:
            raise ValueError(f"mesure inconnue ; choisir parmi : {', '.join(measures.MEASURES)}")
        return name
