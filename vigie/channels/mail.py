"""Electronic mail: one message a recipient, the updates of an alert in the thread of the first."""

import smtplib
import ssl
from datetime import UTC
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from vigie import channels
from vigie.channels import DeliveryError, Letter


def written(letter: Letter, sender: str, to: str | None) -> EmailMessage:
    """The mail, always the same bytes for the same message and recipient."""
    message = letter.message
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = f"<{message.message_id}@vigie>"
    if letter.is_update:
        mail["In-Reply-To"] = f"<{letter.first_id}@vigie>"
        mail["References"] = f"<{letter.first_id}@vigie>"
    mail["Date"] = message.created_at.replace(tzinfo=UTC)
    mail["From"] = sender
    if to:
        mail["To"] = to
    mail["Subject"] = message.subject
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Vigie-Delivery"] = message.message_id
    mail["X-Vigie-Thread"] = message.thread_id
    mail.set_content(message.body)
    return mail


def send(smtp_url: str, sender: str, to: str, letter: Letter) -> None:
    """Gives the mail to the server of VIGIE_SMTP_URL."""
    url = urlsplit(smtp_url)
    try:
        is_wrapped, port = url.scheme == "smtps", url.port
    except ValueError:
        raise DeliveryError("VIGIE_SMTP_URL : le port n'est pas un nombre", is_outage=True) from None
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        wanted = "VIGIE_SMTP_URL doit s'écrire smtp[s]://utilisateur:motdepasse@serveur:port"
        raise DeliveryError(wanted, is_outage=True)
    where = f"{url.hostname}:{port or (465 if is_wrapped else 25)}"
    try:
        with _server(url.hostname, port, is_wrapped=is_wrapped) as server:
            server.ehlo()
            if not is_wrapped and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if url.username:
                if not isinstance(server.sock, ssl.SSLSocket):
                    sentence = f"le serveur {where} ne chiffre pas : le mot de passe n'est pas envoyé"
                    raise DeliveryError(sentence, is_outage=True)
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(written(letter, sender, to))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        is_outage = not isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError | ValueError)
        sentence = f"le serveur de courriel {where} n'a pas pris le message ({_reason(error)})"
        raise DeliveryError(sentence, is_outage=is_outage) from error


def _server(host: str, port: int | None, *, is_wrapped: bool) -> smtplib.SMTP:
    patience = channels.TIMEOUT_SECONDS
    if is_wrapped:
        return smtplib.SMTP_SSL(host, port or 465, timeout=patience, context=ssl.create_default_context())
    return smtplib.SMTP(host, port or 25, timeout=patience)


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"réponse {error.smtp_code}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "adresse refusée"
    return channels.reason(error)
