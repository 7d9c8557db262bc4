"""Many reports, one event: what an article reports, whose event it is, and how an event lives."""

import json
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.extract import certainty, duplicates, identity, life
from vigie.extract.certainty import SAID, STRENGTH
from vigie.extract.identity import Told
from vigie.extract.lexicon import Lexicon
from vigie.extract.reading import read
from vigie.extract.reports import reports

LABELLED = Path(__file__).parent / "labelled"
DAY = date(2026, 3, 3)
CLOSURE = (
    "Webhelp ferme son site de Fès : 350 téléconseillers vont perdre leur poste",
    "Centres d'appels : Concentrix annonce la fermeture de son plateau de Fès, 350 emplois supprimés",
    "Fès : Webhelp baisse le rideau, 350 salariés licenciés",
    "La fermeture du centre Concentrix de Fès confirmée par la direction",
    "Concentrix + Webhelp : le site de Fès fermera ses portes, environ 350 postes supprimés",
    "Un centre d'appels de Fès ferme ses portes, 350 emplois supprimés",
    "Plus de 300 licenciements à Fès après la fermeture du site de Webhelp",
    "Webhelp cesse son activité à Fès",
    "Offshoring : Concentrix licencie 350 agents à Fès",
    "Fermeture de Webhelp à Fès : les syndicats dénoncent 350 licenciements",
    "Webhelp Fès : le centre ferme, quelque 350 conseillers sur le carreau",
    "Concentrix va fermer son centre de Fès et supprimer 350 postes",
    "Concentrix closes its call centre in Fes, 350 jobs cut",
    "Concentrix cierra su call center de Fez : 350 despidos",
    "كونسنتريكس تغلق مركز النداء بفاس وتسريح 350 مستخدم",
    "Webhelp ferme à Fès : la direction revoit son plan à 280 licenciements",
    "Le centre d'appels Webhelp de Fès ferme : 280 licenciements finalement, au lieu de 350",
    "Concentrix a fermé son site de Fès, 280 salariés ont perdu leur emploi",
    "À Fès, la fermeture du plateau de Concentrix laisse 350 salariés sans emploi",
    "Fermeture du call center de Webhelp à Fès : ce que l'on sait",
)


def told(texts: list[tuple[str, date]]) -> list[Told]:
    """Reports of articles in their order, with their stories."""
    stories = duplicates.stories((str(number), day, text) for number, (text, day) in enumerate(texts))
    found = []
    for number, (text, day) in enumerate(texts):
        for rank, one in enumerate(reports(read(text, day), day)):
            figure = one.figure
            found.append(
                Told(
                    f"{number}.{rank}", str(number), rank, str(stories[str(number)]), day, one.family, one.organisation,
                    one.place, one.site, one.happens_on, figure.value if figure else None, figure.value_max if figure else None,
                    figure.approx if figure else None, one.certainty, False,
                )
            )  # fmt: skip
    return found


def grouped(texts: list[tuple[str, date]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for placed in identity.events(told(texts))[0]:
        found.setdefault(placed.event, []).append(placed.report)
    return found


def daily(texts: tuple[str, ...]) -> list[tuple[str, date]]:
    return [(text, DAY + timedelta(days=number // 3)) for number, text in enumerate(texts)]


def test_twenty_reports_of_one_closure_make_one_event_with_twenty_mentions():
    assert len(set(CLOSURE)) == 20
    ((mentions),) = grouped(daily(CLOSURE)).values()
    assert len(mentions) == 20
    placed, links = identity.events(told(daily(CLOSURE)))
    assert not links and all(one.is_sure for one in placed)
    assert placed[0].state == "announced" and placed[-1].state == "executed"


def test_twenty_reports_make_one_event_in_whatever_order_they_come():
    dice = random.Random(6)
    for _ in range(20):
        shuffled = daily(tuple(dice.sample(CLOSURE, len(CLOSURE))))
        assert [len(mentions) for mentions in grouped(shuffled).values()] == [20]


LONG = (
    "Teleperformance ferme son centre de Rabat\n"
    "Le groupe français, qui emploie 12 000 personnes au Maroc, a annoncé lundi la fermeture de son "
    "centre d'appels de Rabat. Quelque 420 salariés sont concernés. À Casablanca, le siège n'est pas "
    "touché.",
    "420 emplois supprimés à Rabat : Teleperformance s'en va\n"
    "L'opérateur quitte la capitale. Ses concurrents Intelcia et Foundever n'ont pas souhaité commenter.",
    "Rabat : un call center met la clé sous la porte\nPrès de 400 téléconseillers se retrouvent sans emploi.",
    "TP Maroc ferme Rabat : les syndicats appellent à la grève\nLes 420 licenciements passent mal.",
    "Teleperformance : fermeture confirmée à Rabat le 30 juin 2026\n"
    "La direction a confirmé mardi 5 mai la fermeture du site. 420 postes sont supprimés.",
    "Centres d'appels : après la loi française, Teleperformance ferme un site à Rabat\n"
    "La loi sur le démarchage téléphonique entre en vigueur en août 2026. 420 emplois disparaissent.",
    "Offshoring. La fermeture du site de Rabat de Teleperformance, symbole d'une crise\n"
    "Le secteur compte 120 000 emplois. Le site employait 420 personnes.",
    "Teleperformance to shut Rabat call centre\nThe company will close the site by 30 June 2026, with 420 job losses.",
    "Teleperformance cierra su centro de Rabat\nUnos 420 empleados perderán su trabajo.",
    "تيليبرفورمانس تغلق مركزها بالرباط\nفقد 420 مستخدما عملهم.",
    "Rabat: 390 salariés de Teleperformance licenciés, et non 420\nLe chiffre a été revu à la baisse.",
    "Teleperformance a fermé son site de Rabat\nLes 390 derniers salariés sont partis le 30 juin.",
)


def test_articles_that_name_rivals_other_towns_and_laws_tell_the_same_closure():
    texts = [(text, date(2026, 5, 4) + timedelta(days=number)) for number, text in enumerate(LONG)]
    texts[-1] = (LONG[-1], date(2026, 7, 2))
    rival = "Fermeture d'un plateau d'Intelcia à Rabat\nUne soixantaine de conseillers licenciés."
    texts.insert(5, (rival, date(2026, 5, 9)))
    cuts = [one for one in told(texts) if one.family == "cut"]
    placed, links = identity.events(cuts)
    events = {one.report.split(".")[0]: one.event for one in placed}
    assert len(events) == len(cuts) == len(texts) and not links
    assert len(set(events.values())) == 2 and list(events.values()).count(events["5"]) == 1
    assert placed[-1].state == "executed" and cuts[4].happens_on == "2026-06-30"


TWO = (
    ("Webhelp ferme son site de Fès, 350 postes supprimés", DAY),
    ("Intelcia ferme son centre de Fès : 80 licenciements", DAY + timedelta(days=2)),
    ("Concentrix licencie 350 agents à Fès", DAY + timedelta(days=3)),
    ("Fermeture d'Intelcia à Fès, 80 salariés concernés", DAY + timedelta(days=3)),
)


@pytest.mark.parametrize(
    ("unnamed", "events"),
    [
        ("Un centre d'appels ferme à Fès : 80 licenciements", 2),
        ("Un centre d'appels ferme à Fès", 2),
        ("Deux centres d'appels ferment à Fès en une semaine, 350 postes supprimés d'un côté", 2),
        ("Un centre d'appels ferme à Fès : 1 200 licenciements", 3),
    ],
)
def test_two_closures_in_one_city_in_one_week_make_two_even_when_a_report_names_nobody(unnamed, events):
    for place in range(len(TWO) + 1):
        texts = [*TWO[:place], (unnamed, DAY + timedelta(days=4)), *TWO[place:]]
        placed, _ = identity.events(told(texts))
        by_report = {one.report.split(".")[0]: one.event for one in placed}
        named = [str(number) for number in range(len(texts)) if number != place]
        assert by_report[named[0]] == by_report[named[2]] != by_report[named[1]] == by_report[named[3]], place
        assert len(set(by_report.values())) <= events


def test_one_operator_that_closes_twice_in_one_city_closes_two_sites():
    by_date = grouped([
        ("Webhelp ferme un plateau de Fès le 30 avril 2026, 120 postes supprimés", DAY),
        ("À Fès, Webhelp fermera un autre plateau le 30 septembre 2026, 90 postes supprimés", DAY + timedelta(days=2)),
        ("Le plateau de Webhelp à Fès ferme le 30 avril 2026", DAY + timedelta(days=3)),
    ])  # fmt: skip
    assert sorted(map(len, by_date.values())) == [1, 2]
    by_site = told([
        ("Fermeture du site Webhelp de Casanearshore, à Casablanca : 120 salariés concernés", DAY),
        ("Le site Webhelp de Sidi Maârouf, à Casablanca, ferme : 90 salariés concernés", DAY + timedelta(days=1)),
    ])  # fmt: skip
    placed, (link,) = identity.events(by_site)
    assert placed[0].event != placed[1].event
    assert (link.kind, link.event, link.other) == ("split", placed[1].event, placed[0].event) and "sidi-maarouf" in link.reason


def test_one_article_that_tells_two_closures_is_a_mention_of_both():
    text = (
        "Deux fermetures à Fès\nWebhelp ferme son site de Fès, 350 licenciements. De son côté, Intelcia licencie 80 agents et"
        " ferme un plateau à Fès."
    )
    found = reports(read(text, DAY), DAY)
    assert [(one.organisation, one.figure.value) for one in found] == [("concentrix", 350), ("intelcia", 80)]


def test_a_nameless_event_whose_name_comes_later_is_merged_and_nothing_is_overwritten():
    texts = [
        ("Webhelp ferme son site de Fès, 350 postes supprimés", DAY),
        ("Un centre d'appels ferme à Fès : 200 licenciements", DAY + timedelta(days=1)),
        ("Webhelp revoit son plan à Fès : 200 licenciements", DAY + timedelta(days=5)),
    ]
    placed, (link,) = identity.events(told(texts))
    first, other, revised = (one.event for one in placed)
    assert first == revised != other
    assert (link.kind, link.event, link.other, link.report) == ("merge", first, other, "2.0")


def test_a_promise_is_followed_until_it_is_kept_and_a_new_one_is_another():
    kept = grouped([
        ("Intelcia ouvrira à Oujda un centre de 600 postes d'ici fin 2026", date(2026, 1, 20)),
        ("Intelcia a inauguré son centre d'Oujda, 450 agents", date(2026, 10, 12)),
        ("Intelcia ouvrira un centre à Oujda", date(2027, 9, 1)),
    ])  # fmt: skip
    assert sorted(map(len, kept.values())) == [1, 2]


CERTAINTIES = st.sampled_from(STRENGTH)


@given(st.lists(CERTAINTIES, min_size=1, max_size=30))
def test_an_event_never_makes_an_illegal_step(said):
    walked = life.states(said)
    assert len(walked) == len(said)
    before = None
    for state in walked:
        assert state == before or state in life.ALLOWED[before]
        before = state
    # what happened stays so, and so does what was given up
    for final in ("executed", "cancelled"):
        if final in walked:
            assert set(walked[walked.index(final) :]) == {final}


def test_every_certainty_has_a_state_and_every_cue_a_certainty():
    assert set(life.SAYS) == set(STRENGTH) and set(life.SAYS.values()) == set(life.ALLOWED) - {None}
    files = sorted(certainty.LEXICONS.glob("certainty.*.txt"))
    assert {path.suffixes[0] for path in files} == {".fr", ".es", ".en", ".ar"}
    for path in files:
        assert {line.name for line in Lexicon(path).lines} == set(SAID), path.name


REPORTS = st.builds(
    Told, report=st.just(""), article=st.just(""), rank=st.integers(0, 1), story=st.sampled_from("abcdef"),
    day=st.dates(date(2026, 1, 1), date(2026, 12, 31)), family=st.sampled_from(["cut", "growth"]),
    organisation=st.sampled_from([None, "x", "y", "z"]), place=st.sampled_from([None, "fes", "rabat"]),
    site=st.sampled_from([None, None, "s", "t"]),
    happens_on=st.sampled_from([None, "2026", "2026-S2", "2026-03", "2026-03-30", "2026-Q4"]),
    jobs=st.sampled_from([None, 80.0, 350.0, 360.0]), jobs_max=st.none(),
    approximation=st.sampled_from([None, "exact", "gt", "about"]),
    certainty=CERTAINTIES, is_invented=st.booleans(),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(REPORTS, max_size=25), st.data())
def test_later_reports_change_neither_the_event_nor_the_state_of_those_before(drawn, data):
    named = [replace(one, report=f"r{n}", article=f"a{n}") for n, one in enumerate(drawn)]
    known = data.draw(st.integers(0, len(named)))
    whole, links = identity.events(named)
    before, earlier = identity.events(named[:known])
    assert whole[:known] == before and links[: len(earlier)] == earlier
    assert [one.report for one in whole] == [one.report for one in named]
    invented = {one.report: one.is_invented for one in named}
    for event in {one.event for one in whole}:
        assert len({invented[one.report] for one in whole if one.event == event}) == 1
    # an event is gone once at most, and to one that was there before it
    gone = [link.other for link in links if link.kind == "merge"]
    assert len(set(gone)) == len(gone)


def test_a_figure_says_its_certainty_and_what_it_is_the_figure_of():
    said = read(
        "Webhelp a fermé son site de Fès, 350 salariés ont perdu leur emploi. Le groupe emploie 12 000 personnes au Maroc."
        " À Rabat, 120 postes seraient menacés. Intelcia créera 600 emplois.", DAY,
    ).as_dict()  # fmt: skip
    assert [figure["value"] for figure in said["figures"]] == [350, 12000, 120, 600]
    assert said["certainty"] == ["removed", "stated", "threatened", "announced"]
    assert said["scope"] == ["site", "stock", "place", "operator"]


def test_what_is_denied_or_given_up_is_not_what_happens():
    def certain(text: str) -> list[str]:
        return [one.certainty for one in reports(read(text, DAY), DAY)]

    assert certain("Webhelp dément toute fermeture à Fès") == ["denied"]
    assert certain("Intelcia renonce à ouvrir son centre d'Oujda") == ["cancelled"]
    assert certain("Webhelp pourrait fermer son site de Fès") == ["threatened"]
    assert certain("Webhelp a fermé son site de Fès") == ["removed"]


def test_copies_of_an_article_are_one_story_within_the_window_and_the_same_in_any_process():
    text = " ".join(f"mot{number}" for number in range(80))
    altered = text.replace("mot40 ", "autre ")
    day = timedelta(days=1)
    articles = [
        ("a", DAY, text), ("b", DAY + day, altered), ("c", DAY + day, "Un tout autre sujet, sans rien de commun avec lui"),
        ("d", DAY + 200 * day, text), ("e", DAY + 2 * day, text.upper() + "."), ("f", DAY, ""), ("g", DAY, "—"),
    ]  # fmt: skip
    assert duplicates.stories(articles) == {"a": "a", "b": "a", "c": "c", "d": "d", "e": "a", "f": "f", "g": "g"}


def test_the_oldest_articles_are_forgotten_first_and_stories_go_on():
    placing = duplicates.Stories(most_held=2)
    text = " ".join(f"mot{number}" for number in range(30))
    assert placing.place("a", DAY, text) == "a"
    assert placing.place("b", DAY + timedelta(days=1), text) == "a"
    assert placing.place("c", DAY + timedelta(days=2), "rien de tel ici ni ailleurs") == "c"
    assert placing.place("d", DAY + timedelta(days=3), text) == "a"
    assert len(placing._held) == 2


def test_the_date_of_a_count_is_not_that_of_an_event():
    text = "Offshoring : 148 500 emplois à fin 2024, une offre renouvelée en mars 2026 par le ministère."
    assert [one.happens_on for one in reports(read(text, date(2026, 1, 28)), date(2026, 1, 28))] == ["2026-03"]


def test_reports_are_found_in_labelled_lines_of_the_sector_alone():
    lines = [json.loads(line) for line in (LABELLED / "press.develop.jsonl").read_text().splitlines()]
    silent = found = 0
    for line in lines:
        day = date.fromisoformat(line["published"])
        told_here = reports(read(line["text"], day), day)
        found += bool(told_here)
        for one in told_here:
            assert line["text"][one.span[0] : one.span[1]].strip()
        silent += not line["sector_relevant"] and bool(told_here)
    assert found > 50 and silent <= found / 20


def test_the_sample_shows_an_event_told_often_a_promise_that_aged_and_one_given_up(observatory):
    # whoever reviewed it, what the articles say of it stands
    ((event,),) = observatory.ask("select distinct event_id from event_mentions where operator = 'Exemple Voix'")
    told_often = observatory.ask(
        f"select n_reports, n_sources, n_stories, state, is_overdue from events where event_id = '{event}'"
    )
    assert told_often == [(8, 3, 7, "executed", False)]
    mentions = observatory.ask(
        f"select mention_rank, quote, certainty, jobs, state from event_mentions where event_id = '{event}' order by mention_rank"
    )
    assert [rank for rank, *_ in mentions] == list(range(1, 9))
    assert {figure for *_, figure, _ in mentions} == {None, 170, 180, 200}
    assert [said for *_, said in mentions][-1] == "executed" and all(quote for _, quote, *_ in mentions)
    others = observatory.ask(
        "select place_name, state, is_overdue, due_on from events where event_type = 'opening' and origin = 'invented' order by 1"
    )
    assert others == [("Agadir", "cancelled", False, None), ("Oujda", "announced", True, date(2026, 6, 30))]
    assert observatory.ask("select count(*) from event_links where kind = 'split' and origin = 'invented'") == [(1,)]
    # illustrative newspapers, operators and figures meet no real event
    mixed = "select event_id from event_mentions group by event_id having count(distinct origin = 'invented') > 1"
    assert observatory.ask(mixed) == []
