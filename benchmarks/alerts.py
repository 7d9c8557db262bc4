"""Ten thousand rule instances judged and followed, as a ratio to the judging query alone, in one run.

The query is the project's own (`alert_evaluations`, rendered with its macros) on a table of two years of months for each
instance; one in five crosses its threshold. Following is what `vigie watch` does with the answer: reading what it needs of
it, and deciding the first time, then again when a month has been added.
"""

import argparse
import re
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import duckdb
import jinja2

ROOT = Path(__file__).resolve().parents[1]
# started by its path, this file is not beside the packages of the repository
sys.path.insert(0, str(ROOT))

from vigie import judged  # noqa: E402
from vigie.decisions import Policy, decide  # noqa: E402

MOST = 3.0
MONTHS = 24
PROJECT = ROOT / "dbt_project"
AS_OF = datetime(2027, 1, 15)


def query() -> str:
    """The judging query as dbt would compile it."""
    environment = jinja2.Environment()
    environment.globals |= {"ref": lambda name: name, "var": lambda name: {"as_of": str(AS_OF), "axis": "known"}[name]}
    macros = [(PROJECT / "macros" / name).read_text() for name in ("time.sql", "alerts.sql")]
    model = (PROJECT / "models" / "marts" / "alert_evaluations.sql").read_text()
    return environment.from_string(re.sub(r"\{#.*?#\}", "", "".join(macros), flags=re.DOTALL) + model).render()


def lay_out(connection: duckdb.DuckDBPyConnection, instances: int) -> None:
    """Histories of `instances` places under one rule, and the marts that following reads beside the evaluations."""
    connection.execute(f"""
        create schema marts; create schema lake;
        create table marts.indicator_inputs (receipt_id varchar, feed varchar, load_id varchar);
        create table lake.loads (feed varchar, load_id varchar, caused_by varchar);
        create table marts.alert_flags (kind varchar, rule varchar, entity varchar, period timestamp, sentence varchar);
        create table marts.alert_hindsight (rule varchar, entity varchar, period timestamp, sentence varchar);
        create table int_feeds (feed varchar, rhythm_days integer);
        create table int_alert_thresholds as select
          'r' as rule, '1' as rule_version, 'i' as indicator, 'each' as ref_area, '_T' as breakdown, '_Z' as methodology,
          '_Z' as scenario, 'M' as freq, 'PCT' as unit, 1 as turn, 5.0 as amber_on, 4.0 as amber_off, 10.0 as red_on,
          8.0 as red_off, null::double as applies_from, 2 as for_periods, 1 as keep_periods, false as waits_for_final,
          false as is_own;
        create table indicator_history as select
          'i' as indicator, 'P' || place as ref_area, '_T' as breakdown, '_Z' as methodology, '_Z' as scenario, 'M' as freq,
          (timestamp '2025-01-01' + to_months(month::integer))::timestamp as period,
          case when place % 5 = 0 and month % 12 > 7 then 6 + month % 7 else (place + month) % 4 end::double as value,
          null::double as lower, null::double as upper, 'measured' as class, 'recorded' as origin, 'A' as obs_status,
          null::varchar as missing_reason, timestamp '2026-01-01' as known_at, timestamp '2026-01-01' as known_from,
          null::timestamp as known_to, 'r' || place || '-' || month as receipt_id
        from range({instances}) as places (place) cross join range({MONTHS}) as months (month)
    """)


def follow(path: Path) -> tuple[int, int]:
    """Reads and decides twice; returns how many evaluations were needed and how many things changed."""

    class Folder:
        warehouse = path

    policy = Policy({"r": None}, {})
    told = judged.read(Folder, (), ())  # type: ignore[arg-type]
    first = decide(told.evaluations, (), AS_OF, (), policy)
    watched = {(e.rule, e.rule_version, e.entity) for e in told.evaluations}
    episodes = [change.episode for change in first]
    again = decide(told.evaluations, episodes, AS_OF, watched, policy)
    return len(told.evaluations), len(first) + len(again)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--instances", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute("set threads = 1")
            lay_out(connection, given.instances)
        sql, bare, whole, counted = query(), [], [], (0, 0)
        for _ in range(given.rounds):
            began = time.process_time()
            with duckdb.connect(str(path)) as connection:
                connection.execute("set threads = 1")
                connection.execute(f"create or replace table marts.alert_evaluations as {sql}")
            judging = time.process_time() - began
            began = time.process_time()
            counted = follow(path)
            bare.append(judging)
            whole.append(judging + time.process_time() - began)
        ratio = statistics.median(whole) / statistics.median(bare)
        print(
            f"{given.instances} instances, {MONTHS} mois : juger {statistics.median(bare):.2f} s, juger et suivre"
            f" {statistics.median(whole):.2f} s, rapport {ratio:.2f} (au plus {MOST:g}) ; {counted[0]} évaluations lues,"
            f" {counted[1]} changements"
        )
    return int(ratio > MOST)


if __name__ == "__main__":
    sys.exit(main())
