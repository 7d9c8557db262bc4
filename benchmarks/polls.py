"""What politeness and safety cost: conditional polls per second over many hosts.

Vigie's whole stack (guard, robots.txt, pacing, retries, state saved on disk) against bare aiohttp with
the same pacing, the same number of connections and the same validators, on the same loopback
publishers, in turn. Every answer is a 304. Only the ratio travels between machines.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp

from vigie import fetch, settings
from vigie.client import Limits
from vigie.feed import Feed, Request
from vigie.polls import PollState

NOW = datetime(2026, 11, 23, 8)
BODY = b"x" * 20_000
ETAG = '"v1"'
TARGET = 0.5


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Publisher(asyncio.Protocol):
    """The least server that answers conditional requests; it must not be what is measured."""

    full = (
        f"HTTP/1.1 200 OK\r\nETag: {ETAG}\r\nLast-Modified: Mon, 23 Nov 2026 07:00:00 GMT\r\nContent-Length: {len(BODY)}\r\n\r\n"
    ).encode() + BODY
    unchanged = f"HTTP/1.1 304 Not Modified\r\nETag: {ETAG}\r\n\r\n".encode()
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.received = transport, b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, _, self.received = self.received.partition(b"\r\n\r\n")
            if head.startswith(b"GET /robots.txt"):
                self.transport.write(self.missing)
            else:
                self.transport.write(self.unchanged if b"if-none-match" in head.lower() else self.full)


async def publish(hosts: int) -> None:
    """Serves on 127.0.0.1, 127.0.0.2, …, prints the port once they all listen, and never returns."""
    loop = asyncio.get_running_loop()
    first = await loop.create_server(Publisher, "127.0.0.1", 0)
    port = first.sockets[0].getsockname()[1]
    for number in range(2, hosts + 1):
        await loop.create_server(Publisher, f"127.0.0.{number}", port)
    print(port, flush=True)
    await asyncio.Event().wait()


def measure_vigie(root: Path, asked: list[Request], allowed: tuple[str, ...], pace: float, turn: int) -> tuple[int, float]:
    """How many questions ended with "nothing new", and in how many seconds."""
    declared = Feed(
        "p", "t", None, "", 1, (0, 1), "", "articles", (), lambda content: [], requests=lambda day: asked, pace_seconds=pace
    )  # fmt: skip
    given = replace(settings.read(), allowed_hosts=allowed)
    start = time.perf_counter()
    state = PollState.open(root, "banc")
    found = sum(1 for _ in fetch.poll(declared, state, NOW + timedelta(minutes=turn), given))
    elapsed = time.perf_counter() - start
    if turn and found:
        raise SystemExit(f"{found} réponses nouvelles : rien ne devait l'être")
    return sum(outcome.kind == "nothing" for _, outcome in state.this_poll), elapsed


async def bare(asked: dict[str, list[str]], pace: float, connections: int) -> int:
    """The same questions by aiohttp alone: one at a time and `pace` apart to a host, with both validators."""
    headers = {"If-None-Match": ETAG, "If-Modified-Since": "Mon, 23 Nov 2026 07:00:00 GMT"}
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30)) as session:

        async def host(addresses: list[str]) -> int:
            unchanged = 0
            for address in addresses:
                async with session.get(address, headers=headers) as response:
                    await response.read()
                    unchanged += response.status == 304
                await asyncio.sleep(pace)
            return unchanged

        return sum(await asyncio.gather(*(host(addresses) for addresses in asked.values())))


def measure_bare(asked: dict[str, list[str]], pace: float) -> tuple[int, float]:
    start = time.perf_counter()
    return asyncio.run(bare(asked, pace, Limits().connections)), time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=200, metavar="N", help="hôtes de boucle locale, 250 au plus (défaut : 200)")
    parser.add_argument("--each", type=int, default=10, metavar="N", help="adresses par hôte (défaut : 10)")
    parser.add_argument(
        "--pace", type=float, default=0.01, metavar="S", help="secondes entre deux questions à un hôte (défaut : 0,01)"
    )
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="mesures (défaut : 5)")
    parser.add_argument("--publish", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.publish:
        asyncio.run(publish(options.hosts))
        return
    publishers = subprocess.Popen(
        [sys.executable, __file__, "--publish", "--hosts", str(options.hosts)], stdout=subprocess.PIPE, text=True
    )
    try:
        port = int(publishers.stdout.readline())
        hosts = [f"127.0.0.{number}:{port}" for number in range(1, options.hosts + 1)]
        asked = {host: [f"http://{host}/{number}" for number in range(options.each)] for host in hosts}
        requests = [Request(address) for addresses in asked.values() for address in addresses]
        with tempfile.TemporaryDirectory(prefix="vigie-bench-") as name:
            say(f"{len(requests)} adresses chez {len(hosts)} hôtes : première relève…")
            measure_vigie(Path(name), requests, tuple(hosts), options.pace, 0)
            ours, alone = [], []
            for turn in range(1, options.repeats + 1):
                say(f"mesure {turn} sur {options.repeats}…")
                for rates, (unchanged, seconds) in (
                    (ours, measure_vigie(Path(name), requests, tuple(hosts), options.pace, turn)),
                    (alone, measure_bare(asked, options.pace)),
                ):
                    if unchanged != len(requests):
                        raise SystemExit(f"{unchanged} réponses « rien de nouveau » sur {len(requests)}")
                    rates.append(unchanged / seconds)
    finally:
        publishers.terminate()
        publishers.wait(10)
    mine, theirs = statistics.median(ours), statistics.median(alone)
    print(
        f"relèves conditionnelles : {mine / theirs:.2f} fois aiohttp nu à la même cadence (visé : {TARGET} au moins ; "
        f"{mine:.0f} contre {theirs:.0f} par seconde, médianes de {options.repeats}).\n"
        "  C'est le prix du garde, de robots.txt, des tours par hôte et de l'état gardé sur disque."
    )


if __name__ == "__main__":
    main()
