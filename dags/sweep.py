"""Every minute: ask for the runs that nothing has asked for.

A file that stays in an inbox asks for a drain, a ledger that stays ahead of the publication for an
observation: in both cases the event was lost. What the door holds asks for a person.
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
    def look(*, dag_run=None, ti=None) -> list[dict]:
        from vigie import pulse, questions

        run = scheduled.begin(dag_run)
        pulse.beat(run.data)
        names = {"drain": scheduled.undrained(run.data), "observe": scheduled.overdue(run)}
        asked = [{"trigger_dag_id": dag_id, "trigger_run_id": name} for dag_id, name in names.items() if name]
        put = questions.due(run, scheduled.QUARANTINE, lambda names: ti.get_dr_count(scheduled.QUARANTINE, run_ids=names))
        return asked + put

    # mapped over an empty list, a task is skipped without starting a process
    TriggerDagRunOperator.partial(task_id="ask", skip_when_already_exists=True).expand_kwargs(look())
