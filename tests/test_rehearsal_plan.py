"""A rehearsal is data: its plan says where it is wrong, its scene moves a sample folder alone, its verdict names what differs."""

import html
import itertools
import json
import re
from dataclasses import replace
from datetime import date, datetime
from functools import partial

import pytest

from vigie import alert_replay, arrivals, cli, clock, collect, feed, routes, scene, scheduled, sector
from vigie.channels import DeliveryError, Letter, mail
from vigie.declared import DeclarationError
from vigie.fetch import FetchError
from vigie.lake import Lake, LakeError
from vigie.rehearsal import mailbox, picture, play, timeline
from vigie.rehearsal import plan as plans
from vigie.rehearsal.timeline import Line, Timeline
from vigie.scene import Scene, Trouble
from vigie.store import Message

PATH = sector.SECTORS / "morocco_offshoring" / "rehearsal.yml"
TEXT = PATH.read_text()
JULY, MARCH, NOVEMBER = datetime(2025, 7, 17, 8), datetime(2026, 3, 20, 9), datetime(2026, 11, 23, 8)
LINE = Line(date(2026, 3, 20), "ouverture", "rouge", "silence_flux", "Flux silencieux", ("cellule",), date(2026, 3, 20))


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake.open(tmp_path / "data", "sample")


def wrong(tmp_path, old: str, new: str) -> str:
    """What is said of the plan with one text changed, once."""
    assert TEXT.count(old) >= 1
    path = tmp_path / "rehearsal.yml"
    path.write_text(TEXT.replace(old, new, 1))
    with pytest.raises(DeclarationError) as error:
        plans.read(path, "morocco_offshoring")
    return str(error.value).removeprefix(str(path))


def line_of(text: str) -> int:
    return TEXT[: TEXT.index(text)].count("\n") + 1


def test_the_plan_of_the_sector_covers_the_crisis_and_every_kind_of_fault_that_a_publisher_or_a_machine_makes():
    plan = plans.load("morocco_offshoring")
    days = [step.on for step in plan.steps]
    assert (days[0].year, days[0].month, days[-1]) == (2025, 7, clock.SAMPLE_NOW.date())
    assert any(one < date(2026, 8, 11) < two for one, two in itertools.pairwise(days))
    kinds = {fault.kind for step in plan.steps for fault in step.faults}
    assert kinds >= {"unanswered", "truncated", "repeated", "silent", "build_killed", "mail_refused"} and len(kinds) <= len(
        plans.FAULT_FR
    )
    assert {act.act for step in plan.steps for act in step.acts} >= {"acknowledge", "silence"}
    occasions = {line.occasion for step in plan.steps for line in step.expected}
    assert occasions >= {"ouverture", "aggravation", "rappel", "levée", "après coup", "fin de silence", "recueil"}
    assert all(step.expected for step in plan.steps)


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ("feed: press_articles", "feed: presse", "feed: press_articles", "flux inconnu : presse ; connus : bam_rates"),
        ("rule: silence_flux", "rule: silence", "rule: silence_flux", "règle inconnue : silence"),
        ("to: [cellule]", "to: [ministre]", "to: [cellule]", "route inconnue : ministre ; connus : cellule"),
        ("kind: truncated", "kind: coupé", "kind: truncated", "« coupé » n'est pas admis ; valeurs admises : 'unanswered'"),
        ("on: 2026-01-30", "on: hier", "on: 2026-01-30", "« hier » n'est pas une date"),
        ("title: La loi", "titre: x\ntitle: La loi", "title: La loi", "champ inconnu"),
        ("feed: press_articles\n", "\n", "- kind: unanswered", "« unanswered » demande un flux (feed)"),
        ("kind: build_killed\n", "kind: build_killed\n        feed: oc_exports\n", "- kind: build_killed", "ne vise aucun flux"),
        ("kind: truncated\n", "kind: truncated\n        lasts: moment\n", "- kind: truncated", "ne durer qu'un moment"),
        ("        entity: MA/uk_legislation/_Z\n", "", "- act: acknowledge", "dire de quelle alerte"),
    ],
)  # fmt: skip
def test_a_fault_in_the_plan_is_said_with_its_line(tmp_path, old, new, where, said):
    told = wrong(tmp_path, old, new)
    assert told.startswith(f":{line_of(where)} : "), told
    assert said in told


def test_a_plan_goes_forward_and_gives_back_what_it_holds_back(tmp_path):
    assert "ne se suivent pas : 2025-01-30 vient après 2025-07-17" in wrong(tmp_path, "on: 2026-01-30", "on: 2025-01-30")
    last = TEXT.rindex("    expected:")
    held = TEXT[:last] + "    faults:\n      - {kind: silent, feed: bam_rates, story: rien ne vient}\n" + TEXT[last:]
    path = tmp_path / "held.yml"
    path.write_text(held)
    with pytest.raises(DeclarationError, match=r"la dernière étape ne peut rien retenir.*flux muet"):
        plans.read(path, "morocco_offshoring")
    assert "arrives doit être le jour d'une étape qui suit" in wrong(tmp_path, "arrives: 2026-07-27", "arrives: 2026-07-26")


def test_a_rehearsal_refuses_a_folder_that_has_served_a_time_of_its_own_and_no_folder(lake, capsys):
    assert cli.main(["rehearse", "--data", str(lake.root)]) == 2
    assert "a déjà servi : une répétition se joue dans un dossier neuf" in capsys.readouterr().err
    assert sorted(path.name for path in lake.root.iterdir()) == ["mode.json"]
    assert cli.main(["rehearse", "--data", str(lake.root / "neuf"), "--now", "2026-01-01"]) == 2
    assert cli.main(["rehearse"]) == 2
    assert "--data et un dossier neuf" in capsys.readouterr().err
    assert not (lake.root / "neuf").exists()


def test_a_dry_run_tells_the_whole_plan_and_starts_nothing(capsys):
    plan = plans.load("morocco_offshoring")
    assert cli.main(["rehearse", "--dry-run", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sum(line["kind"] == "step" for line in told) == len(plan.steps)
    assert sum(line["kind"] == "message" for line in told) == sum(len(step.expected) for step in plan.steps) > 0


def test_the_scene_is_the_present_of_a_sample_folder_and_never_goes_back(lake):
    scene.put(lake, Scene(JULY))
    assert clock.start(lake.root).now == JULY
    scene.put(lake, Scene(MARCH, JULY))
    assert clock.start(lake.root).now == MARCH
    with pytest.raises(LakeError, match="il ne recule pas"):
        scene.put(lake, Scene(JULY))


def test_a_live_folder_takes_no_scene_and_is_not_opened_with_one(tmp_path, lake):
    live = Lake.open(tmp_path / "live", "live")
    with pytest.raises(LakeError, match="est un dossier réel"):
        scene.put(live, Scene(JULY))
    assert abs(clock.start(live.root, "live").now - clock._clock()).total_seconds() < 60
    scene.put(lake, Scene(JULY))
    (live.root / "scene.json").write_bytes((lake.root / "scene.json").read_bytes())
    with pytest.raises(LakeError, match="impose une heure de répétition à un dossier réel"):
        clock.start(live.root, "live")


def test_a_scene_that_cannot_be_read_is_said_with_what_to_do(lake):
    (lake.root / "scene.json").write_text('{"now": "demain"}')
    with pytest.raises(LakeError, match="illisible : le retirer"):
        clock.start(lake.root)


def test_a_feed_that_was_held_up_gives_what_waited_at_once_in_its_order_and_it_is_known_then(lake):
    scene.put(lake, Scene(MARCH.replace(month=1, day=30, hour=8), JULY, (Trouble("sector_employment", "silent"),)))
    assert not collect.collect(clock.start(lake.root), ["sector_employment"]).loads
    scene.put(lake, Scene(MARCH, MARCH.replace(month=1, day=30, hour=8)))
    late, next_one = collect.collect(clock.start(lake.root), ["sector_employment"]).loads
    assert late.collected_at < next_one.collected_at < late.known_at < next_one.known_at < MARCH
    (timely,) = collect.collect(clock.start(lake.root), ["data_requests"]).loads
    assert timely.known_at == timely.collected_at == next_one.collected_at
    assert clock.start(lake.root).now == MARCH


def test_a_publisher_fails_as_the_scene_says_and_answers_when_it_says_no_more(lake):
    def come(*troubles):
        scene.put(lake, Scene(NOVEMBER, troubles=troubles))
        return list(arrivals.bundled(clock.start(lake.root), "oc_exports"))

    whole = come()
    assert [document.file_name for document in whole] == [path.name for path in feed.sample_documents("oc_exports")]
    assert come(Trouble("oc_exports", "silent")) == []
    assert come(Trouble("bam_rates", "silent")) == whole
    *others, cut = come(Trouble("oc_exports", "truncated"))
    assert others == whole[:-1] and whole[-1].content.startswith(cut.content) and cut.arrival != whole[-1].arrival
    *once, twice = come(Trouble("oc_exports", "repeated"))
    assert once == whole and twice.content == whole[-1].content
    with pytest.raises(FetchError, match="Office des changes ne répond pas"):
        come(Trouble("oc_exports", "unanswered"))


def test_a_document_cut_then_sent_whole_then_twice_lands_once(lake):
    for kind, status, unchanged in (("truncated", ["refused"], 0), ("repeated", ["landed"], 1), ("repeated", [], 2)):
        scene.put(lake, Scene(JULY.replace(day=20), troubles=(Trouble("sector_employment", kind),)))
        report = collect.collect(clock.start(lake.root), ["sector_employment"])
        assert ([load.status for load in report.loads], report.unchanged) == (status, unchanged)


def test_an_early_clock_waits_only_for_the_feeds_that_have_something_to_bring(lake):
    scene.put(lake, Scene(JULY))
    run = clock.start(lake.root)
    coming = {name for name in feed.names() if clock.sample_moment(feed.collected_on(feed.sample_documents(name)[0])) <= JULY}
    assert 0 < len(coming) < len(feed.names())
    assert set(scheduled._unheard(run)) == coming
    collect.collect(run)
    assert scheduled._unheard(run) == []


def test_what_differs_is_named_and_what_holds_is_not():
    late = replace(LINE, arrives=date(2026, 7, 27))
    other = replace(LINE, rule="flux_premature", subject="Chiffre paru trop tôt")
    assert Timeline((LINE, other), (LINE, other)).differences() == []
    assert Timeline((LINE,), (late,)).differences() == [
        f"20/03/2026 : attendu « {LINE.sentence()} », obtenu « {late.sentence()} »"
    ]
    came = Timeline((LINE,), (other,), ("le journal ne tient plus",))
    assert came.differences() == [
        f"20/03/2026 : attendu et jamais parti : {LINE.sentence()}",
        f"20/03/2026 : parti sans être attendu : {other.sentence()}",
        "le journal ne tient plus",
    ]
    assert [state for state, _ in came.verdicts()] == ["imprévu", "manque"]
    assert Timeline((LINE,), (LINE, LINE)).unexpected == [LINE]


def test_a_mail_noted_and_not_received_or_received_twice_is_seen(observatory):
    lake = Lake.open(observatory.data)
    assert list(timeline._mailed(lake, [])) == []
    assert list(timeline._mailed(lake, [("m1", "a@b")] * 2)) == ["message m1 reçu 2 fois de trop par a@b"]


def test_a_lost_document_is_seen(observatory, monkeypatch):
    run = clock.start(observatory.data)
    assert list(timeline._documents(run)) == []
    (first, *_) = arrivals.bundled(run, "claims")
    monkeypatch.setattr(arrivals, "bundled", lambda run, name: [replace(first, content=b"perdu")] if name == "claims" else [])
    assert list(timeline._documents(run)) == [f"{first.file_name} chargé 0 fois au lieu d'une"]


def test_a_back_test_that_says_something_else_is_seen(observatory, monkeypatch):
    run = clock.start(observatory.data)
    assert list(timeline._replayed(run)) == []
    whole = alert_replay.replay

    def shortened(run, rule, *rest):
        again = whole(run, rule, *rest)
        return replace(again, messages=again.messages[1:]) if rule == "concentration_segments" else again

    monkeypatch.setattr(alert_replay, "replay", shortened)
    (said,) = timeline._replayed(run)
    assert said.startswith("le rejeu de concentration_segments dit 0 message(s), le direct 1")


def test_every_way_out_of_this_machine_is_closed_and_mail_goes_to_the_rehearsal_s_own_mailbox(tmp_path, monkeypatch):
    known = routes.load("morocco_offshoring").routes
    named = {name for route in known for name in (route.webhook, route.webhook_secret, route.apprise) if name}
    closed = named | {"VIGIE_STATE_URL", "VIGIE_PUSH_SECRET", "VIGIE_PULSE_URL", "VIGIE_BIND", "VIGIE_SETTING_OF_TOMORROW"}
    for name in closed | {route.to for route in known if route.to} | {"VIGIE_SMTP_URL"}:
        monkeypatch.setenv(name, "ailleurs")
    with mailbox.listening(tmp_path) as box:
        told = play._isolation(box)
    assert named and {told[name] for name in closed} == {""}
    assert all(told[route.to].endswith("@repetition.invalid") for route in known if route.to)
    assert told["VIGIE_SMTP_URL"] == f"smtp://127.0.0.1:{box.port}"
    assert "ailleurs" not in told.values()


def test_the_mailbox_keeps_what_it_takes_and_refuses_as_a_server_that_is_down(tmp_path):
    message = Message("m1", "m1", "alert", "rouge", "r", "MA", (), JULY, "[Vigie][ROUGE] Échéance", "Constat\n", {})
    with mailbox.listening(tmp_path) as box:
        send = partial(mail.send, f"smtp://127.0.0.1:{box.port}", "vigie@ici", "cellule@ici", Letter(message, "m1"))
        box.refuses = True
        with pytest.raises(DeliveryError, match="réponse 451") as error:
            send()
        assert error.value.is_outage and (box.refused, box.taken, list(tmp_path.iterdir())) == (1, [], [])
        box.refuses = False
        send()
    assert box.taken == [("m1", "cellule@ici")]
    assert "X-Vigie-Delivery: m1" in (tmp_path / "001.eml").read_text()


def test_the_page_tells_each_alert_whole_and_each_verdict(observatory):
    lake = Lake.open(observatory.data)
    page = picture.page(lake, plans.load("morocco_offshoring"), Timeline((LINE,), (), ("<perdu>",)))
    shown = " ".join(re.sub(r"</text><text[^>]*>", " ", page).split())
    causes = [html.escape(cause) for (cause,) in observatory.ask("select cause_fr from alerts")]
    assert causes and all(cause in shown for cause in causes)
    assert "<tr class='manque'>" in page and "&lt;perdu&gt;" in page and "<script" not in page
