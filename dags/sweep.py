"""Every minute: ask for the runs that nothing has asked for.

A file that somebody dropped asks for its feed's collection; a ledger that stays ahead of the
publication, for an observation: its event was lost.
"""

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, CronTriggerTimetable, task

from vigie import scheduled

with DAG(
    "sweep",
    description="Fichiers déposés et réveils perdus",
    schedule=CronTriggerTimetable("* * * * *", timezone="Africa/Casablanca"),
    catchup=False,
    max_active_runs=1,
    default_args=scheduled.PATIENCE,
    tags=["vigie"],
) as sweep:

    @task
    def look(*, dag_run=None) -> list[dict[str, str]]:
        run = scheduled.begin(dag_run)
        asked = [
            {"trigger_dag_id": f"collect_{drop.feed}", "trigger_run_id": f"inbox__{drop.mark}"}
            for drop in scheduled.drops(run.data)
        ]
        if name := scheduled.overdue(run):
            asked.append({"trigger_dag_id": "observe", "trigger_run_id": name})
        return asked

    # mapped over an empty list, a task is skipped without starting a process
    TriggerDagRunOperator.partial(task_id="ask", skip_when_already_exists=True).expand_kwargs(look())
