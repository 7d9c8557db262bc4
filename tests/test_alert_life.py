"""The life of alerts, rule by rule of the specification: what they say, when they are hushed, and what may never happen."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.decisions import Act, Policy, decide
from vigie.episodes import TRANSITIONS, message_id
from vigie.evaluations import Evaluation

START = datetime(2026, 1, 5, 8)
RULE, ENTITY = "regle", "MA-FES/_T/_Z"
POLICY = Policy({RULE: None}, {})


def reading(month: int, level: int = 0, *, entity: str = ENTITY, **changes) -> Evaluation:
    return replace(
        Evaluation(
            rule=RULE, rule_version="1", entity=entity, indicator="i", ref_area=entity.split("/")[0], breakdown="_T",
            methodology="_Z", freq="M", period=datetime(2025 + (month - 1) // 12, (month - 1) % 12 + 1, 1), is_closed=True,
            unit="PCT", value=float(level), lower=None, upper=None, value_class="measured", obs_status="A", origin="recorded",
            level=level, missing_reason=None, known_at=START, receipt_id=f"r{month}",
        ),
        **changes,
    )  # fmt: skip


def months(*levels: int, **changes) -> list[Evaluation]:
    return [reading(month, level, **changes) for month, level in enumerate(levels, start=1)]


class Watch:
    """Decides day after day, as the store would, and keeps what is said and what is noted."""

    def __init__(self, policy: Policy = POLICY):
        self.policy, self.episodes, self.watched, self.acts = policy, {}, set(), []
        self.said, self.muted, self.ids, self.versions = [], [], [], []
        self.now = START - timedelta(days=1)

    def day(self, evaluations, days: int = 1, policy: Policy | None = None) -> list[str]:
        """What is said that day."""
        self.now += timedelta(days=days)
        changes = decide(evaluations, self.episodes.values(), self.now, self.watched, policy or self.policy, self.acts)
        said = []
        for change in changes:
            before = self.episodes.get(change.episode.alert_id)
            self.versions.append((before and before.state, change.episode.state))
            self.episodes[change.episode.alert_id] = change.episode
            if change.occasion and change.is_muted:
                self.muted.append(change.occasion)
            elif change.occasion:
                said.append(change.occasion)
                self.ids.append(message_id(change.episode))
        self.watched |= {(e.rule, e.rule_version, e.entity) for e in evaluations}
        self.said.append(said)
        return said

    def act(self, kind: str, days: int | None = None, target: str | None = None, by: str = "Amina", note: str = "") -> None:
        until = None if days is None else self.now + timedelta(days=days)
        self.acts.append(Act(kind, target or self.alert.alert_id, by, self.now, until, note))

    @property
    def alert(self):
        return list(self.episodes.values())[-1]


@pytest.fixture
def watch():
    return Watch()


def test_a1_only_the_transitions_of_the_table_may_follow():
    assert set(TRANSITIONS) == {None, "actif", "résolu", "annulé (révision)", "annulé (règle retirée)"}
    ends = [state for state, following in TRANSITIONS.items() if following == {state}]
    assert ends == ["annulé (révision)", "annulé (règle retirée)"]


LEVELS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans()), max_size=6)
ACTS = st.lists(st.sampled_from(["acknowledge", "silence", "snooze", "reopen", "annotate"]), max_size=2)


@given(st.lists(st.tuples(LEVELS, ACTS, st.booleans(), st.booleans()), min_size=1, max_size=6), st.booleans())
def test_a1_no_history_nor_act_reaches_an_illegal_transition(days, is_closed):
    seen = Watch()
    if not is_closed:
        # readings of the moment only grow in number: each build adds that of its own day to those before
        longest = max((levels for levels, *_ in days), key=len)
        lengths = sorted(len(levels) for levels, *_ in days)
        days = [(longest[:length], *rest) for length, (_, *rest) in zip(lengths, days, strict=True)]
    for levels, acts, is_muted, is_in_force in days:
        line = [
            reading(
                month, level, possible_level=max(level, possible), is_closed=is_closed,
                missing_reason="not_published" if is_missing else None,
            )
            for month, (level, possible, is_missing) in enumerate(levels, start=1)
        ]  # fmt: skip
        policy = Policy({RULE: 3} if is_in_force else {}, {(RULE, ENTITY): "flux muet"} if is_muted else {})
        seen.day(line if is_in_force else [], policy=policy)
        for kind in acts:
            if seen.episodes:
                seen.act(kind, days=2)
        again = decide(line if is_in_force else [], seen.episodes.values(), seen.now, seen.watched, policy, [
            act for act in seen.acts if act.at < seen.now
        ])  # fmt: skip
        assert again == [], "décider deux fois ne change rien"
    assert all(after in TRANSITIONS[before] for before, after in seen.versions)
    assert len(seen.ids) == len(set(seen.ids)), "un message ne part pas deux fois"
    for episode in seen.episodes.values():
        assert (episode.state == "actif") == (episode.closed_at is None)
        assert episode.hush is None or episode.state == "actif"


def test_a5_amber_to_red_is_an_update_of_the_same_alert(watch):
    assert watch.day(months(1)) == ["ouverture"]
    assert watch.day(months(1, 2)) == ["aggravation"]
    assert len(watch.episodes) == 1


def test_a6_twelve_cities_are_twelve_alerts(watch):
    cities = [reading(1, 1, entity=f"MA-{number:02}/_T/_Z") for number in range(12)]
    assert watch.day(cities) == ["ouverture"] * 12 and len(watch.episodes) == 12


def test_a9_an_interval_that_straddles_is_possible_and_a_certain_crossing_confirms_it(watch):
    assert watch.day([reading(1, 0, possible_level=1)]) == ["ouverture"]
    assert (watch.alert.level, watch.alert.certainty) == (1, "possible")
    assert watch.day([reading(1, 1, possible_level=1)]) == ["confirmation"]
    assert (watch.alert.level, watch.alert.certainty) == (1, "certain")
    assert watch.day([reading(1, 1, possible_level=2)]) == [], "l'orange certain se dit, le rouge possible n'y ajoute rien"
    assert watch.day([reading(1, 2, possible_level=2)]) == ["aggravation"]
    assert watch.day([reading(1, 0, possible_level=0)]) == ["annulation"]


def test_a9_a_certain_crossing_that_a_revision_makes_merely_possible_is_annulled_and_another_opens(watch):
    watch.day([reading(1, 1, possible_level=1)])
    assert watch.day([reading(1, 0, possible_level=2)]) == ["annulation", "ouverture"]
    assert [(e.state, e.certainty) for e in watch.episodes.values()] == [("annulé (révision)", "certain"), ("actif", "possible")]
    assert watch.day([reading(1, 1, possible_level=2)]) == ["confirmation"], "l'orange certain dit plus que le rouge possible"


def test_a9_a_later_period_that_is_merely_possible_goes_on_with_the_alert(watch):
    watch.day([reading(1, 2, possible_level=2)])
    assert watch.day([reading(1, 2, possible_level=2), reading(2, 0, possible_level=1)]) == []
    assert (watch.alert.state, watch.alert.certainty) == ("actif", "possible")


def test_a10_ten_decisions_on_the_same_figures_say_one_thing(watch):
    assert [kind for _ in range(10) for kind in watch.day(months(0, 1))] == ["ouverture"]


def test_a12_a_cause_speaks_for_what_it_mutes_and_what_still_stands_is_said_when_it_ends(watch):
    muted = Policy({RULE: None}, {(RULE, ENTITY): "silence du flux oc_exports"})
    assert watch.day(months(1), policy=muted) == []
    assert watch.muted == ["ouverture"] and watch.alert.hushed_by == "silence du flux oc_exports"
    assert watch.day(months(1), policy=muted) == [] and watch.muted == ["ouverture"], "noté une fois"
    assert watch.day(months(1)) == ["ouverture"]
    assert watch.alert.hush is None


def test_a12_what_ends_while_it_is_muted_is_never_said(watch):
    muted = Policy({RULE: None}, {(RULE, ENTITY): "silence du flux oc_exports"})
    watch.day(months(1), policy=muted)
    assert watch.day(months(1, 0), policy=muted) == [] and watch.alert.state == "résolu"
    assert watch.day(months(1, 0)) == []


def test_a14_a_series_that_is_removed_keeps_its_alert_with_its_data_missing(watch):
    watch.day(months(0, 2))
    assert watch.day([]) == []
    assert (watch.alert.state, watch.alert.is_missing) == ("actif", True)
    assert watch.day(months(0, 2)) == [] and not watch.alert.is_missing


def test_a14_a_crossing_whose_figures_are_withdrawn_stays_with_its_data_missing(watch):
    watch.day(months(0, 2))
    withdrawn = [replace(e, missing_reason="withdrawn", value=None, level=0) for e in months(0, 2)]
    assert watch.day(withdrawn) == [] and (watch.alert.state, watch.alert.is_missing) == ("actif", True)


def test_a16_a_late_period_is_judged_in_its_order_and_says_nothing_again(watch):
    watch.day(months(1))
    assert watch.day([reading(1, 1), reading(3, 1)]) == []
    assert watch.day([reading(1, 1), reading(2, 1), reading(3, 1)]) == []
    assert len(watch.episodes) == 1
    assert watch.day([reading(1, 1), reading(2, 0), reading(3, 1)]) == ["levée", "ouverture"]


def test_a17_a_revision_that_undoes_a_crossing_annuls_with_both_values(watch):
    watch.day(months(0, 2))
    assert watch.day(months(0, 0)) == ["annulation"]
    assert (watch.alert.reading.value, watch.alert.revised.value) == (2.0, 0.0)


def test_a17_a_revision_that_shows_a_crossing_says_that_it_should_have_rung(watch):
    watch.day(months(0, 0, 0))
    assert watch.day(months(0, 1, 0)) == ["après coup"]


def test_a20_an_acknowledged_alert_is_not_recalled_and_rearms_when_it_clears(watch):
    watch.policy = Policy({RULE: 7}, {})
    watch.day(months(1))
    assert watch.day(months(1), days=6) == []
    assert watch.day(months(1)) == ["rappel"]
    watch.act("acknowledge")
    assert watch.day(months(1), days=30) == [] and watch.alert.acknowledged_by == "Amina"
    assert watch.day(months(1, 2)) == ["aggravation"], "prise en charge, elle s'aggrave tout de même"
    assert watch.day(months(1, 2, 0)) == ["levée"]
    assert watch.day(months(1, 2, 0, 1)) == ["ouverture"] and watch.alert.acknowledged_by is None
    assert watch.day(months(1, 2, 0, 1), days=7) == ["rappel"]


def test_a20_a_revision_that_resumes_an_alert_rearms_it(watch):
    watch.policy = Policy({RULE: 7}, {})
    watch.day(months(1))
    watch.act("acknowledge")
    assert watch.day(months(1, 0)) == ["levée"] and watch.day(months(1, 1)) == ["reprise"]
    assert watch.alert.acknowledged_by is None and watch.day(months(1, 1), days=7) == ["rappel"]


def test_a21_a_silence_says_nothing_and_its_end_says_what_still_stands(watch):
    watch.day(months(1))
    watch.act("silence", days=10, target=RULE, note="chiffre en cours de vérification")
    assert watch.day(months(1, 2)) == [] and watch.muted == ["aggravation"]
    assert "Amina" in watch.alert.hushed_by and "vérification" in watch.alert.hushed_by
    assert watch.day(months(1, 2), days=10) == ["aggravation"]
    watch.act("silence", days=10, target=f"{RULE}/{ENTITY}")
    watch.day(months(1, 2))
    assert watch.day(months(1, 2), days=10) == ["fin de silence"]
    assert watch.day(months(1, 2)) == []


def test_a21_a_silence_of_another_entity_hushes_nothing(watch):
    watch.acts.append(Act("silence", f"{RULE}/MA-RABAT/_T/_Z", "Amina", START - timedelta(days=9), START + timedelta(days=9)))
    assert watch.day(months(1)) == ["ouverture"]


def test_a22_a_snoozed_alert_is_followed_and_said_again_if_it_still_stands(watch):
    watch.day(months(1))
    watch.act("snooze", days=5)
    assert watch.day(months(1, 1)) == [] and watch.alert.last_on == datetime(2025, 2, 1)
    assert watch.day(months(1, 1), days=5) == ["fin de silence"]


def test_a22_a_snoozed_alert_that_clears_meanwhile_stays_quiet(watch):
    watch.day(months(1))
    watch.act("snooze", days=5)
    assert watch.day(months(1, 0)) == [] and watch.muted == ["levée"] and watch.alert.state == "résolu"
    assert watch.day(months(1, 0), days=9) == []


def test_a23_a_resolve_that_somebody_undoes_stays_written_and_a_later_calm_ends_it(watch):
    watch.day(months(1))
    assert watch.day(months(1, 0)) == ["levée"]
    watch.act("reopen", note="le site n'a pas rouvert")
    assert watch.day(months(1, 0)) == ["réouverture"]
    assert watch.day(months(1, 0), days=20) == [] and watch.alert.state == "actif"
    assert watch.day(months(1, 0, 0)) == ["levée"] and watch.alert.state == "résolu"
    assert [after for _, after in watch.versions] == ["actif", "résolu", "actif", "résolu"]
    assert watch.day(months(1, 0, 0), days=20) == []


def test_a_rule_that_leaves_the_sector_file_ends_its_alerts_and_says_so(watch):
    watch.day(months(2))
    assert watch.day([], policy=Policy({}, {})) == ["retrait"]
    assert watch.alert.state == "annulé (règle retirée)"
