"""Messages as files: always there, whatever the settings, and so what was said can be read again."""

from pathlib import Path

from vigie.channels import DeliveryError, Letter
from vigie.channels.mail import written
from vigie.lake import LakeError, write_atomically


def write(folder: Path, sender: str, letter: Letter) -> None:
    """One .eml and one .txt a message, by day, degree and rule."""
    message = letter.message
    about = message.rule or message.kind
    name = f"{message.created_at:%Y-%m-%d}-{message.degree}-{about}-{message.message_id[:8]}"
    try:
        write_atomically(folder / f"{name}.eml", written(letter, sender, None).as_bytes())
        write_atomically(folder / f"{name}.txt", f"{message.subject}\n\n{message.body}")
    except LakeError as error:
        raise DeliveryError(str(error), is_outage=True) from error
