"""The clock is wiring only: the files parse cheaply, and say who runs, after whom, woken by what."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from vigie import feed as feeds
from vigie import inbox, scheduled

DAGS = sorted((ROOT / "dags").glob("*.py"))
PLUGINS = sorted(path.stem for path in (ROOT / "dags/plugins").glob("*.py"))
READER = """
import importlib.util, json, pathlib, sys
from airflow.sdk import DAG
def watched(assets):
    return getattr(assets, "objects", [assets]) if assets else []
def several(callbacks):
    return [callbacks] if callable(callbacks) else callbacks or ()
def name_of(assets):
    (asset,) = watched(assets)
    return asset.name
dags = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    spec = importlib.util.spec_from_file_location("dag_file_" + path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for dag in [value for value in vars(module).values() if isinstance(value, DAG)]:
        timetable = dag.timetable
        assets = getattr(timetable, "asset_condition", None)
        dags[dag.dag_id] = {
            "file": path.name,
            "timetable": type(timetable).__name__,
            "cron": getattr(timetable, "expression", None),
            "woken_by": assets and name_of(assets),
            "watched": [watcher.trigger.serialize() for asset in watched(assets) for watcher in asset.watchers],
            "mapper": type(getattr(timetable, "default_partition_mapper", None)).__name__,
            "catchup": dag.catchup,
            "max_active_runs": dag.max_active_runs,
            "tasks": {
                task.task_id: {
                    "after": sorted(task.upstream_task_ids),
                    "outlets": [asset.name for asset in getattr(task, "outlets", ())],
                    "pool": task.pool,
                    "retries": task.retries,
                    "backs_off": bool(task.retry_exponential_backoff),
                    "rule": str(getattr(task.trigger_rule, "value", task.trigger_rule)),
                    "on_failure": [f"{c.__module__}.{c.__name__}" for c in several(task.on_failure_callback)],
                }
                for task in dag.tasks
            },
        }
HEAVY = ("pandas", "duckdb", "dbt", "great_expectations", "pyarrow")
heavy, own = [name for name in HEAVY if name in sys.modules], {name for name in sys.modules if name.startswith("vigie")}
import threading
from unittest.mock import patch
from airflow.executors.local_executor import LocalExecutor
from vigie_executor import PreparedExecutor
with patch.object(LocalExecutor, "start") as forks:
    forks.side_effect = lambda: told.update(
        {"prepared": [name for name in HEAVY if name in sys.modules], "threads": threading.active_count()}
    )
    told = {}
    PreparedExecutor().start()
own = sorted({name for name in sys.modules if name.startswith("vigie")} - own - {"vigie_executor"})
print(json.dumps({"dags": dags, "heavy": heavy, **told, "own": own}))
"""


@pytest.fixture(scope="module")
def read(tmp_path_factory) -> dict:
    """What Airflow reads in dags/, in a process of its own."""
    home = tmp_path_factory.mktemp("airflow")
    environment = {
        "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PATH": str(Path(sys.executable).parent), "PYTHONPATH": f"{ROOT}:{ROOT}/dags/plugins", "HOME": str(home),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", READER, str(ROOT / "dags")],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_there_is_one_dag_per_feed_and_four_more(read):
    assert len(feeds.names()) >= 6
    assert set(read["dags"]) == {f"collect_{name}" for name in feeds.names()} | {"drain", "observe", "quarantine", "sweep"}
    files = {name: dag["file"] for name, dag in read["dags"].items()}
    assert files == {name: "collect.py" if name.startswith("collect_") else f"{name}.py" for name in files}


def test_reading_the_dags_imports_nothing_heavy(read):
    assert read["heavy"] == []


def test_a_worker_is_forked_once_the_libraries_are_there_with_no_thread_and_nothing_of_vigie(read):
    assert read["prepared"] == ["pandas", "duckdb", "dbt", "great_expectations", "pyarrow"]
    assert (read["threads"], read["own"]) == (1, [])


def test_each_feed_is_collected_on_its_own_schedule_and_wakes_by_the_landed_asset(read):
    for name in feeds.names():
        dag = read["dags"][f"collect_{name}"]
        assert (dag["timetable"], dag["cron"]) == ("CronTriggerTimetable", feeds.load(name).schedule)
        assert list(dag["tasks"]) == ["collect"]
        assert dag["tasks"]["collect"]["outlets"] == [scheduled.LANDED]


def test_the_observatory_is_woken_by_partitions_that_become_one_run(read):
    observe = read["dags"]["observe"]
    assert observe["timetable"] == "PartitionedAssetTimetable"
    assert observe["woken_by"] == scheduled.LANDED
    assert observe["mapper"] == "FixedKeyMapper"


def test_the_inboxes_are_watched_by_a_trigger_that_airflow_can_import_and_drained_by_one_process(read):
    drain = read["dags"]["drain"]
    assert (drain["timetable"], drain["woken_by"]) == ("AssetTriggeredTimetable", inbox.ASSET)
    ((name, arguments),) = drain["watched"]
    module, _, trigger = name.partition(".")
    assert f"class {trigger}(" in (ROOT / "dags/plugins" / f"{module}.py").read_text()
    assert set(arguments) == {"folder", "seconds"}
    assert {name: task["after"] for name, task in drain["tasks"].items()} == {"take": [], "refuse": ["take"]}
    assert drain["tasks"]["take"]["outlets"] == [scheduled.LANDED]


def test_airflow_does_not_read_the_plugins_as_dags():
    assert (ROOT / "dags/.airflowignore").read_text().split() == ["plugins/"]


def test_the_observatory_builds_then_watches_then_publishes_then_notifies(read):
    tasks = read["dags"]["observe"]["tasks"]
    assert {name: task["after"] for name, task in tasks.items()} == {
        "build": [], "watch": ["build"], "publish": ["watch"], "notify": ["publish"],
    }  # fmt: skip
    assert {task["pool"] for task in tasks.values()} == {scheduled.WRITER_POOL}
    assert {task["rule"] for task in tasks.values()} == {"all_success"}


def test_the_sweep_looks_every_minute_and_asks_for_runs(read):
    sweep = read["dags"]["sweep"]
    assert sweep["cron"] == "* * * * *"
    assert {name: task["after"] for name, task in sweep["tasks"].items()} == {"look": [], "ask": ["look"]}
    assert [task["outlets"] for task in sweep["tasks"].values()] == [[], []]


def test_no_dag_catches_up_and_only_the_questions_wait_side_by_side(read):
    assert {dag["catchup"] for dag in read["dags"].values()} == {False}
    together = {name for name, dag in read["dags"].items() if dag["max_active_runs"] != 1}
    assert together == {scheduled.QUARANTINE}


def test_a_question_is_one_task_outside_the_writers_pool_that_may_land_what_it_held(read):
    question = read["dags"][scheduled.QUARANTINE]
    assert question["cron"] is None and question["woken_by"] is None
    ((name, task),) = question["tasks"].items()
    assert (name, task["outlets"]) == ("decide", [scheduled.LANDED])
    assert task["pool"] != scheduled.WRITER_POOL


def test_every_task_retries_with_back_off_and_writes_its_failure_in_the_ledger(read):
    tasks = [task for dag in read["dags"].values() for task in dag["tasks"].values()]
    assert len(tasks) == len(feeds.names()) + 4 + 2 + 2 + 1
    assert {(task["retries"], task["backs_off"]) for task in tasks} == {(scheduled.PATIENCE["retries"], True)}
    assert {tuple(task["on_failure"]) for task in tasks} == {("vigie.scheduled.record_failure",)}


@pytest.mark.parametrize("path", DAGS, ids=lambda path: path.name)
def test_a_dag_file_is_short_and_names_no_feed(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 60
    assert [name for name in feeds.names() if name in text] == []


@pytest.mark.parametrize("path", DAGS, ids=lambda path: path.name)
def test_a_dag_file_imports_the_clock_and_vigie_only(path):
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.split(".")[0])
    assert {"airflow", "vigie"} <= imported <= {"airflow", "vigie", *PLUGINS}


def test_there_are_five_dag_files_and_three_plugins():
    assert [path.name for path in DAGS] == ["collect.py", "drain.py", "observe.py", "quarantine.py", "sweep.py"]
    assert PLUGINS == ["vigie_executor", "vigie_inbox", "vigie_push"]
