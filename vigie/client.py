"""One HTTP exchange, safe whatever the publisher sends: public addresses only, bounded in time and size.

The guard makes every socket, so a name that resolves to a private address, an address literal and
a redirect all meet it. Redirects are followed here, hop by hop; bodies are inflated here, so that
a compressed bomb never grows past the cap and a truncated body is never taken for a document.
"""

import asyncio
import ipaddress
import socket
import ssl
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from types import TracebackType

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from vigie.feed import MEBIBYTE, Request

AGENT = "Vigie"
WEB_PORTS = (80, 443)
REDIRECTS = (301, 302, 303, 307, 308)
PERMANENT = (301, 308)
NAT64 = ipaddress.ip_network("64:ff9b::/96")
UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is assigned to the public internet (RFC 4291): what embeds an IPv4 address, is local to a
site or to a translator stands elsewhere, NAT64 excepted."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Turn = Callable[[URL], AbstractAsyncContextManager[object]]
"""What surrounds a hop to an address: waiting for one's turn, or raising when it may not be asked."""


@dataclass(frozen=True)
class Limits:
    """How long and how often a poll may insist; seconds unless said otherwise.

    `exchange` bounds one hop, its body included; `wait` is the longest Retry-After that is waited
    out; `retry` the time after which no attempt is begun; `failures` in a row close a host for the
    rest of the poll, which ends after `poll`.
    """

    exchange: float = 30
    connect: float = 10
    attempts: int = 3
    wait: float = 60
    retry: float = 120
    first_wait: float = 1
    poll: float = 900
    failures: int = 3
    redirects: int = 3
    connections: int = 32


class ExchangeError(Exception):
    """No document came: one French sentence without the address.

    `is_passing` when a retry may help, `is_refusal` when it is we who do not want it.
    """

    def __init__(self, sentence: str, *, is_passing: bool = False, is_refusal: bool = False) -> None:
        super().__init__(sentence)
        self.is_passing, self.is_refusal = is_passing, is_refusal


class LateError(ExchangeError):
    """The answer was not whole in time: not worth another try now, and a sign that the host is in trouble."""


class UnreachableError(ExchangeError):
    """No question reached the host: its name or its door was not found."""


class Refused(OSError):
    """The guard refuses this address."""


@dataclass(frozen=True)
class Reply:
    """The answer of the last hop, to `url`; `content` is empty unless the status was wanted.

    `moved_to` is the address after permanent redirects alone, empty without any.
    """

    url: URL
    status: int
    headers: CIMultiDictProxy[str]
    content: bytes
    moved_to: str


class Guard:
    """Makes the sockets: public addresses on the web's ports, and the `host:port` allowed by name."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self.named = {_host_port(entry) for entry in allowed}
        self._allowed: set[tuple[IPAddress, int]] = set()
        for host, port in self.named:
            try:
                found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except OSError:
                continue
            self._allowed |= {(ipaddress.ip_address(info[4][0]), port) for info in found}

    def __call__(self, info: tuple[int, int, int, str, tuple[str | int, ...]]) -> socket.socket:
        family, kind, protocol, _, place = info
        address, port = ipaddress.ip_address(str(place[0])), int(place[1])
        if (address, port) not in self._allowed:
            if not is_public(address):
                raise Refused("adresse privée ou locale, refusée")
            if port not in WEB_PORTS:
                raise Refused(f"port {port} refusé : seuls 80 et 443 sont ouverts")
        return socket.socket(family, kind, protocol)

    def check(self, url: URL) -> None:
        """ExchangeError when the address itself says that it may not be asked."""
        if url.scheme not in ("http", "https"):
            raise _refusal(f"protocole « {url.scheme or 'absent'} » refusé : http ou https seulement")
        if not url.host:
            raise _refusal("adresse sans hôte, refusée")
        if url.user is not None or url.password is not None:
            raise _refusal("adresse qui porte un identifiant, refusée : le donner par Feed.key")
        if url.port not in WEB_PORTS and not self.allows(url):
            raise _refusal(f"port {url.port} refusé : seuls 80 et 443 sont ouverts")

    def check_confidential(self, url: URL) -> None:
        """ExchangeError when a secret sent there would travel in clear."""
        if url.scheme != "https" and not self.allows(url):
            raise _refusal("une clé ne part pas en clair : l'adresse doit être en https")

    def allows(self, url: URL) -> bool:
        """True for a host and port of the explicit allowance."""
        return (url.host, url.port) in self.named


def is_public(address: IPAddress) -> bool:
    """True when the address, and the IPv4 address that it may embed, is on the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address in NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        inner = address.sixtofour or (address.teredo or (None, None))[1]
        return address in UNICAST and address.is_global and (inner is None or is_public(inner))
    return address.is_global and not address.is_multicast


def _host_port(entry: str) -> tuple[str, int]:
    url = URL(f"//{entry}")
    if not url.host or url.explicit_port is None:
        raise ValueError(entry)
    return url.host, url.explicit_port


class Client:
    """Sends requests; `async with` opens and closes its connections."""

    def __init__(self, guard: Guard, contact: str, limits: Limits) -> None:
        self.guard, self.limits = guard, limits
        said = "".join(character for character in contact if character.isprintable())
        self._headers = {"User-Agent": f"{AGENT}/{version('vigie')} (+{said})", "Accept-Encoding": "gzip"}

    async def __aenter__(self) -> "Client":
        connector = aiohttp.TCPConnector(socket_factory=self.guard, limit=0)
        self._slots = asyncio.Semaphore(self.limits.connections)
        self._session = aiohttp.ClientSession(
            connector=connector, headers=self._headers, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False,
            auto_decompress=False, timeout=aiohttp.ClientTimeout(total=None, sock_connect=self.limits.connect),
        )  # fmt: skip
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._session.close()

    async def send(
        self,
        request: Request,
        *,
        headers: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        max_bytes: int = 10 * MEBIBYTE,
        cut: bool = False,
        turn: Turn | None = None,
        redirects: int | None = None,
    ) -> Reply:
        """The answer to `request` after at most `redirects`, each hop in its own `turn`.

        `secrets` are headers that only the first hop's own origin may see. A body of more than
        `max_bytes` is an error, or is `cut` there. ExchangeError when nothing readable came; any
        status is a reply.
        """
        hop = _Hop(_address(request.address), "GET" if request.body is None else "POST", request.body)
        origin, moved_to, is_permanent = hop.url.origin() if hop.url.host else None, "", True
        for _ in range((self.limits.redirects if redirects is None else redirects) + 1):
            self.guard.check(hop.url)
            given = {**request.headers, **(headers or {})}
            if secrets and hop.url.origin() == origin:
                self.guard.check_confidential(hop.url)
                given |= secrets
            async with turn(hop.url) if turn else nullcontext():
                reply, location = await self._exchange(hop, given, request.success, max_bytes, cut)
            if not location:
                return replace(reply, moved_to=moved_to)
            target = hop.url.join(_address(location))
            is_permanent = is_permanent and reply.status in PERMANENT
            moved_to = str(target) if is_permanent else moved_to
            hop = hop.redirected(target, reply.status)
        raise ExchangeError("trop de redirections")

    async def _exchange(
        self, hop: "_Hop", headers: Mapping[str, str], wanted: tuple[int, ...], max_bytes: int, cut: bool
    ) -> tuple[Reply, str]:
        """One hop: its reply, and where it redirects to (empty when it does not)."""
        try:
            async with (
                # waiting for a free connection is ours, not the publisher's time
                self._slots,
                asyncio.timeout(self.limits.exchange),
                self._session.request(
                    hop.method, hop.url, headers=headers, data=hop.body, allow_redirects=False
                ) as response,
            ):  # fmt: skip
                location = response.headers.get("Location", "") if response.status in REDIRECTS else ""
                content = b""
                if response.status in wanted and not location:
                    content = await _content(response, max_bytes, cut)
                elif response.status != 304:
                    # what an error page says is of no use, and reading it could cost
                    response.close()
                return Reply(hop.url, response.status, response.headers, content, ""), location
        except aiohttp.ClientError as error:
            raise _explained(error) from None
        except TimeoutError:
            raise LateError(f"pas de réponse complète en {self.limits.exchange:g} s") from None
        except (OSError, ValueError) as error:
            raise _explained(error) from None


@dataclass(frozen=True)
class _Hop:
    url: URL
    method: str
    body: bytes | None = field(repr=False)

    def redirected(self, target: URL, status: int) -> "_Hop":
        if status == 303 or (status in (301, 302) and self.method == "POST"):
            return _Hop(target, "GET", None)
        return _Hop(target, self.method, self.body)


def _refusal(sentence: str) -> ExchangeError:
    return ExchangeError(sentence, is_refusal=True)


def _address(text: str) -> URL:
    try:
        return URL(text)
    except ValueError:
        raise ExchangeError("adresse mal formée") from None


def _explained(error: Exception) -> ExchangeError:
    """The failure in French; the library's own text may quote headers and is left out."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, Refused):
        return _refusal(str(cause))
    match error:
        case aiohttp.ClientConnectorDNSError():
            # a name that does not exist will not exist in a second; a resolver in trouble may
            return UnreachableError("nom d'hôte introuvable", is_passing=getattr(cause, "errno", None) == socket.EAI_AGAIN)
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return ExchangeError("connexion chiffrée refusée : certificat ou protocole non valable")
        case aiohttp.ServerTimeoutError():
            return UnreachableError("connexion impossible dans le délai", is_passing=True)
        case aiohttp.ClientPayloadError():
            return ExchangeError("réponse interrompue avant sa fin", is_passing=True)
        case aiohttp.ServerDisconnectedError():
            return ExchangeError("connexion fermée sans réponse", is_passing=True)
        case aiohttp.ClientResponseError():
            return ExchangeError("réponse HTTP illisible")
        case aiohttp.ClientConnectorError():
            return UnreachableError("connexion impossible", is_passing=True)
        case aiohttp.ClientOSError() | OSError():
            return ExchangeError("connexion coupée", is_passing=True)
        case _:
            return ExchangeError("adresse ou réponse non valable")


async def _content(response: aiohttp.ClientResponse, most: int, cut: bool) -> bytes:
    """The decoded body; ExchangeError past `most` bytes, received or decoded, unless
    `cut`; and when it ends too early."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    inflater = _Inflater() if encoding in ("gzip", "x-gzip") else None
    if not inflater and encoding not in ("identity", ""):
        raise ExchangeError(f"encodage « {encoding[:20]} » que nous n'avons pas demandé")
    content, received = bytearray(), 0
    async for chunk in response.content.iter_any():
        received += len(chunk)
        content += inflater.inflate(chunk, most + 1 - len(content)) if inflater else chunk
        if received > most or len(content) > most:
            response.close()
            if cut:
                return bytes(content[:most])
            raise _refusal(f"plus de {most / MEBIBYTE:g} Mio, lecture abandonnée")
    if inflater and not inflater.is_complete:
        raise ExchangeError("réponse compressée interrompue avant sa fin", is_passing=True)
    return bytes(content)


class _Inflater:
    """Gzip members one after the other, never more than asked for at a time."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        self._started = False

    @property
    def is_complete(self) -> bool:
        return self._member.eof or not self._started

    def inflate(self, data: bytes, most: int) -> bytes:
        """At most `most` decoded bytes of `data`; fewer only when `data` is used up."""
        decoded = bytearray()
        while data and len(decoded) < most:
            if self._member.eof:
                if data[:1] != b"\x1f":
                    break  # what follows the last member is padding, as gzip itself takes it
                self._member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
            self._started = True
            try:
                decoded += self._member.decompress(data, most - len(decoded))
            except zlib.error:
                raise ExchangeError("réponse compressée illisible") from None
            data = self._member.unused_data
        return bytes(decoded)
