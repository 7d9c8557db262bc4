"""Jobs at risk by scenario over a table of cells: the macros of the house, rendered and run on relations of one's own.

The arithmetic is `dbt_project/macros/scenario.sql`; here are what it reads: the draws, the assumptions, the laws on a
day, the cells, each checked before anything is computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import duckdb
import numpy as np
import pyarrow as pa

from vigie.science import ScienceError
from vigie.science.composite import SEED
from vigie.science.sql import macros, quoted, rows

REQUIRED = ("coverage", "enforcement", "retention", "elasticity", "redeployment")
CLOSURE = ("closure", "closes_at")
AI = ("adoption", "substitution")
PARAMETERS = (*REQUIRED, *CLOSURE, *AI, "diversification", "multiplier")
"""In the order in which they are drawn: a new one goes last, and leaves the draws of the others as they were."""
SHARES = tuple(name for name in PARAMETERS if name not in ("elasticity", "multiplier"))
TOTAL = "_T"
Overlap = Literal["independent", "nested", "disjoint"]
Triangle = tuple[float, float, float]
"""Lowest, likeliest, highest."""


@dataclass(frozen=True)
class Assumption:
    """A parameter of a scenario. `subject` is the law of a coverage or the market of a diversification."""

    parameter: str
    values: Triangle
    basis: str
    subject: str | None = None


@dataclass(frozen=True)
class Scenario:
    """A named and versioned set of assumptions: who made it, and when."""

    code: str
    version: int
    author: str
    dated: date
    assumptions: Sequence[Assumption]

    def __post_init__(self) -> None:
        given = [(one.parameter, one.subject) for one in self.assumptions]
        for parameter in REQUIRED:
            if (parameter, None) not in given:
                raise ScienceError(f"scénario « {self.code} » : « {parameter} » n'est pas donné")
        for names in (CLOSURE, AI):
            told = [name for name in names if (name, None) in given]
            if len(told) == 1:
                raise ScienceError(f"scénario « {self.code} » : {' et '.join(names)} se donnent ensemble")
        for one in self.assumptions:
            self._refuse_meaningless(one)
        if sum(one.values[2] for one in self.assumptions if one.parameter == "diversification") > 1:
            raise ScienceError(f"scénario « {self.code} » : les parts regagnées ailleurs dépassent 1 en tout")

    def _refuse_meaningless(self, one: Assumption) -> None:
        place = f"scénario « {self.code} », {one.parameter}{f' de {one.subject}' if one.subject else ''}"
        low, mode, high = one.values
        if not 0 <= low <= mode <= high or not np.isfinite(high):
            raise ScienceError(f"{place} : trois nombres croissants sont attendus, du plus bas au plus haut, positifs ou nuls")
        if one.parameter in SHARES and high > 1:
            raise ScienceError(f"{place} : une part va de 0 à 1")
        if one.parameter == "closes_at" and low <= 0:
            raise ScienceError(f"{place} : une part strictement positive est attendue")
        if not one.basis.strip():
            raise ScienceError(f"{place} : dire sur quoi repose cette hypothèse, ou qui la fait")

    def gives(self, parameter: str) -> bool:
        return any(one.parameter == parameter for one in self.assumptions)


@dataclass(frozen=True)
class Market:
    """The columns of a market: its share of the revenue, and the share of its work that is outbound (0 to 1)."""

    code: str
    revenue_share: str
    outbound_share: str


@dataclass(frozen=True)
class Law:
    """A rule on the outbound work of a market: without effect before it starts, whole once complete."""

    code: str
    market: str
    starts_on: date
    completes_on: date

    def __post_init__(self) -> None:
        if self.starts_on > self.completes_on:
            raise ScienceError(f"loi « {self.code} » : elle s'achève avant de commencer")


@dataclass(frozen=True)
class Target:
    """A market where work is won instead, and the share of that work which is outbound, under its own laws."""

    market: str
    outbound: float


@dataclass(frozen=True)
class Study:
    """What is asked of a table: its columns, the laws on a day, the scenarios.

    `overlap` is the rule of several laws on one market: the share that one at least covers, as if each chose apart
    (independent), the narrower within the wider (nested), or nothing in common (disjoint).
    """

    group: str
    headcount: str
    markets: Sequence[Market]
    laws: Sequence[Law]
    scenarios: Sequence[Scenario]
    on: date
    targets: Sequence[Target] = ()
    small: str | None = None
    revenue_per_job: str | None = None
    ai_exposure: str | None = None
    overlap: Overlap = "independent"
    compare: Sequence[tuple[str, str]] = field(default=())

    def __post_init__(self) -> None:
        lists = {
            "marché": [market.code for market in self.markets], "loi": [law.code for law in self.laws],
            "scénario": [scenario.code for scenario in self.scenarios], "marché visé": [target.market for target in self.targets],
        }  # fmt: skip
        for kind, codes in lists.items():
            repeated = sorted({code for code in codes if codes.count(code) > 1})
            if repeated:
                raise ScienceError(f"{kind} donné deux fois : {', '.join(repeated)}")
            if any('"' in code or not code for code in codes):
                raise ScienceError(f"{kind} : un code n'est pas vide et n'a pas de guillemets")
        if not self.markets or not self.scenarios:
            raise ScienceError("il faut au moins un marché et un scénario")
        self._refuse_strangers(lists)

    def _refuse_strangers(self, lists: Mapping[str, Sequence[str]]) -> None:
        """Nothing that a scenario assumes may be left unread."""
        for law in self.laws:
            if law.market not in self.all_markets:
                raise ScienceError(f"loi « {law.code} » : « {law.market} » n'est ni un marché ni un marché visé")
        for codes in self.compare:
            unknown = [code for code in codes if code not in lists["scénario"]]
            if unknown:
                raise ScienceError(f"scénario à comparer inconnu : {', '.join(unknown)}")
        read = {"coverage": lists["loi"], "diversification": lists["marché visé"]}
        for scenario in self.scenarios:
            for one in scenario.assumptions:
                if one.subject is not None and one.subject not in read.get(one.parameter, ()):
                    raise ScienceError(f"scénario « {scenario.code} », {one.parameter} : « {one.subject} » n'est pas déclaré")
            for names, column, told in ((CLOSURE, self.small, "small"), (AI, self.ai_exposure, "ai_exposure")):
                if column is None and scenario.gives(names[0]):
                    raise ScienceError(f"scénario « {scenario.code} », {names[0]} : donner la colonne {told}")

    @property
    def all_markets(self) -> list[str]:
        """Codes of the markets of the table, then of those where work is won."""
        return list(dict.fromkeys([*(market.code for market in self.markets), *(target.market for target in self.targets)]))

    @property
    def measures(self) -> list[str]:
        """What is told of each group, in persons but for the revenue; the indirect layer only where a scenario gives it."""
        indirect = any(scenario.gives("multiplier") for scenario in self.scenarios)
        optional = (("augmented", self.ai_exposure), ("net_revenue", self.revenue_per_job), ("indirect_loss", indirect))
        return ["gross_hit", "net_loss", *(name for name, is_told in optional if is_told)]


@dataclass(frozen=True)
class Estimated:
    """What a study found, as rows under their names; `_T` is the sum over all groups."""

    intervals: list[dict[str, Any]]
    differences: list[dict[str, Any]]
    laws: list[dict[str, Any]]


def draw(count: int, seed: int = SEED) -> pa.Table:
    """The table of draws: one row a draw, one column of numbers between 0 and 1 a parameter; the same for the same seed."""
    drawn = np.random.default_rng(seed).random((len(PARAMETERS), count))
    return pa.table({"draw": np.arange(count), **dict(zip(PARAMETERS, drawn, strict=True))})


def estimate(connection: duckdb.DuckDBPyConnection, table: str, study: Study, draws: pa.Table) -> Estimated:
    """What each scenario does to the jobs of a table: intervals over the draws, by group and in all.

    Leaves the tables `scenario_parameters`, `scenario_cells`, `scenario_totals` (one row a scenario, draw and group).
    """
    if draws.num_rows == 0:
        raise ScienceError("il faut au moins un tirage")
    _lay_out(connection, table, study)
    laws = _laws(connection, study)
    module = macros("scenario")
    markets = [market.code for market in study.markets]
    targets = [{"market": target.market, "outbound": float(target.outbound)} for target in study.targets]
    has = (study.small is not None, study.ai_exposure is not None, study.revenue_per_job is not None)
    shocks = module.scenario_shocks("scenario_parameters", "draws", study.all_markets, laws, targets, study.overlap, *has[:2])
    totals = module.scenario_totals("scenario_cells", "shocks", "place", markets, *has)
    connection.register("draws", draws)
    connection.execute(f"create or replace temp table scenario_totals as with {shocks}, {totals} select * from totals")
    connection.unregister("draws")
    intervals = module.scenario_intervals("scenario_totals", "place", study.measures)
    found = rows(connection, f"""
        with intervals as ({intervals})
        select scenario, place, stock.headcount, stock.gross_exposed, intervals.* exclude (scenario, place)
        from intervals inner join scenario_stock as stock using (place)
        order by list_position({[one.code for one in study.scenarios]}, scenario), place <> '{TOTAL}', place""")  # fmt: skip
    differences = [
        row for one, other in study.compare
        for row in rows(connection, f"""
            select * from ({module.scenario_differences("scenario_totals", "place", study.measures, _pair(one, other))})
            order by place <> '{TOTAL}', place""")
    ]  # fmt: skip
    told = [{"law": law["code"], "market": law["market"], "on": study.on, "ramp": law["ramp"]} for law in laws]
    return Estimated(_named(found, study), _named(differences, study), told)


def _pair(one: str, other: str) -> str:
    return f"one.scenario = '{quoted(one)}' and other.scenario = '{quoted(other)}'"


def _named(records: list[dict[str, Any]], study: Study) -> list[dict[str, Any]]:
    """The group under the name of its column."""
    return [{study.group if name == "place" else name: value for name, value in record.items()} for record in records]


def _laws(connection: duckdb.DuckDBPyConnection, study: Study) -> list[dict[str, Any]]:
    """The laws as the macros read them, each with the share of it that bites on the day."""

    def day(value: date) -> str:
        return f"date '{value.isoformat()}'"

    if not study.laws:
        return []
    ramps = [macros("scenario").linear_ramp(day(study.on), day(law.starts_on), day(law.completes_on)) for law in study.laws]
    values = connection.execute("select " + ", ".join(f"({ramp})::double" for ramp in ramps)).fetchall()[0]
    return [{"code": law.code, "market": law.market, "ramp": value} for law, value in zip(study.laws, values, strict=True)]


def _lay_out(connection: duckdb.DuckDBPyConnection, table: str, study: Study) -> None:
    present = {row[0] for row in connection.execute(f"describe {table}").fetchall()}
    shares = [column for market in study.markets for column in (market.revenue_share, market.outbound_share)]
    numbers = [study.headcount, *shares, *(one for one in (study.revenue_per_job, study.ai_exposure) if one)]
    wanted = [study.group, *numbers, *([study.small] if study.small else [])]
    missing = [name for name in dict.fromkeys(wanted) if name not in present]
    if missing:
        raise ScienceError(f"colonne(s) absente(s) de la table : {', '.join(missing)}")
    _refuse_wrong_cells(connection, table, study, numbers)
    columns = {
        "place": f'"{study.group}"::varchar', "headcount": f'"{study.headcount}"::double',
        **{f"share of {one.code}": f'"{one.revenue_share}"::double * "{one.outbound_share}"::double' for one in study.markets},
        **{f"jobs of {one.code}": f'headcount * "share of {one.code}"' for one in study.markets},
    }  # fmt: skip
    exposed = " + ".join(f'"share of {market.code}"' for market in study.markets)
    if study.small:
        columns["closable"] = f'case when "{study.small}"::boolean then headcount * (1 - ({exposed})) else 0 end'
    if study.revenue_per_job:
        columns["revenue_per_job"] = f'"{study.revenue_per_job}"::double'
    if study.ai_exposure:
        columns["ai_exposure"] = f'"{study.ai_exposure}"::double'
    listed = ", ".join(f'{value} as "{name}"' for name, value in columns.items())
    connection.execute(f"create or replace temp table scenario_cells as select {listed} from {table}")
    connection.execute(f"""
        create or replace temp view scenario_stock as
        select coalesce(place, '{TOTAL}') as place, sum(headcount) as headcount, sum(headcount * ({exposed})) as gross_exposed
        from scenario_cells group by grouping sets ((place), ())""")
    _lay_out_parameters(connection, study)


def _lay_out_parameters(connection: duckdb.DuckDBPyConnection, study: Study) -> None:
    connection.execute("""
        create or replace temp table scenario_parameters (
          scenario varchar, parameter varchar, subject varchar, low double, mode double, high double)""")
    lines = [
        (scenario.code, one.parameter, one.subject, *map(float, one.values))
        for scenario in study.scenarios
        for one in scenario.assumptions
    ]
    holes = ", ".join("(?, ?, ?, ?, ?, ?)" for _ in lines)
    connection.execute(f"insert into scenario_parameters values {holes}", [value for line in lines for value in line])


def _refuse_wrong_cells(connection: duckdb.DuckDBPyConnection, table: str, study: Study, numbers: Sequence[str]) -> None:
    """ScienceError naming the first line of the table whose cell breaks a rule; an empty cell breaks every rule."""
    rules = []
    for column in dict.fromkeys(numbers):
        value = f'try_cast("{column}" as double)'
        is_free = column in (study.headcount, study.revenue_per_job)
        rule, said = (
            (f"{value} >= 0", "un nombre positif ou nul") if is_free else (f"{value} between 0 and 1", "une part de 0 à 1")
        )
        rules.append((column, f"{rule} and isfinite({value})", said))
    if study.small:
        rules.append((study.small, f'try_cast("{study.small}" as boolean) is not null', "vrai ou faux"))
    rules.append((study.group, f""""{study.group}"::varchar not in ('', '{TOTAL}')""", f"un nom autre que {TOTAL}"))
    whole = " + ".join(f'try_cast("{market.revenue_share}" as double)' for market in study.markets)
    rules.append((study.markets[0].revenue_share, f"{whole} <= 1 + 1e-9", "des parts de marché dont la somme est 1 au plus"))
    breaks = ", ".join(f'min("row number") filter (where not coalesce({rule}, false))' for _, rule, _ in rules)
    numbered = f'(select *, row_number() over () as "row number" from {table})'
    lines = connection.execute(f"select {breaks} from {numbered}").fetchall()[0]
    for (column, _, expected), line in zip(rules, lines, strict=True):
        if line is not None:
            found = connection.execute(f"""select "{column}" from {numbered} where "row number" = {line}""").fetchall()[0][0]
            told = "" if found is None else found
            raise ScienceError(f"ligne {line} de la table, {column} : « {told} » ; {expected} est attendu")
