"""What a receipt says in French of the row that it proves."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from vigie.wording import MONTHS, THIN, french_date, number

Ask = Callable[..., list[dict[str, Any]]]
"""A question to the warehouse: its SQL and parameters; rows by column."""

UNITS = {
    "MAD_BN": "Md MAD", "MAD_MN": "M MAD", "MAD": "MAD", "USD": "USD", "PCT": "%", "PC": "%", "PS": "emplois",
    "PS_PER_YEAR": "emplois par an",
    "DAYS": "jours", "HOURS": "heures", "INDEX": "", "NATS": "nats", "RATIO": "", "NB": "", "PER_1000": "pour 1 000 emplois",
}  # fmt: skip
TITLES = ("title_fr", "title", "label_fr", "subject_fr", "feed_title", "name_fr", "operator", "sentence", "indicator", "feed")
"""Columns that name a row, best first."""
KINDS = {
    "landed": "ligne d'un document", "load": "ligne du registre des chargements", "held": "ligne retenue à la porte",
    "sector": "ligne du fichier de secteur", "reading": "lecture d'un indicateur, qui a son propre reçu",
}  # fmt: skip


def said(ask: Ask, mart: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row's title and its reading in words, with the French of its codes."""
    words = {(line["list"], line["code"]): line["label_fr"] for line in ask("select list, code, label_fr from marts.labels")}

    def word(kind: str, code: Any) -> str | None:
        found: str | None = words.get((kind, code), code)
        return found

    title = next((str(row[name]) for name in TITLES if row.get(name)), mart)
    if mart == "indicator_history":
        labels = ask("select label_fr from marts.indicators where indicator = ?", [row["indicator"]])
        places = ask("select name_fr from intermediate.int_places where ref_area = ?", [row["ref_area"]])
        title = labels[0]["label_fr"] if labels else row["indicator"]
        breakdown, _, source = str(row["breakdown"]).partition("@")
        area = places[0]["name_fr"] if places else word("area", row["ref_area"])
        parts = [
            str(area), *([str(word("breakdown", breakdown))] if breakdown not in ("_T", "_Z") else []),
            *([f"scénario « {word('scenario', row['scenario'])} »"] if row["scenario"] != "_Z" else []),
            *([str(word("methodology", row["methodology"]))] if row["methodology"] != "_Z" else []),
            *([f"selon {word('source', source)}"] if source else []),
            period_fr(row["period"], row["freq"]),
        ]  # fmt: skip
        title = f"{title} — {', '.join(parts)}"
    told: dict[str, Any] = {"title": title, "reading": reading_fr(row)}
    for kind, column in (("class", "class"), ("origin", "origin"), ("status", "obs_status"), ("reason", "missing_reason")):
        if row.get(column) is not None:
            told[f"{column}_fr"] = word(kind, row[column])
    if row.get("missing_reason"):
        told["reading"] = f"inconnu ({told['missing_reason_fr']})"
    return told


def reading_fr(row: Mapping[str, Any]) -> str:
    """A value, or the interval where there is none, with its unit."""
    value = row.get("value", row.get("obs_value"))
    unit = UNITS.get(str(row.get("unit") or row.get("unit_measure") or ""), str(row.get("unit") or row.get("unit_measure") or ""))
    lower, upper = row.get("lower"), row.get("upper")
    if isinstance(value, int | float):
        text = number(value, 9)
        if isinstance(lower, int | float) and isinstance(upper, int | float) and lower != upper:
            text += f" (entre {number(lower, 9)} et {number(upper, 9)})"
    elif lower is None and upper is None:
        return str(row.get("value_text") or row.get("days_text") or row.get("known_text") or "")
    elif upper is None and lower is not None:
        text = f"au moins {number(lower, 9)}"
    elif lower is None or upper is None:
        text = f"au plus {number(float(upper or 0), 9)}"
    else:
        text = f"de {number(lower, 9)} à {number(upper, 9)}"
    return f"{text}{THIN if unit == '%' else ' '}{unit}".strip()


def period_fr(period: date, freq: str) -> str:
    """A period named as people write it: « 2024 », « 1er semestre 2025 », « 23 novembre 2026 »."""
    match freq:
        case "A":
            return str(period.year)
        case "S":
            return f"{'1er' if period.month == 1 else '2e'} semestre {period.year}"
        case "Q":
            rank = (period.month + 2) // 3
            return f"{'1er' if rank == 1 else f'{rank}e'} trimestre {period.year}"
        case "M":
            return f"{MONTHS[period.month - 1]} {period.year}"
        case "W":
            return f"semaine du {french_date(period.date() if isinstance(period, datetime) else period)}"
        case _:
            return french_date(period.date() if isinstance(period, datetime) else period)
