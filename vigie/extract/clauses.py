"""Where texts of law speak of their commencement: sentences, clauses, and the wording by which each clause does.

All is folded (`vigie.extract.folding`); a clause has one verb, so that each part of a text keeps its own day.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from vigie.extract.delays import Anchors, moments

STRONG = re.compile(
    r"entr(?:e|ent|era|eront|ant|er)(?: pas| plus| immediatement| aussitot)? en (?:vigueur|application)"
    r"|pren(?:d|nent|dra|dront) effet|mise? en (?:vigueur|application)"
    r"|entrar(?:a|an|) en vigor|entran? en vigor|entrando en vigor|(?:surt|produc|ten)(?:ira|iran|dra|dran|e|en) (?:sus "
    r"|plenos )?efectos|lo hara[n]?\b|ser(?:a|an) exigibles?\b"
    r"|(?:come|comes|coming|enter|enters|came|brought) into (?:force|operation|effect)|tak(?:e|es) effect|commenc(?:e|es"
    r"|ement)\b"
    r"|(?:comenzar|empezar)(?:a|an) a (?:aplicarse|regir|surtir)|cobrar(?:a|an) vigencia|commencent? a s'appliquer"
    r"|حيز (?:التنفيذ|التطبيق)|(?:ي|ت)عمل ب\w+|(?:ي|ت)سري\b"
)
HELD = re.compile(
    r"\b(?:(?<!en )(?<!pour l')application|effets?|efectividad|eficacia|vigencia|aplicacion|exigibilidad)\b[^.;,]{0,140}?"
    r"\b(?:subordonn|conditionn|suspend|differ|report|ajourn|supeditad|condicionad|demorad|aplazad|pospuest|diferid"
    r"|en suspenso)\w*|\bse (?:suspende|aplaza|pospone|difiere|demora)\b[^.;,]{0,80}?\b(?:aplicacion|vigencia|eficacia"
    r"|efectividad)\b"
)
"""« La efectividad del artículo 9 queda demorada… »: a commencement put off, and said so without its verb."""
NOUN = re.compile(r"entree en vigueur|entrada en vigor|prise d'effet|entree en application")
WEAK = re.compile(
    r"s'appliqu\w+|(?<!directement )(?<!directamente )(?<!directly )(?:applicables?|aplicables?)\b|de aplicacion"
    r"|d'application immediate"
    r"|\bse aplica(?:n|ra|ran)?\b|(?:shall )?apply|applies"
    r"|se implantar\w*|mis(?:e|es)? en oe?uvre|(?:avec|con) (?:effet|efectos?)\b"
    r"|a compter d|a partir d|efectos desde|with effect from|desde el \d|(?:ي|ت)طبق\b|ابتداء من"
)
SPELLED = re.compile(r"(?:que sera|soit|a savoir|qui est fixee|fixee|fijada)[^.;]{0,12}$")
MENTIONED = re.compile(
    r"(?:avant|apres|depuis|anterieur\w* a|posterieur\w* a|(?:an|pos)terioridad a|antes de|despues de|jusqu'a|hasta|before"
    r"|a la date d[e']|en la fecha de|mois suivant"
    r"|a partir de|desde|a compter de|after)(?: (?:la|leur|sa) date d[e']| (?:la|su) fecha de)?(?: la| l'| el)? ?(?:son "
    r"|sa |su |leur |cette |dicha )?$"
)
BREAK = re.compile(
    r"(?<=[.;])\s+(?=[a-z«\"]|\d{1,2}°)|\n+|,? (?=(?:sauf|a l'exception|a l'exclusion|excepte|hormis|salvo|con excepcion"
    r"|con la excepcion"
    r"|a excepcion|excepto|except|si bien)\b)|(?<!^)(?=toutefois\b)"
    r"|,? (?:et|y|and|mais|pero) (?=(?:(?:le|la|les|l'|el|los|las|(?:celles?|ceux)(?: de l'| des| du)?|the|its|son|ses|de l'"
    r"|d[eu](?: la| los| las| ses| son)?|des|del) ?)?(?:[ivx]+\b|articles?"
    r"|articulos?|art\.|titres?|titulos?|chapitres?|capitulos?"
    r"|disposicion|dispositions|section|annexes?|anexos?|alineas?|apartados?|autres|reste|resto|surplus)[^.;]*?(?:\d{4}"
    r"|entr|hara|appl|effe|al dia siguiente|lendemain))"
)
ELLIPTIC = re.compile(
    r"[,; ]*(?:(?:et|y|and) )?(?=(?:l[aeo]s?|el|les|l'|the|(?:celles?|ceux)(?: de l'| des| du)?)? ?(?:[ivx]+\b|art|tit"
    r"|chap|cap|disp|restant|rest|autres|demas"
    r"|sect|annex|anex|surplus)[^.;]*?"
    r"(?:\d{4}|publica|al dia siguiente|lendemain|,? a los \w+ (?:meses|dias)\b|,? \w+ mois apres\b))"
)
"""« … et le II le 31 décembre 2026 »: a clause that takes its verb from the one before."""
AND = re.compile(r",? ?(?:et|y|and|mais|pero) ")
HEADING = re.compile(r"^\W*(?:disposicion(?:es)? \w+ \w+\W+|article \w+\W+|articulo \w+\W+)?(?:date d'|fecha de )?"
                     r"(?:entree en vigueur|entrada en vigor|prise d'effet)\W*$")  # fmt: skip


def sentence(folded: str, start: int, end: int) -> str:
    """The sentence that holds a clause."""
    first = max(folded.rfind(mark, 0, start) for mark in (". ", "; ", "\n")) + 1
    lasts = [place for mark in (". ", "; ", "\n") if (place := folded.find(mark, end)) >= 0]
    return folded[first : min(lasts, default=len(folded))].strip()


def clauses(folded: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in BREAK.finditer(folded):
        if AND.match(match[0]) and not triggered(folded[start : match.start()]):
            continue
        yield from _verbs(folded, start, match.start())
        start = match.end()
    yield from _verbs(folded, start, len(folded))


def _verbs(folded: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """« L'article 2, qui entre en vigueur le…, le décret entre en vigueur le… »: a clause a verb, cut at its comma."""
    verbs = list(STRONG.finditer(folded, start, end))
    for one, other in pairwise(verbs):
        comma = folded.rfind(", ", one.end(), other.start())
        if comma >= 0 and re.search(r"\d|publica", folded[one.end() : comma]):
            yield start, comma
            start = comma + 2
    yield start, end


def triggered(clause: str) -> tuple[re.Match[str], bool] | None:
    """The wording by which a clause speaks of its commencement, and whether it does even without a date."""
    if strong := STRONG.search(clause) or HELD.search(clause):
        return strong, True
    if noun := NOUN.search(clause):
        spelled = any(
            SPELLED.search(clause[noun.end() : noun.end() + moment.start])
            for moment in moments(clause[noun.end() :], Anchors(None))
        )
        own = spelled or not MENTIONED.search(clause[: noun.start()])
        return (noun, True) if own else _weakly(clause)
    return _weakly(clause)


def _weakly(clause: str) -> tuple[re.Match[str], bool] | None:
    weak = WEAK.search(clause)
    return (weak, False) if weak else None
