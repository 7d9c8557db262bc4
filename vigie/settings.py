"""The only reader of environment variables: paths, addresses, secrets."""

import os
from dataclasses import dataclass
from pathlib import Path

from vigie.feed import ROOT


class SettingError(Exception):
    """A setting that cannot be used; one French sentence naming the variable."""


@dataclass(frozen=True)
class Settings:
    """Everything the environment may say; empty text means not set."""

    data: Path
    recipients: tuple[str, ...]
    smtp_url: str
    sender: str
    webhook_url: str
    webhook_secret: str
    contact: str
    bind: str
    airflow_port: int
    superset_port: int
    superset_python: Path
    superset_home: Path | None


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdigit():
        raise SettingError(f"{name}={text!r} n'est pas un nombre entier positif")
    return int(text)


def read() -> Settings:
    """The settings of this process, read anew at each call (tests and tasks change them)."""
    text = os.environ.get
    recipients = tuple(address.strip() for address in text("VIGIE_RECIPIENTS", "").split(",") if address.strip())
    home = text("VIGIE_SUPERSET_HOME", "")
    return Settings(
        data=Path(text("VIGIE_DATA") or ROOT / "data").expanduser().resolve(),
        recipients=recipients,
        smtp_url=text("VIGIE_SMTP_URL", ""),
        sender=text("VIGIE_FROM", "") or "vigie@localhost",
        webhook_url=text("VIGIE_WEBHOOK_URL", ""),
        webhook_secret=text("VIGIE_WEBHOOK_SECRET", ""),
        contact=text("VIGIE_CONTACT", "") or "contact non renseigné",
        bind=text("VIGIE_BIND", "") or "127.0.0.1",
        airflow_port=_number("VIGIE_AIRFLOW_PORT", 8080),
        superset_port=_number("VIGIE_SUPERSET_PORT", 8088),
        superset_python=Path(text("VIGIE_SUPERSET_PYTHON") or ROOT / ".venv" / "superset" / "bin" / "python"),
        superset_home=Path(home) if home else None,
    )


def environment(**extra: str) -> dict[str, str]:
    """This process's environment with `extra` on top, for the programs it starts."""
    return {**os.environ, **extra}


def expose(**values: str) -> None:
    """Puts values where libraries in this process look for them (dbt's profile)."""
    os.environ.update(values)
