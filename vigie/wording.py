"""What an alert says, in French: the published line and the message, from an episode and its rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from vigie.clock import CASABLANCA
from vigie.episodes import Change, Episode, Occasion
from vigie.evaluations import Evaluation
from vigie.sector import AlertRule

ALERT_COLUMNS = {
    "alert_id": "VARCHAR", "rule": "VARCHAR", "rule_version": "VARCHAR", "entity": "VARCHAR", "indicator": "VARCHAR",
    "ref_area": "VARCHAR", "breakdown": "VARCHAR", "period": "TIMESTAMP", "level": "VARCHAR", "state": "VARCHAR",
    "title": "VARCHAR", "finding": "VARCHAR", "threshold_text": "VARCHAR", "threshold_owner": "VARCHAR",
    "threshold_basis": "VARCHAR", "caution": "VARCHAR", "quote": "VARCHAR", "action": "VARCHAR", "due_on": "DATE",
    "clears_when": "VARCHAR", "value": "DOUBLE", "lower": "DOUBLE", "upper": "DOUBLE", "class": "VARCHAR",
    "opened_at": "TIMESTAMP", "updated_at": "TIMESTAMP", "closed_at": "TIMESTAMP", "data_known_at": "TIMESTAMP",
    "loads": "VARCHAR", "receipt_id": "VARCHAR",
}  # fmt: skip
"""The published `alerts` table."""

DEGREES = {1: "orange", 2: "rouge"}
CLASSES = {
    "measured": "valeur mesurée", "bounded": "valeur encadrée", "modelled": "valeur modélisée",
    "claimed": "valeur affirmée par sa source", "unknown": "valeur inconnue",
}  # fmt: skip
ORIGINS = {
    "retyped": "Chiffres ressaisis d'une publication citée.",
    "invented": "Données illustratives.",
}
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
THIN = "\u202f"
SUBJECT_TAGS: dict[Occasion, str] = {
    "ouverture": "[{degree}]",
    "aggravation": "[{degree}][AGGRAVATION]",
    "reprise": "[{degree}][REPRISE]",
    "après coup": "[{degree}][CONNU APRÈS COUP]",
    "levée": "[LEVÉE]",
    "annulation": "[ANNULÉE : RÉVISION]",
}
OPENINGS: dict[Occasion, str] = {
    "ouverture": "Une alerte s'ouvre au degré {degree}.",
    "aggravation": "L'alerte ouverte le {opened} passe au degré {degree}.",
    "reprise": "Une révision rouvre, au degré {degree}, l'alerte ouverte le {opened}.",
    "après coup": "Les données d'aujourd'hui montrent qu'une alerte de degré {degree} aurait dû s'ouvrir ; elle est déjà close.",
    "levée": "L'alerte de degré {degree} ouverte le {opened} est levée.",
    "annulation": "L'alerte de degré {degree} ouverte le {opened} est annulée : les données révisées ne la portent plus.",
}


@dataclass(frozen=True)
class Message:
    """A text for people, addressed to no one yet."""

    subject: str
    body: str


def alert_line(episode: Episode, rule: AlertRule, label: Callable[[str], str], loads: Sequence[str]) -> dict[str, Any]:
    """The published line of an episode."""
    reading = episode.reading
    told_on = local_day(episode.told_at or episode.opened_at)
    return {
        "alert_id": episode.alert_id, "rule": episode.rule, "rule_version": episode.rule_version,
        "entity": episode.entity, "indicator": reading.indicator, "ref_area": reading.ref_area,
        "breakdown": reading.breakdown, "period": reading.period, "level": DEGREES[episode.level],
        "state": episode.state, "title": _title(rule, reading, label), "finding": _finding(episode, rule, label),
        "threshold_text": threshold_text(rule), "threshold_owner": rule.threshold_owner,
        "threshold_basis": rule.threshold_basis, "caution": rule.caution, "quote": _quote(episode, rule, label),
        "action": rule.action, "due_on": told_on + timedelta(days=rule.action_days) if episode.state == "actif" else None,
        "clears_when": rule.clears_when, "value": reading.value, "lower": reading.lower, "upper": reading.upper,
        "class": reading.value_class, "opened_at": episode.opened_at, "updated_at": episode.updated_at,
        "closed_at": episode.closed_at, "data_known_at": reading.known_at, "loads": " ; ".join(loads),
        "receipt_id": reading.receipt_id,
    }  # fmt: skip


def message(change: Change, line: dict[str, Any]) -> Message:
    """The message of a change, written from its published line: both say the same."""
    assert change.occasion, "a change without an occasion has no message"
    episode = change.episode
    degree = line["level"]
    tag = SUBJECT_TAGS[change.occasion].format(degree=degree.upper())
    opening = OPENINGS[change.occasion].format(degree=degree, opened=french_date(local_day(episode.opened_at)))
    parts = [
        opening,
        f"Constat\n{line['finding']}",
        f"Seuil\n{sentence(line['threshold_text'])}\nFixé par : {line['threshold_owner']}.\nBase : {line['threshold_basis']}.",
        f"Pourquoi cela peut tromper\n{sentence(line['caution'])}",
        f"Phrase à citer\n{line['quote']}",
    ]
    if episode.state == "actif":
        parts += [
            f"À faire avant le {french_date(line['due_on'])}\n{sentence(line['action'])}",
            f"Ce qui lèverait l'alerte\n{sentence(line['clears_when'])}",
        ]
    known = french_date(local_day(line["data_known_at"])) if line["data_known_at"] else "date inconnue"
    parts += [
        f"Données connues au {known}\nChargements : {line['loads'] or 'aucun'}",
        "Une alerte ouvre une lecture économique ; elle ne vaut pas conclusion.\n"
        f"Alerte {line['alert_id']}, règle {line['rule']} version {line['rule_version']}.",
    ]
    return Message(f"[Vigie]{tag} {line['title']}", "\n\n".join(parts) + "\n")


def threshold_text(rule: AlertRule) -> str:
    """Both levels of a rule with their entries and exits."""
    side = "au moins" if rule.direction == "above" else "au plus"
    lasting = f", sur {rule.for_periods} périodes de suite" if rule.for_periods > 1 else ""
    amber_on, amber_off, red_on, red_off = (
        amount(value, rule.unit) for value in (rule.amber_on, rule.amber_off, rule.red_on, rule.red_off)
    )
    return f"orange : {side} {amber_on} (sortie à {amber_off}) ; rouge : {side} {red_on} (sortie à {red_off}){lasting}"


def _title(rule: AlertRule, reading: Evaluation, label: Callable[[str], str]) -> str:
    about = _about(rule, reading, label)
    return f"{rule.title} — {about}, {when(reading)}" if about else f"{rule.title} — {when(reading)}"


def _about(rule: AlertRule, reading: Evaluation, label: Callable[[str], str]) -> str:
    parts = []
    if reading.ref_area != "MA":
        parts.append(label(reading.ref_area))
    # a rule that names its breakdown already says it in its title
    if rule.breakdown in ("each", "any") and not reading.breakdown.startswith("_T"):
        code, _, source = reading.breakdown.partition("@")
        code, _, deadline = code.partition(":")
        named = " vers ".join(label(part) for part in code.split(">"))
        parts.append(named + (" (fin du délai d'adaptation)" if deadline else "") + (f" (selon {source})" if source else ""))
    if reading.methodology != "_Z":
        parts.append(label(reading.methodology))
    return ", ".join(parts)


def _finding(episode: Episode, rule: AlertRule, label: Callable[[str], str]) -> str:
    reading = episode.reading
    told = [sentence(_statement(rule, reading, label))]
    if reading.origin in ORIGINS:
        told.append(ORIGINS[reading.origin])
    if reading.obs_status == "P":
        told.append("Donnée provisoire.")
    if reading.value_class != "measured" and episode.state == "actif":
        told.append("Le degré tient compte de la borne la moins défavorable de l'intervalle.")
    if episode.is_missing:
        told.append("La dernière période manque : l'alerte garde son degré, l'absence de donnée ne lève rien.")
    return " ".join(told)


def _statement(rule: AlertRule, reading: Evaluation, label: Callable[[str], str]) -> str:
    about = _about(rule, reading, label)
    scope = f"{about} : " if about else ""
    return f"{scope}{rule.subject} {quantity(reading, rule.unit)} {at(reading)}"


def _quote(episode: Episode, rule: AlertRule, label: Callable[[str], str]) -> str:
    known = episode.reading.known_at
    dated = f"données connues au {french_date(local_day(known))}" if known else "date des données inconnue"
    return f"« Selon Vigie ({dated}), {_statement(rule, episode.reading, label)}. »"


def quantity(reading: Evaluation, unit: str) -> str:
    """The value with its interval and its class, as one says it."""
    nature = CLASSES[reading.value_class]
    low = amount(reading.lower, unit) if reading.lower is not None else None
    high = amount(reading.upper, unit) if reading.upper is not None else None
    if reading.value is not None:
        if reading.value_class != "measured" and low is not None and high is not None:
            return f"s'établit à {amount(reading.value, unit)} (de {low} à {high} ; {nature})"
        return f"s'établit à {amount(reading.value, unit)} ({nature})"
    if low is not None and high is not None:
        return f"se situe entre {low} et {high} ({nature})"
    if low is not None:
        return f"est d'au moins {low} ({nature})"
    if high is not None:
        return f"est d'au plus {high} ({nature})"
    return "n'est pas connu"


def amount(value: float, unit: str) -> str:
    """A number in the unit of its rule."""
    if unit == "RATIO":
        return f"{number(100 * value, 1)}{THIN}%"
    if unit == "PCT":
        return f"{number(value, 1)}{THIN}%"
    if unit == "INDEX":
        return number(value, 3)
    if unit == "DAYS":
        return f"{number(value, 0)}{THIN}jours" if abs(value) >= 2 else f"{number(value, 0)}{THIN}jour"
    if unit == "PS":
        return f"{number(value, 0)}{THIN}emplois"
    if unit == "PS_PER_YEAR":
        return f"{number(value, 0)}{THIN}emplois par an"
    return f"{number(value, 1)} fois son rythme"


def number(value: float, decimals: int) -> str:
    """French digits: comma, narrow spaces, true minus; zeros that say nothing are dropped."""
    text = f"{value:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = text.replace(",", THIN).replace(".", ",").replace("-", "−")
    return "0" if text == "−0" else text


def at(reading: Evaluation) -> str:
    """The period after a verb: « en 2024 », « au 1er semestre 2025 », « au 23 novembre 2026 »."""
    return f"en {when(reading)}" if reading.is_closed and reading.freq in ("A", "M") else f"au {when(reading)}"


def when(reading: Evaluation) -> str:
    """The period, named."""
    period = reading.period
    if reading.is_closed and reading.freq == "A":
        return str(period.year)
    if reading.is_closed and reading.freq == "S":
        return f"{_ordinal(1 if period.month == 1 else 2)} semestre {period.year}"
    if reading.is_closed and reading.freq == "Q":
        return f"{_ordinal((period.month + 2) // 3)} trimestre {period.year}"
    if reading.is_closed and reading.freq == "M":
        return f"{MONTHS[period.month - 1]} {period.year}"
    return french_date(period.date())


def _ordinal(rank: int) -> str:
    return "1er" if rank == 1 else f"{rank}e"


def french_date(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def local_day(moment: datetime) -> date:
    """The calendar day in Casablanca of a naive UTC time."""
    return moment.replace(tzinfo=UTC).astimezone(CASABLANCA).date()


def sentence(text: str) -> str:
    """A phrase of the sector file, with its capital and its full stop."""
    return f"{text[0].upper()}{text[1:].rstrip('.')}."
