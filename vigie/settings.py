"""The only reader of environment variables: paths, addresses, secrets."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from vigie.feed import ROOT


class SettingError(Exception):
    """A setting that cannot be used; one French sentence naming the variable."""


@dataclass(frozen=True)
class Settings:
    """Everything the environment may say; empty text means not set."""

    data: Path
    state_url: str
    pulse_url: str
    smtp_url: str
    sender: str
    push_secret: str
    contact: str
    allowed_hosts: tuple[str, ...]
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


def secret(name: str) -> str:
    """The value of a setting that a feed declares as its key; empty when it is not set."""
    value = os.environ.get(name, "").strip()
    if not value.isascii() or any(not character.isprintable() for character in value):
        raise SettingError(f"{name} contient un caractère qu'une clé ne peut pas avoir")
    return value


def given(name: str) -> str:
    """A setting as it was written; empty when it is not set."""
    return os.environ.get(name, "")


def listed(name: str) -> tuple[str, ...]:
    """The values of a setting that holds several, separated by commas; empty when it is not set."""
    return tuple(part.strip() for part in given(name).split(",") if part.strip())


def _hosts(name: str) -> tuple[str, ...]:
    """`host:port` entries, comma-separated; an IPv6 address in brackets."""
    entries = tuple(entry.strip() for entry in os.environ.get(name, "").split(",") if entry.strip())
    for entry in entries:
        if not re.fullmatch(r"([\w.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}", entry):
            raise SettingError(f"{name} : « {entry} » n'est pas de la forme hôte:port")
    return entries


def read() -> Settings:
    """The settings of this process, read anew at each call (tests and tasks change them)."""
    text = os.environ.get
    home = text("VIGIE_SUPERSET_HOME", "")
    return Settings(
        data=Path(text("VIGIE_DATA") or ROOT / "data").expanduser().resolve(),
        state_url=text("VIGIE_STATE_URL", "").strip(),
        pulse_url=text("VIGIE_PULSE_URL", "").strip(),
        smtp_url=text("VIGIE_SMTP_URL", ""),
        sender=text("VIGIE_FROM", "") or "vigie@localhost",
        push_secret=text("VIGIE_PUSH_SECRET", "").strip(),
        contact=text("VIGIE_CONTACT", "") or "contact non renseigné",
        allowed_hosts=_hosts("VIGIE_ALLOWED_HOSTS"),
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
