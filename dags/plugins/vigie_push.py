"""The HTTP door, mounted in Airflow's own API server: `POST /vigie/push/<feed>?file=<name>`.

What makes a message acceptable is in `vigie.push`; here the body is streamed to it and the asset event
is raised. Airflow's sign-in is not asked: a sender is known by its signature alone.
"""

import asyncio
import contextlib
import logging
import time
from dataclasses import asdict
from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from vigie import inbox, push, settings
from vigie.lake import Lake, LakeError

log = logging.getLogger("vigie")

BODY_SECONDS = 120
"""How long one body may take to come."""
READ_AWAY = 32 << 20
READ_AWAY_SECONDS = 10
AT_ONCE = 4
"""How many bodies are taken at a time, so that unsigned ones cannot fill the disk before they are refused."""
TRIES = 5
"""SQLite refuses when two of Airflow's servers write at the same instant."""

_turns = asyncio.Semaphore(AT_ONCE)


async def receive(request: Request) -> JSONResponse:
    """202 with the receipt of a new document, 200 for a message sent again, else one French sentence."""
    try:
        async with _turns, asyncio.timeout(BODY_SECONDS):
            receipt, is_new = await _taken(request)
    except push.Refusal as refusal:
        await _read_away(request)
        return JSONResponse({"erreur": str(refusal)}, refusal.status)
    except TimeoutError:
        return JSONResponse({"erreur": f"le corps n'est pas arrivé en {BODY_SECONDS} s : recommencer"}, 408)
    except ClientDisconnect:
        return JSONResponse({"erreur": "la connexion s'est coupée : recommencer"}, 400)
    except (LakeError, OSError) as error:
        log.exception("dépôt par HTTP")
        return JSONResponse({"erreur": f"le dépôt n'a pas pu être écrit ({type(error).__name__}) : recommencer"}, 503)
    is_announced = await asyncio.to_thread(announce, receipt) if is_new else False
    said = {"new": is_new, "announced": is_announced, **asdict(receipt)}
    return JSONResponse(said, 202 if is_new else 200)


async def _taken(request: Request) -> tuple[push.Receipt, bool]:
    chosen = settings.read()
    lake = Lake.open(chosen.data)
    feed, name = request.path_params["feed"], request.query_params.get("file", "")
    with push.Push(lake, chosen.push_secret, feed, name, dict(request.headers), time.time()) as message:
        async for chunk in request.stream():
            await asyncio.to_thread(message.take, chunk)
        return await asyncio.to_thread(message.finish)


async def _read_away(request: Request) -> None:
    """Takes what a refused sender still sends, so that it can read why; past a limit it is cut off."""
    left = READ_AWAY
    with contextlib.suppress(ClientDisconnect, TimeoutError, RuntimeError):
        async with asyncio.timeout(READ_AWAY_SECONDS):
            async for chunk in request.stream():
                left -= len(chunk)
                if left < 0:
                    return


def announce(receipt: push.Receipt) -> bool:
    """Raises the inbox's asset event; False when it cannot be: the watcher and the sweep see the file too."""
    from airflow.assets.manager import asset_manager
    from airflow.serialization.definitions.assets import SerializedAssetUniqueKey
    from airflow.utils.session import create_session
    from sqlalchemy.exc import SQLAlchemyError

    asset = SerializedAssetUniqueKey(name=inbox.ASSET, uri=inbox.ASSET)
    for attempt in range(1, TRIES + 1):
        try:
            with create_session() as session:
                extra = {"from_push": True, "feed": receipt.feed, "file": receipt.file, "id": receipt.id}
                event = asset_manager.register_asset_change(asset=asset, extra=extra, session=session)
                return event is not None
        except SQLAlchemyError:
            time.sleep(attempt / 5)
    return False


class VigiePush(AirflowPlugin):
    """What Airflow's API server mounts."""

    name = "vigie_push"
    fastapi_apps: ClassVar[list[Any]] = [
        {
            "name": "vigie",
            "url_prefix": "/vigie",
            "app": Starlette(routes=[Route("/push/{feed}", receive, methods=["POST"])]),
        }
    ]
