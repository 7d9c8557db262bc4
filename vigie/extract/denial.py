"""Words that deny what follows them, so that an event that is told to be none is not given as one."""

import re
from collections.abc import Sequence

from vigie.extract.folding import fold
from vigie.extract.lexicon import Cue

DENIABLE = frozenset({"closure", "layoff", "jobs_at_risk", "opening", "expansion", "growth", "strike", "acquisition"})
"""A text that denies a law, a contract or a policy still speaks of it."""
REACH = 90
"""Characters that « dément » governs, in its clause."""
NEAR = 34
"""Characters that « n'est pas » governs after itself, in its clause."""
DENIES = {
    "fr": re.compile(
        r"\b(?:dement(?:i[es]?|ent|ir|ait)?|infirm(?:e|ent|er|ait)|refut(?:e|ent|er|ait)|(?<!n')exclu[ts]?\b(?! pas)"
        r"|rien ne (?:\S+ ){0,2}(?:permet|laisse|indique|prouve|annonce)|pas question d(?:e|')|hors de question)(?!\w)"
    ),
    "es": re.compile(r"\b(?:niegan?|nego|negaron|desmient\w+|desmint\w+|descart\w+)\b"),
    "en": re.compile(r"\b(?:den(?:y|ies|ied)|rul(?:e|es|ed) out|no plans? (?:to|for)|no intention of)\b"),
    "ar": re.compile(r"\b(?:نفت|نفي|تنفي|ينفي|استبعد\w*)\b"),
}  # fmt: skip
BEFORE = {
    "fr": re.compile(
        r"\b(?:aucune? (?:\S+ )?|nulle? |pas (?:de |d')(?:\S+ )?"
        r"|sans (?:aucune? |le moindre |la moindre |nouvelles? )?|ni (?:de |d')?)$"
    ),
    "es": re.compile(r"\b(?:no (?!sol)(?:\S+ ){0,3}|sin (?:\S+ )?|ningun\w* (?:\S+ )?)$"),
    "en": re.compile(r"(?:\b(?:not? (?!only)(?:\S+ ){0,3}|without (?:\S+ )?|never )|n't (?:\S+ ){0,2})$"),
    "ar": re.compile(r"\b(?:لا|لن|لم|ليس|ليست|دون|بدون|عدم|اي) (?:\S+ )?$"),
}  # fmt: skip
NEGATED = re.compile(
    r"\bn(?:e |')(?!(?:\S+ )?(?:cach|exclu|empech|evit|suffi|tard|hesit|ecart|dout|resist|surviv|aur\w* plus qu))"
    r"(?:\S+ ){1,4}?(?:pas|jamais|nullement|plus(?! qu[e']))\b"
)
"""« ne fermera pas », « n'est plus en grève »; « n'exclut pas de fermer » and « ne compte plus que 30 agents » deny nothing."""
OWN = re.compile(r"(?:pas|plus|ne|sans|non|aucun|sin|no) |n'")
LAPSED = re.compile(r"(?:reconduit|renouvele|prolonge)\w{0,2}$")
"""« n'ont pas été reconduits » : contracts that are let lapse lay off."""
CLAUSE = re.compile(r"[,;:.!?]")


def denied(sentence: str, cues: Sequence[Cue], lang: str) -> set[Cue]:
    """The cues of a sentence that it denies; what is itself a denial (« sans emploi », « pas reconduits ») is affirmed."""
    folded = fold(sentence)
    governed = [(match.end(), _clause_end(folded, match.end(), REACH)) for match in DENIES[lang].finditer(folded)]
    verbs = NEGATED.finditer(folded) if lang == "fr" else ()
    negated = [(match.start(), _clause_end(folded, match.end(), NEAR)) for match in verbs]
    return {
        cue
        for cue in cues
        if cue.name in DENIABLE
        and not OWN.match(folded, cue.start)
        and not LAPSED.search(folded[cue.start : cue.end])
        and (
            any(start < cue.end <= end for start, end in governed)
            or any(start < cue.end and cue.start < end and cue.end <= end for start, end in negated)
            or BEFORE[lang].search(folded[max(0, cue.start - NEAR) : cue.start])
        )
    }


def _clause_end(folded: str, start: int, reach: int) -> int:
    end = CLAUSE.search(folded, start, start + reach)
    return end.start() if end else min(len(folded), start + reach)
