"""The LocalExecutor, started once the libraries of the chain are imported.

A task is a fork of a worker, itself a fork of the scheduler: what the scheduler has imported costs a task
nothing, what it has not costs each task ten seconds of processor. None of these libraries is used before the
fork, and none of them starts a thread of Python's when it is imported. Vigie's own modules are left to the
task: a feed written while the scheduler runs is collected as it stands.
"""

import logging
from importlib import import_module

from airflow.executors.local_executor import LocalExecutor

LIBRARIES = (
    "airflow.sdk.execution_time.task_runner",
    "airflow.providers.standard.operators.trigger_dagrun",
    "great_expectations",
    "pyarrow.dataset",
    "aiohttp",
    "duckdb",
    "dbt.cli.main",
    "dbt.adapters.duckdb",
)


class PreparedExecutor(LocalExecutor):
    """Imports, then forks its workers."""

    def start(self) -> None:
        """Called by the scheduler before its first task."""
        # it tells of each function that its documentation leaves out
        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        for library in LIBRARIES:
            import_module(library)
        super().start()
