"""What part of a text of law a clause is about: an article, a title, the rest, or the text itself."""

import re

PART = re.compile(
    r"(?:(?:[ivx]+|\d+°|[a-z]\)) (?:et (?:le |du )?[ivx]+ )?(?:de l'|du |des )(?:article|articles)|articles?(?= \w)"
    r"|articulos?(?= \w)|art\.|titres?\b|titulos?|chapitres?|capitulos?|sections?"
    r"|disposicion(?:es)? (?:adicional|transitoria|final|derogatoria)\w*|annexes?|anexos?|apartados?|alineas?"
    r"|paragraphes?|schedules?|parts?\b|\b[ivx]+\b(?!\w)|letras?|numerales?).*$"
)
RESTS = re.compile(r"\b(?:reste|resto|surplus|autres dispositions|demas|remaind|remaining|restantes)")
WHOLE = re.compile(
    r",? ?(?:du|de la|de l'|des|de|del|of) (?:presente?s?|cette|ce|este|esta|el presente|la presente|this|ladite|dicha"
    r"|loi|decret|ley|arrete|ordonnance|orden)\b.*$"
)
TRIMMED = re.compile(r"^(?:[\s,:;]|(?:a l'|a la |con la |con |a )?(?:exception|exclusion|excepcion|excepto|sauf|salvo|hormis"
                     r"|except(?: for)?|excepte)\b|toutefois|no obstante|cependant|par derogation|neanmoins|sin embargo"
                     r"|(?:d[eu]s?|del|de la|de los|de las|de l'|d')\b ?|(?:le|la|les|l'|el|los|las|lo|son|sa|ses|su|sus"
                     r"|the|et|y|en ce qui concerne|quant a) ?(?=\w)|lo dispuesto en|las disposiciones (?=del articulo)"
                     r"|les dispositions (?=(?:de l'|du |des )(?:art|tit|chap)))+")  # fmt: skip


def scope(folded: str, written: str) -> str:
    """What the clause is about: « article 13 », the rest, or the text itself."""
    if RESTS.search(folded):
        return "rest"
    trimmed = TRIMMED.match(folded)
    head = trimmed.end() if trimmed else 0
    part = PART.search(folded, head)
    if not part:
        return "text"
    named = written[part.start() : part.end()]
    tail = WHOLE.search(folded[part.start() : part.end()])
    named = named[: tail.start()] if tail else named
    named = re.sub(
        r"[\s,;:]*(?:,? ?(?:qui|que|lesquels?|dont|which|ne|sont|est|sera|serán?|seront|shall|le|el|au|à))*[\s,;:]*$", "", named
    )
    return named or "text"
