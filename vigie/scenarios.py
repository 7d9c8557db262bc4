"""Files of scenarios: what each assumes, with its version, its author, its date and what it rests on.

Those of a sector stand in `sectors/<sector>/scenarios/`, one file each: to add one is to compute it.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

import pyarrow as pa
from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from vigie import declared
from vigie.declared import Code, Strict, Text
from vigie.science import ScienceError
from vigie.science.composite import SEED
from vigie.science.scenario import PARAMETERS, SHARES, Assumption, Law, Market, Overlap, Scenario, Study, Target, Triangle


def _triangle(value: Any) -> Any:
    """A number stands for three equal ones: nothing is drawn."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return (value, value, value)
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        raise ValueError("un nombre, ou trois : le plus bas, le plus probable, le plus haut")
    return tuple(value)


Spread = Annotated[Triangle, BeforeValidator(_triangle)]


class Assumed(Strict):
    """A scenario as it is written. `basis` says, parameter by parameter, what each figure rests on."""

    code: str
    version: int = Field(ge=1)
    author: str
    dated: date
    basis: dict[str, str]
    coverage: Spread
    enforcement: Spread
    retention: Spread
    elasticity: Spread
    redeployment: Spread
    closure: Spread | None = None
    closes_at: Spread | None = None
    adoption: Spread | None = None
    substitution: Spread | None = None
    multiplier: Spread | None = None
    coverage_by_law: dict[str, Spread] = Field(default_factory=dict)
    diversification: dict[str, Spread] = Field(default_factory=dict)

    def scenario(self) -> Scenario:
        """ScienceError when a figure has no meaning, or rests on nothing that is said."""
        given: list[tuple[str, str | None, Triangle | None]] = [
            (name, None, getattr(self, name)) for name in PARAMETERS if name != "diversification"
        ]
        given += [("coverage", law, values) for law, values in self.coverage_by_law.items()]
        given += [("diversification", market, values) for market, values in self.diversification.items()]
        assumptions = [
            Assumption(parameter, values, self.basis.get(parameter, ""), subject)
            for parameter, subject, values in given
            if values is not None
        ]
        return Scenario(self.code, self.version, self.author, self.dated, assumptions)


class ScenarioLaw(Strict):
    """A text that touches work done already, and the market of that work."""

    event_id: Code
    market: Code
    reason: Text


class ScenarioTarget(Strict):
    """A market where work may be won: how much of it would be outbound, and under which law.

    `law` is a text of the register; without one, `risk_low`, `risk_mode` and `risk_high` suppose which share of that
    outbound work a law would reach.
    """

    target: Code
    group_fr: Text
    law: Code | None = None
    outbound_share: Annotated[float, Field(ge=0, le=1)]
    risk_low: Annotated[float | None, Field(ge=0, le=1)] = None
    risk_mode: Annotated[float | None, Field(ge=0, le=1)] = None
    risk_high: Annotated[float | None, Field(ge=0, le=1)] = None
    author: Text
    stated_on: date
    source: Text
    source_url: Text | None = None
    note: Text

    @model_validator(mode="after")
    def _its_law_is_known_or_supposed(self) -> Self:
        risk = [self.risk_low, self.risk_mode, self.risk_high]
        told = [value for value in risk if value is not None]
        if bool(self.law) == bool(told) or len(told) not in (0, 3):
            raise ValueError(f"« {self.target} » : donner un texte (law), ou un risque supposé (risk_low, risk_mode, risk_high)")
        if told != sorted(told):
            raise ValueError(f"« {self.target} » : le risque n'est pas dans l'ordre : bas, probable, haut")
        return self


class Written(Assumed):
    """A scenario of a sector: a name people read, and the day on which laws are read."""

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    label_fr: Text
    author: Text
    horizon: date

    @field_validator(*PARAMETERS[:-2], "multiplier")
    @classmethod
    def _stands_in_order_and_on_something(cls, values: Triangle | None, info: ValidationInfo) -> Triangle | None:
        name = str(info.field_name)
        if values is None:
            return values
        if not 0 <= values[0] <= values[1] <= values[2]:
            raise ValueError("trois nombres croissants sont attendus, du plus bas au plus haut, positifs ou nuls")
        if name in SHARES and values[2] > 1:
            raise ValueError("une part va de 0 à 1")
        if not info.data.get("basis", {}).get(name, "").strip():
            raise ValueError(f"dire dans « basis » sur quoi repose « {name} », ou qui le suppose")
        return values

    @field_validator("coverage_by_law", "diversification")
    @classmethod
    def _speaks_of_what_the_sector_declares(cls, values: dict[str, Triangle], info: ValidationInfo) -> dict[str, Triangle]:
        known = (info.context or {}).get(str(info.field_name))
        lost = sorted(set(values) - set(known)) if known is not None else []
        if known is not None and lost:
            raise ValueError(f"« {', '.join(lost)} » n'est pas déclaré dans le fichier de secteur ({', '.join(known)} le sont)")
        return values

    @model_validator(mode="after")
    def _has_a_meaning(self) -> Self:
        try:
            self.scenario()
        except ScienceError as error:
            raise ValueError(str(error)) from None
        return self

    def lines(self, _: str = "scenario_parameters") -> list[dict[str, Any]]:
        """One line a parameter: `assumption` names it, `source` says who supposes it and `basis` why."""
        return [
            {
                "assumption": ".".join([self.code, one.parameter, *([one.subject] if one.subject else [])]),
                "scenario": self.code, "parameter": one.parameter, "subject": one.subject,
                **dict(zip(("low", "mode", "high"), map(float, one.values), strict=True)),
                "basis": one.basis, "source": self.author, "stated_on": self.dated, "file": f"{self.code.lower()}.yml",
            }
            for one in self.scenario().assumptions
        ]  # fmt: skip


PARAMETER_COLUMNS = pa.schema([
    *((name, pa.string()) for name in ("assumption", "scenario", "parameter", "subject")),
    *((name, pa.float64()) for name in ("low", "mode", "high")),
    ("basis", pa.string()), ("source", pa.string()), ("stated_on", pa.date32()), ("file", pa.string()),
])  # fmt: skip
SCENARIO_COLUMNS = pa.schema([
    ("scenario", pa.string()), ("version", pa.int32()), ("label_fr", pa.string()), ("author", pa.string()),
    ("stated_on", pa.date32()), ("horizon", pa.date32()),
])  # fmt: skip


def paths(sector: Path) -> list[Path]:
    """The files of scenarios of a sector's folder."""
    return sorted((sector / "scenarios").glob("*.yml"))


def read(path: Path, laws: Iterable[str] | None = None, targets: Iterable[str] | None = None) -> Written:
    """One file; DeclarationError says where it is wrong. `laws` and `targets` are those that the sector declares."""
    known = {"coverage_by_law": laws and list(laws), "diversification": targets and list(targets)}
    written = declared.read(path, Written, "scénario", known)
    if written.code.lower() != path.stem:
        raise declared.DeclarationError(
            f"{path}:1 : le code « {written.code} » ne suit pas le nom du fichier ; écrire « {path.stem.upper()} », ou renommer"
        )
    return written


def tables(scenarios: Iterable[Written]) -> dict[str, pa.Table]:
    """The tables of the warehouse's `sector` schema, typed even where there is no scenario."""
    found = list(scenarios)
    named = [
        {"scenario": one.code, "version": one.version, "label_fr": one.label_fr, "author": one.author,
         "stated_on": one.dated, "horizon": one.horizon}
        for one in found
    ]  # fmt: skip
    return {
        "scenarios": pa.Table.from_pylist(named, SCENARIO_COLUMNS),
        "scenario_parameters": pa.Table.from_pylist([line for one in found for line in one.lines()], PARAMETER_COLUMNS),
    }


class ScenarioSpec(Strict):
    """The columns of a table of cells, the laws of each market, the day, and the scenarios to compare."""

    class Columns(Strict):
        revenue_share: str
        outbound_share: str

    class Rule(Strict):
        code: str
        market: str
        starts_on: date
        completes_on: date

    class Won(Strict):
        outbound_share: float = Field(1.0, ge=0, le=1)

    group: str
    headcount: str
    markets: dict[str, Columns] = Field(min_length=1)
    laws: list[Rule]
    on: date
    scenarios: list[Assumed] = Field(min_length=1)
    targets: dict[str, Won] = Field(default_factory=dict)
    small: str | None = None
    revenue_per_job: str | None = None
    ai_exposure: str | None = None
    overlap: Overlap = "independent"
    compare: list[tuple[str, str]] = Field(default_factory=list)
    draws: int = Field(4096, ge=1)
    seed: int = Field(SEED, ge=0)

    def study(self) -> Study:
        return Study(
            self.group, self.headcount,
            [Market(code, columns.revenue_share, columns.outbound_share) for code, columns in self.markets.items()],
            [Law(law.code, law.market, law.starts_on, law.completes_on) for law in self.laws],
            [assumed.scenario() for assumed in self.scenarios],
            self.on, [Target(market, won.outbound_share) for market, won in self.targets.items()],
            self.small, self.revenue_per_job, self.ai_exposure, self.overlap, self.compare,
        )  # fmt: skip
