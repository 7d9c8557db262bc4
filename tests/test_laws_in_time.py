"""The day before a law, the day itself, 104 days later, and without its line in the register: what it reaches follows."""

import csv
import shutil

import duckdb
import pytest

from tests.conftest import Observatory
from vigie import cli
from vigie.sector import SECTORS

FRENCH, SPANISH = "FR-2025-594", "ES-2025-LEY10"
REGISTER = SECTORS / "morocco_offshoring" / "registers" / "regulations.2026-02-05.csv"


class House(Observatory):
    """What the warehouse says, published or not."""

    def readings(self, indicator, methodology="DECLARED", ref_area="MA"):
        rows = self.house(
            "select breakdown, value, lower, upper, class, missing_reason from marts.indicator_values"
            f" where indicator = '{indicator}' and methodology = '{methodology}' and ref_area = '{ref_area}'"
            " and freq in ('A', 'D')"
        )
        return {
            breakdown: dict(zip(("value", "lower", "upper", "class", "reason"), rest, strict=True)) for breakdown, *rest in rows
        }

    def level(self, event):
        """The level of the alert on a text, on the day of the house."""
        found = self.house(
            "select arg_max(level, period), max(value) from marts.alert_evaluations where rule = 'effet_juridique_proche'"
            f" and breakdown = '{event}' and period = (select max(period) from marts.alert_evaluations where not is_closed)"
        )
        return found[0][0]

    def house(self, sql):
        with duckdb.connect(str(self.data / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def built(observatory, folder, *arguments):
    data = folder / "data"
    shutil.copytree(observatory.data, data, symlinks=True)
    assert cli.main(["build", "--data", str(data), *arguments]) == 0
    return House(data)


def without(observatory, folder, event):
    """The observatory once an edition of the register has lost one line."""
    data = folder / "data"
    shutil.copytree(observatory.data, data, symlinks=True)
    lines = list(csv.reader(REGISTER.open(newline="")))
    kept = [line for line in lines if line[0] != event]
    assert len(kept) == len(lines) - 1
    with (folder / "regulations.2026-11-23.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(kept)
    dropped = ["collect", "regulations", "--from", str(folder / "regulations.2026-11-23.csv"), "--data", str(data)]
    assert cli.main([*dropped, "--now", "2026-11-23T12:00"]) == 0
    assert cli.main(["build", "--data", str(data), "--now", "2026-11-23T13:00"]) == 0
    return House(data)


@pytest.fixture(scope="module")
def now(observatory):
    return House(observatory.data)


@pytest.fixture(scope="module")
def eve(observatory, tmp_path_factory):
    return built(observatory, tmp_path_factory.mktemp("eve"), "--as-of", "2026-08-10")


@pytest.fixture(scope="module")
def first_day(observatory, tmp_path_factory):
    return built(observatory, tmp_path_factory.mktemp("day"), "--as-of", "2026-08-11")


@pytest.fixture(scope="module")
def no_french_law(observatory, tmp_path_factory):
    return without(observatory, tmp_path_factory.mktemp("no_french_law"), FRENCH)


@pytest.fixture(scope="module")
def no_spanish_law(observatory, tmp_path_factory):
    return without(observatory, tmp_path_factory.mktemp("no_spanish_law"), SPANISH)


def test_what_the_law_reaches_grows_with_its_ramp_and_its_least_is_nothing_until_it_binds(eve, first_day, now):
    found = {
        name: house.readings("reg_exposure", "CRM")[FRENCH] for name, house in (("J-1", eve), ("J", first_day), ("J+104", now))
    }
    whole = 0.80 * 20_000 / 96_000 * 0.75
    for name, ramp in (("J-1", 180 / 546), ("J", 181 / 546), ("J+104", 285 / 546)):
        assert found[name]["value"] == pytest.approx(whole * ramp, abs=1e-9), name
    assert found["J+104"]["value"] == pytest.approx(0.065247, abs=1e-6)
    assert found["J-1"]["lower"] == 0 and found["J"]["lower"] > 0
    # all or nothing, the text binds the whole of what it covers from its first day
    assert found["J"]["upper"] == found["J+104"]["upper"] > 2 * found["J-1"]["upper"]


def test_the_bounds_of_what_is_hit_hold_nothing_of_the_law_before_its_day_and_all_of_it_from_then_on(eve, first_day, now):
    question = f"select upper, hit_lower, hit_upper from marts.exposure_bounds where ref_area = 'MA' and breakdown = '{FRENCH}'"
    found = {name: house.house(question)[0] for name, house in (("J-1", eve), ("J", first_day), ("J+104", now))}
    # 20 % of 120 000 jobs at most, of which 90 % at most are covered
    for name, reached in (("J-1", 180 / 546), ("J", 1), ("J+104", 1)):
        assert found[name] == pytest.approx((24_000, 0, 24_000 * 0.9 * reached)), name


def test_the_alert_on_the_law_is_red_before_it_binds_and_gone_after(eve, now):
    assert eve.level(FRENCH) == 2
    assert now.level(FRENCH) == 0


def test_the_cities_follow_the_day_as_the_country_does(eve, first_day, now):
    cities = [area for (area,) in now.house(
        "select distinct ref_area from marts.indicator_values where indicator = 'reg_exposure' and methodology = 'DECLARED'"
        f" and breakdown = '{FRENCH}' and value is not null and ref_area <> 'MA'"
    )]  # fmt: skip
    assert len(cities) > 3
    for city in cities:
        values = [house.readings("reg_exposure", ref_area=city)[FRENCH]["value"] for house in (eve, first_day, now)]
        assert 0 < values[0] < values[1] < values[2], city
        assert values[2] / values[0] == pytest.approx(285 / 180)


def test_without_its_line_the_french_law_reaches_nothing_that_is_known_and_the_reason_is_said(no_french_law, now):
    for indicator in ("reg_exposure", "job_gross_exposed"):
        before, after = now.readings(indicator), no_french_law.readings(indicator)
        assert before[FRENCH]["value"] > 0
        assert after[FRENCH]["value"] is None and after[FRENCH]["reason"] == "not_collected"
        assert after[SPANISH] == before[SPANISH]
        # of all laws together, only that they are between the Spanish one and every work that calls
        assert after["_T"]["value"] is None and after["_T"]["lower"] <= before["_T"]["value"] <= after["_T"]["upper"] + 1e-9
    said = no_french_law.house(
        "select distinct missing_fr from marts.gaps where indicator = 'reg_exposure' and missing_fr like '%registre des textes%'"
    )
    assert said
    assert no_french_law.house(f"select * from marts.regulations where event_id = '{FRENCH}'") == []
    assert no_french_law.level(FRENCH) is None


def test_without_its_line_the_spanish_law_leaves_french_and_inbound_work_as_they_were(no_spanish_law, now):
    for indicator in ("reg_exposure", "job_gross_exposed"):
        before, after = now.readings(indicator), no_spanish_law.readings(indicator)
        assert after[FRENCH] == before[FRENCH]
        assert after[SPANISH]["value"] is None
    reached = now.house("select distinct activity from intermediate.int_legal_reach where market = 'ES'")
    assert reached == [("outbound",)], "la loi espagnole n'atteint que l'appel sortant"
