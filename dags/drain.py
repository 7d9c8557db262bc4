"""Woken by what waits in the inboxes: one process takes it all in, whatever the feed.

The event only wakes, and may be lost or repeated: what is to be done is what the inboxes hold. The
asset is not partitioned because Airflow gives a watcher's event no partition key, and would wake nobody;
what such a schedule may strand, the next event or the sweep asks for again.
"""

from airflow.sdk import DAG, Asset, AssetWatcher, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from vigie_inbox import InboxTrigger

from vigie import inbox, scheduled, settings

landed = Asset(scheduled.LANDED)
watcher = AssetWatcher(name="inbox", trigger=InboxTrigger(str(settings.read().data), inbox.LOOK_SECONDS))

with DAG(
    "drain",
    description="Documents déposés",
    schedule=[Asset(inbox.ASSET, watchers=[watcher])],
    catchup=False,
    max_active_runs=1,
    # Airflow starts the watchers of a DAG that is at work when its file is read, which is seldom
    is_paused_upon_creation=False,
    default_args=scheduled.PATIENCE,
    tags=["vigie", "collecte"],
) as drain:

    @task(outlets=[landed])
    def take(*, outlet_events=None, dag_run=None) -> list[str]:
        report = scheduled.drain(scheduled.begin(dag_run))
        new = [load for load in report.loads if load.status == "landed"]
        refusal = [f"{report.summary()} ; {report.refused[0].reason}"] if report.refused else []
        if not new:
            raise AirflowFailException(*refusal) if refusal else AirflowSkipException("rien de nouveau")
        for load in new:
            outlet_events[landed].add_partitions(f"{load.feed}/{load.load_id}")
        return refusal

    # a task of its own: a task that fails sends no event, and the documents that landed have theirs
    @task
    def refuse(sentence: str) -> None:
        raise AirflowFailException(sentence)

    # mapped over an empty list, a task is skipped without starting a process
    refuse.expand(sentence=take())
