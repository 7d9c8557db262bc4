"""One DAG per feed: collect it, and wake the observatory once per landed load.

A new feed needs no line here: the list is `vigie/feeds/`.
"""

from airflow.sdk import DAG, Asset, CronTriggerTimetable, get_parsing_context, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from vigie import feed as feeds
from vigie import scheduled

landed = Asset(scheduled.LANDED)


def collecting(name: str) -> DAG:
    """The DAG of one feed, on the schedule that the feed declares."""
    with DAG(
        f"collect_{name}",
        description=feeds.load(name).title,
        schedule=CronTriggerTimetable(feeds.load(name).schedule, timezone="Africa/Casablanca"),
        catchup=False,
        max_active_runs=1,
        default_args=scheduled.PATIENCE,
        tags=["vigie", "collecte"],
    ) as dag:

        @task(outlets=[landed])
        def collect(*, outlet_events=None, dag_run=None) -> str:
            from vigie import collect

            report = collect.collect(scheduled.begin(dag_run), [name])
            for load in report.loads:
                if load.status == "landed":
                    outlet_events[landed].add_partitions(f"{name}/{load.load_id}")
            for load in report.refused:
                # bad data stays bad when asked again; a publisher that does not answer may answer later
                raise (AirflowException if load.status == "failed" else AirflowFailException)(load.reason)
            if not report.loads:
                raise AirflowSkipException("rien de nouveau")
            return report.summary()

        collect()
    return dag


for feed in feeds.names():
    if get_parsing_context().dag_id in (None, f"collect_{feed}"):
        globals()[f"collect_{feed}"] = collecting(feed)
