"""The mail server of a rehearsal: a real SMTP conversation, on this machine only, that keeps what it takes or refuses all."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from vigie.lake import write_atomically
from vigie.servers import any_port

HOST = "127.0.0.1"
REFUSAL = "451 4.3.0 messagerie en panne (repetition)"


class Mailbox:
    """What was taken, in its order, by message and address; while it `refuses`, nothing is."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.refuses = False
        self.refused = 0
        self.taken: list[tuple[str, str]] = []

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.refuses:
            self.refused += 1
            return REFUSAL
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        name = message_from_bytes(envelope.content, policy=policy.default)["X-Vigie-Delivery"]
        for address in envelope.rcpt_tos:
            number = len(self.taken) + 1
            write_atomically(self.folder / f"{number:03d}.eml", envelope.content)
            self.taken.append((str(name), address))
        return "250 OK"


@contextmanager
def listening(folder: Path) -> Iterator[Mailbox]:
    """A mailbox that listens on a free port until the end of the block."""
    box = Mailbox(folder, any_port(HOST))
    controller = Controller(box, hostname=HOST, port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
