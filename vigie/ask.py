"""One address asked: conditionally, with its key, retried as its publisher wishes, and judged."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256

import stamina
from yarl import URL

from vigie.client import AGENT, Client, ExchangeError, LateError, Limits, Reply, UnreachableError
from vigie.credentials import Credentials
from vigie.feed import Feed, Request
from vigie.pacing import Ended, Hosts
from vigie.polls import Kind, Memory, Outcome

PASSING = (408, 425, 429)
"""With every 5xx, the statuses that asking again may cure."""
GONE_REST = timedelta(days=30)
LONGEST_REST = timedelta(days=30)
PAGE_HEAD = 1 << 16
HEADER = 500

# atomic and possessive: many comments must not be tried in every grouping
HTML = re.compile(rb"\s*+(?><\?xml[^>]*>\s*)?+(?><!--.*?-->\s*)*+<(!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
WALL_TITLE = re.compile(
    rb"<title>\s*(just a moment\.\.\.|attention required! \| cloudflare|pardon our interruption|access denied|"
    rb"please wait\.\.\. \| cloudflare|ddos-guard|robot or human\?|un instant)[^<]{0,20}</title>", re.IGNORECASE,
)  # fmt: skip
WALL_HEADERS = {"cf-mitigated": "challenge", "x-amzn-waf-action": "challenge"}
META = re.compile(rb"<meta\b[^>]{0,500}>", re.IGNORECASE)
RESERVED_META = re.compile(
    rb"""name\s*=\s*["']?(robots["'\s][^>]*content\s*=\s*["'][^"'>]*\bnoai\b|tdm-reservation["'\s][^>]*content\s*=\s*["']?1\b)""",
    re.IGNORECASE,
)


# its own hooks print each retry; how a question ended is said once, by its outcome
stamina.instrumentation.set_on_retry_hooks([])


class _Passing(Ended):
    """A status that may pass; `after` is the publisher's Retry-After in seconds."""

    def __init__(self, outcome: Outcome, after: float | None) -> None:
        super().__init__(outcome)
        self.after = after


class Asker:
    """Asks the addresses of one feed; `now` gives the poll's own clock, naive UTC."""

    def __init__(
        self, declared: Feed, client: Client, hosts: Hosts, credentials: Credentials, limits: Limits,
        now: Callable[[], datetime], first: Iterable[Request],
    ) -> None:  # fmt: skip
        self._declared, self._client, self._hosts, self._credentials = declared, client, hosts, credentials
        self._limits, self._now = limits, now
        # an answer may link anywhere; the key is for the hosts that the feed itself names
        self._key_holders = {_origin(request.address) for request in first}

    async def ask(self, request: Request, memory: Memory, *, whole: bool = False) -> tuple[Outcome, Reply | None]:
        """How the question ended, and the reply when it carries a document, new or known.

        `whole` asks for the bytes even if they are known. PutOff when nothing could be asked in time.
        """
        if memory.next_allowed and memory.next_allowed > self._now():
            until = f"à ne pas redemander avant le {memory.next_allowed:%d/%m/%Y à %H:%M} UTC"
            return self._said(request, Outcome("blocked", until, is_final=False, was_asked=False)), None
        headers = {} if whole or request.body is not None else _validators(memory)
        asked = replace(request, address=memory.moved_to) if memory.moved_to else request
        try:
            reply = await self._insist(asked, headers)
            outcome = self._judged(request, reply, memory)
        except Ended as error:
            outcome, reply = error.outcome, None
        except ExchangeError as error:
            outcome, reply = Outcome("failed", str(error), is_final=error.is_refusal), None
        has_document = reply is not None and outcome.digest
        return self._said(request, outcome), reply if has_document else None

    async def _insist(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """The reply, after as many attempts as the publisher and our limits allow."""
        url = URL(request.address)
        try:
            async with self._hosts.insisting(url):
                try:
                    reply = await self._once(request, headers)
                except ExchangeError as error:
                    reply = await self._retried(request, headers, error)
        except ExchangeError as error:
            if error.is_passing or isinstance(error, _Passing | LateError | UnreachableError):
                self._hosts.failed(url, error)
            raise
        self._hosts.answered(url)
        return reply

    async def _retried(self, request: Request, headers: Mapping[str, str], first: ExchangeError) -> Reply:
        """What follows a first attempt that failed: stamina costs as much as an exchange, and is begun only then."""
        failed: ExchangeError | None = first
        async for attempt in stamina.retry_context(
            on=self._again, attempts=self._limits.attempts, timeout=self._limits.retry,
            wait_initial=self._limits.first_wait, wait_max=self._limits.wait, wait_jitter=self._limits.first_wait,
        ):  # fmt: skip
            with attempt:
                if failed:
                    error, failed = failed, None
                    raise error
                return await self._once(request, headers)
        raise AssertionError("stamina ends by an answer or an error")

    async def _once(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """One attempt; _Passing for a status that another one may cure."""
        reply = await self._sent(request, headers)
        if reply.status == 401 and self._declared.key and self._declared.key.token_address:
            self._credentials.expire()
            reply = await self._sent(request, headers)
        if reply.status not in (*PASSING, *range(500, 600)) or reply.status in (*request.success, *request.empty):
            return reply
        after = _retry_after(reply)
        until = None if after is None else self._now() + timedelta(seconds=after)
        wished = f", à ne pas redemander avant le {until:%d/%m/%Y à %H:%M} UTC" if until else ""
        if reply.status == 429:
            outcome = Outcome("blocked", f"l'éditeur dit que c'est trop (429){wished}", next_allowed=until, is_final=False)
        else:
            said = "mur anti-robots" if _is_wall(reply) else "l'éditeur est en peine"
            kind: Kind = "blocked" if _is_wall(reply) else "failed"
            outcome = Outcome(kind, f"{said} ({reply.status}){wished}", next_allowed=until, is_final=False)
        if after is not None:
            self._hosts.rest(reply.url, after)
            if after > self._limits.wait:
                self._hosts.close(reply.url, outcome)
        raise _Passing(outcome, after)

    async def _sent(self, request: Request, headers: Mapping[str, str]) -> Reply:
        holds = self._declared.key and _origin(request.address) in self._key_holders
        secrets = await self._credentials.headers(self._client) if holds else {}
        return await self._client.send(
            request, headers=headers, secrets=secrets, max_bytes=self._declared.max_bytes, turn=self._hosts.turn
        )

    def _again(self, error: Exception) -> bool | float:
        """Stamina's hook: whether to try again, or after how many seconds."""
        if isinstance(error, _Passing):
            return error.after is None or (error.after <= self._limits.wait and error.after)
        return isinstance(error, ExchangeError) and error.is_passing

    def _judged(self, request: Request, reply: Reply, memory: Memory) -> Outcome:
        """What a reply that will not get better means."""
        status = reply.status
        if status in request.success and reply.content.strip() in request.empty_bodies:
            return Outcome("nothing", "l'éditeur dit qu'il n'y a rien (réponse vide)", moved_to=reply.moved_to)
        if status in request.success:
            return self._document(reply, memory)
        if status == 304:
            return Outcome("nothing", "rien de nouveau depuis la dernière relève (304)", moved_to=reply.moved_to)
        if status in request.empty:
            return Outcome("nothing", f"l'éditeur dit qu'il n'y a rien ({status})", moved_to=reply.moved_to)
        if _is_wall(reply):
            return Outcome("blocked", f"mur anti-robots ({status})", is_final=False)
        if status == 401 and self._declared.key:
            return Outcome("blocked", f"clé refusée (401) : vérifier {', '.join(self._declared.key.settings)}", is_final=False)
        if status in (401, 403, 451):
            return Outcome("blocked", f"accès refusé par l'éditeur ({status})")
        if status == 410:
            return Outcome("failed", "retirée par l'éditeur (410)", next_allowed=self._now() + GONE_REST)
        if status == 404:
            return Outcome("failed", "introuvable (404) : l'adresse a peut-être changé")
        return Outcome("failed", f"réponse HTTP {status} au lieu d'un document")

    def _document(self, reply: Reply, memory: Memory) -> Outcome:
        content = reply.content
        is_page = bool(HTML.match(content[:PAGE_HEAD])) or "html" in reply.headers.get("Content-Type", "")
        if _is_wall(reply) or (is_page and WALL_TITLE.search(content[:PAGE_HEAD])):
            return Outcome("blocked", "mur anti-robots à la place du document", is_final=False)
        if is_page and self._declared.produces == "articles" and _is_reserved(reply):
            return Outcome("blocked", "réservé par l'éditeur (refus de la fouille de textes) : octets non gardés")
        if self._credentials.echoed(content):
            return Outcome("failed", "la réponse répète notre clé : octets non gardés")
        digest = sha256(content).hexdigest()
        is_known = digest == memory.digest
        return Outcome(
            "nothing" if is_known else "found",
            "mêmes octets qu'à la dernière relève" if is_known else f"nouveau document, {len(content)} octets",
            digest=digest, moved_to=self._clean(reply.moved_to), etag=self._clean(reply.headers.get("ETag", "")),
            last_modified=self._clean(reply.headers.get("Last-Modified", "")),
        )  # fmt: skip

    def _clean(self, header: str) -> str:
        """A header that may be kept and sent back; empty when it is not plain text or repeats the key."""
        plain = header.isascii() and header.isprintable() and len(header) <= HEADER
        return header if plain and self._credentials.scrub(header) == header else ""

    def _said(self, request: Request, outcome: Outcome) -> Outcome:
        """The outcome whose sentence names the address and no secret."""
        sentence = self._credentials.scrub(f"{request.address} : {outcome.sentence}")
        return replace(outcome, sentence=sentence.encode(errors="replace").decode())


def _origin(address: str) -> URL | None:
    try:
        return URL(address).origin()
    except ValueError:
        return None


def _validators(memory: Memory) -> dict[str, str]:
    """Both validators, for the publishers that look at only one."""
    headers = {"If-None-Match": memory.etag, "If-Modified-Since": memory.last_modified}
    return {name: value for name, value in headers.items() if value and memory.digest}


def _retry_after(reply: Reply) -> float | None:
    """Seconds of a Retry-After header, given in seconds or as an HTTP date; None without one that asks for a wait."""
    text = reply.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]+", text):
        seconds = float(text)
    else:
        try:
            seconds = (parsedate_to_datetime(text).replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError, IndexError):
            return None
    # a date that is past and a zero ask for nothing: our own pauses hold
    return min(seconds, LONGEST_REST.total_seconds()) if seconds > 0 else None


def _is_wall(reply: Reply) -> bool:
    return any(reply.headers.get(name, "").lower() == value for name, value in WALL_HEADERS.items())


def _is_reserved(reply: Reply) -> bool:
    """The publisher opts out of text and data mining, in a header or in the page's own head."""
    robots = ",".join(reply.headers.getall("X-Robots-Tag", []))
    if reply.headers.get("tdm-reservation", "").strip() == "1" or _refuses_mining(robots):
        return True
    return any(RESERVED_META.search(tag) for tag in META.findall(reply.content[:PAGE_HEAD]))


def _refuses_mining(robots: str) -> bool:
    """`[agent:] directive, …`: an agent's name holds for the directives after it."""
    agent = ""
    for part in robots.lower().split(","):
        name, colon, directive = part.rpartition(":")
        agent = name.strip() if colon else agent
        if directive.strip() == "noai" and agent in ("", AGENT.lower()):
            return True
    return False
