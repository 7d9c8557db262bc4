"""Which published reading a person means: an indicator, a place, a period, and what tells two of them apart."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vigie.clock import CallError
from vigie.receipt import READINGS, Issuer
from vigie.receipt_words import period_fr

SHOWN = 8
TOTAL = "_T"


@dataclass(frozen=True)
class Wanted:
    """The words of the call; empty ones leave the choice open."""

    indicator: str
    place: str = ""
    period: str = ""
    breakdown: str = ""
    methodology: str = ""
    scenario: str = ""


def choose(issuer: Issuer, wanted: Wanted, as_of: datetime) -> dict[str, Any]:
    """The one reading that was known then under these words; CallError says what is near, or what to choose from."""
    known = [row["indicator"] for row in issuer.ask("select indicator from marts.indicators order by 1")]
    if wanted.indicator not in known:
        raise CallError(f"indicateur inconnu « {wanted.indicator} » ; {_near(wanted.indicator, known)}")
    rows = issuer.ask(f"select * from marts.{READINGS} where indicator = ? order by all", [wanted.indicator])
    names = {row["ref_area"]: row["name_fr"] for row in issuer.ask("select ref_area, name_fr from intermediate.int_places")}
    names |= {
        row["code"]: row["label_fr"] for row in issuer.ask("select code, label_fr from intermediate.codes where list = 'area'")
    }
    if wanted.place:
        found = [
            row
            for row in rows
            if wanted.place.casefold() in (row["ref_area"].casefold(), names.get(row["ref_area"], "").casefold())
        ]
        places = sorted(
            {f"{row['ref_area']} ({names[row['ref_area']]})" if row["ref_area"] in names else row["ref_area"] for row in rows}
        )
        rows = _kept(found, f"lieu inconnu « {wanted.place} » pour {wanted.indicator}", wanted.place, places)
    if wanted.period:
        periods = [_period(row) for row in sorted(rows, key=lambda row: row["period"], reverse=True)]
        found = [row for row in rows if wanted.period.casefold() in _periods(row)]
        rows = _kept(found, f"période inconnue « {wanted.period} » pour {wanted.indicator}", wanted.period, periods)
    for column in ("breakdown", "methodology", "scenario"):
        if asked := getattr(wanted, column):
            found = [row for row in rows if row[column] == asked]
            rows = _kept(found, f"« {asked} » n'est pas un choix de --{column}", asked, sorted({row[column] for row in rows}))
    if not wanted.breakdown and any(row["breakdown"] == TOTAL for row in rows):
        rows = [row for row in rows if row["breakdown"] == TOTAL]
    then = [row for row in rows if row["known_from"] <= as_of and (row["known_to"] is None or row["known_to"] > as_of)]
    if not then:
        first = min(row["known_from"] for row in rows)
        raise CallError(f"rien n'en était connu le {as_of:%d/%m/%Y} ; la première connaissance est du {first:%d/%m/%Y}")
    if len(then) > 1:
        choices = "\n".join(
            f"  --place {row['ref_area']} --period {_period(row)} --breakdown {row['breakdown']}"
            f" --methodology {row['methodology']} --scenario {row['scenario']}"
            for row in then[: 3 * SHOWN]
        )
        more = f"\n  … et {len(then) - 3 * SHOWN} autres" if len(then) > 3 * SHOWN else ""
        raise CallError(f"{len(then)} valeurs répondent à cet appel ; préciser l'une d'elles :\n{choices}{more}")
    return then[0]


def _kept(found: Sequence[dict[str, Any]], wrong: str, asked: str, known: Iterable[str]) -> list[dict[str, Any]]:
    if not found:
        raise CallError(f"{wrong} ; {_near(asked, known)}")
    return list(found)


def _near(asked: str, known: Iterable[str]) -> str:
    listed = list(dict.fromkeys(known))
    alike = difflib.get_close_matches(asked, listed, SHOWN, 0.5)
    if alike:
        return f"les plus proches : {', '.join(alike)}"
    return f"il y a : {', '.join(listed[:SHOWN])}{f' et {len(listed) - SHOWN} autres' if len(listed) > SHOWN else ''}"


def _period(row: dict[str, Any]) -> str:
    """How a period is written on the command line."""
    period = row["period"]
    match row["freq"]:
        case "A":
            return f"{period:%Y}"
        case "S":
            return f"{period:%Y}-S{1 if period.month == 1 else 2}"
        case "Q":
            return f"{period:%Y}-T{(period.month + 2) // 3}"
        case "M":
            return f"{period:%Y-%m}"
        case _:
            return f"{period:%Y-%m-%d}"


def _periods(row: dict[str, Any]) -> set[str]:
    """Every way to write a period: 2025-S1, 2025-T3 or 2025-Q3, 2025-09, its first day, or in French."""
    written = _period(row).casefold()
    return {written, written.replace("-t", "-q"), f"{row['period']:%Y-%m-%d}", period_fr(row["period"], row["freq"]).casefold()}
