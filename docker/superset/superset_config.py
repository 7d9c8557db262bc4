"""Superset's configuration for Vigie: French, closed to the outside, secrets from the environment.

Every secret is made by the launcher; a missing one stops the start, because Superset would
otherwise go on with the defaults that everybody knows.
"""

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import event
from sqlalchemy.engine import Engine
from superset.config import THEME_DEFAULT as STOCK_THEME
from superset.utils.log import StdOutEventLogger
from vigie_api import add_api
from vigie_bulletin import notes
from vigie_controls import controls
from vigie_desk import add_desk
from vigie_receipts import receipts
from vigie_superset import ChosenDay, VigieSecurityManager, read_published_version, say_the_language


def required(name: str) -> str:
    """The value of a variable without which nothing may start."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise SystemExit(
            f"Superset ne démarre pas : la variable {name} manque. "
            "Lancer « make run », qui crée les secrets dans data/secrets, ou la fournir soi-même."
        )
    return value


def addresses(*names: str) -> list[str]:
    """Content-security sources, quoted where they are keywords."""
    return [f"'{name}'" if name in ("self", "unsafe-inline", "strict-dynamic") else name for name in names]


# --- What must be kept secret, and where things are -------------------------------------------
SECRET_KEY = required("VIGIE_SUPERSET_SECRET_KEY")
GUEST_TOKEN_JWT_SECRET = required("VIGIE_SUPERSET_GUEST_SECRET")
HOME = Path(required("VIGIE_SUPERSET_HOME"))
REDIS_URL = os.environ.get("VIGIE_REDIS_URL", "")

SQLALCHEMY_DATABASE_URI = os.environ.get("VIGIE_SUPERSET_METADATA_URI") or f"sqlite:///{HOME}/superset.db"
SQLALCHEMY_ENGINE_OPTIONS = (
    {"connect_args": {"timeout": 30, "check_same_thread": False}}
    if SQLALCHEMY_DATABASE_URI.startswith("sqlite")
    else {"pool_pre_ping": True}
)


@event.listens_for(Engine, "connect")
def let_readers_and_the_writer_meet(connection, _record):
    """Write-ahead log for SQLite metadata: without it, readers and the session writer lock each other."""
    if isinstance(connection, sqlite3.Connection):
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA busy_timeout=30000")
        cursor.close()


# --- French -----------------------------------------------------------------------------------
APP_NAME = "Vigie"
BABEL_DEFAULT_LOCALE = "fr"
LANGUAGES = {"fr": {"flag": "fr", "name": "Français"}}
CURRENCIES = ["MAD", "EUR", "USD"]
D3_FORMAT = {
    "decimal": ",",
    "thousands": "\u202f",
    "grouping": [3],
    "currency": ["", "\u00a0MAD"],
}
D3_TIME_FORMAT = {
    "dateTime": "%A %-d %B %Y %X",
    "date": "%d/%m/%Y",
    "time": "%H:%M:%S",
    "periods": ["AM", "PM"],
    "days": ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
    "shortDays": ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
    "months": [
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ],
    "shortMonths": [
        "janv.", "févr.", "mars", "avr.", "mai", "juin",
        "juil.", "août", "sept.", "oct.", "nov.", "déc.",
    ],
}  # fmt: skip

# --- Looks ------------------------------------------------------------------------------------
FRONT_PAGE = "/superset/dashboard/vue-d-ensemble/"
LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 32">
<circle cx="16" cy="16" r="12" fill="none" stroke="#0b5d57" stroke-width="3"/>
<path d="M16 16 L26 8" stroke="#c8702a" stroke-width="3" stroke-linecap="round"/>
<circle cx="16" cy="16" r="3" fill="#0b5d57"/>
<text x="38" y="23" font-family="Helvetica,Arial,sans-serif" font-size="20" font-weight="700" fill="#12312e">Vigie</text>
</svg>"""
BEACON = LOGO[: LOGO.index("<text")].replace("120 32", "32 32") + "</svg>"
FAVICONS = [{"href": f"data:image/svg+xml,{quote(BEACON)}"}]
THEME_DEFAULT = {
    **STOCK_THEME,
    "token": {
        **STOCK_THEME["token"],
        "brandAppName": APP_NAME,
        "brandLogoAlt": APP_NAME,
        "brandLogoUrl": f"data:image/svg+xml,{quote(LOGO)}",
        "brandLogoHref": FRONT_PAGE,
        "brandLogoHeight": "32px",
        "brandLogoMargin": "12px 0",
        "colorPrimary": "#0b5d57",
        "colorLink": "#0b5d57",
    },
}
THEME_DARK = None
ENABLE_UI_THEME_ADMINISTRATION = False
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "vigie",
        "description": "Vert de la vigie, ocre, bleu de nuit et tons qui se distinguent aussi en gris",
        "label": "Vigie",
        "isDefault": True,
        "colors": [
            "#0b5d57", "#c8702a", "#2f4b7c", "#7fb7a6", "#e0b04c", "#8c3b4a", "#6b7f8c", "#b7c4b1",
        ],
    },
]  # fmt: skip
EXTRA_SEQUENTIAL_COLOR_SCHEMES = [
    {
        "id": "vigie_clair_fonce",
        "description": "Du clair au foncé",
        "label": "Vigie (du clair au foncé)",
        "isDiverging": False,
        "colors": ["#e6f0ed", "#9fcabd", "#4f9c8d", "#0b5d57"],
    }
]

# --- Closed to the outside --------------------------------------------------------------------
# the flag opens the text of queries to a processor: ours, which evaluates nothing (see ChosenDay)
FEATURE_FLAGS = {"ALERT_REPORTS": False, "DASHBOARD_RBAC": True, "TAGGING_SYSTEM": False, "ENABLE_TEMPLATE_PROCESSING": True}
CUSTOM_TEMPLATE_PROCESSORS = {"duckdb": ChosenDay}
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": addresses("self"),
        "default-src": addresses("self"),
        "connect-src": addresses("self"),
        "font-src": addresses("self"),
        "frame-ancestors": addresses("self"),
        "img-src": addresses("self", "blob:", "data:"),
        "object-src": "'none'",
        "script-src": addresses("self", "strict-dynamic"),
        "style-src": addresses("self", "unsafe-inline"),
        "worker-src": addresses("self", "blob:"),
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": os.environ.get("VIGIE_HTTPS") == "1",
    "session_cookie_secure": os.environ.get("VIGIE_HTTPS") == "1",
}
ENABLE_PROXY_FIX = os.environ.get("VIGIE_HTTPS") == "1"
SESSION_COOKIE_SAMESITE = "Lax"
ENABLE_CORS = False
FAB_API_SWAGGER_UI = False
PREVENT_UNSAFE_DB_CONNECTIONS = True
PUBLIC_ROLE_LIKE = None
BLUEPRINTS = [controls, receipts, notes]


def add_ours(app):
    """What Vigie adds to the server beside its pages: the desk, the service for programs, and the language pages are in."""
    add_desk(app)
    add_api(app)
    app.after_request(say_the_language)


FLASK_APP_MUTATOR = add_ours
DECKGL_BASE_MAP = [["", "Aucun fond"]]
CUSTOM_SECURITY_MANAGER = VigieSecurityManager
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "10 per minute"
RATELIMIT_ENABLED = True
RATELIMIT_STORAGE_URI = REDIS_URL or "memory://"

# --- Speed ------------------------------------------------------------------------------------
DB_CONNECTION_MUTATOR = read_published_version
EVENT_LOGGER = StdOutEventLogger()
CELERY_CONFIG = None
SUPERSET_WEBSERVER_TIMEOUT = 60
LOG_LEVEL = "WARNING"
HOUR, DAY = 3600, 86400


def cache(name: str, seconds: int, kind: str = "") -> dict:
    """A cache of its own for each use: in Redis where there is one, in files otherwise."""
    if REDIS_URL:
        return {
            "CACHE_TYPE": f"vigie_superset.{kind}RedisCache" if kind else "RedisCache",
            "CACHE_REDIS_URL": REDIS_URL,
            "CACHE_KEY_PREFIX": f"vigie_{name}_",
            "CACHE_DEFAULT_TIMEOUT": seconds,
        }
    return {
        "CACHE_TYPE": f"vigie_superset.{kind}FileCache" if kind else "FileSystemCache",
        "CACHE_DIR": str(HOME / "cache" / name),
        "CACHE_THRESHOLD": 5000,
        "CACHE_DEFAULT_TIMEOUT": seconds,
    }


CACHE_CONFIG = cache("metadata", HOUR)
DATA_CACHE_CONFIG = cache("data", DAY, kind="Published")
FILTER_STATE_CACHE_CONFIG = {**cache("filters", 30 * DAY), "REFRESH_TIMEOUT_ON_RETRIEVAL": True}
EXPLORE_FORM_DATA_CACHE_CONFIG = {**cache("explore", 7 * DAY), "REFRESH_TIMEOUT_ON_RETRIEVAL": True}
