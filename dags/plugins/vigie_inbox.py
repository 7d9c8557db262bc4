"""The watcher of the inbox, run by Airflow's triggerer: it lists, and says when documents wait.

It lives in Airflow's plugins folder because the triggerer must import it by name: of all that is under
`dags/`, only that folder is on the path of every Airflow process. It cannot live in `vigie`, which does
not know Airflow. Airflow's own file triggers delete the file before anybody is told of it.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from vigie import inbox
from vigie.lake import Lake


class InboxTrigger(BaseEventTrigger):
    """Fires once for the documents that have settled since it last fired, in whatever feed's inbox.

    `folder` is the data folder, `seconds` the time between two listings. Started again, it tells again
    what still waits: a drain that finds nothing to do costs little, a file that nobody hears of waits.
    """

    def __init__(self, folder: str, seconds: float) -> None:
        super().__init__()
        self.folder = folder
        self.seconds = seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How Airflow keeps it: the name by which the triggerer imports it, and its arguments."""
        return "vigie_inbox.InboxTrigger", {"folder": self.folder, "seconds": self.seconds}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Looks for ever; each event names the feeds and counts the files."""
        # a watcher reads: it neither stamps a folder nor asks for its mode
        watch = inbox.Watch(Lake(Path(self.folder), "sample"))
        while True:
            fresh = await asyncio.to_thread(watch.look)
            if fresh:
                yield TriggerEvent({"feeds": sorted({drop.feed for drop in fresh}), "files": len(fresh)})
            await asyncio.sleep(self.seconds)
