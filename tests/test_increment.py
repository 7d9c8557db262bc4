"""A build that goes on from the last one gives, row for row, what a build from nothing gives."""

import hashlib
import random
from datetime import datetime, timedelta

import duckdb
import pytest

from vigie import build, clock, collect, feed, inputs, rows
from vigie.build import House
from vigie.lake import Load, load_id

STEPS = 4
FEEDS = ("oc_exports", "sector_employment", "operator_sites")
DELTA = {
    "int_loads", "int_editions", "int_vintages", "indicator_vintages", "int_exports", "int_resumed", "int_moved",
    "int_scenario_laws", "int_scenario_stock", "int_scenario_studies", "int_scenario_intervals", "int_scenario_readings",
    "int_headcount_months", "int_counterfactuals",
}  # fmt: skip
"""What only speaks of the loads and vintages that a build works out. Everything else must be equal."""


def landed(run, draw: random.Random, known_at: datetime) -> Load:
    """A load drawn at random: a document restated, with figures revised, rows gone or back, an older release that
    comes late, or a new judgement of an earlier document."""
    name = draw.choice(FEEDS)
    earlier = [load for load in run.data.loads(name) if load.rows_landed]
    supersedes = draw.choice(earlier) if draw.random() < 0.3 else None
    base = supersedes or draw.choice(earlier)
    records = rows.read(run.data.landed(base)).drop_columns(["load_id"]).to_pylist()
    kept = draw.sample(records, k=max(1, int(len(records) * draw.uniform(0.6, 1))))
    released = draw.choice([None, known_at - timedelta(days=1), known_at - timedelta(days=400)])
    for record in kept:
        if record.get("value") is not None and draw.random() < 0.3:
            record["value"] = round(record["value"] * draw.choice([1.001, 1.02, 0.9]), record.get("decimals") or 1)
        if name == "oc_exports" and not supersedes:
            record["published_at"] = released
    return committed(run, name, kept, known_at, supersedes, draw)


def committed(run, name, records, known_at, supersedes, draw) -> Load:
    digest = supersedes.document if supersedes else hashlib.sha256(draw.randbytes(8)).hexdigest()
    load = Load(
        load_id=load_id(known_at, hashlib.sha256(draw.randbytes(8)).hexdigest()), feed=name, status="landed", document=digest,
        address="", file_name="", collected_at=known_at, known_at=known_at,
        published_at=max((r["published_at"] for r in records if r.get("published_at")), default=None), origin="retyped",
        origin_by="", origin_address="", origin_on=None, rows_read=len(records), rows_landed=len(records), rows_quarantined=0,
        reason="", caused_by="test", door="", supersedes=supersedes.load_id if supersedes else "",
    )  # fmt: skip
    path = run.data.landed(load)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(rows.parquet(records, feed.load(name).columns, load.load_id))
    run.data.commit(load)
    return load


def tables(house: House) -> dict[str, list[str]]:
    with duckdb.connect(str(house.warehouse), read_only=True) as connection:
        names = connection.execute(
            "select table_schema, table_name from information_schema.tables where table_schema in ('intermediate', 'marts')"
        ).fetchall()
        return {
            name: sorted(repr(row) for row in connection.execute(f"select * from {schema}.{name}").fetchall())
            for schema, name in names
            if name not in DELTA and not name.endswith("_by_vintage")
        }


def oldest_vintage(house: House) -> datetime:
    with duckdb.connect(str(house.warehouse), read_only=True) as connection:
        return connection.execute("select min(vintage) from intermediate.int_vintages").fetchall()[0][0]


@pytest.mark.parametrize("seed", [11])
def test_a_build_after_each_load_gives_what_a_build_from_nothing_gives(tmp_path, seed):
    draw = random.Random(seed)
    first = clock.start(tmp_path / "data", as_of="2026-02-01")
    collect.collect(clock.start(tmp_path / "data"))
    build.build(first)
    now = clock.SAMPLE_NOW
    for step in range(STEPS):
        now += timedelta(days=draw.choice([1, 40]))
        run = clock.start(tmp_path / "data", now=f"{now:%Y-%m-%dT%H:%M:%S}+00:00")
        # the same day may bring several documents, or none
        for number in range(draw.choice([0, 1, 3]) if step else 3):
            landed(run, draw, now - timedelta(minutes=number))
        last = datetime.fromisoformat(build.stamp(run.data)["as_of"])
        build.build(run)
        # the vintages of earlier builds were not asked for again
        assert oldest_vintage(House(run.data.root)) >= last
    nothing = House(tmp_path / "nothing")
    build.build_in(nothing, run)
    went_on, from_nothing = tables(House(run.data.root)), tables(nothing)
    assert went_on.keys() == from_nothing.keys() and len(went_on) > 30
    assert [name for name in went_on if went_on[name] != from_nothing[name]] == []


def asked(tmp_path, day: str):
    run = clock.start(tmp_path / "data", now="2026-12-31", as_of=day)
    load = Load(
        load_id="20261201T080000000000-aa", feed="oc_exports", status="landed", document="aa", address="", file_name="",
        collected_at=datetime(2026, 12, 1, 8), known_at=datetime(2026, 12, 1, 8), published_at=None, origin="retyped",
        origin_by="", origin_address="", origin_on=None, rows_read=1, rows_landed=1, rows_quarantined=0, reason="",
        caused_by="test", door="",
    )  # fmt: skip
    return run, load


def test_a_build_starts_from_nothing_when_nothing_of_the_last_one_can_be_kept(tmp_path):
    run, load = asked(tmp_path, "2026-12-20")
    stamp = {"code": inputs.code(run.data), "axis": "known", "as_of": "2026-12-10T08:00:00"}
    read = {(load.feed, load.load_id)}
    early = Load.parse(build.to_json(vars(load) | {"load_id": "a", "known_at": datetime(2026, 11, 1)}))
    late = Load.parse(build.to_json(vars(load) | {"load_id": "b", "known_at": datetime(2026, 12, 5)}))
    assert inputs.resumes_at(run, [load], stamp, read) == datetime(2026, 12, 10, 8)
    assert inputs.resumes_at(run, [load, late], stamp, read) == datetime(2026, 12, 5)
    for loads, before, had in (
        ([early, load], stamp, read),
        ([load], stamp | {"code": "autre"}, read),
        ([load], stamp | {"axis": "published"}, read),
        ([load], stamp | {"as_of": "2026-12-25T08:00:00"}, read),
        ([], stamp, read),
    ):
        assert inputs.resumes_at(run, loads, before, had) is None


def test_the_fingerprint_of_a_past_day_does_not_move_with_what_comes_later(tmp_path):
    run, load = asked(tmp_path, "2026-11-30")
    nothing = inputs.fingerprint(run, inputs.readable(run))
    run.data.commit(load)
    assert inputs.fingerprint(run, inputs.readable(run)) == nothing
    later, _ = asked(tmp_path, "2026-12-02")
    assert len(inputs.readable(later)) == 1
