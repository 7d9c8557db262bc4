"""Did we look, and what did we see: a live folder tells missed days from empty ones."""

from datetime import date, datetime, timedelta

import pytest

from vigie import clock, coverage, feed
from vigie.polls import Outcome, PollState


@pytest.fixture
def live(tmp_path):
    return clock.start(tmp_path / "data", "live")


def test_each_publisher_is_due_on_the_days_of_its_schedule_and_only_since_the_folder_lives(live):
    born = datetime(2026, 11, 16, 9)
    live.data.record_failure("boe_notices", "essai", born)
    due = coverage.due(live.data, datetime(2026, 11, 23, 8))
    assert {name for name, _, _ in due} == {
        name for name in feed.names() if not feed.load(name).register and (feed.load(name).address or feed.load(name).requests)
    }
    days = sorted(day for name, _, day in due if name == "boe_notices")
    assert days == [date(2026, 11, 16) + timedelta(days=n) for n in range(6)], "ni le dimanche, ni le jour en cours"


def test_a_sample_folder_asks_nobody_so_nothing_is_due(tmp_path):
    sample = clock.start(tmp_path / "data")
    sample.data.record_failure("boe_notices", "essai", datetime(2026, 11, 16, 9))
    assert coverage.due(sample.data, datetime(2026, 11, 23, 8)) == []


def test_what_polls_noted_is_told_by_source_and_day(live):
    state = PollState.open(live.data.root, "boe_notices")
    state.note("https://example.org/1", Outcome("nothing", "rien ce dimanche"), datetime(2026, 11, 22, 9))
    state.note("https://example.org/1", Outcome("blocked", "robots.txt l'interdit"), datetime(2026, 11, 23, 9))
    state.save(date(2026, 11, 23))
    told = [dict(zip(coverage.POLL_TYPES, line, strict=True)) for line in coverage.polled(live.data)]
    assert [(line["day"], line["nothing"], line["blocked"], line["sentence"]) for line in told] == [
        (date(2026, 11, 22), 1, 0, "rien ce dimanche"),
        (date(2026, 11, 23), 0, 1, "robots.txt l'interdit"),
    ]
