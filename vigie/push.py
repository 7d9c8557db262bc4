"""A document pushed over HTTP: who signed it, whether it came before, and its way into the inbox.

The signature is that of the Standard Webhooks: HMAC-SHA256, in base64, over `id.timestamp.body`, in the
headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. The body goes to a draft as it comes,
and becomes a file of the inbox only once the signature is found good. Nothing here knows a web server.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from vigie import feed as feeds
from vigie.inbox import is_a_document
from vigie.lake import Lake, sync_folder, to_json, write_atomically

TOLERANCE_SECONDS = 300
"""How far the sender's clock may be from ours; also how long a stolen message could be sent again."""
KEPT_SECONDS = 30 * 86400
"""How long a receipt answers for its message: senders try again for days, never for weeks."""
SECRET_PREFIX = "whsec_"
SECRET_BYTES = 24
NAME_LENGTH = 80


class Refusal(Exception):
    """A push that is not taken: an HTTP status and one French sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Receipt:
    """What was received: the file of the inbox, its size in bytes and the SHA-256 of its content."""

    id: str
    feed: str
    file: str
    bytes: int
    sha256: str
    received_at: float


def key(secret: str) -> bytes:
    """The bytes that sign, from the setting; Refusal 503 when pushing is off or the secret is too weak."""
    if not secret:
        raise Refusal(503, "le dépôt par HTTP est fermé : renseigner VIGIE_PUSH_SECRET et redémarrer")
    try:
        wrapped = secret.startswith(SECRET_PREFIX)
        found = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True) if wrapped else secret.encode()
    except binascii.Error:
        raise Refusal(503, f"VIGIE_PUSH_SECRET est illisible : après {SECRET_PREFIX}, écrire du base64") from None
    if len(found) < SECRET_BYTES:
        raise Refusal(503, f"VIGIE_PUSH_SECRET est trop court : {SECRET_BYTES} octets au moins")
    return found


def signature(secret: bytes, identifier: str, timestamp: int, body: bytes) -> str:
    """What a sender writes in `webhook-signature`."""
    return _written(hmac.new(secret, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256))


def _written(mac: hmac.HMAC) -> str:
    return "v1," + base64.b64encode(mac.digest()).decode()


def sanitised(name: str) -> str:
    """A plain file name: no folder, no hidden or half-copied form, only letters, digits, `.`, `-` and `_`."""
    last = re.sub(r"[^\w.-]+", "_", name.replace("\\", "/").rpartition("/")[2]).strip("._")
    stem, dot, suffix = last.rpartition(".")
    kept = f"{stem[:NAME_LENGTH]}{dot}{suffix[:12]}" if stem else last[:NAME_LENGTH]
    return kept if kept and is_a_document(kept) else "document"


class Push:
    """One message under way; use as a context manager, so that a refused one leaves nothing behind."""

    def __init__(self, lake: Lake, secret: str, feed: str, name: str, headers: Mapping[str, str], now: float) -> None:
        """Judges all that can be judged before the body; `headers` have lower-case names."""
        signing = key(secret)
        if feed not in feeds.names():
            raise Refusal(404, f"flux inconnu « {feed} » ; flux connus : {', '.join(feeds.names())}")
        self._lake, self._feed, self._now = lake, feed, now
        self._limit = feeds.load(feed).max_bytes
        self.id, timestamp, self._signatures = _signed(headers, now)
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > self._limit:
            raise self._too_heavy()
        self._mac = hmac.new(signing, f"{self.id}.{timestamp}.".encode(), hashlib.sha256)
        self._sum = hashlib.sha256()
        self._size = 0
        # the identifier in the name makes a message that is sent again the same file
        mark = hashlib.sha256(self.id.encode()).hexdigest()
        plain = Path(sanitised(name))
        self._path = lake.inbox / feed / f"{plain.stem}.{mark[:12]}{plain.suffix}"
        self._receipt = lake.root / "pushes" / f"{mark}.json"
        self._draft = self._path.with_name(f".{self._path.name}.{time.monotonic_ns()}.{os.getpid()}.tmp")
        self._stream: BinaryIO | None = None

    def __enter__(self) -> "Push":
        self._draft.parent.mkdir(parents=True, exist_ok=True)
        self._stream = self._draft.open("xb")
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream:
            self._stream.close()
        self._draft.unlink(missing_ok=True)

    def _too_heavy(self) -> Refusal:
        return Refusal(413, f"le document pèse plus de {self._limit >> 20} Mio, le plus que le flux {self._feed} admette")

    def take(self, chunk: bytes) -> None:
        """The next bytes of the body; Refusal 413 past the feed's limit."""
        assert self._stream
        self._size += len(chunk)
        if self._size > self._limit:
            raise self._too_heavy()
        self._mac.update(chunk)
        self._sum.update(chunk)
        self._stream.write(chunk)

    def finish(self) -> tuple[Receipt, bool]:
        """The receipt, and whether the message is new; Refusal when it is unsigned, empty or contradicts its past.

        The file is in place before its receipt is written: cut short between the two, a message that
        is sent again writes the same file, and nothing is lost.
        """
        assert self._stream
        if not any(hmac.compare_digest(_written(self._mac).encode(), given.encode()) for given in self._signatures):
            raise Refusal(401, "signature refusée : elle doit porter sur « id.horodatage.corps » avec VIGIE_PUSH_SECRET")
        if not self._size:
            raise Refusal(400, "le corps est vide : envoyer les octets du document")
        self._stream.flush()
        os.fsync(self._stream.fileno())
        receipt = Receipt(self.id, self._feed, self._path.name, self._size, self._sum.hexdigest(), self._now)
        with self._lake.lock("push"):
            known = self._known()
            if known:
                if (known.feed, known.sha256) != (receipt.feed, receipt.sha256):
                    raise Refusal(409, f"l'identifiant {self.id} a déjà servi pour un autre document : en prendre un neuf")
                return known, False
            self._draft.replace(self._path)
            sync_folder(self._path.parent)
            write_atomically(self._receipt, to_json(asdict(receipt)) + "\n")
            self._forget()
        return receipt, True

    def _known(self) -> Receipt | None:
        try:
            return Receipt(**json.loads(self._receipt.read_text()))
        except FileNotFoundError:
            return None

    def _forget(self) -> None:
        for path in self._receipt.parent.glob("*.json"):
            if path.stat().st_mtime < time.time() - KEPT_SECONDS:
                path.unlink(missing_ok=True)


def _signed(headers: Mapping[str, str], now: float) -> tuple[str, int, list[str]]:
    """The identifier, the timestamp and the signatures that a message carries."""
    wanted = ("webhook-id", "webhook-timestamp", "webhook-signature")
    missing = [name for name in wanted if not headers.get(name)]
    if missing:
        raise Refusal(401, f"message non signé : il manque {', '.join(missing)}")
    identifier, stamp, signatures = (headers[name] for name in wanted)
    if not re.fullmatch(r"[\w-]{1,200}", identifier, re.ASCII):
        raise Refusal(400, "webhook-id : 200 lettres, chiffres, tirets au plus")
    if not re.fullmatch(r"\d{1,12}", stamp, re.ASCII):
        raise Refusal(400, "webhook-timestamp : écrire les secondes depuis 1970")
    if abs(now - int(stamp)) > TOLERANCE_SECONDS:
        raise Refusal(
            401, f"horodatage à plus de {TOLERANCE_SECONDS // 60} minutes de l'heure d'ici : régler l'horloge, signer de nouveau"
        )
    return identifier, int(stamp), signatures.split()
