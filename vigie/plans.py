"""What the sector file plans or defines beyond its figures: episodes that a warning should precede, and sites."""

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
