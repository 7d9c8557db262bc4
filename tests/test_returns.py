"""What groups declare enters by the door, is corrected and superseded, and is found nowhere that others may look."""

import io
import json
import re
import shutil
import zipfile
from datetime import datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest

from tests import served
from vigie import build, cli, clock, quarantine, questions, returns, secrecy
from vigie.clock import CallError
from vigie.declared import DeclarationError
from vigie.lake import Lake
from vigie.readers import declaration
from vigie.receipt import Issuer
from vigie.science import ScienceError, releases
from vigie.science.disclosure import Pattern, audit, protect, table
from vigie.science.releases import HEADCOUNT, NATION, TOTAL, Contribution, Policy
from vigie.verify import Documents, Verifier

NAME, IDENTIFIER, HEADCOUNTS = "Zorglubitel", "QX-7716", (41773, 48211)
NEEDLES = (NAME, IDENTIFIER, "Ztéphanie", *map(str, HEADCOUNTS), "41 773", "48 211", "41\u202f773", "48\u202f211")
PRIVATE = {"documents", "landed", "quarantine", "returns", "warehouse.duckdb", "secrets", "locks"}
"""What only the private side of a data folder reads; all else may be shown."""
OWN_TABLES = "select schema_name, table_name from duckdb_tables() where database_name = current_database()"
PERIOD = datetime(2025, 1, 1)
MARCH, JULY = datetime(2026, 3, 16), datetime(2026, 7, 6)


def filled(
    path: Path, headcount: object, *, name: str = NAME, city: str = "MA-CAS", ai: str = "oui", period: object = 2025
) -> Path:
    """A declaration of one group, from the template."""
    returns.template(path)
    book = openpyxl.load_workbook(path)
    book["Groupes"].append([IDENTIFIER, name, period, 0.5, ai, "non"])
    book["Sites"].append([IDENTIFIER, period, city, "CRM", headcount, 100, 2000, 50])
    book["Marchés"].append([IDENTIFIER, period, "FR", 1_000_000, 0.2])
    book["Langues"].append([IDENTIFIER, period, "MA-CAS", "fr", 1])
    book["Plateformes"].append([IDENTIFIER, period, "PLATEFORME A", 10])
    book["Professions"].append([IDENTIFIER, period, "MA-CAS", "5244", 10])
    book.save(path)
    return path


def test_the_template_explains_itself_and_checks_what_is_typed(tmp_path, capsys):
    assert cli.main(["returns", "template", "-o", str(tmp_path / "modele.xlsx")]) == 0
    book = openpyxl.load_workbook(tmp_path / "modele.xlsx")
    assert book.sheetnames == ["Lisez-moi", *(sheet.title for sheet in declaration.SHEETS), "Listes"]
    told = " ".join(str(cell.value) for row in book["Lisez-moi"].iter_rows() for cell in row if cell.value)
    for sheet in declaration.SHEETS:
        page = book[sheet.title]
        assert [cell.value for cell in page[1]] == [heading.title for heading in sheet.headings]
        checked = {str(check.sqref)[0] for check in page.data_validations.dataValidation}
        bounded = {chr(ord("A") + n) for n, heading in enumerate(sheet.headings) if heading.choices or heading.least is not None}
        assert checked == bounded and bounded
        assert all(heading.help in told for heading in sheet.headings)
    assert cli.main(["returns", "submit", str(tmp_path / "modele.xlsx"), "--by", "X", "--data", str(tmp_path / "d")]) == 1
    assert "aucune ligne n'est remplie" in capsys.readouterr().out


def test_a_bad_declaration_is_told_cell_by_cell_and_nothing_of_it_lands(tmp_path, capsys):
    data = str(tmp_path / "data")
    bad = filled(tmp_path / "bad.xlsx", "beaucoup", city="Zorgville", ai="peut-être")
    assert cli.main(["returns", "submit", str(bad), "--by", "X", "--data", data, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "held" and re.fullmatch(r"D(-[0-9A-F]{4}){3}", told["number"])
    cells = {problem["cell"]: problem for problem in told["problems"]}
    assert set(cells) == {"Groupes!E2", "Sites!E2", "Sites!C2"}
    assert all(problem["reason"] and problem["fix"] for problem in cells.values())
    assert not list((tmp_path / "data" / "landed").rglob("*.parquet"))
    assert cli.main(["returns", "submit", str(bad), "--by", "X", "--data", data, "--json"]) == 1
    again = json.loads(capsys.readouterr().out)
    assert (again["number"], again["problems"]) == (told["number"], told["problems"])
    assert cli.main(["returns", "submit", str(bad), "--by", " ", "--data", data]) == 2


def test_a_correction_supersedes_and_the_list_tells_no_name_and_no_figure(tmp_path, capsys):
    data = tmp_path / "data"
    for number, headcount in enumerate(HEADCOUNTS):
        path = filled(tmp_path / f"{number}.xlsx", headcount)
        assert cli.main(["returns", "submit", str(path), "--by", "Ztéphanie", "--data", str(data)]) == 0
    other = filled(tmp_path / "other.xlsx", 12, period="S1 2025")
    assert cli.main(["returns", "submit", str(other), "--by", "Ztéphanie", "--data", str(data)]) == 0
    capsys.readouterr()
    assert cli.main(["returns", "list", "--data", str(data), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["status"] for line in lines] == ["current", "current", "superseded"]
    assert [line["periods"] for line in lines] == [["S1 2025"], ["2025"], ["2025"]]
    assert not any(needle in json.dumps(lines, ensure_ascii=False) for needle in NEEDLES)
    assert len(list((data / "landed" / "firm_returns").iterdir())) == 3, "l'histoire n'est pas gardée"


def searchable(path: Path) -> str:
    """All the text that a file holds, packed or not."""
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute(OWN_TABLES).fetchall()
            return "\n".join(str(connection.execute(f'select * from "{schema}"."{name}"').fetchall()) for schema, name in tables)
    if path.suffix == ".parquet":
        return str(duckdb.sql(f"select * from '{path}'").fetchall())
    content = path.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return "\n".join(packed.read(name).decode(errors="replace") for name in packed.namelist())
    return content.decode(errors="replace")


def found_in(text: str) -> list[str]:
    return [needle for needle in NEEDLES if re.search(rf"(?<![0-9.]){re.escape(needle)}(?![0-9])", text)]


@pytest.fixture(scope="module")
def declared(observatory, tmp_path_factory) -> Path:
    """The observatory once the made-up group has declared: twice by hand, once held, and twice by dropping a file."""
    folder = tmp_path_factory.mktemp("declared")
    data = folder / "data"
    shutil.copytree(observatory.data, data, symlinks=True)
    held = filled(folder / f"{NAME} refus.xlsx", f"{HEADCOUNTS[1]} {NAME}")
    taken = filled(folder / f"{NAME}.xlsx", HEADCOUNTS[0])
    for path, status in ((held, 1), (taken, 0)):
        assert cli.main(["returns", "submit", str(path), "--by", "Ztéphanie", "--data", str(data)]) == status
    inbox = data / "inbox" / "firm_returns"
    inbox.mkdir(parents=True, exist_ok=True)
    filled(inbox / f"{NAME} dépôt.xlsx", HEADCOUNTS[1])
    (inbox / f"{NAME} cassé.xlsx").write_bytes(taken.read_bytes()[:2000])
    return data


def test_a_made_up_group_and_its_figures_are_found_nowhere_that_others_may_look(declared, tmp_path, capfd):
    assert cli.main(["run", "--data", str(declared)]) == 1, "un document refusé se dit"
    assert cli.main(["export", "--all", "-o", str(tmp_path / "csv"), "--data", str(declared)]) == 0
    assert cli.main(["export", "--all", "--format", "xlsx", "-o", str(tmp_path / "xlsx"), "--data", str(declared)]) == 0
    assert cli.main(["export", "--package", str(tmp_path / "paquet.zip"), "--data", str(declared)]) == 0
    series = ["indicator_values", "observations", "--format", "sdmx-csv"]
    assert cli.main(["export", *series, "-o", str(tmp_path / "sdmx"), "--data", str(declared)]) == 0
    with served.reading(declared) as source:
        told = [served.whole(source, table) for table in source.descriptions if table != "indicator_inputs"]
        told += [served.whole(source, table, as_of=["2026-11-01"]) for table in source.with_history]
    (tmp_path / "service").write_text("\n".join(told))
    (tmp_path / "receipts").mkdir()
    with Issuer(clock.start(declared)) as issuer:
        loads = issuer.ask("select receipt_id from marts.loads where feed = 'firm_returns'")
        held = issuer.ask("select receipt_id from marts.quarantine_summary where feed = 'firm_returns'")
        readings = issuer.ask("select receipt_id from marts.indicator_history where methodology = 'DECLARED'")
        assert len(loads) >= 6 and held and len(readings) > 100
        for number, line in enumerate([*loads, *held, *readings[::7]]):
            made = issuer.of(line["receipt_id"])
            (tmp_path / "receipts" / f"{number}.json").write_text(json.dumps(made, ensure_ascii=False, default=str))
    run = clock.start(declared)
    questioned = [f"{load.feed}/{load.load_id}" for load in quarantine.open_loads(run.data, "firm_returns")]
    asked = [questions.text(run, reference) for reference in questioned]
    assert len(asked) >= 2 and all(asked)
    (tmp_path / "questions").write_text("\n".join(f"{subject}\n{body}" for subject, body in asked))
    for reference in questioned:
        with pytest.raises(CallError, match="confidentielle"):
            questions.answer(run, reference, questions.FIX, {"corrections": "row_no;value\n4;12"}, "amina")
    said = capfd.readouterr()
    assert not found_in(said.out + said.err), "un message nomme le groupe"
    public = [path for path in declared.iterdir() if path.name not in PRIVATE]
    seen = [path for root in [*public, tmp_path] for path in ([root] if root.is_file() else root.rglob("*")) if path.is_file()]
    kinds = {path.relative_to(declared).parts[0] for path in seen if declared in path.parents}
    assert {"ledger", "dbt", "published.duckdb", "outbox", "data_docs", "state.sqlite"} <= kinds
    assert len(seen) > 100
    leaks = {str(path): found_in(searchable(path) + path.name) for path in seen}
    assert not {path: needles for path, needles in leaks.items() if needles}
    kept = "".join(
        searchable(path) for name in PRIVATE - {"warehouse.duckdb"} for path in (declared / name).rglob("*") if path.is_file()
    )
    assert {NAME, IDENTIFIER, "Ztéphanie", *map(str, HEADCOUNTS)} <= set(found_in(kept)), (
        "la recherche ne trouve rien où cela est"
    )


def contributions(observatory) -> list[Contribution]:
    with duckdb.connect(str(observatory.data / "warehouse.duckdb"), read_only=True) as warehouse:
        return releases.contributions(
            warehouse.sql("select * from intermediate.int_firm_contributions").to_arrow_table().to_pylist()
        )


def policy() -> Policy:
    return releases.policy(secrecy.SecrecyRules().model_dump())


def test_no_attacker_recovers_a_suppressed_cell_of_a_published_table(observatory):
    active = [one for one in contributions(observatory) if one.known_to is None]
    published = observatory.ask(
        "select ref_area, breakdown, value from indicator_values where indicator = 'job_declared_headcount'"
    )
    hidden = [(TOTAL if area == NATION else area, part) for area, part, value in published if value is None]
    leaves = [((one.ref_area, one.part), one.contributor, one.value) for one in active if one.table == HEADCOUNT]
    crossed = table(leaves)
    assert hidden and set(crossed.cells) == {(TOTAL if a == NATION else a, part) for a, part, _ in published}
    shown = {(TOTAL if area == NATION else area, part): value for area, part, value in published if value is not None}
    assert all(
        abs(shown[cell] - value) < 1e-6 for cell, value in zip(crossed.cells, crossed.values, strict=True) if cell in shown
    )
    attacks = audit(crossed, hidden, policy().segments)
    assert {attack.attacker for attack in attacks} > {""} and not [a for a in attacks if a.is_breached]
    # the same table, were only its sensitive cells hidden, gives some of them back
    secret = {attack.cell for attack in attacks}
    assert secret < set(hidden)
    assert any(attack.is_breached for attack in audit(crossed, secret, policy().segments))
    rates = {
        "cog_turnover": "turnover", "cog_training_hours": "training_hours", "cog_training_coverage": "training_coverage",
        "eco_client_top1_share": "client_top1", "rec_label_coverage": "label", "rec_converted_jobs": "converted",
        "tec_ai_exposure": "ai_exposure", "tec_ai_g4_share": "ai_g4", "eco_language_hhi": "language",
    }  # fmt: skip
    for indicator, name in rates.items():
        missing = [
            (TOTAL,) if area == NATION else (area,)
            for (area,) in observatory.ask(
                f"select ref_area from indicator_values where indicator = '{indicator}' and missing_reason = 'suppressed'"
            )
        ]
        assert missing, indicator
        for part in {one.part for one in active if one.table == name}:
            line = table(
                [((one.ref_area,), one.contributor, one.value) for one in active if (one.table, one.part) == (name, part)]
            )
            assert not [attack for attack in audit(line, missing, policy().places) if attack.is_breached], (indicator, part)


def test_everything_that_rests_on_declarations_is_shown_as_illustrative_and_shows_no_row(observatory):
    assert observatory.ask("select distinct origin from indicator_values where methodology = 'DECLARED'") == [("invented",)]
    names = observatory.ask(
        "select distinct input_id, made.feed, load_id, document, place from indicator_inputs as made"
        " inner join indicator_values using (receipt_id) where methodology = 'DECLARED'"
    )
    of_firms = [name for name in names if name[1] == "firm_returns"]
    assert of_firms == [("confidential:firm_returns", "firm_returns", None, None, "déclarations confidentielles, non montrées")]
    # beside them, what a scenario or an exposure supposes and the laws that it reads: they are public
    assert {feed for _, feed, *_ in names} == {"firm_returns", "regulations", "sector"}
    run = clock.start(observatory.data)
    with Issuer(run) as issuer:
        (row,) = issuer.ask(
            "select receipt_id from marts.indicator_history"
            " where indicator = 'cog_turnover' and ref_area = 'MA' and known_to is null"
        )
        made = issuer.of(row["receipt_id"])
    assert made["inputs"] == [] and made["rebuild"] is None and "confidentielles" in made["withheld"]
    assert Verifier(Documents(run.data), run.data).verify(made).is_good
    made["formula"]["feeds"] = ["oc_exports"]
    assert not Verifier(Documents(run.data), run.data).verify(made).is_good, "on ne se dispense pas de preuve ailleurs"


def given(rows: dict[str, dict[str, float]], known_from=MARCH, known_to=None) -> list[Contribution]:
    """Headcounts by city and group, of one segment."""
    return [
        Contribution(HEADCOUNT, "CRM", True, "A", PERIOD, city, who, value, known_from, known_to)
        for city, shares in rows.items()
        for who, value in shares.items()
    ]


MANY = {f"g{n}": 100.0 + n for n in range(12)}


def statuses(found: list[dict], at: datetime) -> dict[str, str]:
    return {
        c["ref_area"]: c["conf_status"]
        for c in found
        if c["table_name"] == HEADCOUNT and c["part"] == TOTAL and c["released_at"] == at
    }


def test_a_cell_hidden_once_stays_hidden_in_later_releases_of_its_period():
    few = {"g0": 50.0, "g1": 60.0}
    before = {"MA-CAS": MANY, "MA-RAB": MANY, "MA-FES": few}
    after = {"MA-CAS": {who: v + 7 for who, v in MANY.items()}, "MA-RAB": MANY, "MA-FES": {who: v + 3 for who, v in MANY.items()}}
    found = releases.cells(given(before, MARCH, JULY) + given(after, JULY), policy())
    assert {cell["released_at"] for cell in found} == {MARCH, JULY}
    assert statuses(found, MARCH)["MA-FES"] == "A" and statuses(found, MARCH)["MA-RAB"] != statuses(found, MARCH)["MA-CAS"]
    assert statuses(found, JULY)["MA-FES"] == "D", "assez de groupes désormais, mais le secret d'hier serait rendu"


def test_a_table_is_not_made_again_for_one_group():
    rows = {"MA-CAS": MANY, "MA-RAB": MANY}
    alone = {"MA-CAS": MANY | {"g0": 900.0}, "MA-RAB": MANY}
    found = releases.cells(given(rows, MARCH, JULY) + given(alone, JULY), policy())
    assert {cell["released_at"] for cell in found} == {MARCH}, "la différence des deux éditions est le secret d'un groupe"


@pytest.mark.parametrize("groups", [1, 2, 3, 9, 10, 12])
def test_nothing_is_made_of_the_first_few_and_any_number_of_groups_can_be_protected(groups):
    rows = {"MA-CAS": dict(list(MANY.items())[:groups]), "MA-OUJ": dict(list(MANY.items())[:2])}
    found = releases.cells(given(rows), policy())
    assert bool(found) == (groups >= 10)
    everything = releases.cells(given(rows), Policy(policy().places, policy().segments, opening=1))
    assert {cell["conf_status"] for cell in everything if cell["ref_area"] == "MA-OUJ"} == {"A"}


def test_a_failed_audit_names_the_table_and_the_cell():
    leaves = [
        ((city, "CRM"), who, v) for city, shares in {"MA-CAS": MANY, "MA-FES": {"g0": 50.0}}.items() for who, v in shares.items()
    ]
    attacks = audit(table(leaves), [("MA-FES", "CRM"), ("MA-FES", TOTAL)], policy().segments)
    with pytest.raises(ScienceError, match="table « headcount », cellule MA-FES × CRM : un lecteur la retrouverait"):
        releases._refuse(HEADCOUNT, attacks)


def test_a_build_whose_secret_cells_could_be_recovered_fails_and_says_which(observatory, tmp_path, monkeypatch):
    data = tmp_path / "data"
    shutil.copytree(observatory.data, data, symlinks=True)

    def careless(crossed, rules, kept_hidden=(), with_insiders=True):
        """Hides what is sensitive, and nothing with it."""
        found = protect(crossed, rules, kept_hidden, with_insiders)
        status = {cell: "F" if code == "D" else code for cell, code in found.status.items()}
        hidden = [cell for cell, code in status.items() if code != "F"]
        return Pattern(status, 0.0, tuple(audit(crossed, hidden, rules, with_insiders)))

    monkeypatch.setattr(releases, "protect", careless)
    with pytest.raises(build.BuildError, match=r"firm_cells : secret statistique : table « \w+ », cellule MA-\w+.*retrouverait"):
        build.build(clock.start(data))
    assert build.stamp(Lake.open(data)) is None, "une construction refusée ne se publie pas"


def test_the_rules_are_private_and_a_bad_file_of_rules_names_its_line(tmp_path, observatory):
    lake = Lake.open(tmp_path / "data")
    assert secrecy.rules(lake) == secrecy.SecrecyRules()
    (lake.root / secrecy.FILE).write_text("minimum: 4\n")
    assert secrecy.rules(lake).minimum == 4
    (lake.root / secrecy.FILE).write_text("minimum: 4\nsegment_minimum: un\n")
    with pytest.raises(DeclarationError, match=r"disclosure\.yml:2"):
        secrecy.rules(lake)
    assert "disclosure_rules" not in " ".join(observatory.tables())
