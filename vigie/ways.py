"""The ways out that the routes and the settings open, by the names under which their deliveries are kept.

A name tells no secret, and stays as long as the address that it stands for.
"""

import hashlib
from collections.abc import Callable, Iterable
from functools import partial

from sqlalchemy import select

from vigie import settings
from vigie.channels import Channel, Letter, agenda, apprise, file, mail, rss, webhook
from vigie.lake import Lake
from vigie.routes import Route
from vigie.store import Message, open_store
from vigie.store_schema import DELIVERIES, OUTBOX

ALWAYS = ("fichier", "flux", "agenda")
"""What is written beside the data, for every message."""
DIGEST = "recueil"
"""Where a message waits for a route's digest: `recueil:<route>` is not a way out."""
FIRST_WEBHOOK = "VIGIE_WEBHOOK_URL"
LABELS = {"fichier": "fichiers", "flux": "fil Atom", "agenda": "échéances (.ics)"}


def of(route: Route) -> dict[str, Channel]:
    """The ways out of a route that the settings open today."""
    chosen = settings.read()
    found: dict[str, Channel] = {}
    if route.to and chosen.smtp_url:
        for to in settings.listed(route.to):
            found[f"courriel:{to}"] = partial(mail.send, chosen.smtp_url, chosen.sender, to)
    if route.webhook:
        for url in settings.listed(route.webhook):
            key = settings.given(route.webhook_secret) if route.webhook_secret else ""
            name = "webhook" if route.webhook == FIRST_WEBHOOK else f"webhook:{route.webhook}"
            found[name] = partial(webhook.post, url, key, route.webhook)
    if route.apprise:
        for url in settings.listed(route.apprise):
            digest = hashlib.sha256(url.encode()).hexdigest()[:8]
            found[f"apprise:{url.partition(':')[0]}-{digest}"] = partial(apprise.send, url, route.apprise)
    return found


def open_all(lake: Lake, routes: Iterable[Route]) -> dict[str, Channel]:
    """Every way out, by name. Each recipient is one: a refused address holds back no other."""
    folder, sender = lake.root / "outbox", settings.read().sender
    found: dict[str, Channel] = {
        "fichier": partial(file.write, folder, sender),
        "flux": _once(lambda: rss.write(folder, _expected(lake, "flux", rss.KEPT))),
        "agenda": _once(lambda: agenda.write(folder, _expected(lake, "agenda", None))),
    }
    for route in routes:
        found |= of(route)
    return found


def kind(name: str) -> str:
    return name.partition(":")[0]


def label(name: str) -> str:
    """What a page may say of a way out: an address is a person's, of which only the house is told."""
    known, _, rest = name.partition(":")
    if known == "courriel":
        person, _, house = rest.rpartition("@")
        return f"courriel {person[:1]}…@{house}"
    return LABELS.get(name) or f"{known} {rest}".strip()


def _once(write: Callable[[], None]) -> Channel:
    """One file holds all messages that are to leave: it is written for the first, and the others are in it."""
    done: list[bool] = []

    def take(_: Letter) -> None:
        if not done:
            write()
            done.append(True)

    return take


def _expected(lake: Lake, name: str, latest: int | None) -> list[Message]:
    asked = select(OUTBOX).join(DELIVERIES, OUTBOX.c.message_id == DELIVERIES.c.message_id).where(DELIVERIES.c.channel == name)
    with open_store(lake) as store:
        rows = store.execute(asked.order_by(OUTBOX.c.created_at.desc(), OUTBOX.c.message_id.desc()).limit(latest))
        return [Message.of(row) for row in rows]
