"""A publisher on loopback, on real sockets: what it answers is given path by path."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Asked:
    """One question as the publisher saw it."""

    path: str
    at: float
    method: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Publisher:
    """`pages` maps a path to a handler, `raw` to bytes written as they are before the connection closes."""

    pages: dict[str, Handler] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    host: str = "127.0.0.1"
    port: int = 0
    raw_port: int = 0
    robots: str | int | None = 404

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Publisher":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def url(self, path: str) -> str:
        return f"http://{self.host}:{self.port}{path}"

    def raw_url(self, path: str) -> str:
        return f"http://{self.host}:{self.raw_port}{path}"

    @property
    def hosts(self) -> tuple[str, ...]:
        return (f"{self.host}:{self.port}", f"{self.host}:{self.raw_port}")

    def asks(self, path: str) -> list[Asked]:
        """The questions on one path, in order."""
        return [asked for asked in self.asked if asked.path == path]

    def say(self, path: str, body: bytes | str = b"", status: int = 200, **headers: str) -> None:
        """A fixed answer; a header's underscores stand for hyphens."""
        content = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def answer(_: web.Request) -> web.Response:
            return web.Response(body=content, status=status, headers=named)

        self.pages[path] = answer

    def say_in_turn(self, path: str, *answers: tuple[int, bytes | str, dict[str, str]]) -> None:
        """One answer after the other; the last one stays."""
        left = list(answers)

        async def answer(_: web.Request) -> web.Response:
            status, body, headers = left.pop(0) if len(left) > 1 else left[0]
            return web.Response(body=body.encode() if isinstance(body, str) else body, status=status, headers=headers)

        self.pages[path] = answer

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.asked.append(Asked(request.path_qs, monotonic(), request.method, dict(request.headers), body))
        if request.path == "/robots.txt" and "/robots.txt" not in self.pages:
            if isinstance(self.robots, str):
                return web.Response(text=self.robots)
            return web.Response(status=self.robots or 404)
        handler = self.pages.get(request.path)
        return await handler(request) if handler else web.Response(status=404)

    async def _answer_raw(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split()[1].decode()
        self.asked.append(Asked(path, monotonic(), "GET", {}, b""))
        writer.write(self.raw.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
        await writer.drain()
        writer.close()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._run())

    async def _run(self) -> None:
        self._stop = asyncio.Event()
        # the test's own loops must not wait for a page that never ends
        runner = web.AppRunner(web.Application(), shutdown_timeout=0.1, access_log=None)
        runner.app.router.add_route("*", "/{tail:.*}", self._answer)
        await runner.setup()
        site = web.TCPSite(runner, self.host, 0)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]
        plain = await asyncio.start_server(self._answer_raw, self.host, 0)
        self.raw_port = plain.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        plain.close()
        await runner.cleanup()
