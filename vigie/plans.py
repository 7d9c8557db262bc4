"""What the sector file plans or defines beyond its figures: episodes to be warned of, events of the press, and sites."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from vigie.declared import Code, Strict, Text


class EpisodeDefinition(Strict):
    """What counts as an episode of crisis in a city, that a warning should come before.

    `closures`: at least `least` closures within `within_days`; `headcount_fall`: jobs that are `least` percent fewer than
    a year before, in one quarter. A warning serves when the episode starts within `horizon_months` of it.
    """

    episode: Code
    kind: Literal["closures", "headcount_fall"]
    least: Annotated[float, Field(gt=0)]
    within_days: Annotated[int, Field(ge=1)] = 90
    horizon_months: Annotated[int, Field(ge=1)]
    author: Text
    stated_on: date
    basis: Text


class EventPatience(Strict):
    """How many days an announced event of a type is waited for, where no article says when it is due."""

    event_type: Code
    days: Annotated[int, Field(ge=1)]
    author: Text
    stated_on: date
    basis: Text


class EventSeverity(Strict):
    """What an event of a type weighs in the pressure of the news; what has no line weighs nothing."""

    event_type: Code
    severity: Annotated[float, Field(ge=0)]
    author: Text
    stated_on: date
    basis: Text


class NewsSource(Strict):
    """What a newspaper weighs in the pressure of the news, from 0 to 1; `_O` is any other."""

    outlet: Text
    weight: Annotated[float, Field(ge=0, le=1)]
    author: Text
    stated_on: date
    basis: Text


class SitingPlan(Strict):
    """How sites are placed: on the losses of which scenario, how many at most, near within how many kilometres.

    `spread` is how uncertain the losses are taken to be: the standard deviation of their logarithm over the draws.
    """

    plan: Code
    scenario: Code
    most_sites: Annotated[int, Field(ge=1, le=6)]
    radius_km: Annotated[float, Field(gt=0)]
    draws: Annotated[int, Field(ge=1)]
    spread: Annotated[float, Field(ge=0)]
    author: Text
    stated_on: date
    basis: Text


class SiteHost(Strict):
    """A place that can host a site, and what there makes it able to."""

    ref_area: Code
    capacity_fr: Text
    author: Text
    stated_on: date
    source: Text
