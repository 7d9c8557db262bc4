"""Build → watch → publish → notify, woken by landed loads.

Any number of wake-ups that meet become one run: the ledger, not the event, says what is to be done.
"""

from airflow.sdk import DAG, Asset, FixedKeyMapper, PartitionedAssetTimetable, chain, task
from airflow.sdk.exceptions import AirflowSkipException

from vigie import scheduled


def stage(name: str):
    """The task of one verb; the first finds whether there is anything to do."""

    @task(task_id=name, pool=scheduled.WRITER_POOL)
    def perform(*, dag_run=None) -> str:
        from vigie import cli

        run = scheduled.begin(dag_run)
        if name == "build" and (reason := scheduled.reason_to_rest(run)):
            raise AirflowSkipException(reason)
        if name == "build" and not scheduled.needs_build(run):
            return "entrepôt déjà à jour"
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
