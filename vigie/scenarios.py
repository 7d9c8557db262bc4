"""Files of scenarios: what each assumes, with its version, its author, its date and what it rests on."""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from vigie.declared import Strict
from vigie.science.composite import SEED
from vigie.science.scenario import PARAMETERS, Assumption, Law, Market, Overlap, Scenario, Study, Target, Triangle


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
