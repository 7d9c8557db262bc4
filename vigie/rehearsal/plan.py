"""What a rehearsal plays: `sectors/<sector>/rehearsal.yml`, its dates, its faults, what people do and what is to be said."""

import itertools
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from vigie import alert_acts, clock, declared, routes, scene, sector
from vigie import feed as feeds
from vigie.declared import Code, Strict, Text
from vigie.episodes import Occasion
from vigie.feed import SECTORS

KIND = "plan de répétition"
FAULT_FR = {
    "unanswered": "l'éditeur ne répond pas", "truncated": "document tronqué", "repeated": "document livré deux fois",
    "silent": "flux muet", "build_killed": "construction tuée (kill -9)", "scheduler_killed": "ordonnanceur tué (kill -9)",
    "mail_refused": "messagerie en panne",
}  # fmt: skip


def _known(names: Iterable[str | None], kind: str, info: ValidationInfo, place: str) -> None:
    there = (info.context or {}).get(place)
    if there is not None and (lost := sorted({name for name in names if name} - set(there))):
        raise ValueError(f"{kind} : {', '.join(lost)} ; connus : {', '.join(sorted(there))}")


class Fault(Strict):
    """What goes wrong during a step. A publisher that does not answer does so for a `moment` or for the whole `step`."""

    kind: Literal["unanswered", "truncated", "repeated", "silent", "build_killed", "scheduler_killed", "mail_refused"]
    feed: Code | None = None
    lasts: Literal["moment", "step"] = "step"
    story: Text

    @field_validator("feed")
    @classmethod
    def _feed_is_known(cls, feed: str | None, info: ValidationInfo) -> str | None:
        _known([feed], "flux inconnu", info, "feeds")
        return feed

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.feed) != (self.of_feed is not None):
            raise ValueError(f"« {self.kind} » {'demande un flux (feed)' if self.of_feed else 'ne vise aucun flux : ôter feed'}")
        if self.lasts == "moment" and self.kind != "unanswered":
            raise ValueError("seul « unanswered » peut ne durer qu'un moment : ôter lasts")
        return self

    @property
    def of_feed(self) -> scene.TroubleKind | None:
        """The trouble of a publisher that this is, None when it is another's."""
        match self.kind:
            case "unanswered" | "truncated" | "repeated" | "silent":
                return self.kind
            case _:
                return None

    @property
    def defers(self) -> bool:
        """True when what it holds back comes at a later step only."""
        return self.kind in ("truncated", "silent", "mail_refused") or (self.kind == "unanswered" and self.lasts == "step")


class HumanAct(Strict):
    """What somebody does at the end of a step, about the alert of a rule and an entity (a silence: about all of a rule's)."""

    act: alert_acts.Kind
    rule: Code
    entity: Text | None = None
    by: Text
    note: str = ""
    until: date | Text | None = None

    @field_validator("rule")
    @classmethod
    def _rule_is_known(cls, rule: str, info: ValidationInfo) -> str:
        _known([rule], "règle inconnue", info, "rules")
        return rule

    @model_validator(mode="after")
    def _names_an_alert(self) -> Self:
        if self.act != "silence" and not self.entity:
            raise ValueError("dire de quelle alerte : ajouter entity (lieu/ventilation/périmètre)")
        return self


class Expected(Strict):
    """A message that is to leave: why, how grave, under which rule, its subject without its marks, and for which routes.

    `arrives` is the step at which a mailbox receives it, when it is a later one.
    """

    occasion: Occasion | Literal["recueil", "rien à signaler", "panne", "erreur", "revue"]
    degree: Literal["rouge", "orange", "calme"]
    rule: Code | None = None
    subject: Text
    to: Annotated[tuple[Code, ...], Field(min_length=1)]
    arrives: date | None = None

    @field_validator("rule")
    @classmethod
    def _rule_is_known(cls, rule: str | None, info: ValidationInfo) -> str | None:
        _known([rule], "règle inconnue", info, "rules")
        return rule

    @field_validator("to")
    @classmethod
    def _routes_are_known(cls, to: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        _known(to, "route inconnue", info, "routes")
        return tuple(sorted(to))


class Step(Strict):
    """A day of the rehearsal, at nine in Casablanca: what happens, what goes wrong, what is said, what people do."""

    on: date
    story: Text
    faults: tuple[Fault, ...] = ()
    expected: tuple[Expected, ...] = ()
    acts: tuple[HumanAct, ...] = ()

    @model_validator(mode="after")
    def _each_feed_has_one_trouble(self) -> Self:
        troubled = [fault.feed or fault.kind for fault in self.faults]
        if twice := sorted({name for name in troubled if troubled.count(name) > 1}):
            raise ValueError(f"deux incidents pour le même à la même étape : {', '.join(twice)}")
        if {"build_killed", "scheduler_killed"} <= set(troubled):
            raise ValueError("une étape tue la construction ou l'ordonnanceur, pas les deux")
        return self

    @property
    def now(self) -> datetime:
        """Its moment, naive UTC."""
        return clock.sample_moment(self.on)


class Plan(Strict):
    """A rehearsal, whole: what it holds back is given back before it ends."""

    title: Text
    story: Text
    steps: Annotated[tuple[Step, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _steps_stand_in_order(self) -> Self:
        days = [step.on for step in self.steps]
        for before, after in itertools.pairwise(days):
            if after <= before:
                raise ValueError(f"les étapes ne se suivent pas : {after} vient après {before}")
        for step in self.steps:
            for line in step.expected:
                if line.arrives and not (line.arrives > step.on and line.arrives in days):
                    raise ValueError(f"« {line.subject} » : arrives doit être le jour d'une étape qui suit le {step.on}")
        if kept := [fault for fault in self.steps[-1].faults if fault.defers]:
            said = ", ".join(FAULT_FR[fault.kind] for fault in kept)
            raise ValueError(f"la dernière étape ne peut rien retenir, rien ne viendrait le rendre : {said}")
        return self


def load(name: str) -> Plan:
    """The plan of a sector; DeclarationError says where it is wrong."""
    return read(SECTORS / name / "rehearsal.yml", name)


def read(path: Path, name: str) -> Plan:
    """A plan from anywhere, for a sector."""
    watched = sector.load(name)
    known: dict[str, Any] = {
        "feeds": feeds.names(), "rules": [rule.rule for rule in watched.alert_rules],
        "routes": [route.route for route in routes.load(name).routes],
    }  # fmt: skip
    return declared.read(path, Plan, KIND, known)
