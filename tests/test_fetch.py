"""Every way in which a publisher misbehaves, replayed by a real server on loopback."""

import asyncio
import gzip
import json
import subprocess
import sys
import time
import zlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from aiohttp import web

from tests.publisher import Publisher
from vigie import credentials, fetch, parsing, settings
from vigie.client import Limits
from vigie.feed import SAMPLES, DocumentError, Feed, Key, Request, load
from vigie.polls import Outcome, PollState, coverage

NOW = datetime(2026, 11, 23, 8)
QUICK = Limits(exchange=1, connect=1, attempts=3, wait=1.5, retry=5, first_wait=0.02, poll=15)
KEY = "clef-tres-secrete-0123456789".replace("-", "_")
HTML = "<!doctype html><html><head><title>Un article</title></head><body><p>Texte.</p></body></html>"


@pytest.fixture
def publisher():
    with Publisher() as served:
        yield served


class Desk:
    """One feed polled again and again into one folder, as the collection does."""

    def __init__(self, root, publisher, **declared):
        self.root, self.publisher = root, publisher
        given = {
            "publisher": "p", "title": "t", "address": publisher.url("/fil"), "licence": "", "rhythm_days": 1,
            "lag_days": (0, 1), "schedule": "", "produces": "articles", "columns": (), "read": lambda content: [],
            "pace_seconds": 0.0,
        }  # fmt: skip
        self.feed = Feed(**{**given, **declared})
        self.allowed = publisher.hosts
        self.state = self.open()

    def open(self):
        return PollState.open(self.root, "essai")

    def poll(self, now=NOW, limits=QUICK):
        """The answers of one poll; FetchError passes through, the state stays readable either way."""
        self.state = self.open()
        given = replace(settings.read(), allowed_hosts=self.allowed, contact="cellule@exemple.ma")
        return list(fetch.poll(self.feed, self.state, now, given, limits))

    def refused(self, now=NOW, limits=QUICK):
        """The sentence of a poll in which no source answered."""
        with pytest.raises(fetch.FetchError) as caught:
            self.poll(now, limits)
        return str(caught.value)

    def kinds(self):
        return [outcome.kind for _, outcome in self.state.this_poll]


@pytest.fixture
def desk(tmp_path, publisher):
    return lambda **declared: Desk(tmp_path, publisher, **declared)


def links(content: bytes) -> Iterable[Request]:
    return [Request(line) for line in content.decode().split()]


# what a publisher answers


def test_a_document_is_found_once_and_both_validators_are_sent_the_next_time(desk, publisher):
    async def answer(request):
        if request.headers.get("If-None-Match") == '"v1"':
            return web.Response(status=304)
        return web.Response(body="été".encode(), headers={"ETag": '"v1"', "Last-Modified": "Mon, 23 Nov 2026 07:00:00 GMT"})

    publisher.pages["/fil"] = answer
    polled = desk()
    (answered,) = polled.poll()
    assert (answered.content, answered.status, answered.address) == ("été".encode(), 200, publisher.url("/fil"))
    assert NOW <= answered.collected_at < NOW + timedelta(seconds=10)
    assert polled.poll(NOW + timedelta(hours=1)) == []
    second = publisher.asks("/fil")[1].headers
    assert second["If-None-Match"] == '"v1"' and second["If-Modified-Since"] == "Mon, 23 Nov 2026 07:00:00 GMT"
    assert second["User-Agent"].startswith("Vigie/0.1.0 (+cellule@exemple.ma)")
    assert polled.kinds() == ["nothing"]


def test_the_same_bytes_are_nothing_new_and_an_earlier_state_is_new_again(desk, publisher):
    publisher.say_in_turn("/fil", (200, "a", {}), (200, "a", {}), (200, "b", {}), (200, "a", {}))
    polled = desk()
    assert [[answer.content for answer in polled.poll()] for _ in range(4)] == [[b"a"], [], [b"b"], [b"a"]]


def test_an_error_told_with_status_200_is_handed_to_the_reader(desk, publisher):
    publisher.say("/fil", '[{"message": [{"id": "120", "key": "Invalid value"}]}]')
    (answered,) = desk().poll()
    assert b"Invalid value" in answered.content


def test_an_answer_is_remembered_only_once_the_caller_has_dealt_with_it(desk, publisher):
    publisher.say("/fil", "a", ETag='"v1"')
    polled = desk()
    given = replace(settings.read(), allowed_hosts=publisher.hosts)
    killed = fetch.poll(polled.feed, polled.open(), NOW, given, QUICK)
    assert next(killed).content == b"a"
    killed.close()
    assert [answer.content for answer in polled.poll()] == [b"a"]
    assert "If-None-Match" not in publisher.asks("/fil")[1].headers
    assert polled.poll() == []


def test_an_empty_status_says_that_there_is_nothing_and_is_no_failure(desk, publisher):
    polled = desk(requests=lambda day: [Request(publisher.url(f"/sommaire/{day:%Y%m%d}"), empty=(404,))])
    assert polled.poll() == []
    assert polled.kinds() == ["nothing"] and publisher.asks("/sommaire/20261123")


def test_a_post_is_known_by_its_body(desk, publisher):
    async def echo(request):
        return web.Response(body=await request.read())

    publisher.pages["/recherche"] = echo
    polled = desk(requests=lambda day: [Request(publisher.url("/recherche"), body=body) for body in (b"un", b"deux")])
    first = polled.poll()
    assert {answer.content for answer in first} == {b"un", b"deux"}
    assert len({answer.address for answer in first}) == 2 and all("#" in answer.address for answer in first)
    assert polled.poll() == []


def test_too_many_requests_are_waited_out_when_the_wait_is_short(desk, publisher):
    publisher.say_in_turn("/fil", (429, "", {"Retry-After": "1"}), (200, "a", {}))
    (answered,) = desk().poll()
    first, second = publisher.asks("/fil")
    assert answered.content == b"a" and second.at - first.at >= 1


@pytest.mark.parametrize("kind", ["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_long_retry_after_ends_the_poll_and_is_kept_to(desk, publisher, kind, status):
    at = datetime.now(UTC) + timedelta(hours=2)
    publisher.say("/fil", status=status, Retry_After="7200" if kind == "seconds" else format_datetime(at, usegmt=True))
    polled = desk()
    assert "à ne pas redemander avant le" in polled.refused()
    assert len(publisher.asks("/fil")) == 1
    assert polled.poll(NOW + timedelta(hours=1)) == []
    assert polled.kinds() == ["blocked"] and len(publisher.asks("/fil")) == 1
    publisher.say("/fil", "a")
    assert len(polled.poll(NOW + timedelta(hours=3))) == 1


@pytest.mark.parametrize(
    ("wished", "asked", "waits"),
    [
        ("9" * 25, 1, True), ("Wed, 21 Oct 2999 07:28:00 GMT", 1, True), ("0", 3, False), ("-5", 3, False), ("bientôt", 3, False),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 3, False),
    ],
)  # fmt: skip
def test_an_absurd_retry_after_is_kept_to_for_a_month_and_one_that_asks_nothing_is_our_own_pause(
    desk, publisher, wished, asked, waits
):
    publisher.say("/fil", status=429, Retry_After=wished)
    said = desk().refused()
    assert len(publisher.asks("/fil")) == asked and ("avant le 23/12/2026" in said) == waits == ("avant le" in said)


def test_a_passing_error_is_retried_and_a_lasting_one_is_not(desk, publisher):
    publisher.say_in_turn("/fil", (503, "", {}), (200, "a", {}))
    assert len(desk().poll()) == 1
    publisher.say("/fil", status=500)
    polled = desk()
    assert "500" in polled.refused() and len(publisher.asks("/fil")) == 2 + QUICK.attempts
    publisher.say("/ailleurs", status=400)
    assert "400" in desk(address=publisher.url("/ailleurs")).refused() and len(publisher.asks("/ailleurs")) == 1


@pytest.mark.parametrize(
    ("status", "kind"), [(401, "blocked"), (403, "blocked"), (451, "blocked"), (404, "failed"), (410, "failed")]
)
def test_a_refusal_is_told_from_a_failure(desk, publisher, status, kind):
    publisher.say("/fil", status=status)
    polled = desk()
    assert str(status) in polled.refused()
    assert polled.kinds() == [kind] and len(publisher.asks("/fil")) == 1


def test_an_address_that_is_gone_is_left_alone(desk, publisher):
    publisher.say("/fil", status=410)
    polled = desk()
    assert "retirée par l'éditeur" in polled.refused()
    assert polled.poll(NOW + timedelta(days=1)) == [] and len(publisher.asks("/fil")) == 1


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (403, "", {"cf-mitigated": "challenge"}),
        (202, "", {"x-amzn-waf-action": "challenge"}),
        (200, "<!doctype html><html><head><title>Just a moment...</title></head></html>", {}),
    ],
)
def test_a_wall_against_robots_is_no_document(desk, publisher, status, body, headers):
    publisher.say_in_turn("/fil", (status, body, headers))
    polled = desk()
    assert "mur anti-robots" in polled.refused()
    assert polled.kinds() == ["blocked"]


# what would hurt


def test_a_slow_drip_is_stopped_on_the_total_time(desk, publisher):
    async def drip(request):
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(200):
            await response.write(b".")
            await asyncio.sleep(0.1)
        return response

    publisher.pages["/fil"] = drip
    began = time.monotonic()
    assert "pas de réponse complète en 1 s" in desk().refused()
    assert time.monotonic() - began < 4


def test_a_host_that_never_answers_is_given_up_and_holds_the_poll_no_longer(desk, publisher):
    async def silent(request):
        await asyncio.sleep(60)

    for number in range(20):
        publisher.pages[f"/{number}"] = silent
    polled = desk(requests=lambda day: [Request(publisher.url(f"/{number}")) for number in range(20)])
    began = time.monotonic()
    assert "hôte en panne" in polled.refused(limits=replace(QUICK, exchange=0.3))
    assert time.monotonic() - began < 3 and len(publisher.asked) == 1 + QUICK.failures


def test_a_host_that_cannot_be_reached_is_given_up_at_once_whatever_its_pace(desk, publisher):
    with Publisher() as gone:
        closed = gone.url("/")
    for address in (closed, "http://exemple.invalid/"):
        polled = desk(pace_seconds=60.0, requests=lambda day, at=address: [Request(f"{at}{number}") for number in range(9)])
        polled.allowed = (closed.removeprefix("http://").rstrip("/"),)
        began = time.monotonic()
        assert "connexion impossible" in (said := polled.refused()) or "introuvable" in said
        assert time.monotonic() - began < 5 and polled.kinds() == ["failed"] * 9


def test_a_host_whose_robots_file_is_cut_short_is_asked_again(desk, publisher):
    rules = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser-agent"
    publisher.raw["/robots.txt"] = rules
    polled = desk(address=publisher.raw_url("/fil"))
    assert "robots.txt injoignable (réponse interrompue" in polled.refused()
    assert polled.kinds() == ["failed"] and len(publisher.asks("/robots.txt")) == QUICK.attempts


def test_an_endless_body_is_stopped_at_the_cap(desk, publisher):
    async def endless(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)

    publisher.pages["/fil"] = endless
    assert "plus de 1 Mio" in desk(max_bytes=1 << 20).refused()
    assert len(publisher.asks("/fil")) == 1


BOMB = """
import resource, sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from vigie import fetch, settings
from vigie.feed import Feed
from vigie.polls import PollState
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
def polled(name):
    feed = Feed("p", "t", sys.argv[1] + name, "", 1, (0, 1), "", "articles", (), list, pace_seconds=0)
    state = PollState.open(Path(sys.argv[3]), name)
    given = replace(settings.read(), allowed_hosts=(sys.argv[2],))
    try: return len(list(fetch.poll(feed, state, datetime(2026, 11, 23), given)))
    except fetch.FetchError as error: return str(error)
print(polled("petit"))
rest = peak()
print(polled("bombe"))
print((peak() - rest) // 1024)
"""


def test_a_gzip_bomb_of_300_mb_grows_memory_by_less_than_100_mb(publisher, tmp_path):
    press = zlib.compressobj(9, wbits=31)
    bomb = b"".join([*(press.compress(bytes(1 << 20)) for _ in range(300)), press.flush()])
    publisher.say("/petit", "a")
    publisher.say("/bombe", bomb, Content_Encoding="gzip")
    told = subprocess.run(
        [sys.executable, "-c", BOMB, publisher.url("/"), publisher.hosts[0], str(tmp_path)],
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert told[0] == "1" and "plus de 10 Mio" in told[1]
    assert int(told[2]) < 100


@pytest.mark.parametrize("members", [1, 3])
def test_a_compressed_document_is_read_whole(desk, publisher, members):
    publisher.say("/fil", gzip.compress(b"ligne\n") * members, Content_Encoding="gzip")
    (answered,) = desk().poll()
    assert answered.content == b"ligne\n" * members


CUT = gzip.compress(bytes(range(256)) * 50)[:-20]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nmoiti\xc3\xa9", "interrompue"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", "interrompue"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(CUT) + CUT, "interrompue"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde", "illisible"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\nabcde", "que nous n'avons pas demandé"),
        (b"", "fermée sans réponse"),
        (b"\x00\x01\x02 ceci n'est pas du HTTP\r\n\r\n", "illisible"),
    ],
    ids=["half-closed", "chunked", "gzip", "not-gzip", "brotli", "silent", "not-http"],
)
def test_a_broken_answer_is_a_failure_and_never_a_document(desk, publisher, raw, said):
    publisher.raw["/fil"] = raw
    polled = desk(address=publisher.raw_url("/fil"))
    assert said in polled.refused()
    assert polled.kinds() == ["failed"]


# where we do not go


@pytest.mark.parametrize(
    "target",
    ["http://192.168.0.1/", "http://169.254.169.254/latest/meta-data/", "http://127.0.0.1/", "http://[::1]/", "http://10.0.0.1/"],
)
def test_a_redirect_to_a_private_address_is_refused(desk, publisher, target):
    publisher.say("/fil", status=302, Location=target)
    assert "adresse privée ou locale" in desk().refused()


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://exemple.ma/x", "gopher://exemple.ma/"])
def test_a_redirect_to_another_protocol_is_refused(desk, publisher, target):
    publisher.say("/fil", status=302, Location=target)
    assert "http ou https seulement" in desk().refused()


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "127.0.0.1", "2130706433", "0x7f000001", "127.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254",
        "0.0.0.0", "[fe80::1]", "[::127.0.0.1]", "[fec0::1]", "[64:ff9b:1::7f00:1]", "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]", "100.64.0.1", "224.0.1.1",
    ],
)  # fmt: skip
def test_no_private_address_is_asked_unless_it_is_allowed_by_name(desk, publisher, host):
    polled = desk(address=f"http://{host}/fil")
    polled.allowed = ()
    assert "refus" in (said := polled.refused()) or "introuvable" in said or "non valable" in said
    assert polled.kinds() == ["failed"] and publisher.asked == []


def test_no_other_port_is_asked_and_no_address_carries_an_identifier(desk, publisher):
    polled = desk()
    polled.allowed = ()
    assert f"port {publisher.port} refusé" in polled.refused()
    assert "identifiant" in desk(address="https://moi:secret@exemple.ma/").refused()
    assert publisher.asked == []


def test_an_allowed_host_opens_nothing_else(desk, publisher):
    with Publisher() as other:
        publisher.say("/fil", status=302, Location=other.url("/interne"))
        assert f"port {other.port} refusé" in desk().refused()
        assert other.asked == []


def test_a_redirect_too_many_ends_the_question(desk, publisher):
    for step in range(5):
        publisher.say(f"/{step}", status=302, Location=f"/{step + 1}")
    assert "trop de redirections" in desk(address=publisher.url("/0")).refused()
    assert len(publisher.asks("/3")) == 1 and not publisher.asks("/4")


def test_a_permanent_redirect_is_remembered_and_a_temporary_one_is_not(desk, publisher):
    publisher.say("/fil", status=301, Location="/nouveau")
    publisher.say("/nouveau", "a")
    polled = desk()
    (answered,) = polled.poll()
    assert answered.address == publisher.url("/fil")
    polled.poll()
    assert len(publisher.asks("/fil")) == 1 and len(publisher.asks("/nouveau")) == 2
    publisher.say("/nouveau", status=404)
    polled.refused()
    publisher.say("/fil", status=302, Location="/ailleurs")
    publisher.say("/ailleurs", "b")
    for _ in range(2):
        polled.poll()
    assert len(publisher.asks("/fil")) == 3


# politeness


def test_a_page_that_robots_may_not_read_is_not_asked(desk, publisher):
    publisher.robots = "User-agent: *\nDisallow: /fil\nAllow: /fil/public$\n"
    polled = desk()
    assert "robots.txt" in polled.refused()
    assert polled.kinds() == ["blocked"] and not publisher.asks("/fil")
    publisher.say("/fil/public", "a")
    assert len(desk(address=publisher.url("/fil/public")).poll()) == 1
    assert len(publisher.asks("/robots.txt")) == 1, "une fois par hôte et par jour"
    publisher.robots = ""
    publisher.say("/fil", "a")
    assert len(polled.poll(NOW + timedelta(days=1))) == 1


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_robots_file_in_trouble_forbids_all_and_is_asked_again(desk, publisher, status):
    publisher.robots = status
    publisher.say("/fil", "a")
    polled = desk()
    assert "robots.txt" in polled.refused() and not publisher.asks("/fil")
    publisher.robots = 403
    assert len(polled.poll()) == 1


def test_a_robots_file_without_end_is_cut(desk, publisher):
    publisher.robots = "User-agent: *\nDisallow: /fil\n" + "# bavardage\n" * 100_000
    assert "robots.txt" in desk().refused()


def test_a_redirect_is_judged_by_the_rules_of_where_it_leads(desk, publisher):
    publisher.robots = "User-agent: *\nDisallow: /prive\n"
    publisher.say("/fil", status=302, Location="/prive")
    publisher.say("/prive", "a")
    assert "robots.txt" in desk().refused() and not publisher.asks("/prive")


@pytest.mark.parametrize(("pace", "robots"), [(0.3, 404), (0.0, "User-agent: vigie\nCrawl-delay: 0.3\n")])
def test_questions_to_one_host_are_spaced_and_never_together(desk, publisher, pace, robots):
    publisher.robots = robots
    open_now, most = 0, 0

    async def slow(request):
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0.05)
        open_now -= 1
        return web.Response(text=request.path)

    for number in range(4):
        publisher.pages[f"/{number}"] = slow
    polled = desk(pace_seconds=pace, requests=lambda day: [Request(publisher.url(f"/{number}")) for number in range(4)])
    assert len(polled.poll()) == 4
    at = [asked.at for asked in publisher.asked if asked.path != "/robots.txt"]
    assert most == 1 and all(later - sooner >= 0.29 for sooner, later in pairwise(at))


def test_a_crawl_delay_longer_than_the_poll_leaves_the_rest_for_the_next_one(desk, publisher):
    publisher.robots = "User-agent: *\nCrawl-delay: 3600\n"
    for number in range(3):
        publisher.say(f"/{number}", "a")
    polled = desk(requests=lambda day: [Request(publisher.url(f"/{number}")) for number in range(3)])
    began = time.monotonic()
    assert len(polled.poll()) == 1 and time.monotonic() - began < 5
    assert polled.kinds() == ["found"], "ce qui n'a pas été demandé n'a pas de ligne"


def test_one_host_in_trouble_is_left_alone_and_stops_no_other(desk, publisher):
    with Publisher() as sound:
        sound.say("/fil", "a")
        asked = [Request(publisher.url(f"/{number}")) for number in range(6)]
        for number in range(6):
            publisher.say(f"/{number}", status=502)
        polled = desk(requests=lambda day: [*asked, Request(sound.url("/fil"))])
        polled.allowed = (*publisher.hosts, *sound.hosts)
        assert [answer.address for answer in polled.poll()] == [sound.url("/fil")]
    assert polled.kinds().count("failed") == 6
    assert len([a for a in publisher.asked if a.path != "/robots.txt"]) == QUICK.failures * QUICK.attempts
    assert sum("hôte en panne" in sentence for sentence in polled.state.sentences("failed")) == 3


@pytest.mark.parametrize(
    ("headers", "body", "reserved"),
    [
        ({"X-Robots-Tag": "noai, noimageai"}, HTML, True),
        ({"tdm-reservation": "1"}, HTML, True),
        ({}, HTML.replace("<title>", '<meta name="tdm-reservation" content="1"><title>'), True),
        ({}, HTML.replace("<title>", "<meta name='robots' content='index, noai'><title>"), True),
        ({"X-Robots-Tag": "autrerobot: noai"}, HTML, False),
        ({"tdm-reservation": "0"}, HTML, False),
    ],
)
def test_an_article_whose_publisher_reserves_it_is_not_kept(desk, publisher, headers, body, reserved):
    publisher.say_in_turn("/article", (200, body, headers))
    publisher.say("/fil", publisher.url("/article"))
    polled = desk(follow=links)
    answers = polled.poll()
    assert len(answers) == (1 if reserved else 2)
    assert bool(polled.state.sentences("blocked")) == reserved
    assert all("réservé par l'éditeur" in sentence for sentence in polled.state.sentences("blocked"))


# pages


def test_pages_are_followed_from_a_new_answer_only_and_then_conditionally(desk, publisher):
    publisher.say_in_turn("/fil", (200, f"{publisher.url('/1')} {publisher.url('/2')}", {}), (200, publisher.url("/1"), {}))
    for path in ("/1", "/2"):
        publisher.say(path, path, ETag='"v"')
    polled = desk(follow=links)
    assert len(polled.poll()) == 3
    assert len(polled.poll(NOW + timedelta(hours=2))) == 1, "la page liée n'a pas changé"
    assert publisher.asks("/1")[1].headers["If-None-Match"] == '"v"' and len(publisher.asks("/2")) == 1
    assert polled.poll(NOW + timedelta(hours=4)) == [] and len(publisher.asks("/1")) == 2


def test_a_listing_is_no_document_and_what_it_lists_is_asked_once(desk, publisher):
    publisher.say_in_turn("/fil", (200, publisher.url("/1"), {}), (200, f"{publisher.url('/1')} {publisher.url('/2')}", {}))
    for path in ("/1", "/2"):
        publisher.say(path, path)
    polled = desk(follow=links, is_listing=True)
    assert [answer.content for answer in polled.poll()] == [b"/1"]
    assert [answer.content for answer in polled.poll(NOW + timedelta(days=9))] == [b"/2"]
    assert len(publisher.asks("/1")) == 1


def test_a_page_that_failed_for_now_is_asked_again_although_its_listing_did_not_change(desk, publisher):
    publisher.say("/fil", f"{publisher.url('/1')} {publisher.url('/2')}", ETag='"v"')
    publisher.say("/1", "un")
    publisher.say("/2", status=503)
    polled = desk(follow=links, is_listing=True)
    assert [answer.content for answer in polled.poll()] == [b"un"]
    publisher.say("/2", "deux")
    assert [answer.content for answer in polled.poll()] == [b"deux"]
    assert polled.poll() == [] and len(publisher.asks("/1")) == 1
    assert publisher.asks("/fil")[2].headers["If-None-Match"] == '"v"'


def test_a_page_that_was_not_reached_before_a_kill_is_asked_after_it(desk, publisher):
    publisher.say("/fil", " ".join(publisher.url(f"/{number}") for number in range(3)), ETag='"v"')
    for number in range(3):
        publisher.say(f"/{number}", str(number))
    polled = desk(follow=links, is_listing=True)
    given = replace(settings.read(), allowed_hosts=publisher.hosts)
    killed = fetch.poll(polled.feed, polled.open(), NOW, given, QUICK)
    assert next(killed).content == b"0"
    killed.close()
    assert sorted(answer.content for answer in polled.poll()) == [b"0", b"1", b"2"]


def test_a_listing_that_cannot_be_read_is_a_failure_told_in_a_sentence(desk, publisher):
    def unreadable(content):
        raise DocumentError("le répertoire ne liste rien")

    publisher.say("/fil", "<html>")
    assert "le répertoire ne liste rien" in desk(follow=unreadable, is_listing=True).refused()
    assert "n'ont pu être lus" in desk(follow=lambda content: [1 / 0], is_listing=True).refused()


def test_links_are_read_in_the_child_process_when_the_caller_says_so(desk, publisher):
    document = (SAMPLES / "press_articles.2026-01-29.fil.xml").read_bytes()
    found = parsing.read_links("press_articles", document)
    assert found == list(load("press_articles").follow(document)) and found
    assert parsing.read_links("wb_indicators", b"[]") == []
    publisher.say("/fil", "peu importe")
    publisher.say("/1", "un")
    polled = desk(follow=links, is_listing=True)
    given = replace(settings.read(), allowed_hosts=publisher.hosts)
    answers = fetch.poll(polled.feed, polled.open(), NOW, given, QUICK, follow=lambda content: [Request(publisher.url("/1"))])
    assert [answer.content for answer in answers] == [b"un"]


# keys


def everything_written(root) -> str:
    return "\n".join(path.read_text(errors="replace") for path in root.rglob("*") if path.is_file())


def test_a_feed_without_its_key_is_off_and_asks_nothing(desk, publisher):
    polled = desk(key=Key(("VIGIE_" + "ESSAI_KEY",), header="X-Key"))
    assert polled.poll() == [] and publisher.asked == []
    (line,) = coverage(polled.root)
    assert (line.off, line.last, line.failed) == (1, "off", 0)
    assert line.sentence.endswith("éteint : clé VIGIE_ESSAI_KEY absente")


def test_a_key_goes_to_its_own_publisher_and_is_written_nowhere(desk, publisher, monkeypatch, caplog):
    monkeypatch.setenv("VIGIE_ESSAI_KEY", KEY)
    caplog.set_level("DEBUG")
    with Publisher() as stranger:
        stranger.say("/vole", "b")
        stranger.say("/page", "c")
        publisher.say("/fil", stranger.url("/page"), ETag=f'"{KEY}"')
        publisher.say("/ailleurs", status=302, Location=stranger.url("/vole"))
        publisher.say("/bavard", f"votre clé est {KEY}")
        publisher.say("/perdu", status=302, Location=f"file:///{KEY}")
        publisher.say("/non", status=401)
        paths = ("/fil", "/ailleurs", "/bavard", "/perdu", "/non")
        polled = desk(
            key=Key(("VIGIE_" + "ESSAI_KEY",), header="X-Key"), follow=links,
            requests=lambda day: [Request(publisher.url(path)) for path in paths],
        )  # fmt: skip
        polled.allowed = (*publisher.hosts, *stranger.hosts)
        answers = polled.poll()
    assert all(asked.headers["X-Key"] == KEY for asked in publisher.asked if asked.path in paths)
    assert len(stranger.asked) == 3 and all("X-Key" not in asked.headers for asked in stranger.asked)
    assert {answer.content for answer in answers} == {stranger.url("/page").encode(), b"b", b"c"}
    assert any("clé refusée (401) : vérifier VIGIE_ESSAI_KEY" in sentence for sentence in polled.state.sentences("blocked"))
    assert any("répète notre clé" in sentence for sentence in polled.state.sentences("failed"))
    assert KEY not in everything_written(polled.root) + caplog.text + repr(polled.state) + repr(answers)


def test_a_key_never_travels_in_clear(desk, publisher, monkeypatch):
    monkeypatch.setenv("VIGIE_ESSAI_KEY", KEY)
    polled = desk(key=Key(("VIGIE_" + "ESSAI_KEY",), header="X-Key"), address="http://exemple.invalid/fil")
    assert "l'adresse doit être en https" in (said := polled.refused()) and KEY not in said


def test_a_token_is_asked_once_kept_in_memory_and_renewed_when_refused(desk, publisher, monkeypatch, caplog):
    monkeypatch.setenv("VIGIE_ESSAI_ID", "identifiant")
    monkeypatch.setenv("VIGIE_ESSAI_SECRET", KEY)
    caplog.set_level("DEBUG")
    credentials._tokens.clear()
    given: list[str] = []

    async def grant(request):
        form = await request.post()
        if (form["grant_type"], form["client_id"], form["client_secret"], form["scope"]) != (
            "client_credentials", "identifiant", KEY, "lecture",
        ):  # fmt: skip
            return web.Response(status=400, text=f"mauvais secret {form['client_secret']}")
        given.append(f"jeton-{len(given)}")
        return web.json_response({"access_token": given[-1], "expires_in": 3600, "token_type": "Bearer"})

    async def guarded(request):
        is_right = request.headers.get("Authorization") == f"Bearer {given[-1]}" if given else False
        return web.Response(text=request.path) if is_right else web.Response(status=401)

    publisher.pages["/jeton"] = grant
    publisher.pages["/fil"] = publisher.pages["/autre"] = guarded
    key = Key(("VIGIE_" + "ESSAI_ID", "VIGIE_" + "ESSAI_SECRET"), token_address=publisher.url("/jeton"), scope="lecture")
    polled = desk(key=key, requests=lambda day: [Request(publisher.url("/fil")), Request(publisher.url("/autre"))])
    assert len(polled.poll()) == 2 and len(publisher.asks("/jeton")) == 1
    polled.poll()
    assert len(publisher.asks("/jeton")) == 1, "le jeton vit d'une relève à l'autre"
    given.append("retiré")
    assert polled.poll() == [] and polled.kinds() == ["nothing", "nothing"]
    assert len(publisher.asks("/jeton")) == 2
    assert KEY not in everything_written(polled.root) + caplog.text and "jeton-" not in everything_written(polled.root)
    credentials._tokens.clear()
    monkeypatch.setenv("VIGIE_ESSAI_SECRET", "faux-secret-du-client")
    said = polled.refused()
    assert "le serveur de jetons répond 400 : vérifier VIGIE_ESSAI_ID" in said and "faux-secret" not in said


# what is left behind


def test_coverage_tells_found_from_nothing_from_blocked_from_failed(desk, publisher, tmp_path):
    publisher.robots = "User-agent: *\nDisallow: /interdit\n"
    publisher.say("/trouve", "a")
    publisher.say("/panne", status=404)
    paths = ("/trouve", "/rien", "/interdit", "/panne")
    polled = desk(requests=lambda day: [Request(publisher.url(path), empty=(404,) if path == "/rien" else ()) for path in paths])
    polled.poll()
    polled.poll(NOW + timedelta(hours=1))
    polled.poll(NOW + timedelta(days=1))
    lines = {(line.address.removeprefix(publisher.url("")), line.day.day): line for line in coverage(tmp_path)}
    assert len(lines) == 8
    assert [(lines[path, 23].found, lines[path, 23].nothing) for path in paths] == [(1, 1), (0, 2), (0, 0), (0, 0)]
    assert lines["/interdit", 23].blocked == 2 and lines["/panne", 24].failed == 1
    assert all(publisher.url(path) in lines[path, 24].sentence for path in paths)


def test_a_poll_keeps_four_hundred_days_and_ninety_days_of_unseen_pages(tmp_path):
    state = PollState.open(tmp_path, "essai")
    for day in range(0, 900, 10):
        at = NOW + timedelta(days=day)
        state.link("http://a/fil", [f"http://a/{day}"], at.date())
        state.note("http://a/fil", Outcome("found", "trouvé", digest="0" * 64), at)
        state.note("http://a/fil", Outcome("found", "trouvé", digest="1" * 64), at, f"http://a/{day}")
    state.save(at.date())
    kept = PollState.open(tmp_path, "essai")
    assert len({line.day for line in kept.coverage()}) == 41
    assert set(kept.sources["http://a/fil"].pages) == {f"http://a/{day}" for day in range(800, 900, 10)}
    assert json.loads(kept.path.read_text())["feed"] == "essai"
    assert kept.sources == state.sources


@pytest.mark.parametrize("entry", ["127.0.0.1", "http://a:80", "a:b", "::1:80"])
def test_an_allowance_that_is_not_a_host_and_a_port_is_refused(monkeypatch, entry):
    monkeypatch.setenv("VIGIE_ALLOWED_HOSTS", entry)
    with pytest.raises(settings.SettingError, match="hôte:port"):
        settings.read()
