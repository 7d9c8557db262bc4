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

from vigie.extract.asides import without_asides, without_quotes
from vigie.extract.clauses import ELLIPTIC, HEADING, HELD, NOUN, STRONG, clauses, sentence, triggered
from vigie.extract.delays import DECREE, DELAYED, LASTING, LATEST, SENTINEL_YEAR, Anchors, Moment, moments, month_named
from vigie.extract.facts import is_fact
from vigie.extract.lengths import COUNT, SPAN
from vigie.extract.publications import GAZETTE, GAZETTES, OFF_GAZETTE, OTHER
from vigie.extract.scopes import scope

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
APPLIES = re.compile(r"s'appliqu|aplic|applicab|appl(?:y|ies)|implant|en oe?uvre|(?:ي|ت)طبق")
AWAITED = re.compile(
    r"(?:apres|posterieure?s?|posterieurement|con posterioridad|a compter|a partir|a la date|tras|desde|despues|a los|after"
    r"|from|upon|بعد)\b[^.;,]{0,60}?\b(?:publica[ct]ion"
    r"|promulga[ct]ion|adoption|notifica[ct]ion|ratifica[ct]ion|entree en vigueur|aprobacion|entrada en vigor"
    r"|coming into force|صدور)\b|jusqu'a l'entree|avant l[ae]"
    r"|antes de|retroacti"
)
"""What a text waits for before it applies."""
ITSELF = re.compile(
    r"(?:son|sa|leur|su|cette|dicha) (?:date d'|fecha de )?(?:entree en vigueur|entrada en vigor)\b"
    r"|(?:entree en vigueur|entrada en vigor) (?:du present|de la presente|de cette|de ce|de esta|de este|del presente)\b"
)
"""What waits for the text's own entry into force adds no day to it."""
PENDING = re.compile(r"\b(?:en cours|pendantes?|en tramitacion|en curso|pendientes|existants?|existentes)\b")
LIMITED = re.compile(r" (?:pas |plus |point )?(?:aux?|a la|a l'|a los|a las|al|a aquell[oa]s|a quienes|to)\b")
"""« Ne s'applique pas aux… »: whom a text is not for, and no day."""
STATES = re.compile(r"(?<!dans )(?<!en )(?<!aux )(?:\bles etats membres|\blos estados miembros|\bmember states)[^.;]{0,40}$")
"""What a directive asks of States is a term for them."""
NAMED_PERIOD = re.compile(
    r"\b(?:a compter|a partir|des|a|pour|para|en|lors|au titre|desde)\b[^.;,]{0,40}?\b(?:rentree|annees?|campagne|session"
    r"|exercices?|imposition|saison|elections?|cursos?|campana|convocatorias?|temporada|ejercicios?|elecciones|concours)\b"
    r"[^.;,]{0,40}?(?:19|20)\d\d"
)
"""« À compter de la rentrée 2026 », « a partir del curso 2026-2027 »: somebody else sets its first day."""
EVENT = re.compile(
    r"[^.;,]{0,80}?\b(?:a compter|a partir|a dater|des|desde) (?:d[eu]l? |de l[ao] |el |la |l')?(?:l[ao] |l')?"
    r"(?:date (?:a laquelle|ou|d'application|de mise|fixee|prevue)|jour (?:ou|de l'|de la (?!publication)"
    r"|suivant celui (?:ou|de la"
    r" (?!publication)))|moment (?:ou|de)|(?:dia|fecha|momento) en (?:que|la que|el que) (?!se publi)|mise en|ouverture"
    r"|creation|designation|transfert|notification|signature|reception|installation|nomination|achevement|expiration du"
    r"|puesta en|constitucion|firma|inicio|finalizacion|notificacion|recepcion|apertura|implantacion)\b"
)
"""« S'applique à compter de la mise en service… »: a day that an event sets."""
OTHERWISE = re.compile(
    r"\b(?:sauf|salvo|si|a moins|excepto)\b[^.;,]{0,40}?\b(?:disp\w+|prev\w+|estable\w+|stipul\w+)"
    r"[^.;,]{0,16}?\b(?:otra cosa|otro plazo|otra fecha|lo contrario|contraires?|particulieres?|autrement)"
    r"|a moins qu'il n'en soit (?:dispose|decide) autrement|sauf s'il en est dispose autrement"
)
"""« Salvo que en ellas se disponga otra cosa »: every text may say so, and it holds no day back."""
BACKWARDS = re.compile(r"retroac|retroag|\beffets?\b|\befectos?\b|\beffect\b")
"""What makes a day before the publication sure."""
BARE = re.compile(r"a compter d|a partir d|desde el")
TERM = re.compile(rf"{COUNT} {SPAN}")
EARLIEST = re.compile(r"(?:au plus tot|no antes|como pronto|not before|not earlier than)(?: del?| a partir du| le| el)? ?$")
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
HOLDS_UNTIL = re.compile(r"(?:hasta|until|ne peut etre posterieure? au|no podra ser posterior al?)(?: el| le)? ?$")
ALSO = re.compile(
    r"(?:a compter d[ue]|a partir d[ue]l?|desde|con efectos de|with effect from|ابتداء من)(?: la date d[ue]| el| le)? ?$"
)
RESPECTIVELY = re.compile(r"\brespectiv")
SERIES = re.compile(r"(?:,| et| y| and)(?: le| el| au| al| on| du| del| a compter du| a partir del?)? ?$")
COUNTED = re.compile(
    rf"{SPAN}\b(?! anterior| preced| qui prec)[^.;]{{0,30}}(?:publica[ct]ion|promulga[ct]ion|aprobacion|adoption)\b"
)
SPOKEN = re.compile(rf"{STRONG.pattern}|{HELD.pattern}|{NOUN.pattern}|{COUNTED.pattern}")
"""A text that speaks of a commencement, if only of another's, or counts time from a publication, has no default: a person
reads it."""


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
    if days is None or day is None or speaks(text):
        return [Commencement(None, "text", "unresolved", "none", "")]
    return [Commencement(day + timedelta(days=days), "text", "default", "medium", "")]


def speaks(text: str) -> bool:
    """Whether a text says something of a commencement that may be its own."""
    return bool(SPOKEN.search(without_asides(text)))


def _stated(text: str, anchors: Anchors) -> Iterator[Commencement]:
    folded = without_quotes(without_asides(text))
    is_said = False
    for start, end in clauses(folded):
        clause = folded[start:end]
        said = triggered(clause)
        if said is None and (elliptic := ELLIPTIC.match(clause)) and is_said:
            said = elliptic, False
        if said is None or STATES.search(clause[: said[0].start()]):
            continue
        trigger, strong = said
        is_said = True
        if HEADING.match(clause):
            continue
        quote = text[start:end].strip(" ,;")
        negated = bool(NEGATED.search(clause[: trigger.start()])) and not ONLY.match(clause[trigger.end() :])
        if negated and APPLIES.search(trigger[0]) and LIMITED.match(clause, trigger.end()) and not WHILE.search(clause):
            continue
        waits = _waits(clause, trigger)
        given = _given(clause, trigger.start(), anchors, negated)
        if BARE.match(trigger[0]):
            given = [one for one in given if not _dates_facts(one, clause, trigger.start(), anchors)]
        held = negated or bool(CONDITION.search(OTHERWISE.sub(" ", sentence(folded, start, end))))
        if held:
            # « no será exigible hasta el 1 de enero »: from that day on
            kept = HOLDS_UNTIL if negated else LATEST
            given = [one for one in given if kept.search(clause[: one.start])]
            strong = strong or waits or not negated
        subject = given[0].start if given and not trigger[0].strip(" ,;") else trigger.start()
        of = scope(clause[:subject], text[start : start + subject])
        if given:
            for moment in given:
                yield Commencement(moment.day, of, moment.basis, _confidence(moment, clause, anchors), quote)
        elif strong or waits:
            yield Commencement(None, of, _why(clause), "none", quote, None if held else month_named(clause, trigger.start()))


def _dates_facts(moment: Moment, clause: str, trigger: int, anchors: Anchors) -> bool:
    """« Disposent de six mois à compter de la publication », « les sommes versées à compter du (passé) »: no commencement."""
    opens = not re.search(r"\w{4}", clause[:trigger])
    is_past = bool(moment.day and anchors.published and moment.day < anchors.published)
    return bool(TERM.search(clause[moment.start : moment.end])) or (is_past and not opens and not BACKWARDS.search(clause))


def _waits(clause: str, trigger: re.Match[str]) -> bool:
    """Whether a clause on how a text applies waits for what it does not date."""
    if not APPLIES.search(trigger[0]):
        return False
    if WHILE.search(clause) or DECREE.search(clause) or NAMED_PERIOD.search(clause) or EVENT.match(clause, trigger.end()):
        return True
    awaited = AWAITED.search(clause, trigger.end())
    return bool(awaited and not ITSELF.search(clause, awaited.start()) and not PENDING.search(clause, trigger.end()))


def _confidence(moment: Moment, clause: str, anchors: Anchors) -> str:
    """A day before the publication is sure only where the clause looks back."""
    is_past = bool(moment.day and anchors.published and moment.day < anchors.published)
    return "medium" if is_past and moment.confidence == "high" and not BACKWARDS.search(clause) else moment.confidence


def _given(clause: str, trigger: int, anchors: Anchors, negated: bool) -> list[Moment]:
    """The moments of a clause that are its commencement."""
    named = [moment for moment in moments(clause, anchors) if not is_fact(clause, moment, is_negated=negated)]
    if not named or EARLIEST.search(clause[: named[0].start]):
        return []
    if DECREE.search(clause):
        return _latest(clause, named)
    after = [moment for moment in named if moment.start >= trigger] or named
    if (OTHER.search(clause) or _elsewhere(clause, anchors)) and any(moment.basis != "stated" for moment in after):
        return _latest(clause, after)
    first = after[0]
    if DELAYED.search(clause[: first.start]) and not LASTING.search(clause[: first.start]):
        return []
    if latest := _latest(clause, [first]):
        return latest
    if first.day and AFTERWARDS.search(clause[: first.start]):
        return [Moment(first.day + timedelta(days=1), first.basis, "medium", first.start, first.end)]
    also = SERIES if RESPECTIVELY.search(clause) else ALSO
    return [first, *(moment for moment in after[1:] if moment.basis == "stated" and also.search(clause[: moment.start]))]


def _elsewhere(clause: str, anchors: Anchors) -> bool:
    """Whether the publication that a clause counts from is in another gazette, of whose day nothing is known."""
    own = GAZETTES.get(anchors.jurisdiction, ())
    return bool(OFF_GAZETTE.search(clause)) or (
        bool(own) and any(named["place"] not in own for named in GAZETTE.finditer(clause))
    )


def _latest(clause: str, named: list[Moment]) -> list[Moment]:
    """The moments of a clause that are the last day possible, not the day itself."""
    return [
        Moment(moment.day, "latest", "low" if moment.day else "none", moment.start, moment.end)
        for moment in named
        if LATEST.search(clause[: moment.start])
    ]


def _why(clause: str) -> str:
    if DECREE.search(clause):
        return "decree"
    return "event" if OTHER.search(clause) else "unresolved"
