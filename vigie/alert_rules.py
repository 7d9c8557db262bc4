"""The alert rules of a sector file, and the thresholds that some places have of their own."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vigie.declared import Code, Strict, Text


class AlertRule(Strict):
    """One rule: what it reads, two levels with an entry and an exit each, and what a message says.

    `for_periods` to enter, `keep_periods` calm ones to leave; `waits_for_final` holds a provisional figure for missing;
    `says_possible` is false where what an interval merely allows is not said; `only_with` asks that another rule be crossed
    in the same place. `group_by` puts what several entities say at once in one message; `remind_days` says it again while
    nobody takes it in charge.
    """

    rule: Code
    version: Text
    title: Text
    subject: Text
    indicator: Code
    ref_area: Code
    breakdown: Code
    methodology: Code
    scenario: Code = "_Z"
    freq: Literal["A", "S", "Q", "M", "D"]
    direction: Literal["above", "below"]
    applies_from: float | None = None
    amber_on: float
    amber_off: float
    red_on: float
    red_off: float
    for_periods: Annotated[int, Field(ge=1)] = 1
    keep_periods: Annotated[int, Field(ge=1)] = 1
    waits_for_final: bool = False
    says_possible: bool = True
    only_with: Code | None = None
    inhibited_by: Code | None = None
    group_by: Literal["none", "rule", "breakdown", "ref_area"] = "none"
    remind_days: Annotated[int, Field(ge=1)] | None = None
    unit: Literal["PCT", "RATIO", "INDEX", "DAYS", "PS", "PS_PER_YEAR", "RHYTHM", "COUNT"]
    threshold_owner: Text
    threshold_basis: Text
    threshold_set_on: date
    action: Text
    action_days: Annotated[int, Field(ge=0)]
    caution: Text
    clears_when: Text
    review_by: date

    @model_validator(mode="after")
    def _thresholds_stand_in_order(self) -> Self:
        _check_order(self, self.direction)
        return self

    def under(self, own: "AlertThreshold") -> "AlertRule":
        """The same rule with the thresholds of a place or a breakdown."""
        return self.model_copy(update=own.model_dump(exclude={"rule", "ref_area", "breakdown"}))


class AlertThreshold(Strict):
    """The thresholds of its own that a place or a breakdown has under a rule, with who set them and why."""

    rule: Code
    ref_area: Code | None = None
    breakdown: Code | None = None
    amber_on: float
    amber_off: float
    red_on: float
    red_off: float
    threshold_owner: Text
    threshold_basis: Text
    threshold_set_on: date

    def is_for(self, rule: str, ref_area: str, breakdown: str) -> bool:
        """True when they hold under that rule, there."""
        return self.rule == rule and self.ref_area in (None, ref_area) and self.breakdown in (None, breakdown)


def check(rules: Sequence[AlertRule], thresholds: Sequence[AlertThreshold]) -> None:
    """ValueError, in French, when rules and thresholds do not stand together."""
    known = {rule.rule: rule for rule in rules}
    for kind, named in (
        ("règle qui en retient une autre", {rule.inhibited_by for rule in rules}),
        ("règle qu'une autre demande", {rule.only_with for rule in rules}),
        ("règle d'un seuil particulier", {own.rule for own in thresholds}),
    ):
        if unknown := sorted({name for name in named if name} - set(known)):
            raise ValueError(f"{kind}, inconnue : {', '.join(unknown)}")
    for own in thresholds:
        rule = known[own.rule]
        _check_order(own, rule.direction)
        if not own.ref_area and not own.breakdown:
            raise ValueError(f"le seuil particulier de {own.rule} ne dit ni le lieu (ref_area) ni la ventilation (breakdown)")
        for field in ("ref_area", "breakdown"):
            if getattr(own, field) and getattr(rule, field) not in ("each", getattr(own, field)):
                raise ValueError(f"le seuil particulier de {own.rule} nomme ce que la règle ne suit pas : {getattr(own, field)}")
    scopes = [(own.rule, own.ref_area, own.breakdown) for own in thresholds]
    if twice := sorted({scope[0] for scope in scopes if scopes.count(scope) > 1}):
        raise ValueError(f"seuil particulier déclaré deux fois pour le même lieu : {', '.join(twice)}")


def _check_order(levels: AlertRule | AlertThreshold, direction: str) -> None:
    sign = 1 if direction == "above" else -1
    amber_off, amber_on, red_off, red_on = (
        sign * value for value in (levels.amber_off, levels.amber_on, levels.red_off, levels.red_on)
    )
    if not (amber_off < amber_on < red_on and amber_off <= red_off < red_on):
        raise ValueError("les seuils ne se suivent pas : la sortie doit précéder l'entrée à chaque niveau, et l'orange le rouge")
