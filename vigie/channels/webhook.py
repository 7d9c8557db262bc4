"""A signed HTTP call a message, for machines."""

import hashlib
import hmac
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from vigie import channels
from vigie.channels import DeliveryError, Letter
from vigie.lake import to_json


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would lose its body or its signature: the redirection is an error."""

    def redirect_request(self, *_: Any) -> None:
        return None


def body(letter: Letter) -> bytes:
    """What is posted: `delivery` is the name by which a receiver knows a repetition; `alert` is that of a message of one."""
    message = letter.message
    lines = message.payload.get("lines") or []
    return to_json({
        "delivery": message.message_id, "thread": message.thread_id, "kind": message.kind, "degree": message.degree,
        "occasion": message.payload.get("occasion"), "created_at": message.created_at, "subject": message.subject,
        "text": message.body, "alert": lines[0] if message.kind == "alert" and lines else None, "alerts": lines,
    }).encode()  # fmt: skip


def post(url: str, secret: str, setting: str, letter: Letter) -> None:
    """Posts a message to the address that a setting holds, signed when there is a secret."""
    content, name = body(letter), letter.message.message_id
    headers = {"Content-Type": "application/json; charset=utf-8", "X-Vigie-Delivery": name}
    if secret:
        headers["X-Vigie-Signature"] = signature(secret, content)
    try:
        if urlsplit(url).scheme not in ("http", "https"):
            raise DeliveryError(f"{setting} doit commencer par http:// ou https://", is_outage=True)
        request = urllib.request.Request(url, data=content, headers=headers, method="POST")
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=channels.TIMEOUT_SECONDS):
            pass
    except urllib.error.HTTPError as error:
        error.close()
        # what a receiver refuses may be this message; a server in trouble refuses all
        raise DeliveryError(f"le webhook a répondu {error.code}", is_outage=error.code >= 500) from error
    except (OSError, ValueError) as error:
        raise DeliveryError(f"le webhook ne répond pas ({channels.reason(error)})", is_outage=True) from error


def signature(secret: str, content: bytes) -> str:
    """What a receiver recomputes over the exact bytes to know that Vigie wrote them."""
    return "sha256=" + hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
