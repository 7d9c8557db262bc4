"""What was to be said and what was; and whether the rest holds: the mailbox, the journal, the back-test, the documents."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from vigie import alert_acts, alert_replay, arrivals, sector, ways
from vigie import feed as feeds
from vigie.clock import Run
from vigie.inputs import SECTOR
from vigie.lake import Lake
from vigie.rehearsal.plan import Plan
from vigie.routes import local
from vigie.store import Message, open_store
from vigie.store_schema import DELIVERIES, OUTBOX

MAIL = "courriel"
MARKS = re.compile(r"^(\[[^\]]*\])+ ")
BY_RULE = ("alert", "group")


@dataclass(frozen=True)
class Line:
    """A message: the day it was decided, why, how grave, of what, to whom by mail, and the day a mailbox took it."""

    on: date
    occasion: str
    degree: str
    rule: str
    subject: str
    to: tuple[str, ...]
    arrives: date | None

    def sentence(self) -> str:
        late = f", reçu le {self.arrives:%d/%m/%Y}" if self.arrives and self.arrives != self.on else ""
        reached = ", ".join(self.to) or "pas encore reçu"
        return f"{self.occasion} ({self.degree}) : {self.subject} → {reached}{late}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Timeline:
    """The lines that were expected and those that came, and in `faults` what else does not hold."""

    expected: tuple[Line, ...]
    got: tuple[Line, ...]
    faults: tuple[str, ...] = ()

    @property
    def missing(self) -> list[Line]:
        return _beyond(self.expected, self.got)

    @property
    def unexpected(self) -> list[Line]:
        return _beyond(self.got, self.expected)

    def verdicts(self) -> list[tuple[str, Line]]:
        """Each message, expected or not, in order of days: `tenu`, `manque` or `imprévu`."""
        missing, unexpected = Counter(self.missing), self.unexpected
        told = []
        for line in self.expected:
            is_missing = missing[line] > 0
            missing[line] -= is_missing
            told.append(("manque" if is_missing else "tenu", line))
        told += [("imprévu", line) for line in unexpected]
        return sorted(told, key=lambda pair: _place(pair[1]))

    def differences(self) -> list[str]:
        """Everything that is not as the plan says, one French sentence each; empty when all is."""
        missing, unexpected = self.missing, self.unexpected
        said: list[tuple[date, str]] = []
        for line in list(missing):
            near = next((other for other in unexpected if _is_near(line, other)), None)
            if near:
                missing.remove(line)
                unexpected.remove(near)
                said.append((line.on, f"attendu « {line.sentence()} », obtenu « {near.sentence()} »"))
        said += [(line.on, f"attendu et jamais parti : {line.sentence()}") for line in missing]
        said += [(line.on, f"parti sans être attendu : {line.sentence()}") for line in unexpected]
        return [f"{on:%d/%m/%Y} : {what}" for on, what in sorted(said)] + list(self.faults)


def expected(plan: Plan) -> tuple[Line, ...]:
    """What the plan says, in order."""
    return _ordered(
        Line(step.on, line.occasion, line.degree, line.rule or "", line.subject, line.to, line.arrives or step.on)
        for step in plan.steps
        for line in step.expected
    )


def got(lake: Lake) -> tuple[Line, ...]:
    """Every message of the outbox, in order."""
    return _ordered(_line(message, deliveries) for message, deliveries in _sent(lake))


def check(run: Run, taken: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What does not hold beside the timeline; `taken` are the message and the address of each mail received."""
    yield from _mailed(run.data, taken)
    if broken := alert_acts.broken(run):
        yield f"le journal des alertes ne tient plus à la ligne {broken[0]} : {broken[1]}"
    yield from _replayed(run)
    yield from _documents(run)


def _ordered(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=_place))


def _place(line: Line) -> tuple[date, str, str, str]:
    return line.on, line.rule, line.occasion, line.subject


def _beyond(some: Sequence[Line], others: Sequence[Line]) -> list[Line]:
    return list((Counter(some) - Counter(others)).elements())


def _is_near(line: Line, other: Line) -> bool:
    return (line.on, line.rule) == (other.on, other.rule) and (line.occasion == other.occasion or line.subject == other.subject)


def _sent(lake: Lake) -> Iterator[tuple[Message, list[Any]]]:
    with open_store(lake) as store:
        messages = [Message.of(row) for row in store.execute(select(OUTBOX))]
        rows = store.execute(select(DELIVERIES)).all()
    for message in messages:
        yield message, [row for row in rows if row.message_id == message.message_id and ways.kind(row.channel) == MAIL]


def _line(message: Message, mails: Sequence[Any]) -> Line:
    received = [mail for mail in mails if mail.delivered_at]
    to = sorted({route for mail in received for route in mail.routes.split(",") if route})
    arrived = max((_day(datetime.fromisoformat(mail.delivered_at)) for mail in received), default=None)
    subject = MARKS.sub("", message.subject)
    return Line(_day(message.created_at), message.payload["occasion"], message.degree, message.rule, subject, tuple(to), arrived)


def _day(moment: datetime) -> date:
    return local(moment).date()


def _mailed(lake: Lake, taken: Sequence[tuple[str, str]]) -> Iterator[str]:
    noted = Counter(
        (message.message_id, mail.channel.partition(":")[2])
        for message, mails in _sent(lake)
        for mail in mails
        if mail.delivered_at
    )
    received = Counter(taken)
    for (name, address), count in sorted((noted - received).items()):
        yield f"message {name} noté remis à {address} {count} fois de plus que la messagerie ne l'a reçu"
    for (name, address), count in sorted((received - noted).items()):
        yield f"message {name} reçu {count} fois de trop par {address}"


def _replayed(run: Run) -> Iterator[str]:
    """Where the back-test of a rule does not say what was said live, message for message."""
    with open_store(run.data) as store:
        messages = [message for message in store.messages() if message.kind in BY_RULE]
    with run.data.open_published("rejouer les règles") as published:
        for rule in sector.load(SECTOR).alert_rules:
            live = [(one.created_at, one.message_id, one.subject) for one in messages if one.rule == rule.rule]
            replay = alert_replay.replay(run, rule.rule, None, None, published)
            again = [(one.created_at, one.message_id, one.subject) for one in replay.messages]
            if again != live:
                apart = next((pair for pair in zip(live, again, strict=False) if pair[0] != pair[1]), (live[-1:], again[-1:]))
                yield f"le rejeu de {rule.rule} dit {len(again)} message(s), le direct {len(live)} ; premier écart : {apart}"


def _documents(run: Run) -> Iterator[str]:
    """The bundled documents that were not taken in exactly once."""
    for name in feeds.names():
        landed = Counter(load.document for load in run.data.loads(name) if load.status == "landed")
        for document in arrivals.bundled(run, name):
            count = landed[hashlib.sha256(document.content).hexdigest()]
            if count != 1:
                yield f"{document.file_name} chargé {count} fois au lieu d'une"
