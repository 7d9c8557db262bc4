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

from vigie.extract.clauses import ELLIPTIC, HEADING, NOUN, REPEALED, STRONG, clauses, sentence, triggered
from vigie.extract.delays import (
    DECREE,
    DELAYED,
    GAZETTE,
    GAZETTES,
    LATEST,
    OTHER,
    REFERENCE,
    SENTINEL_YEAR,
    Anchors,
    Moment,
    moments,
    month_named,
)
from vigie.extract.folding import fold
from vigie.extract.lengths import SPAN

DEFAULT_DAYS = {"FR": 1, "ES": 20, "EU": 20}
"""Days from publication: article 1 of the French code civil, article 2 of the Spanish one, article 297 TFEU."""
ZONES = {
    "FR": "Europe/Paris",
    "ES": "Europe/Madrid",
    "EU": "Europe/Brussels",
    "UK": "Europe/London",
    "GB": "Europe/London",
    "MA": "Africa/Casablanca",
}
APPLIES = re.compile(r"s'appliqu|aplic|applicab|appl(?:y|ies)|(?:ي|ت)طبق")
FROM_ON = re.compile(
    r"(?:a compter d[ue]|a partir d[ue]l?|\ble|con efectos de(?:sde)?|desde|\bel|with effect from|\bon)(?: el"
    r"| la date d[ue])? ?$"
)
"""What brings the day from which a repeal takes effect."""
AWAITED = re.compile(
    r"(?:apres|posterieure?s?|posterieurement|con posterioridad|a compter|a partir|a la date|tras|desde|despues|a los|after"
    r"|from|upon|بعد)\b[^.;,]{0,60}?\b(?:publica[ct]ion"
    r"|promulga[ct]ion|adoption|notifica[ct]ion|ratifica[ct]ion|entree en vigueur|aprobacion|entrada en vigor"
    r"|coming into force|صدور)\b|jusqu'a l'entree|avant l[ae]"
    r"|antes de|retroacti"
)
"""What a text waits for before it applies."""
WHILE = re.compile(r"tant que|hasta (?:que|tanto)|jusqu'a ce que|en tanto no|until\b|mientras no|ما لم")
CONDITION = re.compile(
    r"(?:^|[,;.:] ?|\b(?:et|y|and|sauf|salvo) )(?:si\b(?! bien)|s'ils? |dans (?:le cas|l'hypothese) ou|en (?:el )?(?:caso"
    r"|supuesto) de"
    r" que|salvo que|siempre que|a condition que|a condicion de que|if\b|unless\b|provided that|sous reserve (?:de "
    r"|d')(?:la |l'|une )"
    r"?(?:publication|adoption|promulgation|ratification|entree)|اذا\b|شريطه)"
)
"""A day that a condition holds is nobody's to promise."""
NEGATED = re.compile(r"(?:\b(?:n'|ne |no |not |nor )(?:\w+ ){0,2}|\bلا )$")
ONLY = re.compile(r"^\W*\w*[^.;]{0,30}?\b(?:qu'|que (?:le|la|au|a)\b)")
"""« Ne s'applique qu'à compter du… »: a day after all."""
AFTERWARDS = re.compile(
    r"(?:posterieure?s?|posterieurement|con posterioridad|posteriores) (?:a la date du |au |al? )(?:le |la |el )?$|apres le $"
    r"|despues del $|\bafter (?:the )?$"
)
"""« Postérieurement au 31 août »: the day after."""
UNTIL = re.compile(r"(?:hasta|until|ne peut etre posterieure? au|no podra ser posterior al?)(?: el| le)? ?$")
ALSO = re.compile(
    r"(?:a compter d[ue]|a partir d[ue]l?|desde|con efectos de|with effect from|ابتداء من)(?: la date d[ue]| el| le)? ?$"
)
COUNTED = re.compile(rf"{SPAN}\b[^.;]{{0,30}}(?:publica[ct]ion|promulga[ct]ion|aprobacion|adoption)\b")
SPOKEN = re.compile(rf"{STRONG.pattern}|{NOUN.pattern}|{COUNTED.pattern}")
"""A text that speaks of a commencement, if only of another's, or counts time from a publication, has no default: a person
reads it."""
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
    month: date | None = None
    """First day of the month, where the text says no more than a month."""

    @property
    def precision(self) -> str:
        """`day`, `month` or `unknown`."""
        return "day" if self.day else "month" if self.month else "unknown"

    def as_dict(self) -> dict[str, Any]:
        return {
            "date": self.day.isoformat() if self.day else None, "scope": self.scope, "basis": self.basis,
            "confidence": self.confidence, "quote": self.quote, "precision": self.precision,
            "month": f"{self.month:%Y-%m}" if self.month else None,
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
    found = list(_stated(text, Anchors(day, None, jurisdiction)))
    own = next((one.day for one in found if one.day and one.scope == "text"), None)
    if own and any(one.basis == "own_commencement" for one in found):
        found = list(_stated(text, Anchors(day, own, jurisdiction)))
    if found:
        return list({(one.day, one.scope): one for one in found}.values())
    days = DEFAULT_DAYS.get(jurisdiction)
    if days is None or day is None or SPOKEN.search(fold(text)):
        return [Commencement(None, "text", "unresolved", "none", "")]
    return [Commencement(day + timedelta(days=days), "text", "default", "medium", "")]


def _stated(text: str, anchors: Anchors) -> Iterator[Commencement]:
    folded = fold(text)
    speaks = False
    for start, end in clauses(folded):
        clause = folded[start:end]
        said = triggered(clause)
        if said is None and (elliptic := ELLIPTIC.match(clause)) and speaks:
            said = elliptic, False
        if said is None:
            continue
        trigger, strong = said
        speaks = True
        if HEADING.match(clause):
            continue
        quote = text[start:end].strip(" ,;")
        negated = bool(NEGATED.search(clause[: trigger.start()])) and not ONLY.match(clause[trigger.end() :])
        waits = bool(
            APPLIES.search(trigger[0])
            and (AWAITED.search(clause, trigger.end()) or WHILE.search(clause) or DECREE.search(clause))
        )
        given = _given(clause, trigger.start(), anchors)
        held = negated or bool(CONDITION.search(sentence(folded, start, end)))
        if held:
            # « no será exigible hasta el 1 de enero »: from that day on
            kept = UNTIL if negated else LATEST
            given = [one for one in given if kept.search(clause[: one.start])]
            strong = strong or waits or not negated
        subject = given[0].start if given and not trigger[0].strip(" ,;") else trigger.start()
        scope = _scope(clause[:subject], text[start : start + subject])
        if given:
            for moment in given:
                yield Commencement(moment.day, scope, moment.basis, moment.confidence, quote)
        elif strong or waits:
            yield Commencement(None, scope, _why(clause), "none", quote, None if held else month_named(clause, trigger.start()))


def _given(clause: str, trigger: int, anchors: Anchors) -> list[Moment]:
    """The moments of a clause that are its commencement."""
    named = [
        moment
        for moment in moments(clause, anchors)
        if not _is_title(clause, moment) and not REFERENCE.search(clause[: moment.start])
    ]
    if REPEALED.match(clause, trigger):
        named = [moment for moment in named if moment.start >= trigger and FROM_ON.search(clause[: moment.start])]
    if not named:
        return []
    if DECREE.search(clause):
        return _latest(clause, named)
    after = [moment for moment in named if moment.start >= trigger] or named
    if (OTHER.search(clause) or _elsewhere(clause, anchors)) and any(moment.basis != "stated" for moment in after):
        return _latest(clause, after)
    first = after[0]
    if DELAYED.search(clause[: first.start]):
        return []
    if latest := _latest(clause, [first]):
        return latest
    if first.day and AFTERWARDS.search(clause[: first.start]):
        return [Moment(first.day + timedelta(days=1), first.basis, "medium", first.start, first.end)]
    return [first, *(moment for moment in after[1:] if moment.basis == "stated" and ALSO.search(clause[: moment.start]))]


def _elsewhere(clause: str, anchors: Anchors) -> bool:
    """Whether the publication that a clause counts from is in another gazette, of whose day nothing is known."""
    own = GAZETTES.get(anchors.jurisdiction, ())
    return bool(own) and any(named["place"] not in own for named in GAZETTE.finditer(clause))


def _latest(clause: str, named: list[Moment]) -> list[Moment]:
    """The moments of a clause that are the last day possible, not the day itself."""
    return [
        Moment(moment.day, "latest", "low" if moment.day else "none", moment.start, moment.end)
        for moment in named
        if LATEST.search(clause[: moment.start])
    ]


def _is_title(clause: str, moment: Moment) -> bool:
    """« la loi n° 2025-594 du 30 juin 2025 » names a text, not a day."""
    return bool(
        re.search(
            r"(?:n° ?[\d-]+|n°[\d-]+|loi|decret|arrete|ordonnance|deliberation|decision|reglement[^,]{0,24}"
            r"|directive[^,]{0,24}|ley(?: organica)? [\d/]+|decreto(?:-ley)? [\d/]+,?"
            r"|orden(?: [a-z]+/[\d/]+)?,?|convention|accord|avis|resolucion|circular|instruccion|acuerdo|act|order) (?:du"
            r"|de|of|en date du)(?: \w+)? ?$",
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
