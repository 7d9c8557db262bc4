"""Any published number leads to the bytes it was printed in, and a receipt proves it wherever the documents are."""

import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from vigie import cli, clock, receipt_page, verify, windows
from vigie.documents import Documents
from vigie.inputs import DBT_PROJECT
from vigie.receipt import READINGS, Issuer, to_json_in_order
from vigie.verify import Verifier

NO_NUMBER_OF_ITS_OWN = {"indicators", "labels", "publication", "channels", "rule_replays"}
"""The catalogue of indicators, the French of codes, the line that names the version, and what `vigie alerts backtest` tells."""
STRIDE = 23


@pytest.fixture(scope="module")
def run(observatory):
    return clock.start(observatory.data)


@pytest.fixture(scope="module")
def issuer(run):
    with Issuer(run) as opened:
        yield opened


@pytest.fixture(scope="module")
def verifier(run):
    return Verifier(Documents(run.data), run.data)


@pytest.fixture(scope="module")
def first_screen(issuer) -> dict[str, dict]:
    """The receipts of every number of the first screen's tiles."""
    tiles = issuer.ask("select tile, receipt_ids from marts.headlines order by rank")
    assert len(tiles) == 6 and all(tile["receipt_ids"] for tile in tiles)
    return {name: issuer.of(name) for tile in tiles for name in tile["receipt_ids"]}


def sampled(issuer: Issuer, name: str) -> list[dict]:
    """Rows spread over a mart; for readings, at least one an indicator and a reason for being missing."""
    rows = issuer.ask(f"select * from {issuer.lineage.node(name).relation} order by all")
    picked = {index: row for index, row in enumerate(rows) if index % STRIDE == 0}
    if name == READINGS:
        kinds = {}
        for index, row in enumerate(rows):
            kinds[row["indicator"], row["missing_reason"], row["known_to"] is None] = index
        picked |= {index: rows[index] for index in kinds.values()}
    if "is_withdrawn" in rows[0]:
        picked |= {index: row for index, row in enumerate(rows) if row["is_withdrawn"]}
    return list(picked.values())


def receipt(issuer: Issuer, indicator: str, **key: object) -> dict:
    where = " and ".join([f"indicator = '{indicator}'", *(f"{name} = '{value}'" for name, value in key.items())])
    rows = issuer.ask(f"select * from marts.indicator_history where known_to is null and {where}")
    assert len(rows) == 1, f"{where} : {len(rows)}"
    return issuer.receipt(issuer.lineage.node(READINGS), rows[0])


def faults(verdict: verify.Verdict) -> str:
    return "\n".join(check.sentence for check in verdict.faults)


def test_every_table_behind_a_chart_leads_to_receipts(issuer):
    owners = {mart.name for mart in issuer.marts()}
    tables = windows.contracts()
    read = {
        table
        for dataset in windows.read().datasets.values()
        for table in tables
        if re.search(rf"\b(from|join) {table}\b", dataset.sql)
    }
    assert {"headlines", "indicator_values", "observations", "loads", "alerts", "site_history"} <= read
    for table in read - NO_NUMBER_OF_ITS_OWN:
        assert table in owners or {"receipt_id", "receipt_ids"} & set(tables[table]), f"{table} : aucune colonne de reçu"


def test_every_table_of_a_dashboard_shows_a_provenance_link():
    read = windows.read()
    linked = {
        (name, column)
        for name, dataset in read.datasets.items()
        for column in dataset.labels
        if re.search(rf"/vigie/recu/(?s:(?!\bas \w).)*\bas {column}\b", dataset.sql)
    }
    shown = [
        path
        for path, chart in read.charts.items()
        if chart.kind == "table" and any((chart.dataset, column) in linked for column in chart.params["all_columns"])
    ]
    silent = {path for path, chart in read.charts.items() if chart.kind == "table"} - set(shown)
    assert len(shown) >= 15
    assert silent == {"fiabilite/bandeau", "fiabilite/bilan-des-revisions", "fiabilite/sante-des-canaux"}, "sans ligne à lui"


def test_a_receipt_that_another_table_repeats_is_found_where_it_was_made(observatory, issuer, verifier):
    for table in ("indicator_values", "changes", "alert_evaluations", "alerts"):
        lost = observatory.value(
            f"select count(*) from {table} where receipt_id not in (select receipt_id from indicator_history)"
            " and receipt_id not in (select receipt_id from gaps)"
        )
        assert lost == 0, table
        assert observatory.value(f"select count(*) from {table} where receipt_id is not null") > 0, table
    missing = observatory.ask("select receipt_id from gaps where receipt_id not in (select receipt_id from indicator_history)")
    assert missing, "rien n'est attendu : ce test ne dit rien"
    for (name,) in missing:
        made = issuer.of(name)
        assert made["table"] == "indicator_gaps" and verifier.verify(made).is_good, name


def test_every_published_table_gives_receipts_that_verify(issuer, verifier):
    seen = defaultdict(int)
    for mart in issuer.marts():
        if not issuer.ask(f"select 1 from {mart.relation} limit 1"):
            continue
        for row in sampled(issuer, mart.name):
            made = issuer.receipt(mart, row)
            verdict = verifier.verify(made)
            assert verdict.is_good, f"{mart.name} {made['title']}\n{faults(verdict)}"
            seen[mart.name] += 1
    # nothing is held at the door, and no period was followed for long enough
    assert set(seen) == {mart.name for mart in issuer.marts()} - {"quarantine_summary", "completeness_curves"}
    assert seen[READINGS] > 50 and sum(seen.values()) > 120
    indicators = {row["indicator"] for row in issuer.ask("select indicator from marts.indicators")}
    assert indicators == {path.stem[4:] for path in (DBT_PROJECT / "models" / "indicators").glob("*.sql")} != set()


def test_receipts_of_the_first_screen_name_who_printed_each_number(first_screen):
    printed = {name: receipt_page.printers(made) for name, made in first_screen.items()}
    assert all(printed.values())
    for name, made in first_screen.items():
        for given in made["inputs"]:
            document = next(d for d in made["documents"] if (d["feed"], d["load_id"]) == (given["feed"], given["load_id"]))
            assert document["sha256"] and (given["printed_by"] or document["origin"]["kind"] == "invented"), made["title"]
            if document["origin"]["kind"] == "retyped":
                assert given["printed_by"] != document["publisher"], f"{name} : un document retapé n'est pas de l'éditeur"
    everybody = " ".join(line for lines in printed.values() for line in lines)
    assert "citant l'Office des changes" in everybody and "RFI, par allAfrica" in everybody


def test_flipping_a_byte_of_a_document_fails_exactly_the_receipts_that_rest_on_it(first_screen, run, tmp_path):
    kept = tmp_path / "documents"
    shutil.copytree(run.data.root / "documents", kept)
    resting = defaultdict(set)
    for name, made in first_screen.items():
        for document in made["documents"]:
            resting[document["feed"], document["sha256"]].add(name)
    assert len(resting) >= 4
    assert len({frozenset(names) for names in resting.values()}) > 1
    for (feed, digest), names in resting.items():
        path = kept / feed / digest
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        checking = Verifier(Documents(folders=[kept / folder.name for folder in kept.iterdir()]))
        failed = {}
        for name, made in first_screen.items():
            verdict = checking.verify(made)
            if not verdict.is_good:
                failed[name] = faults(verdict)
        assert set(failed) == names, f"{feed}/{digest}"
        for said in failed.values():
            assert "a changé : empreinte" in said and f"au lieu de {digest}" in said
        path.write_bytes(whole)


def test_a_receipt_verifies_where_there_is_nothing_but_it_and_the_documents(issuer, tmp_path):
    made = receipt(issuer, "eco_export_growth", breakdown="_T", freq="S", methodology="OC_NEW", period="2025-01-01")
    (tmp_path / "recu.json").write_text(to_json_in_order(made))
    shelf = tmp_path / "classeur" / "2025"
    shelf.mkdir(parents=True)
    for number, document in enumerate(made["documents"]):
        shutil.copy(issuer.lake.document(document["feed"], document["sha256"]), shelf / f"pièce {number}.bin")
    command = [str(Path(sys.executable).with_name("vigie")), "verify", "recu.json", "--documents", "classeur", "--json"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    told = json.loads(done.stdout)
    assert told["verified"] is True
    assert {check["step"] for check in told["checks"]} == {"document", "ligne", "valeur"}
    (shelf / "pièce 0.bin").unlink()
    done = subprocess.run(command[:-1], cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "est absent : empreinte" in done.stdout


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (lambda made: made["row"].update(value=27.0), "value"),
        (lambda made: (made["row"].update(value=27.0), made["rebuild"]["expected"].update(value=27.0)), "value"),
        (lambda made: made.update(reading="27 Md MAD"), "le reçu affiche « 27 Md MAD »"),
        (lambda made: made["inputs"][0]["row"].update(obs_value=27.0), "au lieu de « 27.0 »"),
        (lambda made: made["inputs"][0]["landed"].update(value=27.0), "value"),
        (lambda made: made["inputs"][0].update(text="27"), "texte"),
        (lambda made: made["documents"][0]["origin"].update(kind="recorded"), "la même origine"),
        (lambda made: made["inputs"].pop(), "0 ligne(s) au lieu d'une"),
        (lambda made: made.update(inputs=None), "incomplet ou altéré"),
    ],
)
def test_a_forged_receipt_says_what_does_not_hold(issuer, verifier, forge, said):
    made = receipt(issuer, "eco_export_revenue", breakdown="_T", freq="A", methodology="OC_NEW", period="2024-01-01")
    assert verifier.verify(made).is_good
    forge(made)
    verdict = verifier.verify(made)
    assert not verdict.is_good
    assert said in faults(verdict)


def test_a_formula_that_a_receipt_brings_reads_no_file(issuer, verifier):
    made = receipt(issuer, "job_lost_observed")
    made["rebuild"]["steps"][-1]["sql"] = "select * from read_text('/etc/passwd')"
    verdict = verifier.verify(made)
    assert "la formule ne s'exécute pas" in faults(verdict)
    made["rebuild"]["steps"][-1]["sql"] = "select 1 as x; attach '/tmp/x.duckdb' as x"
    assert not verifier.verify(made).is_good


def test_a_formula_that_is_not_that_of_its_file_is_refused_and_another_version_is_said(issuer, verifier):
    made = receipt(issuer, "eco_service_hhi", freq="A", period="2024-01-01")
    assert "à savoir" not in verifier.verify(made).summary()
    step = made["rebuild"]["steps"][-1]
    true = step["sql"]
    step["sql"] = f"-- {true}"
    assert "le SQL du reçu n'est pas celui du fichier qu'il nomme : ind_eco_service_hhi" in faults(verifier.verify(made))
    step.update(sql=true, file_sha256="0" * 64)
    verdict = verifier.verify(made)
    assert verdict.is_good
    assert "formule d'une autre version que celle d'ici (le reçu est de la version" in verdict.summary()
    step["file"] = "../../etc/passwd"
    assert verifier.verify(made).is_good


def test_the_receipt_of_an_unknown_says_why_and_verifies(issuer, verifier):
    made = receipt(issuer, "job_lost_observed")
    assert made["row"]["value"] is None
    assert made["reading"] == "inconnu (non publié)"
    assert "CNSS" in made["formula"]["limits"] and "ANRT" in made["formula"]["limits"]
    assert receipt_page.printers(made) == ["aucun document : personne n'a publié ce chiffre"]
    assert verifier.verify(made).is_good


def test_a_receipt_holds_the_cell_its_text_and_all_that_was_read(issuer):
    made = receipt(issuer, "eco_export_revenue", breakdown="CRM", freq="A", methodology="OC_NEW", period="2024-01-01")
    (given,) = made["inputs"]
    assert re.fullmatch(r"\w+![A-Z]+\d+", given["place"])
    assert float(given["text"]) == given["landed"]["value"]
    assert {"period", "segment", "value", "load_id", "row_no", "place"} <= set(given["landed"])
    (document,) = made["documents"]
    kept = issuer.lake.document(document["feed"], document["sha256"])
    assert document["bytes"] == kept.stat().st_size
    assert document["licence"] and document["collected_at"] and document["known_at"]
    assert made["formula"]["formula"] and made["formula"]["version"] == 1
    assert made["code"]["sources_sha256"]
    assert any(step["model"] == "ind_eco_export_revenue" for step in made["rebuild"]["steps"])


def test_texts_are_found_at_every_kind_of_place(issuer):
    kinds = {
        "wb_indicators": r"/1/\d+/value",
        "hcp_labour": r"\w+![A-Z]+\d+",
        "sector_employment": r"ligne \d+",
        "ilo_employment": r"ligne \d+, \w+",
    }
    for feed, form in kinds.items():
        row = issuer.ask("select * from marts.observations where feed = ? and obs_value is not null limit 1", [feed])[0]
        given = issuer.of(row["observation_id"])["inputs"][0]
        assert re.fullmatch(form, given["place"]), feed
        assert given["text"], feed
    event = issuer.ask("select receipt_id from marts.notices where feed = 'uk_legislation' limit 1")[0]
    assert issuer.of(event["receipt_id"])["inputs"][0]["text"]


def test_counts_of_a_feed_list_the_lines_of_the_ledger_that_they_count(issuer, verifier):
    mart = issuer.lineage.node("feeds")
    row = issuer.ask("select * from marts.feeds where feed = 'oc_exports'")[0]
    made = issuer.receipt(mart, row)
    lines = [given for given in made["inputs"] if given["kind"] == "load"]
    assert len(lines) == row["loads_landed"] + row["loads_refused"] + row["loads_failed"]
    assert sum(given["row"]["rows_landed"] for given in lines) == row["rows_landed"]
    lines[0]["row"]["rows_read"] += 1
    assert "rows_read" in faults(verifier.verify(made))


def test_rows_held_at_the_door_are_counted_by_a_receipt(tmp_path, observatory):
    folder = tmp_path / "data"
    shutil.copytree(observatory.data, folder, symlinks=True)
    bad = tmp_path / "bad.csv"
    edition = sorted(Path("sectors/morocco_offshoring/registers").glob("operator_sites.*.csv"))[-1]
    lines = edition.read_text().splitlines()
    header = lines[0].split(",")
    broken = lines[1].split(",")
    broken[header.index("is_counted")] = "peut-être"
    bad.write_text("\n".join([lines[0], ",".join(broken), *lines[2:]]) + "\n")
    assert cli.main(["collect", "operator_sites", "--from", str(bad), "--data", str(folder)]) == 0
    assert cli.main(["build", "--data", str(folder)]) == 0
    run = clock.start(folder)
    with Issuer(run) as issuer:
        row = issuer.ask("select * from marts.quarantine_summary")[0]
        made = issuer.receipt(issuer.lineage.node("quarantine_summary"), row)
    assert row["count"] == len([given for given in made["inputs"] if given["kind"] == "held"]) == 1
    assert Verifier(Documents(run.data), run.data).verify(made).is_good


def test_a_corrected_row_is_proved_with_the_act_that_corrected_it(tmp_path, observatory):
    folder = tmp_path / "data"
    shutil.copytree(observatory.data, folder, symlinks=True)
    edition = sorted(Path("sectors/morocco_offshoring/registers").glob("operator_sites.*.csv"))[-1]
    text = edition.read_text().splitlines()
    header = text[0].split(",")
    broken = text[1].split(",")
    right = broken[header.index("is_counted")]
    broken[header.index("is_counted")] = "peut-être"
    bad = tmp_path / "bad.csv"
    bad.write_text("\n".join([text[0], ",".join(broken), *text[2:]]) + "\n")
    assert cli.main(["collect", "operator_sites", "--from", str(bad), "--data", str(folder)]) == 0
    run = clock.start(folder)
    load = run.data.loads("operator_sites")[-1]
    assert load.rows_quarantined == 1
    fix = ["quarantine", "fix", load.load_id, "1", f"is_counted={right}", "--by", "A. Analyste", "--data", str(folder)]
    assert cli.main(fix) == 0
    assert cli.main(["build", "--data", str(folder)]) == 0
    run = clock.start(folder)
    with Issuer(run) as issuer:
        row = issuer.ask(
            "select * from marts.sites where load_id = ? and site_id = ?",
            [run.data.loads("operator_sites")[-1].load_id, broken[0]],
        )[0]
        made = issuer.receipt(issuer.lineage.node("sites"), row)
    (document,) = made["documents"]
    assert [act["by"] for act in document["acts"]] == ["A. Analyste"]
    verifier = Verifier(Documents(run.data), run.data)
    assert verifier.verify(made).is_good
    document["acts"].clear()
    assert "is_counted" in faults(verifier.verify(made))


def test_the_command_line_writes_reads_and_refuses_in_french(run, tmp_path, capsys):
    data = ["--data", str(run.data.root)]
    page = tmp_path / "recu.html"
    asked = ["receipt", "eco_export_revenue", "--place", "Maroc", "--period", "2024", "-o", str(page), *data]
    assert cli.main(asked) == 0
    assert "citant l'Office des changes (chiffres retapés)" in capsys.readouterr().out
    text = page.read_text()
    assert "26,219 Md MAD" in text and "<script src" not in text and "Qui l'a imprimé" in text
    assert cli.main(["verify", str(page), *data]) == 0
    assert "reçu vérifié — Recettes d’exportation" in capsys.readouterr().out
    for call, said in (
        (["eco_export_revenu"], "les plus proches : eco_export_revenue"),
        (["eco_export_revenue", "--place", "Mroc"], "les plus proches : MA (Maroc)"),
        (["eco_export_revenue", "--place", "MA", "--period", "2024-S3"], "2024-S1"),
        (["reg_days_to_effect", "--place", "FR"], "--breakdown FR-2025-594 "),
        (["eco_export_revenue", "--place", "MA", "--period", "2024", "--as-of", "2020-01-01"], "rien n'en était connu"),
        (["--id", "absent"], "aucune valeur publiée n'a le reçu"),
        ([], "nommer un indicateur"),
    ):
        assert cli.main(["receipt", *call, "-o", str(tmp_path / "x.json"), *data]) in (1, 2), call
        assert said in capsys.readouterr().err, call
    assert not (tmp_path / "x.json").exists()
    (tmp_path / "n.json").write_text("[]")
    assert cli.main(["verify", str(tmp_path / "n.json"), *data]) == 2
    assert "n'est pas un reçu" in capsys.readouterr().err


def test_a_receipt_as_of_a_date_proves_what_was_known_then(run, tmp_path, capsys):
    old = tmp_path / "then.json"
    asked = ["receipt", "eco_export_revenue", "--place", "MA", "--period", "2022", "--as-of", "2024-06-01", "-o", str(old)]
    assert cli.main([*asked, "--data", str(run.data.root)]) == 0
    made = json.loads(old.read_text())
    assert made["row"]["value"] == 15.7 and made["row"]["known_to"]
    assert cli.main(["verify", str(old), "--data", str(run.data.root)]) == 0
    capsys.readouterr()


def test_the_published_file_says_in_french_what_its_columns_are(observatory):
    bare = observatory.ask("select table_name, column_name from duckdb_columns() where not internal and comment is null")
    assert bare == []
