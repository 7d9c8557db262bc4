"""The many channels of the Apprise library, each by its address (ntfy, Matrix, Teams, Telegram, SMS gateways…)."""

import logging

from vigie import channels
from vigie.channels import DeliveryError, Letter

KINDS = {"rouge": "failure", "orange": "warning", "calme": "info"}
"""How Apprise marks each degree, where its channel has marks."""


def send(url: str, setting: str, letter: Letter) -> None:
    """Hands a message to one Apprise address; the delivery's name ends its text, since few channels have a place for it."""
    # the library is only wanted where a route uses it
    import apprise

    # it repeats addresses, with their secrets, in its own log
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    message = letter.message
    asset = apprise.AppriseAsset(app_id="Vigie", app_desc="Observatoire")
    sender = apprise.Apprise(asset=asset)
    service = url.partition(":")[0]
    if not sender.add(_with_patience(url)):
        raise DeliveryError(f"{setting} : une adresse « {service}:// » n'est pas de celles qu'Apprise connaît", is_outage=True)
    text = f"{message.body}\n\n— {message.message_id}"
    try:
        is_taken = sender.notify(body=text, title=message.subject, notify_type=apprise.NotifyType(KINDS[message.degree]))
    except (OSError, TypeError, ValueError) as error:
        raise DeliveryError(f"le canal {service} n'a pas pris le message ({channels.reason(error)})", is_outage=True) from error
    if not is_taken:
        raise DeliveryError(f"le canal {service} n'a pas pris le message", is_outage=True)


def _with_patience(url: str) -> str:
    mark = "&" if "?" in url else "?"
    return f"{url}{mark}cto={channels.TIMEOUT_SECONDS}&rto={channels.TIMEOUT_SECONDS}"
