"""What a text of law says of other texts: its recitals, commencements that are past, words that it puts elsewhere.

Blanked before the text is read, one space for one character, so that a span found after is a span of the text itself.
"""

import re

from vigie.extract.folding import fold, plain

UP_TO_A_STOP = r"(?:[^,;.\n]|[.,](?=\d))*"
PARTICIPLE = re.compile(
    r"\bentrés en (?:vigueur|application)|\bentré en (?:vigueur|application)"
    r"|(?:(?:\b(?:est|sont|était|étaient|fut|furent|été|étant|et|susvisée?s?|précitée?s?)|[\w)],) )entrées? en (?:vigueur|application)"
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
AMENDED = re.compile(
    r"\b(?:mots?|ainsi redigee?s?|remplacee?s?|completee?s?|inseree?s?|ajoutee?s?|modifiee?s?|redact\w+|redaccion|sustitu\w+"
    r"|anad\w+|tenor|como sigue|modific\w+|palabras?|expresion)\b[^.;]{0,120}$"
)
QUOTED = re.compile(r'«[^»]*(?:»|$)|"[^"]*"|“[^”]*”')


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def without_asides(text: str) -> str:
    """The folded text, blank where it tells another text's past: nothing of its own commencement is said there."""
    folded, written = fold(text), plain(text)
    for match in PARTICIPLE.finditer(written):
        end = re.compile(UP_TO_A_STOP).match(folded, match.end()).end()  # type: ignore[union-attr]
        folded = _blank(folded, match.start(), end)
    for pattern in (PAST, RECITAL):
        for match in pattern.finditer(folded):
            folded = _blank(folded, *match.span())
    return folded


def without_quotes(folded: str) -> str:
    """The folded text, blank where it quotes the words that it puts into another text."""
    for match in QUOTED.finditer(folded):
        if AMENDED.search(folded[max(0, match.start() - 200) : match.start()]):
            folded = _blank(folded, *match.span())
    return folded
