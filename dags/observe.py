"""Build → watch → publish → notify, woken by landed loads.

Any number of wake-ups that meet become one run: the ledger, not the event, says what is to be done.
"""

from airflow.sdk import DAG, Asset, FixedKeyMapper, PartitionedAssetTimetable, chain, task
from airflow.sdk.exceptions import AirflowSkipException

from vigie import scheduled


def stage(name: str):
    """The task of one verb; it runs even when the warehouse was already up to date."""

    @task(task_id=name, pool=scheduled.WRITER_POOL, trigger_rule="none_failed")
    def perform(*, dag_run=None) -> str:
        from vigie import cli

        run = scheduled.begin(dag_run)
        if name == "build" and not scheduled.needs_build(run):
            raise AirflowSkipException("rien de nouveau au registre")
        return cli.perform(name, run).summary()

    return perform()


with DAG(
    "observe",
    description="Construction, veille, publication, envoi",
    schedule=PartitionedAssetTimetable(assets=Asset(scheduled.LANDED), default_partition_mapper=FixedKeyMapper("wake")),
    catchup=False,
    max_active_runs=1,
    default_args=scheduled.PATIENCE,
    tags=["vigie"],
) as observe:
    chain(*[stage(name) for name in scheduled.STAGES])
