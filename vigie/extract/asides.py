"""What a text of law says of other texts: its recitals, commencements that are past, words that it puts elsewhere.

Blanked before the text is read, one space for one character, so that a span found after is a span of the text itself.
"""

import re

from vigie.extract.folding import fold, plain
from vigie.extract.lengths import COUNT, SPAN

UP_TO_A_STOP = r"(?:[^,;.\n]|[.,](?=\d))*"
TO_A_STOP = re.compile(UP_TO_A_STOP)
PARTICIPLE = re.compile(
    r"\bentrés en (?:vigueur|application)|\bentré en (?:vigueur|application)"
    r"|(?:(?:\b(?:est|sont|était|étaient|fut|furent|été|étant|et|susvisée?s?|précitée?s?)|[\w)],) )entrées? en (?:vigueur"
    r"|application)"
    r"(?! ?:| du présent| de la présente| de ce)", re.IGNORECASE,
)  # fmt: skip
"""« Entré en vigueur le… »: another text's past. Its accent tells it from « entre en vigueur », so it is read unfolded."""
PAST = re.compile(
    r"(?:\b(?:a|ont|avait|avaient|ayant) pris effet\b|\b(?:a|ont|avait) produit (?:ses |leurs )?effets"
    r"|cuya entrada en vigor (?:se produjo|se ha producido|tuvo lugar|fue|ha tenido lugar|data)"
    r"|dont l'entree en vigueur (?:est intervenue|a eu lieu|remonte|etait)"
    r"|\b(?:entro|entraron|ha entrado|han entrado|habia entrado|habian entrado|surtio|produjo) (?:en vigor|efectos?))"
    rf"{UP_TO_A_STOP}"
)
RECITAL = re.compile(
    r"(?:^|(?<=[;.\n]))[ \n]*(?:\(\d+\) )?(?:vu|vue|vus|vues|considerant|considerando|visto|vista|vistos|vistas)\b"
    r"(?![^;\n]*\b(?:presente?s?|esta|este)\b)(?:[^;.\n]|\.(?! [a-z«]))*"
)
AUTHORITY = (
    r"(?:\ble gouvernement|\bl'administration|\bl[ea] (?:premiere? )?ministre|\bl'(?:haute )?autorite|\bla commission"
    r"|\bla haute autorite|\bl'agence|\bel gobierno|\bel minist(?:erio|ro)|\bla ministra|\bla persona titular|\bel consejo"
    r"|\bla comision|\bla agencia|\blas administraciones|\blas comunidades autonomas)"
)
TERM = rf"{COUNT} {SPAN}\b[^.;]{{0,40}}?\b(?:publica\w*|promulga\w*|aprobacion|adoption)"
DUTY = re.compile(
    r"\b(?:remet|present|rend|adress|transmet|etabli|publi|evalu|prend|fix|edict|adopt|dict|aprob|remit|elabor|regul|desarroll"
    r"|realiz|adapt|cre)\w*"
)
UNSPOKEN = r"(?:(?!entree en|entre en|entrada en|entrar|effet)[^.;]){0,240}?"
MANDATES = (re.compile(rf"{AUTHORITY}\b{UNSPOKEN}{TERM}"), re.compile(rf"{TERM}{UNSPOKEN}{AUTHORITY}\b"))
"""« Le Gouvernement remet au Parlement, dans un délai d'un an à compter de la promulgation… »: a term for an authority."""
AMENDED = re.compile(
    r"\b(?:mots?|ainsi redigee?s?|remplacee?s?|completee?s?|inseree?s?|ajoutee?s?|modifiee?s?|redact\w+|redaccion|sustitu\w+"
    r"|anad\w+|tenor|como sigue|modific\w+|palabras?|expresion)\b[^.;]{0,120}$"
)
QUOTED = re.compile(r'«[^»]*(?:»|$)|"[^"]*"|“[^”]*”')


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def without_asides(text: str) -> str:
    """The folded text, blank where it tells another text's past: nothing of its own commencement is said there."""
    folded, written = fold(text), plain(text)
    for match in PARTICIPLE.finditer(written):
        end = match.end() + len(TO_A_STOP.match(folded, match.end())[0])  # type: ignore[index]
        folded = folded[: match.start()] + " " * (end - match.start()) + folded[end:]
    for pattern in (PAST, RECITAL):
        folded = pattern.sub(_blank, folded)
    for pattern in MANDATES:
        folded = pattern.sub(
            lambda term: _blank(term) if DUTY.search(term.string, term.start(), term.end() + 120) else term[0], folded
        )
    return folded


def without_quotes(folded: str) -> str:
    """The folded text, blank where it quotes the words that it puts into another text."""
    return QUOTED.sub(
        lambda match: _blank(match) if AMENDED.search(folded[max(0, match.start() - 200) : match.start()]) else match[0], folded
    )
