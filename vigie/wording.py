"""What an alert says, in French: the published line and the message, from an episode and its rule."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from vigie.alert_rules import AlertRule
from vigie.clock import CASABLANCA
from vigie.episodes import Change, Episode, Occasion
from vigie.evaluations import Evaluation

ALERT_COLUMNS = {
    "alert_id": "VARCHAR", "rule": "VARCHAR", "rule_version": "VARCHAR", "entity": "VARCHAR", "indicator": "VARCHAR",
    "ref_area": "VARCHAR", "breakdown": "VARCHAR", "period": "TIMESTAMP", "level": "VARCHAR", "state": "VARCHAR",
    "title": "VARCHAR", "finding": "VARCHAR", "threshold_text": "VARCHAR", "threshold_owner": "VARCHAR",
    "threshold_basis": "VARCHAR", "caution": "VARCHAR", "quote": "VARCHAR", "action": "VARCHAR", "due_on": "DATE",
    "clears_when": "VARCHAR", "value": "DOUBLE", "lower": "DOUBLE", "upper": "DOUBLE", "class": "VARCHAR",
    "opened_at": "TIMESTAMP", "updated_at": "TIMESTAMP", "closed_at": "TIMESTAMP", "data_known_at": "TIMESTAMP",
    "loads": "VARCHAR", "receipt_id": "VARCHAR", "certainty": "VARCHAR", "data_state": "VARCHAR", "previous": "VARCHAR",
    "cause_fr": "VARCHAR", "acknowledged_by": "VARCHAR", "hushed_by": "VARCHAR", "economic_note": "VARCHAR",
    "annotations": "VARCHAR",
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
    "confirmation": "[{degree}][CONFIRMATION]",
    "reprise": "[{degree}][REPRISE]",
    "réouverture": "[{degree}][ROUVERTE]",
    "rappel": "[{degree}][RAPPEL]",
    "fin de silence": "[{degree}][FIN DE SILENCE]",
    "après coup": "[{degree}][CONNU APRÈS COUP]",
    "levée": "[LEVÉE]",
    "annulation": "[ANNULÉE : RÉVISION]",
    "retrait": "[ANNULÉE : RÈGLE RETIRÉE]",
}
OPENINGS: dict[Occasion, str] = {
    "ouverture": "Une alerte s'ouvre au degré {degree}.",
    "aggravation": "L'alerte ouverte le {opened} passe au degré {degree}.",
    "confirmation": "L'alerte ouverte le {opened} comme possible est maintenant certaine, au degré {degree}.",
    "reprise": "Une révision rouvre, au degré {degree}, l'alerte ouverte le {opened}.",
    "réouverture": "L'alerte ouverte le {opened} avait été levée ; quelqu'un la rouvre, au degré {degree}.",
    "rappel": "L'alerte ouverte le {opened} est toujours au degré {degree}, et personne ne l'a prise en charge.",
    "fin de silence": "Le silence est levé : l'alerte ouverte le {opened} est toujours au degré {degree}.",
    "après coup": "Les données d'aujourd'hui montrent qu'une alerte de degré {degree} aurait dû s'ouvrir ; elle est déjà close.",
    "levée": "L'alerte de degré {degree} ouverte le {opened} est levée.",
    "annulation": "L'alerte de degré {degree} ouverte le {opened} est annulée : les données révisées ne la portent plus.",
    "retrait": "L'alerte de degré {degree} ouverte le {opened} est annulée : sa règle a quitté le fichier du secteur.",
}
AWAITED = "lecture attendue"
"""What stands in a red alert until somebody has written its economic reading: a threshold is not a conclusion."""


@dataclass(frozen=True)
class Message:
    """A text for people, addressed to no one yet."""

    subject: str
    body: str


def alert_line(
    episode: Episode,
    rule: AlertRule,
    label: Callable[[str], str],
    loads: Sequence[str],
    before: Mapping[str, Any] | None = None,
    hindsight: str | None = None,
) -> dict[str, Any]:
    """The published line of an episode; `before` is the line that it replaces, `hindsight` what a later figure makes of it."""
    reading = episode.reading
    told_on = local_day(episode.told_at or episode.opened_at)
    return {
        "alert_id": episode.alert_id, "rule": episode.rule, "rule_version": episode.rule_version,
        "entity": episode.entity, "indicator": reading.indicator, "ref_area": reading.ref_area,
        "breakdown": reading.breakdown, "period": reading.period, "level": DEGREES[episode.level],
        "state": episode.state, "title": _title(rule, reading, label), "finding": _finding(episode, rule, label, hindsight),
        "threshold_text": threshold_text(rule), "threshold_owner": rule.threshold_owner,
        "threshold_basis": rule.threshold_basis, "caution": rule.caution, "quote": _quote(episode, rule, label),
        "action": rule.action, "due_on": told_on + timedelta(days=rule.action_days) if episode.state == "actif" else None,
        "clears_when": rule.clears_when, "value": reading.value, "lower": reading.lower, "upper": reading.upper,
        "class": reading.value_class, "opened_at": episode.opened_at, "updated_at": episode.updated_at,
        "closed_at": episode.closed_at, "data_known_at": reading.known_at, "loads": " ; ".join(loads),
        "receipt_id": reading.receipt_id, "certainty": episode.certainty,
        "data_state": "manquantes" if episode.is_missing else "connues", "previous": _standing(before),
        "cause_fr": _about(rule, reading, label) or rule.title, "acknowledged_by": episode.acknowledged_by,
        "hushed_by": _hushed(episode), "economic_note": episode.economic_note or (AWAITED if episode.level == 2 else None),
        "annotations": episode.annotations,
    }  # fmt: skip


def degree_text(line: Mapping[str, Any]) -> str:
    """The degree of a published line, as one says it."""
    return f"{line['level']} possible" if line.get("certainty") == "possible" else str(line["level"])


def _standing(before: Mapping[str, Any] | None) -> str:
    return "calme" if before is None else f"{degree_text(before)}, {before['state']}"


def _hushed(episode: Episode) -> str | None:
    kinds = {"silence": "silence de ", "snooze": "en veille, par ", "inhibition": "le flux se tait : "}
    return f"{kinds[episode.hush]}{episode.hushed_by}" if episode.hush else None


def message(change: Change, line: Mapping[str, Any], mutes: Sequence[str] = ()) -> Message:
    """The message of a change, written from its published line: both say the same. `mutes` are alerts that it speaks for."""
    assert change.occasion, "a change without an occasion has no message"
    episode = change.episode
    degree = degree_text(line)
    tag = SUBJECT_TAGS[change.occasion].format(degree=degree.upper())
    opening = OPENINGS[change.occasion].format(degree=degree, opened=french_date(local_day(episode.opened_at)))
    parts = [
        opening,
        f"Constat\n{line['finding']}",
        f"Seuil\n{sentence(line['threshold_text'])}\nFixé par : {line['threshold_owner']}.\nBase : {line['threshold_basis']}.",
        f"Pourquoi cela peut tromper\n{sentence(line['caution'])}",
        f"Phrase à citer\n{line['quote']}",
    ]
    if line["previous"]:
        parts.append(f"État précédent\n{sentence(line['previous'])}")
    if mutes:
        parts.append("Alertes que ce silence retient\n" + "\n".join(f"- {title}" for title in mutes))
    if line["economic_note"]:
        parts.append(f"Lecture économique\n{sentence(line['economic_note'])}")
    if line["annotations"]:
        parts.append(f"Notes\n{sentence(line['annotations'])}")
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


def group_message(occasion: str, lines: Sequence[Mapping[str, Any]], cause: str) -> Message:
    """One message for what a rule says at once of several entities, the gravest first."""
    ordered = sorted(lines, key=lambda line: (line["level"] != "rouge", str(line["title"])))
    first = ordered[0]
    listed = "\n".join(f"- {degree_text(line)} : {line['finding']} (alerte {line['alert_id']})" for line in ordered)
    parts = [
        f"{len(ordered)} alertes ont la même cause ({occasion}).",
        f"Constats\n{listed}",
        f"Seuil\n{sentence(first['threshold_text'])}\nFixé par : {first['threshold_owner']}.\nBase : {first['threshold_basis']}.",
        f"Pourquoi cela peut tromper\n{sentence(first['caution'])}",
    ]
    if first["due_on"]:
        parts.append(f"À faire avant le {french_date(first['due_on'])}\n{sentence(first['action'])}")
        parts.append(f"Ce qui lèverait chaque alerte\n{sentence(first['clears_when'])}")
    parts.append(
        "Une alerte ouvre une lecture économique ; elle ne vaut pas conclusion.\n"
        f"Règle {first['rule']} version {first['rule_version']}."
    )
    tag = SUBJECT_TAGS[occasion].format(degree=degree_text(first).upper())  # type: ignore[index]
    return Message(f"[Vigie]{tag} {cause} ({len(ordered)} alertes)", "\n\n".join(parts) + "\n")


def error_message(rule: str, reason: str) -> Message:
    """That a rule could not be read; silence is no calm."""
    return Message(
        f"[Vigie][ERREUR] la règle {rule} n'a pas pu être évaluée",
        f"La règle {rule} n'a pas pu être évaluée : ses alertes restent telles qu'elles étaient, et rien de nouveau n'en est dit."
        f"\n\nCause\n{reason}\n\nÀ faire\nCorriger la règle ou l'indicateur, puis relancer vigie build et vigie watch.\n",
    )


def disk_message(degree: str, free: float, free_bytes: int) -> Message:
    """That the disk of the data folder is nearly full."""
    left = f"{number(100 * free, 1)}{THIN}% libres, soit {number(free_bytes / 1e9, 1)} Go"
    return Message(
        f"[Vigie][{degree.upper()}] disque presque plein",
        f"Le disque du dossier de données n'a plus que {left}. Quand il est plein, la collecte et les alertes s'arrêtent.\n\n"
        "À faire\nAgrandir le disque, ou mettre les sauvegardes ailleurs (docs/operating.md, « Le dossier de données »).\n",
    )


def review_message(rule: AlertRule) -> Message:
    """That a rule is older than its owner said it would be without being looked at again."""
    return Message(
        f"[Vigie][RÈGLE À REVOIR] {rule.title}",
        f"La règle {rule.rule} (version {rule.version}) devait être revue avant le {french_date(rule.review_by)}. "
        f"Elle sonne encore ; ses seuils peuvent ne plus valoir.\n\nSeuil\n{sentence(threshold_text(rule))}\n"
        f"Fixé par : {rule.threshold_owner}, le {french_date(rule.threshold_set_on)}.\n\n"
        "À faire\nRevoir la règle dans le fichier du secteur, en augmenter la version, et donner une nouvelle date de revue.\n",
    )


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


def _finding(episode: Episode, rule: AlertRule, label: Callable[[str], str], hindsight: str | None) -> str:
    reading = episode.reading
    told = [sentence(_statement(rule, reading, label))]
    if reading.origin in ORIGINS:
        told.append(ORIGINS[reading.origin])
    if reading.obs_status == "P":
        told.append("Donnée provisoire.")
    if episode.state == "actif" and episode.certainty == "possible":
        told.append("L'intervalle est à cheval sur le seuil : le franchissement est possible, il n'est pas certain.")
    elif reading.value_class != "measured" and episode.state == "actif":
        told.append("Le degré tient compte de la borne la moins défavorable de l'intervalle.")
    if episode.revised and episode.state != "actif":
        told.append(hindsight or f"Révisé depuis : {rule.subject} {quantity(episode.revised, rule.unit)}.")
    elif hindsight and episode.state == "résolu" and not episode.told_rank and episode.opened_at == episode.closed_at:
        told.append(hindsight)
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
    if unit == "COUNT":
        return number(value, 0)
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
