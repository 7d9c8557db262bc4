"""Delivery, requirement by requirement: who hears, by which way, when, how often; and what happens when a way is closed."""

import json
import time
from dataclasses import replace
from datetime import datetime, timedelta

import feedparser
import icalendar
import pytest

from benchmarks import kill_deliver
from tests.test_notify import NOW, deliveries, hook, mailbox, pauses, show  # noqa: F401
from tests.test_store import fresh_database, server  # noqa: F401
from vigie import channels, cli, clock, dispatch, inputs, notify, publish, routes, sector, sent, settings, ways
from vigie.declared import DeclarationError
from vigie.lake import Lake
from vigie.store import Message, open_store, verify

WATCHED = sector.load(inputs.SECTOR)
REGION = next(place.ref_area for place in WATCHED.places if place.level == "region")
CITY = next(place.ref_area for place in WATCHED.places if place.parent == REGION)
ELSEWHERE = next(p.ref_area for p in WATCHED.places if p.level == "city" and p.parent != REGION)
RULES = [rule.rule for rule in WATCHED.alert_rules][:2]
EVENING = datetime(2026, 11, 23, 21)
"""22 h in Casablanca."""


def message(name="m1", degree="rouge", at=NOW, kind="alert", **changes):
    line = {
        "alert_id": f"a-{name}",
        "rule": RULES[0],
        "ref_area": "MA",
        "due_on": "2026-12-08",
        "action": "relire",
        "state": "actif",
    }
    made = Message(
        name, f"a-{name}", kind, degree, RULES[0], "MA", (f"a-{name}",), at, f"[Vigie] {name}", f"Corps de {name}.\n",
        {"occasion": "ouverture", "lines": [line]},
    )  # fmt: skip
    return replace(made, **changes)


def routed(tmp_path, text):
    path = tmp_path / "routes.yml"
    path.write_text(text)
    return routes.read(path, WATCHED)


@pytest.fixture
def lay(monkeypatch, tmp_path):
    """Makes these the routes of the sector."""

    def to(text):
        found = routed(tmp_path, text)
        monkeypatch.setattr(routes, "load", lambda _: found)
        return found

    return to


@pytest.fixture
def lake(tmp_path):
    return Lake.open(tmp_path / "data", "sample")


def put(lake, *messages):
    with open_store(lake) as store:
        at = min(one.created_at for one in messages).isoformat()
        store.decided(datetime.fromisoformat(at), 1, 0, {})
        for one in messages:
            store.post(one)
        shown = {alert: one.created_at for one in store.messages() for alert in one.alert_ids}
    show(lake, shown)


def at(lake, now, *, is_ticking=True):
    return notify.notify(clock.Run(lake, now, now, is_ticking=is_ticking))


RATED = "budget_per_week: 9, budget_basis: essai"
BOTH = f"""
routes:
- {{route: direction, role: direction, to: VIGIE_DIRECTION, degrees: [rouge], {RATED}}}
- {{route: region, role: région, to: VIGIE_REGION, regions: [{REGION}], {RATED}}}
- {{route: juriste, role: juriste, to: VIGIE_JURISTE, rules: [{RULES[1]}], languages: [fr], {RATED}}}
"""


@pytest.mark.parametrize("degree", ["rouge", "orange", "calme"])
@pytest.mark.parametrize("place", ["MA", REGION, CITY, ELSEWHERE])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a13_a_message_goes_to_the_roles_of_its_degree_place_rule_and_language(
    tmp_path, monkeypatch, degree, place, rule, language
):
    found = routed(tmp_path, BOTH)
    monkeypatch.setenv("VIGIE_SMTP_URL", "smtp://127.0.0.1:9")
    for name in ("DIRECTION", "REGION", "JURISTE"):
        monkeypatch.setenv(f"VIGIE_{name}", f"{name.lower()}@exemple.ma")
    sent_one = message(degree=degree, rule=rule, ref_area=place, payload={"lines": [], "language": language})
    told = {one["channel"] for one in dispatch.deliveries(sent_one, found, NOW)} - set(ways.ALWAYS)
    expected = set()
    if language == "fr":
        expected |= {"direction"} if degree == "rouge" else set()
        expected |= {"region"} if place in (REGION, CITY) else set()
        expected |= {"juriste"} if rule == RULES[1] else set()
    assert told == {f"courriel:{name}@exemple.ma" for name in expected}


def test_a13_the_default_route_sends_everything_to_the_addresses_of_the_settings(monkeypatch):
    (route,) = routes.load(inputs.SECTOR).routes
    assert (route.regions, route.degrees, route.rules, route.quiet_hours) == (None, None, None, None)
    assert ways.of(route) == {}
    monkeypatch.setenv("VIGIE_SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("VIGIE_RECIPIENTS", "a@exemple.ma, b@exemple.ma")
    monkeypatch.setenv("VIGIE_WEBHOOK_URL", "http://127.0.0.1:9/x")
    monkeypatch.setenv("VIGIE_APPRISE_URLS", "json://nom:motcache@127.0.0.1:9")
    names = list(ways.of(route))
    assert names[:3] == ["courriel:a@exemple.ma", "courriel:b@exemple.ma", "webhook"]
    assert names[3].startswith("apprise:json-") and "motcache" not in names[3]


def test_a13_two_routes_to_one_address_make_one_delivery_for_both(tmp_path, monkeypatch):
    two = BOTH.replace("VIGIE_REGION", "VIGIE_DIRECTION")
    monkeypatch.setenv("VIGIE_SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("VIGIE_DIRECTION", "x@exemple.ma")
    made = dispatch.deliveries(message(ref_area=CITY), routed(tmp_path, two), NOW)
    assert [(one["channel"], one["routes"]) for one in made][3:] == [("courriel:x@exemple.ma", "direction,region")]


@pytest.mark.parametrize(
    ("wrong", "line", "said"),
    [
        ("- {route: a, role: b, to: cellule@exemple.ma, budget_per_week: 1, budget_basis: x}", 2, "code"),
        ("- {route: a, role: b, budget_per_week: 1, budget_basis: x}", 2, "ne mène nulle part"),
        ("- {route: a, role: b, to: VIGIE_A, budget_basis: x}", 2, "champ obligatoire absent"),
        ("- route: a\n  role: b\n  to: VIGIE_A\n  budget_per_week: 1\n  budget_basis: x\n  region: MA", 7, "champ inconnu"),
        ("- route: a\n  role: b\n  to: VIGIE_A\n  budget_per_week: 1\n  budget_basis: x\n"
         "  digest: {every: day, at: '08:00', holds: [rouge]}", 7, "rouge part tout de suite"),
        ("- {route: a, role: b, to: VIGIE_A, quiet_hours: {start: 8, end: '9:00'}, budget_per_week: 1, budget_basis: x}", 2,
         "n'est pas une heure"),
        ("- {route: a, role: b, to: VIGIE_A, regions: [MA-99], budget_per_week: 1, budget_basis: x}", 1, "MA-99"),
        ("- {route: a, role: b, to: VIGIE_A, rules: [inconnue], budget_per_week: 1, budget_basis: x}", 1, "inconnue"),
    ],
)  # fmt: skip
def test_a13_a_route_that_cannot_be_used_is_refused_with_its_line(tmp_path, wrong, line, said):
    with pytest.raises(DeclarationError) as refusal:
        routed(tmp_path, f"routes:\n{wrong}\n")
    assert f"routes.yml:{line}" in str(refusal.value) and said in str(refusal.value)


QUIET = """
routes:
- route: cellule
  role: cellule
  to: VIGIE_RECIPIENTS
  quiet_hours: {start: '20:00', end: '07:30'}
  budget_per_week: 9
  budget_basis: essai
"""


def test_a36_at_night_a_red_message_leaves_at_once_and_an_orange_one_waits_for_the_morning(lake, lay, mailbox):  # noqa: F811
    lay(QUIET)
    put(lake, message("m1", "rouge", EVENING), message("m2", "orange", EVENING))
    assert at(lake, EVENING).waiting == 2 and not notify.is_due(clock.Run(lake, EVENING, EVENING, is_ticking=True))
    assert {one["Message-ID"] for _, one in mailbox.received} == {"<m1@vigie>"}
    almost, morning = datetime(2026, 11, 24, 6, 29), datetime(2026, 11, 24, 6, 30)
    assert at(lake, almost).delivered == 0
    assert at(lake, morning).delivered == 2
    assert [one["Message-ID"] for _, one in mailbox.received][2:] == ["<m2@vigie>"] * 2


@pytest.mark.parametrize(
    ("hour", "end"), [(6, 6.5), (6.5, None), (12, None), (18.99, None), (19, 30.5), (23, 30.5)], ids=str
)  # fmt: skip
def test_quiet_hours_go_through_midnight_in_casablanca(hour, end):
    quiet = routes.QuietHours(start="20:00", end="07:30")
    midnight = datetime(2026, 11, 23)
    assert quiet.end_after(midnight + timedelta(hours=hour)) == (midnight + timedelta(hours=end) if end else None)


def test_a25_a_rehearsal_says_what_would_leave_and_sends_and_writes_nothing(lake, lay, mailbox, hook, capsys):  # noqa: F811
    lay(QUIET)
    put(lake, message("m1", "rouge"), message("m2", "orange"))
    before = lake.state.read_bytes()
    for _ in range(2):
        assert cli.main(["notify", "--dry-run", "--json", "--data", str(lake.root), "--now", "2026-11-23T22:00:00"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(told) == 20
    assert {(one["message_id"], one["not_before"]) for one in told if one["channel"].startswith("courriel")} == {
        ("m1", None), ("m2", "2026-11-24T06:30:00"),
    }  # fmt: skip
    assert "cellule@" not in str(told) and {one["channel"] for one in told} >= {"fichiers", "courriel c…@exemple.ma"}
    assert mailbox.received == [] and hook.received == [] and not (lake.root / "outbox").exists()
    assert lake.state.read_bytes() == before
    with open_store(lake) as store:
        assert store.execute("select count(*) from deliveries").scalar() == 0


def test_a25_a_rehearsal_of_nothing_says_so(lake, capsys):
    assert cli.main(["notify", "--dry-run", "--data", str(lake.root)]) == 0
    assert capsys.readouterr().out == "rien ne partirait\n"


HOOKED = """
routes:
- route: machine
  role: machine
  webhook: VIGIE_WEBHOOK_URL
  webhook_secret: VIGIE_WEBHOOK_SECRET
  budget_per_week: 9
  budget_basis: essai
- {route: cellule, role: cellule, to: VIGIE_RECIPIENTS, budget_per_week: 9, budget_basis: essai}
"""


def test_a28_each_failed_round_waits_twice_as_long_and_all_bear_the_same_name(lake, lay, hook):  # noqa: F811
    lay(HOOKED)
    hook.answers[:] = [500] * 6
    put(lake, message())
    now, moments = NOW, []
    for _ in range(3):
        at(lake, now)
        with open_store(lake) as store:
            row = store.execute("select * from deliveries where channel = 'webhook'").one()
        if row.next_try_at:
            moments.append(datetime.fromisoformat(row.next_try_at))
            assert at(lake, moments[-1] - timedelta(seconds=1)).delivered == 0
            now = moments[-1]
    waits = [moments[0] - NOW, moments[1] - moments[0]]
    assert 0.8 * notify.FIRST_WAIT <= waits[0] <= 1.2 * notify.FIRST_WAIT
    assert 1.6 * notify.FIRST_WAIT <= waits[1] <= 2.4 * notify.FIRST_WAIT
    assert row.delivered_at == moments[1].isoformat() and row.attempts == 7
    assert [headers["X-Vigie-Delivery"] for headers, _ in hook.received] == ["m1"] * 7


def test_a28_the_waits_are_bounded_and_their_jitter_comes_from_the_name():
    waits = [notify.next_try(NOW, "m1", "webhook", tries) - NOW for tries in range(3, notify.MAX_TRIES, 3)]
    assert all(wait <= 1.2 * notify.LONGEST_WAIT for wait in waits)
    assert sum(waits, timedelta()) > timedelta(hours=8)
    assert notify.next_try(NOW, "m1", "webhook", 3) == notify.next_try(NOW, "m1", "webhook", 3)
    assert notify.next_try(NOW, "m1", "webhook", 3) != notify.next_try(NOW, "m2", "webhook", 3)


def test_a28_a_receiver_that_takes_the_message_and_answers_too_late_has_it_again_under_the_same_name(
    lake, lay, hook, monkeypatch  # noqa: F811
):  # fmt: skip
    lay(HOOKED)
    monkeypatch.setattr(channels, "TIMEOUT_SECONDS", 0.3)
    answer, slow = hook.do_POST, [True]

    def late(self):
        if slow and slow.pop():
            self.received.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            time.sleep(0.6)
            return
        answer(self)

    monkeypatch.setattr(hook, "do_POST", late)
    put(lake, message())
    assert at(lake, NOW).waiting == 0
    assert [headers["X-Vigie-Delivery"] for headers, _ in hook.received] == ["m1", "m1"]
    assert hook.received[0][1] == hook.received[1][1]


def test_a28_a_dead_letter_is_told_by_the_other_channels_once_a_channel_and_a_day(lake, lay, mailbox, hook):  # noqa: F811
    lay(HOOKED)
    hook.answers[:] = [404] * 200
    put(lake, message("m1"), message("m2"))
    reports = [at(lake, NOW, is_ticking=False) for _ in range(notify.MAX_TRIES // notify.TRIES_PER_CALL)]
    assert [report.dead_letters for report in reports] == [0] * (len(reports) - 1) + [2]
    failures = [one for to, one in mailbox.received if "CANAL EN PANNE" in one["Subject"]]
    assert len(failures) == 2 and {one["Message-ID"] for one in failures} == {failures[0]["Message-ID"]}
    assert "webhook a répondu 404" in failures[0].get_content() and "m1" in failures[0].get_content()
    with open_store(lake) as store:
        (told,) = [one for one in store.messages() if one.kind == "failure"]
        assert told.degree == "rouge" and verify(store) is None
    assert "webhook" not in deliveries(lake, told.message_id)
    put(lake, message("m3", at=NOW + timedelta(days=1)))
    for _ in reports:
        at(lake, NOW + timedelta(days=1), is_ticking=False)
    with open_store(lake) as store:
        assert len([one for one in store.messages() if one.kind == "failure"]) == 2


def test_a28_a_channel_that_is_down_is_left_alone_for_the_rest_of_the_call(lake, lay, hook):  # noqa: F811
    lay(HOOKED)
    hook.answers[:] = [503] * 200
    put(lake, *[message(f"m{n}") for n in range(20)])
    at(lake, NOW)
    assert len(hook.received) == notify.TRIES_PER_CALL


def test_a29_the_failing_channel_shows_in_the_published_table_and_its_recovery_too(lake, lay, hook, mailbox):  # noqa: F811
    lay(HOOKED)
    hook.answers[:] = [500] * 3
    put(lake, message())
    later = NOW + timedelta(hours=1)
    at(lake, NOW)
    # a publication tells of what was delivered before it
    assert sent.channels(lake, NOW) == []
    health = {line["channel"]: line for line in sent.channels(lake, later)}
    assert set(next(iter(health.values()))) == set(sent.CHANNEL_COLUMNS)
    assert (health["webhook"]["state"], health["webhook"]["failing_since"], health["webhook"]["waiting"]) == ("en panne", NOW, 1)
    assert health["webhook"]["last_error"] == "le webhook a répondu 500" and health["webhook"]["last_success_at"] is None
    assert health["courriel c…@exemple.ma"]["state"] == "en état" and "cellule@" not in str(health)
    at(lake, later)
    health = {line["channel"]: line for line in sent.channels(lake, later + timedelta(hours=1))}
    assert (health["webhook"]["state"], health["webhook"]["last_success_at"], health["webhook"]["waiting"]) == (
        "en état",
        later,
        0,
    )
    # and what was known before is still told as it was
    assert {line["channel"]: line["state"] for line in sent.channels(lake, later)}["webhook"] == "en panne"


def test_a29_an_apprise_address_takes_the_message_and_its_secret_is_never_told(lake, monkeypatch):
    with kill_deliver.receivers() as heard:
        monkeypatch.setenv("VIGIE_APPRISE_URLS", heard.settings["VIGIE_APPRISE_URLS"])
        put(lake, message("m1"), message("m2", "orange"))
        assert at(lake, NOW).waiting == 0
        assert heard.got == {"apprise": ["m1", "m2"]}
    put(lake, message("m3", at=NOW + timedelta(hours=1)))
    monkeypatch.setenv("VIGIE_APPRISE_URLS", "json://nom:motcache@127.0.0.1:9/, inconnu://motcache")
    at(lake, NOW + timedelta(hours=1))
    told = sent.channels(lake, NOW + timedelta(hours=2))
    errors = {line["last_error"] for line in told if line["state"] == "en panne"}
    assert errors == {
        "le canal json n'a pas pris le message",
        "VIGIE_APPRISE_URLS : une adresse « inconnu:// » n'est pas de celles qu'Apprise connaît",
    }
    assert "motcache" not in str(told)


def test_a29_the_feed_of_messages_is_atom_that_readers_read_with_names_that_stay(lake):
    put(lake, *[message(f"m{n}", at=NOW + timedelta(minutes=n)) for n in range(3)])
    later = NOW + timedelta(hours=1)
    at(lake, later)
    path = lake.root / "outbox" / "alertes.atom"
    read = feedparser.parse(path.read_bytes())
    assert not read.bozo and read.version == "atom10"
    assert [(one.id, one.title) for one in read.entries] == [(f"urn:uuid:m{n}", f"[Vigie] m{n}") for n in (2, 1, 0)]
    before = path.read_bytes()
    put(lake, message("m9", at=later))
    at(lake, later)
    again = feedparser.parse(path.read_bytes())
    assert [one.id for one in again.entries] == ["urn:uuid:m9", *(one.id for one in read.entries)] and path.read_bytes() != before


def test_a29_the_feed_keeps_the_last_two_hundred(lake):
    from vigie.channels import rss

    written = feedparser.parse(rss.feed([message(f"m{n}", at=NOW + timedelta(minutes=n)) for n in range(250)]))
    assert len(written.entries) == 200 and written.entries[0].id == "urn:uuid:m249"


def test_a29_what_is_to_be_done_by_when_is_a_calendar_and_what_is_over_is_struck_out(lake):
    put(lake, message("m1"))
    at(lake, NOW)
    path = lake.root / "outbox" / "echeances.ics"
    (event,) = icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")
    assert (event["uid"], str(event["dtstart"].dt), event["status"], event["sequence"]) == (
        "a-m1@vigie",
        "2026-12-08",
        "CONFIRMED",
        0,
    )
    assert "relire" in event["summary"]
    over = {"alert_id": "a-m1", "due_on": None, "state": "résolu"}
    lifted = message("m2", at=NOW + timedelta(days=1), thread_id="a-m1", alert_ids=("a-m1",), payload={"lines": [over]})
    put(lake, lifted)
    at(lake, NOW + timedelta(days=1))
    (event,) = icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")
    assert (event["uid"], event["status"], event["sequence"]) == ("a-m1@vigie", "CANCELLED", 1)


def test_a31_the_updates_of_an_alert_answer_its_first_message(lake, mailbox):  # noqa: F811
    put(lake, message("m1"))
    at(lake, NOW)
    put(lake, message("m2", at=NOW + timedelta(days=1), thread_id="a-m1", alert_ids=("a-m1",)))
    put(lake, message("m3", at=NOW + timedelta(days=2), thread_id="a-m1", alert_ids=("a-m1",)))
    at(lake, NOW + timedelta(days=2))
    threads = {one["Message-ID"]: (one["In-Reply-To"], one["References"]) for _, one in mailbox.received}
    assert threads == {
        "<m1@vigie>": (None, None), "<m2@vigie>": ("<m1@vigie>",) * 2, "<m3@vigie>": ("<m1@vigie>",) * 2,
    }  # fmt: skip


DIGEST = """
routes:
- route: cellule
  role: cellule
  to: VIGIE_RECIPIENTS
  digest: {every: week, weekday: 1, at: '08:30', holds: [orange, calme]}
  budget_per_week: 2
  budget_basis: essai
"""
MONDAY = datetime(2026, 11, 30, 7, 30)
"""The digest's hour, after the week of NOW."""


def bodies(box):
    return [(one["Subject"], one.get_content().replace("\r\n", "\n")) for to, one in box.received if to == ["cellule@exemple.ma"]]


def test_a33_orange_waits_for_the_digest_and_red_does_not(lake, lay, mailbox):  # noqa: F811
    lay(DIGEST)
    put(lake, message("m1", "rouge"), message("m2", "orange"), message("m3", "orange"))
    at(lake, NOW)
    assert [subject for subject, _ in bodies(mailbox)] == ["[Vigie] m1"]
    assert at(lake, MONDAY - timedelta(minutes=1)).delivered == 0
    assert notify.is_due(clock.Run(lake, MONDAY, MONDAY, is_ticking=True))
    for _ in range(3):
        at(lake, MONDAY)
    _, (subject, body) = bodies(mailbox)
    assert subject == "[Vigie][RECUEIL] 3 message(s) du 23/11/2026 au 30/11/2026"
    assert "Corps de m2." in body and "Corps de m3." in body and "Corps de m1." not in body and "- [Vigie] m1" in body
    assert "1 message(s) en sept jours, pour 2 au plus." in body
    assert not notify.is_due(clock.Run(lake, MONDAY, MONDAY, is_ticking=True))


def test_a33_a_route_that_heard_nothing_hears_that_there_is_nothing_to_say(lake, lay, mailbox):  # noqa: F811
    lay(DIGEST)
    put(lake, message("m1", "orange"))
    for week in range(3):
        at(lake, MONDAY + timedelta(days=7 * week))
    (first, _), (second, told), (third, _) = bodies(mailbox)
    assert first.startswith("[Vigie][RECUEIL]") and second == "[Vigie][RIEN À SIGNALER] du 30/11/2026 au 07/12/2026"
    assert "la veille a fonctionné" in told and third == "[Vigie][RIEN À SIGNALER] du 07/12/2026 au 14/12/2026"
    # weeks during which Vigie did not run are told of in one message
    at(lake, MONDAY + timedelta(days=70))
    assert len(bodies(mailbox)) == 4
    with open_store(lake) as store:
        assert [one.kind for one in store.messages()] == ["alert", "digest", "heartbeat", "heartbeat", "heartbeat"]
        assert verify(store) is None


@pytest.mark.parametrize(
    ("every", "now", "slot"),
    [
        ("week", datetime(2026, 11, 30, 7, 29), datetime(2026, 11, 23, 7, 30)),
        ("week", datetime(2026, 11, 30, 7, 30), datetime(2026, 11, 30, 7, 30)),
        ("day", datetime(2026, 12, 2, 7, 29), datetime(2026, 12, 1, 7, 30)),
        ("day", datetime(2026, 12, 2, 23, 30), datetime(2026, 12, 2, 7, 30)),
    ],
)
def test_the_hour_of_a_digest_is_that_of_casablanca(every, now, slot):
    assert routes.Digest(every=every, at="08:30").last_before(now) == slot


def test_a34_a_route_over_its_budget_of_messages_is_flagged_in_the_table_and_in_its_digest(lake, lay, mailbox):  # noqa: F811
    lay(DIGEST)
    put(lake, *[message(f"m{n}", at=NOW + timedelta(days=n)) for n in range(3)])
    at(lake, NOW + timedelta(days=3))
    lines = sent.messages(lake, NOW + timedelta(days=4))
    assert [(one["message_id"], one["route"], one["messages_in_week"], one["is_over_budget"]) for one in lines] == [
        (f"m{n}", "cellule", 3, True) for n in range(3)
    ]
    assert set(lines[0]) == set(sent.MESSAGE_COLUMNS) == set(publish.TOLD_COLUMNS["messages"])
    assert {one["state"] for one in lines} == {"remis"} and str(lines[0]["week_on"]) == "2026-11-23"
    at(lake, MONDAY)
    assert "3 message(s) en sept jours, pour 2 au plus : BUDGET DÉPASSÉ" in bodies(mailbox)[-1][1]


def test_a34_a_message_held_for_a_digest_does_not_count_until_it_is_sent(lake, lay, mailbox):  # noqa: F811
    lay(DIGEST)
    put(lake, *[message(f"m{n}", "orange") for n in range(9)])
    at(lake, NOW)
    lines = sent.messages(lake, NOW + timedelta(days=1))
    assert {(one["state"], one["messages_in_week"], one["is_over_budget"]) for one in lines} == {
        ("gardé pour le recueil", 0, False)
    }


@pytest.mark.real
def test_the_same_chain_delivers_holds_and_counts_on_postgresql(lake, lay, mailbox, monkeypatch, fresh_database):  # noqa: F811
    monkeypatch.setenv("VIGIE_STATE_URL", fresh_database)
    lay(DIGEST)
    put(lake, message("m1", "rouge"), message("m2", "orange"))
    planned = notify.rehearse(clock.Run(lake, NOW, NOW))
    assert len(planned) == 9 and not mailbox.received
    at(lake, NOW)
    assert notify.is_due(clock.Run(lake, MONDAY, MONDAY, is_ticking=True))
    assert at(lake, MONDAY).waiting == 0 and notify.delivered(lake) == "3 remis"
    assert [subject for subject, _ in bodies(mailbox)][1].startswith("[Vigie][RECUEIL] 2 message(s)")
    later = MONDAY + timedelta(hours=1)
    assert {line["state"] for line in sent.channels(lake, later)} == {"en état"} and len(sent.messages(lake, later)) == 3
    assert not lake.state.exists()
    with open_store(lake) as store:
        assert verify(store) is None


def test_an_address_is_told_by_its_house_alone():
    assert ways.label("courriel:amina@exemple.ma") == "courriel a…@exemple.ma"
    assert settings.listed("VIGIE_NULLE_PART") == ()
