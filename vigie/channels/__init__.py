"""The ways by which a message leaves: one module each, which takes a message or says in French why it could not."""

from collections.abc import Callable
from dataclasses import dataclass

from vigie.store import Message

TIMEOUT_SECONDS = 15


class DeliveryError(Exception):
    """A channel did not take a message; one French sentence, without any secret.

    `is_outage` tells that the channel itself is down: it will take no other message now.
    """

    def __init__(self, sentence: str, *, is_outage: bool = False) -> None:
        super().__init__(sentence)
        self.is_outage = is_outage


@dataclass(frozen=True)
class Letter:
    """A message with the name of the first of its thread, its own when it is the first."""

    message: Message
    first_id: str

    @property
    def is_update(self) -> bool:
        return self.first_id != self.message.message_id


Channel = Callable[[Letter], None]


def reason(error: BaseException) -> str:
    """Why a connection failed, in a few words."""
    cause = getattr(error, "reason", None)
    inner = cause if isinstance(cause, OSError) else error
    if isinstance(inner, ConnectionRefusedError):
        return "connexion refusée"
    if isinstance(inner, TimeoutError):
        return "délai dépassé"
    return type(inner).__name__
