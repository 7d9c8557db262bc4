"""Messages decided → people: a file always, e-mail and webhook where the settings name them.

Delivery is at least once under a stable name: a message is marked delivered only after its channel
took it, so a crash between the two sends it again with the same `Message-ID` or delivery id, by
which a receiver knows it. A message leaves only when the published version shows its alert.
"""

import hashlib
import hmac
import logging
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb

from vigie import settings
from vigie.clock import Run
from vigie.lake import Lake, LakeError, to_json, write_atomically
from vigie.settings import Settings
from vigie.store import Message, exists, open_store

log = logging.getLogger("vigie")

TRIES_PER_CALL = 3
MAX_TRIES = 9
"""Over several calls; past that the message is a dead letter for that channel, and says so."""
FIRST_PAUSE_SECONDS = 0.5
TIMEOUT_SECONDS = 15

sleep = time.sleep
"""The back-off between two tries; tests shorten it."""


class DeliveryError(Exception):
    """A channel did not take a message; one French sentence, without any secret."""


@dataclass(frozen=True)
class NotifyReport:
    """What left, what waits, what was given up on; `dead_letters` counts those of this call."""

    delivered: int
    waiting: int
    dead_letters: int
    channels: tuple[str, ...]
    has_recipient: bool

    def summary(self) -> str:
        parts = [f"{self.delivered} remise(s) par {', '.join(self.channels)}"]
        if self.waiting:
            parts.append(f"{self.waiting} en attente")
        if self.dead_letters:
            parts.append(f"{self.dead_letters} ABANDONNÉE(S) : voir la page Fiabilité et data/state.sqlite")
        if not self.has_recipient:
            parts.append("aucun destinataire : les messages restent dans outbox/ (renseigner VIGIE_RECIPIENTS et VIGIE_SMTP_URL)")
        return " ; ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


Channel = Callable[[Message], None]


def notify(run: Run) -> NotifyReport:
    """Delivers what may be said; a question about the past says nothing."""
    lake, chosen = run.data, settings.read()
    channels = _channels(lake, chosen)
    delivered = dead = 0
    if not run.is_retrospective:
        with lake.lock("notify"):
            for message in _to_deliver(lake, channels, run):
                for name in _open_channels(lake, message.message_id):
                    if name not in channels:
                        continue
                    outcome = _deliver(lake, message, name, channels[name], run)
                    delivered += outcome == "delivered"
                    dead += outcome == "abandoned"
    reached = bool(chosen.recipients and chosen.smtp_url) or bool(chosen.webhook_url)
    kinds = tuple(sorted({name.partition(":")[0] for name in channels}))
    return NotifyReport(delivered, _waiting(lake), dead, kinds, reached)


def is_due(run: Run) -> bool:
    """True when a message waits for a channel that the settings still name, or to be seen."""
    if run.is_retrospective or not exists(run.data):
        return False
    channels = _channels(run.data, settings.read())
    with open_store(run.data) as state:
        waiting = state.execute(
            "select channel from outbox left join deliveries using (message_id) "
            "where delivered_at is null and abandoned_at is null"
        ).fetchall()
    return any(row.channel is None or row.channel in channels for row in waiting)


def delivered(lake: Lake) -> str:
    """How the messages of an observatory stand, in a few words."""
    if not exists(lake):
        return "aucun"
    with open_store(lake) as state:
        (sent, dead) = state.execute(
            "select count(distinct message_id) filter (where delivered_at is not null), "
            "count(distinct message_id) filter (where abandoned_at is not null) from deliveries"
        ).one()
    waiting = _waiting(lake)
    parts = [f"{sent} remis", f"{waiting} envoi(s) en attente" if waiting else "", f"{dead} abandonné(s)" if dead else ""]
    return ", ".join(part for part in parts if part)


def _channels(lake: Lake, chosen: Settings) -> dict[str, Channel]:
    """The ways out, by name. Each recipient is one: a refused address holds back no other."""
    channels: dict[str, Channel] = {"fichier": lambda message: _write_file(lake, chosen, message)}
    if chosen.smtp_url:
        for address in chosen.recipients:
            channels[f"courriel:{address}"] = lambda message, to=address: _send_mail(chosen, message, to)  # type: ignore[misc]
    if chosen.webhook_url:
        channels["webhook"] = lambda message: _post(chosen, message)
    return channels


def _to_deliver(lake: Lake, channels: dict[str, Channel], run: Run) -> list[Message]:
    """Messages whose alert the published version shows, with a delivery noted for each channel of their first day."""
    shown = _shown(lake)
    with open_store(lake) as state:
        ready = [m for m in state.messages() if shown.get(m.thread_id, datetime.min) >= m.created_at]
        known = {row.message_id for row in state.execute("select distinct message_id from deliveries")}
        for message in ready:
            # a channel set up later does not receive the past
            if message.message_id not in known:
                state.expect(message.message_id, [{"channel": name} for name in channels], run.now)
    return ready


def _shown(lake: Lake) -> dict[str, datetime]:
    """The alerts that readers can see, and the state of each they see."""
    if not lake.published.exists():
        return {}
    with duckdb.connect(str(lake.published.resolve()), read_only=True) as connection:
        return dict(connection.execute("select alert_id, updated_at from alerts").fetchall())


def _open_channels(lake: Lake, message_id: str) -> list[str]:
    with open_store(lake) as state:
        rows = state.execute(
            "select channel from deliveries where message_id = :id and delivered_at is null and abandoned_at is null "
            "order by channel",
            {"id": message_id},
        )
        return [row.channel for row in rows]


def _waiting(lake: Lake) -> int:
    if not exists(lake):
        return 0
    counts = (
        "select count(*) as n from deliveries where delivered_at is null and abandoned_at is null",
        "select count(*) as n from outbox where message_id not in (select message_id from deliveries)",
    )
    with open_store(lake) as state:
        return sum(int(state.execute(count).one().n) for count in counts)


def _deliver(lake: Lake, message: Message, name: str, channel: Channel, run: Run) -> str:
    """Tries a few times, pausing twice as long each time; returns `delivered`, `waiting` or `abandoned`."""
    key = (message.message_id, name)
    note = partial(_note, lake, key, run.now)
    with open_store(lake) as state:
        asked = "select attempts from deliveries where message_id = :message and channel = :channel"
        tries = int(state.execute(asked, {"message": key[0], "channel": name}).one().attempts)
    for attempt in range(TRIES_PER_CALL):
        if attempt:
            sleep(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
        try:
            channel(message)
        except DeliveryError as error:
            tries += 1
            note(attempts=tries, last_error=str(error))
            log.info("  %s : %s", name, error)
            if tries >= MAX_TRIES:
                note(abandoned_at=run.now.isoformat())
                lake.record_failure("notify", f"message {key[0]} abandonné ({name}) : {error}", run.now, run.caused_by)
                return "abandoned"
        else:
            note(attempts=tries + 1, last_error=None, delivered_at=run.now.isoformat())
            return "delivered"
    return "waiting"


def _note(lake: Lake, key: tuple[str, str], at: datetime, **changes: Any) -> None:
    with open_store(lake) as state:
        state.note_delivery(*key, at, **changes)


def _mail(chosen: Settings, message: Message, to: str | None) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = f"<{message.message_id}@vigie>"
    # all messages of one alert stand together in a mail reader
    mail["References"] = f"<{message.thread_id}@vigie>"
    mail["Date"] = message.created_at.replace(tzinfo=UTC)
    mail["From"] = chosen.sender
    if to:
        mail["To"] = to
    mail["Subject"] = message.subject
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Vigie-Alert"] = message.thread_id
    mail.set_content(message.body)
    return mail


def _write_file(lake: Lake, chosen: Settings, message: Message) -> None:
    name = f"{message.created_at:%Y-%m-%d}-{message.degree}-{message.rule}-{message.message_id[:8]}"
    folder = lake.root / "outbox"
    try:
        write_atomically(folder / f"{name}.eml", _mail(chosen, message, None).as_bytes())
        write_atomically(folder / f"{name}.txt", f"{message.subject}\n\n{message.body}")
    except LakeError as error:
        raise DeliveryError(str(error)) from error


def _send_mail(chosen: Settings, message: Message, to: str) -> None:
    url = urlsplit(chosen.smtp_url)
    try:
        is_wrapped, port = url.scheme == "smtps", url.port
    except ValueError:
        raise DeliveryError("VIGIE_SMTP_URL : le port n'est pas un nombre") from None
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise DeliveryError("VIGIE_SMTP_URL doit s'écrire smtp[s]://utilisateur:motdepasse@serveur:port")
    where = f"{url.hostname}:{port or (465 if is_wrapped else 25)}"
    try:
        if is_wrapped:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                url.hostname, port or 465, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(url.hostname, port or 25, timeout=TIMEOUT_SECONDS)
        with server:
            server.ehlo()
            if not is_wrapped and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if url.username:
                if not isinstance(server.sock, ssl.SSLSocket):
                    raise DeliveryError(f"le serveur {where} ne chiffre pas : le mot de passe n'est pas envoyé")
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(_mail(chosen, message, to))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise DeliveryError(f"le serveur de courriel {where} n'a pas pris le message ({_reason(error)})") from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would lose its body or its signature: the redirection is an error."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _post(chosen: Settings, message: Message) -> None:
    body = to_json({
        "delivery": message.message_id, "occasion": message.payload["occasion"], "created_at": message.created_at,
        "subject": message.subject, "text": message.body, "alert": message.payload["lines"][0],
    }).encode()  # fmt: skip
    headers = {"Content-Type": "application/json; charset=utf-8", "X-Vigie-Delivery": message.message_id}
    if chosen.webhook_secret:
        headers["X-Vigie-Signature"] = signature(chosen.webhook_secret, body)
    try:
        request = urllib.request.Request(chosen.webhook_url, data=body, headers=headers, method="POST")
        if urlsplit(chosen.webhook_url).scheme not in ("http", "https"):
            raise DeliveryError("VIGIE_WEBHOOK_URL doit commencer par http:// ou https://")
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS):
            pass
    except urllib.error.HTTPError as error:
        raise DeliveryError(f"le webhook a répondu {error.code}") from error
    except (OSError, ValueError) as error:
        raise DeliveryError(f"le webhook ne répond pas ({_reason(error)})") from error


def signature(secret: str, body: bytes) -> str:
    """What a receiver recomputes over the exact bytes to know that Vigie wrote them."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"réponse {error.smtp_code}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "adresse refusée"
    cause = getattr(error, "reason", None)
    inner = cause if isinstance(cause, OSError) else error
    if isinstance(inner, ConnectionRefusedError):
        return "connexion refusée"
    if isinstance(inner, TimeoutError):
        return "délai dépassé"
    return type(inner).__name__
