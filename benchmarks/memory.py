"""What remembering costs, as ratios measured in one run, over millions of observations.

1. The as-of view of the published observations, against the bare `arg_max` of what each series had last said.
2. The time that models take to run after one new load, against that of a full build.

A folder is filled with the bundled documents and with releases of mirror statistics in the landed shape of
`eurostat_services`, each of which revises every figure of the one before (the worst case: in practice a release
restates most of what was known, and adds no row). The figures are drawn, the door is not asked; the loads, the models
and the tests are the real ones. What feeds no indicator is what grows to this size: mirror statistics by country,
item and quarter. dbt's own start and parsing are no model's time and are left out; the temporary folder is removed.
"""

import argparse
import hashlib
import json
import shutil
import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from vigie import build, clock, collect, inputs, publish
from vigie.clock import Run
from vigie.lake import Load, load_id

FEED = "eurostat_services"
RELEASES = 4
AREAS = tuple("AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS NO CH".split())  # noqa: SIM905
QUARTERS = 40
ROUNDS = 5
MOST_VIEW = 2.5
MOST_LOAD = 0.1


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def release(run: Run, known_at: datetime, number: int, cells: str, count: int) -> Load:
    """One landed release in the ledger: `cells` is SQL that gives `cell`, the figures follow from it and `number`."""
    digest = hashlib.sha256(f"release {number}".encode()).hexdigest()
    load = Load(
        load_id=load_id(known_at, digest), feed=FEED, status="landed", document=digest, address="", file_name="",
        collected_at=known_at, known_at=known_at, published_at=known_at - timedelta(days=1), origin="invented", origin_by="",
        origin_address="", origin_on=None, rows_read=count, rows_landed=count, rows_quarantined=0, reason="",
        caused_by="benchmark", door="",
    )  # fmt: skip
    path = run.data.landed(load)
    path.parent.mkdir(parents=True, exist_ok=True)
    areas = "[" + ", ".join(f"'{area}'" for area in AREAS) + "]"
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            copy (
              select
                'ESTAT:BENCHMARK' as dataflow, null::varchar as series_key, 'Q' as freq,
                cast(date '2016-01-01' + to_months(3 * (cell % {QUARTERS})::integer) as date) as period,
                null::varchar as period_label, (cell % 9973 + {number})::double as value, 'A' as obs_status, 'F' as conf_status,
                null::bigint as decimals, null::bigint as unit_mult,
                {areas}[1 + (cell // {QUARTERS}) % {len(AREAS)}] as ref_area, 'MA' as counterpart_area,
                'SX' || (cell // {QUARTERS * len(AREAS)}) as item, 'DEB' as flow, 'MIO_EUR' as unit, null::varchar as flags,
                timestamp '{load.published_at}' as published_at, '{load.load_id}' as load_id,
                row_number() over () as row_no, '/value/' || cell as place
              from ({cells})
            ) to '{path}' (format parquet)
            """
        )
    run.data.commit(load)
    return load


def model_seconds(run: Run) -> float:
    """What the models of the last build took to run, as dbt measured it."""
    results = json.loads((build.House(run.data.root).dbt / "target" / "run_results.json").read_text())["results"]
    times = {result["unique_id"]: result["execution_time"] for result in results if result["unique_id"].startswith("model.")}
    for name, seconds in sorted(times.items(), key=lambda pair: -pair[1])[:6]:
        say(f"    {seconds:7.2f} s  {name.rsplit('.', 1)[1]}")
    return sum(times.values())


def view_ratio(run: Run, moment: datetime) -> float:
    """The as-of view against the bare aggregate, both read whole; the two must agree."""
    asked = f"timestamp '{moment}'"
    with duckdb.connect(str(run.data.warehouse), read_only=True) as connection:
        connection.execute("use marts")
        connection.execute(publish.as_of_macro("observations").replace("create macro", "create temp macro"))
        sides = {
            "vue": f"select series_id, period, obs_value as value from observations_as_of({asked})",
            # arg_max passes over nulls: a withdrawn figure would come back
            "arg_max": "select series_id, period, arg_max_null(obs_value, known_from) as value"
            f" from observations where known_from <= {asked} group by series_id, period",
        }
        told = {name: connection.execute(f"select count(*), sum(value) from ({sql})").fetchall() for name, sql in sides.items()}
        assert len({(count, round(total)) for ((count, total),) in told.values()}) == 1, told
        times: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(ROUNDS):
            for name, sql in sides.items():
                start = time.perf_counter()
                connection.execute(f"create or replace temp table answer as {sql}")
                times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    say(f"    vue {medians['vue']:.3f} s, arg_max {medians['arg_max']:.3f} s, {told['vue'][0][0]} lignes")
    return medians["vue"] / medians["arg_max"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--observations", type=int, default=10_000_000)
    parser.add_argument("--revised", type=int, default=10_000, help="cells that the new load speaks of")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="vigie-memory-"))
    try:
        run = clock.start(folder / "data")
        say("[1/5] les documents fournis…")
        collect.collect(run)
        cells = options.observations // RELEASES
        say(f"[2/5] {RELEASES} parutions de {cells} chiffres…")
        for number in range(RELEASES):
            release(
                run,
                run.now - timedelta(days=90 * (RELEASES - number)),
                number,
                f"select range as cell from range({cells})",
                cells,
            )
        say("[3/5] construction depuis rien…")
        build.build(run)
        full = model_seconds(run)
        say(f"    {full:.1f} s de modèles")
        say("[4/5] la vue à une date, contre arg_max…")
        view = view_ratio(run, run.now - timedelta(days=120))
        say(f"[5/5] un nouveau chargement de {options.revised} chiffres, dont la moitié révisés…")
        half = options.revised // 2
        fresh = f"select range as cell from range({cells - half}, {cells + half})"
        release(run, run.now + timedelta(hours=1), RELEASES, fresh, options.revised)
        later = clock.start(run.data.root)
        assert inputs.readable(later)[-1].caused_by == "benchmark"
        build.build(later)
        again = model_seconds(later)
        say(f"    {again:.1f} s de modèles")
        with duckdb.connect(str(run.data.warehouse), read_only=True) as connection:
            ((count,),) = connection.execute("select count(*) from marts.observations").fetchall()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{count} observations")
    print(f"vue à une date / arg_max : {view:.2f} (au plus {MOST_VIEW})")
    print(f"modèles après un chargement / construction entière : {again / full:.3f} (au plus {MOST_LOAD})")
    if view > MOST_VIEW or again / full > MOST_LOAD:
        raise SystemExit("un rapport dépasse son plafond")


if __name__ == "__main__":
    main()
