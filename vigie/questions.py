"""What the door holds, put to a person as a question: one for each held load, its text, and its answer.

Nothing here knows the scheduler that carries the question. What a document says is shown in it as plain
text: a held cell can neither draw a link nor write in the question's own voice. The scheduler keeps what it
shows and what is typed into it: a confidential row is neither shown nor corrected there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vigie import quarantine
from vigie.clock import CallError, Run
from vigie.lake import Load
from vigie.quarantine import Decided, QuarantineError

RELEASE, FIX, REJECT, LEAVE = "Libérer", "Corriger", "Rejeter", "Laisser en quarantaine"
OPTIONS = [RELEASE, FIX, REJECT, LEAVE]
REASON, CORRECTIONS = "motif", "corrections"
FIELDS = (
    (REASON, "Motif", "Pourquoi ; obligatoire pour libérer."),
    (CORRECTIONS, "Corrections", "Pour « Corriger » : une première ligne row_no;colonne, puis une ligne par correction."),
)
"""The fields of the form: name, title, what to write there."""
ALREADY = "plus rien n'est retenu dans ce chargement : une autre décision, ou une édition plus récente, l'a réglé"
UNSHOWN = "une déclaration confidentielle ne se lit ni ne se corrige ici, mais par la commande"
ASKED_AT_ONCE = 5
"""How many new questions one look of the sweep may raise: each starts a process."""
ROWS_SHOWN = 20
CELL_LENGTH = 120


def due(run: Run, dag_id: str, count: Callable[[Sequence[str]], int]) -> list[dict[str, Any]]:
    """The questions that were never put; `count` says how many of these run names exist already."""
    named = {f"held__{load.feed}__{load.load_id}": load for load in quarantine.open_loads(run.data)}
    if not named or count(list(named)) == len(named):
        return []
    fresh = [name for name in named if not count([name])][:ASKED_AT_ONCE]
    return [
        {"trigger_dag_id": dag_id, "trigger_run_id": name, "conf": {"load": f"{named[name].feed}/{named[name].load_id}"}}
        for name in fresh
    ]


def text(run: Run, reference: str, again: bool = False) -> tuple[str, str] | None:
    """The question's subject and its body in Markdown; None when nothing is left to decide."""
    load = _open(run, reference)
    if load is None:
        return None
    held = f"{load.rows_quarantined} ligne(s) retenue(s) sur {load.rows_read}" if load.rows_read else "document illisible"
    subject = f"{load.feed} : {held}"
    named = _plain(load.file_name or load.address)
    lines = [f"Document {named}, chargement `{load.load_id}`, connu le {load.known_at:%d/%m/%Y}."]
    if again:
        lines.append(
            "**La réponse précédente n'a pas pu être suivie** : le journal de la tâche dit pourquoi "
            "(un motif manquait, une règle ne se libère pas, ou une correction ne se lisait pas)."
        )
    for hold in quarantine.holds(run.data, load):
        what = f"Ligne(s) {', '.join(map(str, hold.rows[:ROWS_SHOWN]))}" if hold.rows else "Document entier"
        can = "" if hold.can_release else " *Cette règle ne se libère pas.*"
        lines.append(f"**{what}** : {_plain(hold.reason)} Remède : {_plain(hold.fix)}{can}")
    if quarantine.is_confidential(load.feed):
        lines.append(f"{UNSHOWN} : {_code(f'vigie quarantine show {reference}')}")
        return subject, "\n\n".join(lines)
    try:
        rows = list(quarantine.show(run, reference))[:ROWS_SHOWN]
    except QuarantineError:
        rows = []
    for row in rows:
        cells = "\n".join(f"- {cell['column']} : {_code(cell['value'])}" for cell in row.cells if cell["value"])
        lines.append(f"Ligne {row.row_no} ({_plain(row.place)})\n\n{cells}")
    lines.append(
        f"« {FIX} » lit le champ *{CORRECTIONS}* : une première ligne `row_no;colonne`, puis une ligne par correction. "
        f"« {RELEASE} » demande un motif."
    )
    return subject, "\n\n".join(lines)


def answer(run: Run, reference: str, choice: str, fields: Mapping[str, Any], by: str) -> Decided | str:
    """Does what was answered; a sentence when there was nothing to do.

    CallError or QuarantineError when the answer cannot be followed: nothing is then decided.
    """
    load = _open(run, reference)
    if load is None:
        return ALREADY
    reason, corrections = (str(fields.get(name) or "").strip() for name in (REASON, CORRECTIONS))
    standing = f"{load.feed}/{load.load_id}"
    if choice == RELEASE:
        if not reason:
            raise CallError("libérer demande un motif")
        return quarantine.release(run, standing, (), by, reason)
    if choice == REJECT:
        return quarantine.reject(run, standing, (), by, reason or "rejeté depuis l'écran de l'ordonnanceur")
    if choice == FIX:
        if quarantine.is_confidential(load.feed):
            raise CallError(f"{UNSHOWN} : vigie quarantine fix {standing}")
        return quarantine.fix(run, standing, quarantine.corrections(corrections, load.feed), by, reason)
    return "laissé en quarantaine"


def _open(run: Run, reference: str) -> Load | None:
    found = quarantine.find(run, reference)
    return next((load for load in quarantine.open_loads(run.data, found.feed) if load.load_id == found.load_id), None)


def _plain(told: str) -> str:
    """Text that Markdown leaves as it is: no mark-up, no link."""
    line = re.sub(r"([\\`*_{}\[\]()#+!|<>~$&])", r"\\\1", " ".join(told.split()))
    # a zero-width space parts what a reader of Markdown would turn into a link
    return re.sub(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", "\u200b", line, flags=re.IGNORECASE)


def _code(value: str) -> str:
    """A cell as a code span, whatever back-quotes it holds."""
    line = " ".join(value.split())
    line = line if len(line) <= CELL_LENGTH else line[: CELL_LENGTH - 1] + "…"
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    return f"{fence} {line} {fence}"
