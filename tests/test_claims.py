"""Public figures: each at its scope, contradictions only between equals, objections that erase nothing."""

import json
import re
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from vigie import build, cli, objections, windows
from vigie.lake import Lake

ROOT = Path(__file__).resolve().parents[1]
SOURCE = "https://www.cnss.ma/"


def run(*arguments: str, data: Path) -> int:
    return cli.main([*arguments, "--data", str(data)])


def ask(data: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str((data / "published.duckdb").resolve()), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_the_ten_claims_of_the_mission_are_all_there_each_with_its_source(observatory):
    said = observatory.ask(
        "select claim, claim_id, value, lower, upper, who_fr, said_on, scope from claims where claim is not null"
    )
    assert {claim for claim, *_ in said} == {f"K{number}" for number in range(1, 11)}
    figures = {figure: (value, lower, upper) for _, figure, value, lower, upper, *_ in said}
    assert figures["K1.jobs_at_risk"] == (None, 20000, None)
    assert figures["K2.turnover"] == (18, None, None)
    assert figures["K3.market_share_france"] == (None, 0.8, 1)
    assert figures["K4.employment"] == (100000, None, None) and figures["K4.n_call_centres"] == (800, None, None)
    assert figures["K5.employment"] == (120000, None, None)
    assert figures["K6.employment"] == (148500, None, None) and figures["K6.export_revenue"] == (26.22, None, None)
    assert figures["K7.jobs_at_risk"] == (None, 100, 999)
    assert figures["K8.employment_target"] == (270000, None, None) and figures["K8.export_target"] == (40, None, None)
    assert figures["K9.export_revenue"] == (7.54, None, None) and figures["K9.export_revenue.CRM_BPO"] == (4.98, None, None)
    assert "K10.opt_in_law" in figures
    assert all(who and said_on and scope for *_, who, said_on, scope in said)


def test_claims_contradict_each_other_at_equal_scope_only(observatory):
    (risk,) = observatory.ask(
        "select claims, is_contradictory, spread_ratio, spread_lower, spread_upper from contradictions"
        " where subject = 'jobs_at_risk'"
    )
    assert risk == (3, True, None, pytest.approx(20000 / 999), None)
    (jobs,) = observatory.ask("select claims, spread_ratio from contradictions where subject = 'employment' and scope = 'CRM'")
    assert jobs == (4, pytest.approx(120000 / 90000))
    scopes = dict(observatory.ask("select claim_id, scope_id from claims where claim in ('K3', 'K4', 'K6', 'K8')"))
    assert scopes["K8.employment_target"] is None, "un périmètre qui n'est pas dit ne se compare à rien"
    assert len(set(scopes.values()) - {None}) == len([scope for scope in scopes.values() if scope])
    assert observatory.value("select count(*) from contradictions where list_contains(claim_ids, 'K6.employment')") == 0


def test_the_share_of_call_centres_is_never_applied_to_the_whole_sector(observatory):
    for table, rows in observatory.content().items():
        for row in rows:
            for cell in row:
                assert cell not in (118800, 118.8), table
                if isinstance(cell, str):
                    assert not re.search(r"118[\s\u202f.,]?800", cell), f"{table} : {cell}"


def test_eighteen_billion_are_at_stake_and_never_lost(observatory):
    ((text, nature, inference),) = observatory.ask("select value_text, nature, inference from claims where claim = 'K2'")
    assert text == "18\u202fMd\u202fMAD en jeu" and nature == "at_stake"
    assert "17,9" in inference
    with observatory_connection(observatory) as connection:
        for name, dataset in windows.read().datasets.items():
            for row in connection.execute(dataset.sql).fetchall():
                told = " ".join(str(cell) for cell in row)
                if "18\u202fMd\u202fMAD" in told:
                    assert "en jeu" in told and not re.search(r"\bperdu", told), name


def observatory_connection(observatory):
    return duckdb.connect(str((observatory.data / "published.duckdb").resolve()), read_only=True)


def test_an_inference_is_labelled_and_no_model_reads_it(observatory):
    with observatory_connection(observatory) as connection:
        told = connection.execute(f"select inference from ({windows.read().datasets['registre_des_chiffres'].sql})").fetchall()
    said = [text for (text,) in told if text != "—"]
    assert said and all(text.startswith("Inférence de l'observatoire : ") for text in said)
    models = list((ROOT / "dbt_project" / "models").rglob("*.sql"))
    readers = {path.name for path in models if re.search(r"\binference\b", path.read_text())}
    assert readers == {"stg_claims.sql", "int_claims.sql", "claims.sql"}


def test_no_indicator_reads_the_register_of_claims(observatory):
    manifest = json.loads(build.House(observatory.data).manifest.read_text())
    above = {key: set(node["depends_on"]["nodes"]) for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}

    def ancestors(key: str) -> set[str]:
        direct = above.get(key, set())
        return direct.union(*(ancestors(parent) for parent in direct))

    indicators = [key for key in above if key.split(".")[-1].startswith("ind_")]
    assert indicators
    for key in indicators:
        assert not any(parent.endswith((".stg_claims", ".int_claims")) for parent in ancestors(key)), key


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["K1", "--source", SOURCE, "--by", "CNSS"], "--reason"),
        (["K1", "--by", "CNSS", "--reason", "faux"], "--source"),
        (["K1", "--source", SOURCE, "--reason", "faux"], "--by"),
        (["K1", "--source", "un collègue", "--by", "CNSS", "--reason", "faux"], "n'est pas une adresse"),
        (["K99", "--source", SOURCE, "--by", "CNSS", "--reason", "faux"], "K10"),
    ],
)
def test_an_objection_that_cannot_be_followed_up_is_refused_and_nothing_is_recorded(arguments, told, observatory, capsys):
    assert run("claims", "contest", *arguments, data=observatory.data) == 2
    assert told in capsys.readouterr().err
    assert not Lake.open(observatory.data).objections.exists()


def test_there_is_no_register_before_the_first_publication(tmp_path, capsys):
    assert run("claims", "list", data=tmp_path / "neuf") == 1
    assert "vigie run" in capsys.readouterr().err


def test_the_register_is_listed_in_the_order_of_its_codes(observatory, capsys):
    assert run("claims", "list", "--json", data=observatory.data) == 0
    codes = [json.loads(line)["claim"] for line in capsys.readouterr().out.splitlines()]
    named = list(dict.fromkeys(code for code in codes if code))
    assert named == [f"K{number}" for number in range(1, 11)]
    assert len(codes) > 40 and codes[-1] is None


def test_a_contested_figure_says_by_whom_flags_the_rules_that_use_it_and_stays(observatory, tmp_path, capsys):
    import shutil

    data = tmp_path / "data"
    shutil.copytree(observatory.data, data, symlinks=True)
    before = ask(data, "select claim_id, value, lower, upper from claims order by all")
    assert (
        run("claims", "contest", "K3", "--source", SOURCE, "--by", "Fédération X", "--reason", "la part est de 60 %", data=data)
        == 0
    )
    assert "reste au registre" in capsys.readouterr().out
    assert (
        run("claims", "contest", "K1.jobs_at_risk", "--source", SOURCE, "--by", "CNSS", "--reason", "non compté", data=data) == 0
    )
    for verb in ("build", "watch", "publish"):
        assert run(verb, data=data) == 0
    assert ask(data, "select claim_id, value, lower, upper from claims order by all") == before
    told = dict(ask(data, "select claim_id, contested_fr from claims where objections > 0"))
    assert set(told) == {"K3.market_share_france", "K1.jobs_at_risk"}
    assert told["K3.market_share_france"] == (
        f"contesté par Fédération X le 23 novembre 2026 : la part est de 60 % (source : {SOURCE})"
    )
    flags = ask(data, "select rule, sentence from alert_flags where kind = 'contested'")
    assert [rule for rule, _ in flags] == ["dependance_premier_marche"]
    assert "contesté par Fédération X" in flags[0][1]
    with duckdb.connect(str((data / "published.duckdb").resolve()), read_only=True) as connection:
        shown = windows.read().datasets
        register = connection.execute(f"select claim, standing, dispute from ({shown['registre_des_chiffres'].sql})").fetchall()
        assert ("K3", "Contesté", told["K3.market_share_france"]) in register
        cautions = connection.execute(f"select caution from ({shown['alertes'].sql}) where title like 'Dépendance%'").fetchall()
        assert any("contesté par Fédération X" in caution for (caution,) in cautions)
    # what was known before the objection is asked for without it
    assert run("build", "--as-of", "2026-11-22", data=data) == 0
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.objections").fetchall() == [(0,)]


def test_objections_are_numbered_in_their_order_and_none_replaces_another(tmp_path):
    lake = Lake.open(tmp_path / "data")
    at = datetime(2026, 11, 23, 8)
    first = objections.Objection("K1", SOURCE, "A", at, "un")
    second = objections.Objection("K1", SOURCE, "B", at, "deux")
    assert [objections.record(lake, one) for one in (first, second)] == [1, 2]
    assert objections.of(lake) == [first, second]


def test_a_request_without_a_day_was_not_sent(observatory):
    said = observatory.ask("select holder, requested_on, state, state_fr from data_requests")
    assert {holder for holder, *_ in said} >= {"CNSS", "ANRT", "Office des changes", "HCP", "FMES"}
    assert all(
        (state == "to_send" and state_fr.startswith("à demander")) == (requested_on is None)
        for _, requested_on, state, state_fr in said
    )
