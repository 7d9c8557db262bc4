"""Who may be named as having printed a figure: a retyped document names no publisher whose bytes we do not hold.

A figure typed from a newspaper that cites a publisher was printed by the newspaper: « Le360, citant l'Office
des changes ». Naming the publisher alone would pass our typing for its document.
"""

import re
import unicodedata

from vigie import feed as feeds
from vigie.feed import Origin
from vigie.lake import Lake

CITING = re.compile(r"\b(?:citant|cite|reproduisant|d'après|selon|par|sur)\b", re.IGNORECASE)
"""What stands after one of these words is quoted, not the one who printed."""


def plain(name: str) -> str:
    """A name without case, accents, articles and punctuation."""
    bare = "".join(c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c))
    return " ".join(word for word in re.findall(r"\w+", bare) if word not in ("le", "la", "les", "l", "de", "du", "des", "d"))


def publishers() -> dict[str, list[str]]:
    """Every name by which the publisher of a feed that we do not keep ourselves is declared, and its feeds."""
    named: dict[str, list[str]] = {}
    for name in feeds.names():
        declared = feeds.load(name)
        if not declared.register:
            for part in re.split(r"[,()]", declared.publisher):
                if part.strip():
                    named.setdefault(part.strip(), []).append(name)
    return named


def unheld_publisher(lake: Lake, origin: Origin) -> str:
    """The publisher that a retyped document names as its own while we hold none of its bytes; empty when none is."""
    if origin.kind != "retyped":
        return ""
    printers = [f"{plain(part)} " for part in re.split(r"[,;()]|\bet\b", CITING.split(origin.by)[0])]
    for publisher, names in publishers().items():
        is_named = any(part.startswith(f"{plain(publisher)} ") for part in printers)
        if is_named and not any(_holds(lake, name) for name in names):
            return publisher
    return ""


def _holds(lake: Lake, name: str) -> bool:
    return any(load.origin == "recorded" and load.document for load in lake.loads(name))


def refusal(lake: Lake, origin: Origin) -> str:
    """Why a document is refused for what it says of its origin; empty when it is not."""
    publisher = unheld_publisher(lake, origin)
    if not publisher:
        return ""
    return (
        f"le document retapé se donne pour éditeur « {publisher} », dont nous ne tenons aucun octet ; nommer qui a imprimé "
        f"le chiffre (« journal, citant {publisher} »), ou déposer le document de l'éditeur lui-même"
    )
