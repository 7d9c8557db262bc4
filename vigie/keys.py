"""The secrets of a data folder: made once, at random, and readable by their owner only."""

import base64
import json
import os
import secrets
from pathlib import Path

from vigie.lake import Lake

AIRFLOW_ACCOUNT = "admin"
SUPERSET_VARIABLES = {
    "VIGIE_SUPERSET_SECRET_KEY": "superset_secret_key",
    "VIGIE_SUPERSET_GUEST_SECRET": "superset_guest_secret",
    "VIGIE_SUPERSET_ADMIN_PASSWORD": "superset_admin_password",
    "VIGIE_SUPERSET_ANALYST_PASSWORD": "superset_analyst_password",
    "VIGIE_SUPERSET_ENGINEER_PASSWORD": "superset_engineer_password",
}
PASSWORD_BYTES = 15
KEY_BYTES = 64


def folder(lake: Lake) -> Path:
    """Where the secrets are: a folder of mode 700, one file of mode 600 for each."""
    path = lake.root / "secrets"
    path.mkdir(mode=0o700, exist_ok=True)
    path.chmod(0o700)
    return path


def secret(lake: Lake, name: str) -> str:
    """The secret of that name, made at its first reading."""
    size = PASSWORD_BYTES if name.endswith("_password") else KEY_BYTES
    return _kept(lake, name, secrets.token_urlsafe(size))


def superset(lake: Lake) -> dict[str, str]:
    """What Superset's processes are told through their environment."""
    return {variable: secret(lake, name) for variable, name in SUPERSET_VARIABLES.items()}


def airflow_passwords(lake: Lake) -> Path:
    """The file of accounts that Airflow's sign-in reads."""
    password = secret(lake, "airflow_admin_password")
    _kept(lake, "airflow_accounts.json", json.dumps({AIRFLOW_ACCOUNT: password}))
    return folder(lake) / "airflow_accounts.json"


def airflow_fernet(lake: Lake) -> str:
    """The key under which Airflow keeps its connections: 32 bytes in the form it wants."""
    return _kept(lake, "airflow_fernet_key", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())


def _kept(lake: Lake, name: str, fresh: str) -> str:
    path = folder(lake) / name
    if path.exists():
        return path.read_text()
    with lake.lock("secrets"):
        if not path.exists():
            draft = path.with_name(f".{name}.tmp")
            draft.unlink(missing_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as stream:
                stream.write(fresh)
                os.fsync(stream.fileno())
            draft.replace(path)
    return path.read_text()
