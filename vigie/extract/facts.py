"""The days that a clause of law names and that are not its commencement: titles, facts, ends, repeals.

The clause is folded (`vigie.extract.folding`). A day belongs to the verb before it,
or to the next one when it opens the clause.
"""

import re

from vigie.extract.delays import LATEST, Moment

TITLED = re.compile(
    r"(?:n° ?[\d-]+|n°[\d-]+|loi|decret|arrete|ordonnance|deliberation|decision|reglement[^,]{0,24}"
    r"|directive[^,]{0,24}|ley(?: organica)? [\d/]+|decreto(?:-ley)? [\d/]+,?"
    r"|orden(?: [a-z]+/[\d/]+)?,?|convention|accord|avis|resolucion|circular|instruccion|acuerdo|act|order) (?:du"
    r"|de|of|en date du)(?: \w+)? ?$"
)
GENITIVE = re.compile(
    r"(?<!compter )(?<!partir )(?<!dater )(?<!contar )(?<!date )(?<!fecha )(?<!effet )(?<!efectos )(?<!efecto )(?<!celui )"
    r"(?<!celle )(?<!lendemain )(?<!rentree )(?<!economicos )(?<!administrativos )(?<!retroactivos )(?<!juridicos )(?<!antes )"
    r"(?<!despues )\b(?:en date du|de fecha|du|de) $"
)
"""« L'accord du 9 mai 2024 », « de 27 de abril de 2016 »: a day that a noun owns. One that is promised follows another word."""
RANGE = re.compile(r"^ (?:(?:inclus |inclusive )?(?:au|jusqu'au|al|hasta el|a|hasta)) (?:\d|premier|primero)")
RANGE_END = re.compile(
    r"(?:\d{4}|\b(?:du|del|desde el|de)(?: jour)? (?:\d{1,2}(?:er|º)?|premier|primero)(?: de)? \w+) (?:inclus |inclusive )?"
    r"(?:au|jusqu'au|al|a|hasta el|hasta) $"
)
HIJRI = re.compile(r"\d{1,2}(?:er)? (?:[a-z]+[ -]?){1,3}(?:i{1,2} )?1[34]\d\d \($")
"""« Du 3 rabii I 1426 (12 avril 2005) »: the day in brackets stands where the other does."""
REFERENCE = re.compile(
    r"(?:(?:vigentes?|en cours|existants?|existentes?|vivos|pendientes?|en tramitacion|en curso) (?:a fecha de|a la date du"
    r"|en fecha de|al?|au|le|el|desde|depuis)"
    r"|\b(?:redaction|redaccion|version|regles|normativa|dispositions|tarifs?|taux) (?:(?!entr"
    r"|prend)\w+ ){0,2}(?:en vigueur|en vigor"
    r"|vigentes?|applicables?|aplicables?) (?:a la date du|a fecha de|au|le|al?|el|desde|depuis)"
    r"|(?:avant|antes|con anterioridad|anterioridad|anterieure?s?|anteriores|anterieurement|prior|before)"
    r"(?: la date)?(?: du| del?| au| al?| le| to)?|\bdepuis) ?(?:le |el )?$"
)
"""« Los contratos vigentes a fecha de… », « conclus avant le… »: a day of the facts, not of the text."""
LIVED = re.compile(
    r"\b(?:nee?s?|nacid[oa]s?|born|(?:initialement|precedemment|anterieurement|inicialmente|previamente|originally) \w+)"
    r" (?:a compter du|a partir du|a partir del?|desde el|on or after|pour|para|for|entre|le|el|au|al|on)(?: le| el)? ?$"
)
"""« Nées à compter du 1er septembre 1961 », « initialement prévue le 1er janvier »: what was born or planned then."""
COMMENCES_BEFORE = re.compile(
    r"(?:en vigueur|en application|effet|en vigor|efectos|into force|caso|cause|et|y|and),? (?:avant le|antes del?|before) ?$"
)
UNTIL = re.compile(r"(?:jusqu'au|jusqu'a la date du|hasta|until)(?: el| le)? ?$")
KEPT_UNTIL = re.compile(r"\b(?:report|differ|ajourn|repouss|aplaz|pospon|pospuest|demor|difier|diferid)\w*\b")
"""« Se aplaza hasta el 1 de enero »: from that day on."""
PUT_OFF = re.compile(
    r"\b(?:(?:est|sont|etait|etaient|queda|quedan|is|are) (?:\w+ )?(?:report|differ|ajourn|repouss|aplazad|pospuest|demorad"
    r"|diferid|postponed|deferred)|se (?:aplaza|pospone|difiere|demora))[^.;]{0,40}? \d{4}"
)
"""What follows a day that has been given up for a later one."""
LIVES = (
    r"(?P<ends>\babrogee?s?\b|\bderogad[oa]s?\b|\bse deroga[n]?\b|sin efecto\b|\bcess(?:e|ent|era|eront|ant)\b(?: (?:d'etre"
    r"|de|d') ?[\w']+)?"
    r"|\bdej(?:a|an|ara|aran) de (?:ser |estar )?(?:de |en )?\w+(?: efectos)?|\bperder(?:a|an)\b|\bexpir(?:e|ent|era|eront"
    r"|a|ara|aran)\b|\bcaducar(?:a|an)\b"
    r"|\b(?:prend|prendra|prendront|mis) fin\b|\bfinalizar(?:a|an)\b|\bse extinguir(?:a|an)\b)"
)
BEGINS = (
    r"(?P<begins>\bentr(?:e|ent|era|eront|ant|er|ee)s? en (?:vigueur|application)|\bpren(?:d|nent|dra|dront) effet"
    r"|\bentra(?:r|ra|ran|da|n)? en vigor|\b(?:surt|produc|ten)(?:ira|iran|dra|dran|e|en) (?:sus |plenos )?efectos"
    r"|s'appliqu\w+|\bapplicables?\b|\baplicables?\b|de aplicacion\b|\bse aplica(?:n|ra|ran)?\b|\bexigibles?\b"
    r"|\bmodifiee?s?\b|\bse modifican?\b|\binterdit\w*\b)"
)
VERBS = re.compile(f"{LIVES}|{BEGINS}")


def is_fact(clause: str, moment: Moment, *, is_negated: bool = False) -> bool:
    """Whether a day of a clause dates something else than what the clause commences."""
    before, after = HIJRI.sub("", clause[: moment.start]), clause[moment.end :]
    if moment.basis == "stated" and _is_named(before, after):
        return True
    if LIVED.search(before) or PUT_OFF.search(after) or (KEPT_UNTIL.search(before) and RANGE.match(after)):
        return True
    if REFERENCE.search(before) and not (COMMENCES_BEFORE.search(before) or is_negated):
        return True
    if (UNTIL.search(before) or RANGE_END.search(before)) and not (is_negated or KEPT_UNTIL.search(clause)):
        return True
    return _is_end(before, after)


def _is_named(before: str, after: str) -> bool:
    """« La loi n° 2025-594 du 30 juin 2025 » names a text, « du 1er juillet 2025 au 30 juin 2026 » a span of days."""
    return not RANGE.match(after) and bool(TITLED.search(before) or GENITIVE.search(before))


def _is_end(before: str, after: str) -> bool:
    """« Est abrogé à compter du… », « A compter du…, l'article 3 cesse… »: what ends, not what begins."""
    verbs = list(VERBS.finditer(before))
    governing = verbs[-1] if verbs else VERBS.search(after)
    return bool(governing and governing["ends"] and not LATEST.search(before))
