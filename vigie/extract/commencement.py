"""From which day a legal text binds: several commencements, each with its scope, basis, confidence and quote.

A wording that is not understood gives no date: the default of the jurisdiction (next day in France, twentieth day in
Spain and in the Union) answers only for a text that says nothing of its commencement.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from vigie.extract.delays import DECREE, DELAYED, LATEST, OTHER, SENTINEL_YEAR, Anchors, Moment, moments
from vigie.extract.folding import fold

DEFAULT_DAYS = {"FR": 1, "ES": 20, "EU": 20}
"""Days from publication: article 1 of the French code civil, article 2 of the Spanish one, article 297 TFEU."""
ZONES = {"FR": "Europe/Paris", "ES": "Europe/Madrid", "EU": "Europe/Brussels", "UK": "Europe/London", "MA": "Africa/Casablanca"}
STRONG = re.compile(
    r"entr(?:e|ent|era|eront|ant|er) en (?:vigueur|application)|pren(?:d|nent|dra|dront) effet|mise? en (?:vigueur|application)"
    r"|entrar(?:a|an|) en vigor|entran? en vigor|entrando en vigor|(?:surt|produc|ten)(?:ira|iran|dra|dran|e|en) (?:sus "
    r"|plenos )?efectos|lo hara[n]?\b|ser(?:a|an) exigibles?\b"
    r"|(?:come|comes|coming|enter|enters|came|brought) into (?:force|operation|effect)|tak(?:e|es) effect|commenc(?:e|es|ement)\b"
)
NOUN = re.compile(r"entree en vigueur|entrada en vigor|prise d'effet|entree en application")
WEAK = re.compile(
    r"s'appliqu\w+|(?<!directement )(?<!directamente )(?<!directly )(?:applicables?|aplicables?)\b|de aplicacion"
    r"|se aplicara[n]?|(?:shall )?apply|applies"
    r"|a compter d|a partir d|efectos desde|with effect from|desde el \d"
)
SPOKEN = re.compile(rf"{STRONG.pattern}|{NOUN.pattern}")
"""A text that speaks of a commencement, if only of another's, has no default: a person reads it."""
SPELLED = re.compile(r"(?:que sera|soit|a savoir|qui est fixee|fixee|fijada)[^.;]{0,12}$")
MENTIONED = re.compile(
    r"(?:avant|apres|depuis|anterieure?s? a|posterieure?s? a|anterioridad a|antes de|despues de|jusqu'a|hasta|before"
    r"|a la date d[e']|en la fecha de|mois suivant"
    r"|a partir de|desde|a compter de|after)(?: la date d[e'])?(?: la| l'| el)? ?(?:son |sa |su )?$"
)
BREAK = re.compile(
    r"(?<=[.;])\s+(?=[a-z«\"])|\n+|,? (?=(?:sauf|a l'exception|a l'exclusion|excepte|hormis|salvo|con excepcion|con la excepcion"
    r"|a excepcion|excepto|except|si bien)\b)|(?<!^)(?=toutefois\b)"
    r"|,? (?:et|y|and|mais|pero) (?=(?:(?:le|la|les|l'|el|los|las|(?:celles?|ceux)(?: de l'| des| du)?|the|its|son|ses)"
    r" ?)?(?:[ivx]+\b|articles?"
    r"|articulos?|art\.|titres?|titulos?|chapitres?|capitulos?"
    r"|disposicion|dispositions|section|annexes?|anexos?|alineas?|apartados?|autres|reste|resto|surplus)[^.;]*?(?:\d{4}"
    r"|entr|hara|appl|effe))"
)
ELLIPTIC = re.compile(
    r"[,; ]*(?:(?:et|y|and) )?(?=(?:l[aeo]s?|el|les|l'|the|(?:celles?|ceux)(?: de l'| des| du)?)? ?(?:[ivx]+\b|art|tit"
    r"|chap|cap|disp|restant|rest|autres|demas"
    r"|sect|annex|anex|surplus)[^.;]*?"
    r"(?:\d{4}|publica))"
)
"""« … et le II le 31 décembre 2026 »: a clause that takes its verb from the one before."""
AND = re.compile(r",? ?(?:et|y|and|mais|pero) ")
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


@dataclass(frozen=True, slots=True)
class Commencement:
    """A day from which `scope` binds (None: unresolved), why, how sure (`high`, `medium`, `low`, `none`), in what words.

    `basis`: `stated`, `publication`, `own_commencement`, `latest` (a decree may come before), `default`, `decree`, `event`,
    or `unresolved`.
    """

    day: date | None
    scope: str
    basis: str
    confidence: str
    quote: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "date": self.day.isoformat() if self.day else None, "scope": self.scope, "basis": self.basis,
            "confidence": self.confidence, "quote": self.quote,
        }  # fmt: skip


def published_on(written: object, jurisdiction: str) -> date | None:
    """The day of publication where the gazette is; None for a sentinel, an absence or anything unreadable."""
    label = str(written or "").strip()
    try:
        if len(label) > len("2025-07-01"):
            moment = datetime.fromisoformat(label.replace("Z", "+00:00"))
            zone = ZoneInfo(ZONES.get(jurisdiction, "UTC"))
            day = (
                (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone).date()
                if "T" in label
                else moment.date()
            )
        else:
            day = date.fromisoformat(label)
    except ValueError:
        return None
    return day if day.year < SENTINEL_YEAR else None


def commencements(text: str, published: object, jurisdiction: str) -> list[Commencement]:
    """The commencements that a text gives, in its order; the default's, or one unresolved, when it gives none."""
    day = published_on(published, jurisdiction)
    found = list(_stated(text, Anchors(day)))
    own = next((one.day for one in found if one.day and one.scope == "text"), None)
    if own and any(one.basis == "own_commencement" for one in found):
        found = list(_stated(text, Anchors(day, own)))
    if found:
        return list({(one.day, one.scope): one for one in found}.values())
    days = DEFAULT_DAYS.get(jurisdiction)
    if days is None or day is None or SPOKEN.search(fold(text)):
        return [Commencement(None, "text", "unresolved", "none", "")]
    return [Commencement(day + timedelta(days=days), "text", "default", "medium", "")]


def _stated(text: str, anchors: Anchors) -> Iterator[Commencement]:
    folded = fold(text)
    speaks = False
    for start, end in _clauses(folded):
        clause = folded[start:end]
        said = _triggered(clause)
        if said is None and (elliptic := ELLIPTIC.match(clause)) and speaks:
            said = elliptic, False
        if said is None:
            continue
        trigger, strong = said
        speaks = True
        quote = text[start:end].strip(" ,;")
        given = _given(clause, trigger.start(), anchors)
        subject = given[0].start if given and not trigger[0].strip(" ,;") else trigger.start()
        scope = _scope(clause[:subject], text[start : start + subject])
        if given:
            for moment in given:
                yield Commencement(moment.day, scope, moment.basis, moment.confidence, quote)
        elif strong:
            yield Commencement(None, scope, _why(clause), "none", quote)


def _clauses(folded: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in BREAK.finditer(folded):
        if AND.match(match[0]) and not _triggered(folded[start : match.start()]):
            continue
        yield start, match.start()
        start = match.end()
    yield start, len(folded)


def _triggered(clause: str) -> tuple[re.Match[str], bool] | None:
    """The wording by which a clause speaks of its commencement, and whether it does even without a date."""
    if strong := STRONG.search(clause):
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


def _given(clause: str, trigger: int, anchors: Anchors) -> list[Moment]:
    """The moments of a clause that are its commencement."""
    named = [moment for moment in moments(clause, anchors) if not _is_title(clause, moment)]
    if not named:
        return []
    if DECREE.search(clause):
        return [
            Moment(moment.day, "latest", "low" if moment.day else "none", moment.start, moment.end)
            for moment in named
            if LATEST.search(clause[: moment.start])
        ]
    after = [moment for moment in named if moment.start >= trigger] or named
    if OTHER.search(clause) and any(moment.basis != "stated" for moment in after):
        return []
    first = after[0]
    if DELAYED.search(clause[: first.start]):
        return []
    # « le vingtième jour… et au plus tard le… », « entre le… et le… »: two days for one scope say none for sure
    if LATEST.search(clause[: first.start]):
        return [Moment(first.day, "latest", "low" if first.day else "none", first.start, first.end)]
    return [first]


def _is_title(clause: str, moment: Moment) -> bool:
    """« la loi n° 2025-594 du 30 juin 2025 » names a text, not a day."""
    return bool(
        re.search(
            r"(?:n° ?[\d-]+|n°[\d-]+|loi|decret|arrete|ordonnance|deliberation|decision|reglement[^,]{0,24}"
            r"|directive[^,]{0,24}|ley(?: organica)? [\d/]+|decreto(?:-ley)? [\d/]+,?"
            r"|orden(?: [a-z]+/[\d/]+)?,?|convention|accord|avis|act|order) (?:du|de|of|en date du)(?: \w+)? ?$",
            clause[: moment.start],
        )
    )


def _why(clause: str) -> str:
    if DECREE.search(clause):
        return "decree"
    return "event" if OTHER.search(clause) else "unresolved"


def _scope(folded: str, written: str) -> str:
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
