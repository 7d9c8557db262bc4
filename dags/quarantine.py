"""One question to a person for each load that the door holds: release, fix, reject, or leave it there.

Asked by the sweep. While it waits a question holds neither process nor slot; its answer is acted upon by
the same functions as the command line's, in the name of whoever answered.
"""

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import DAG, Asset, Param
from airflow.sdk.exceptions import AirflowSkipException

from vigie import questions, scheduled

landed = Asset(scheduled.LANDED)


class Question(HITLOperator):
    """Writes the question when it is put, so that it speaks of the load as it then is."""

    def execute(self, context):
        asked = questions.text(scheduled.begin(context["dag_run"]), self.load(context), again=context["ti"].try_number > 1)
        if asked is None:
            raise AirflowSkipException(questions.ALREADY)
        self.subject, self.body = asked
        return super().execute(context)

    def execute_complete(self, context, event):
        given = super().execute_complete(context, event)
        run, who = scheduled.begin(context["dag_run"]), given["responded_by_user"]["name"]
        done = questions.answer(run, self.load(context), given["chosen_options"][0], given["params_input"], who)
        if isinstance(done, str):
            raise AirflowSkipException(done)
        if done.after.status == "landed":
            context["outlet_events"][landed].add_partitions(f"{done.after.feed}/{done.after.load_id}")
        return done.sentence()

    @staticmethod
    def load(context):
        """The load that the run is about."""
        return context["dag_run"].conf["load"]


with DAG(
    scheduled.QUARANTINE,
    description="Ce que la porte retient : une question par chargement",
    schedule=None,
    catchup=False,
    max_active_runs=1000,
    default_args=scheduled.PATIENCE,
    tags=["vigie"],
) as quarantine:
    Question(
        task_id="decide",
        subject="",
        options=questions.OPTIONS,
        params={name: Param("", type="string", title=title, description=told) for name, title, told in questions.FIELDS},
        outlets=[landed],
    )
