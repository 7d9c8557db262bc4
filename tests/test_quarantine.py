"""Rows held at the door are seen, corrected, released and rejected by people, and every count closes."""

import json

import pytest

from vigie import acts, clock, feed, questions
from vigie import cli as command
from vigie.clock import CallError
from vigie.collect import collect
from vigie.quarantine import open_loads

UNTYPED, NEGATIVE = (11, 12, 13), (21, 22, 23, 24)
AT_THE_DOOR = [*UNTYPED, *NEGATIVE]


def answer(values: dict[int, object] | None = None, years: int = 100, step: float = 0.0, updated: str | None = None) -> str:
    """A World Bank answer of one series, newest year first; `values` replaces those of some rows."""
    lines = [
        {
            "indicator": {"id": "BX.GSR.CCIS.CD", "value": "ICT service exports"}, "country": {"id": "MA", "value": "Morocco"},
            "date": str(2025 - number), "value": (values or {}).get(number, 1000.0 + number + step), "obs_status": "",
            "decimal": 0,
        }
        for number in range(1, years + 1)
    ]  # fmt: skip
    heading = {"page": 1, "pages": 1, "total": len(lines)} | ({"lastupdated": updated} if updated else {})
    return json.dumps([heading, lines])


FLAWED = {**dict.fromkeys(UNTYPED, "n.d."), **dict.fromkeys(NEGATIVE, -5.0)}


@pytest.fixture
def run(tmp_path):
    return clock.start(tmp_path / "data")


@pytest.fixture
def given(run, tmp_path):
    """Collects one document of a feed and returns its load."""

    def collected(text: str, name: str = "wb_indicators", file: str = "réponse.json"):
        path = tmp_path / file
        path.write_text(text)
        (load,) = collect(run, [name], path).loads
        return load

    return collected


@pytest.fixture
def say(run, capsys):
    """Calls `vigie quarantine …`; gives its exit status, its output, and its errors."""

    def called(*words: object):
        capsys.readouterr()
        status = command.main(["quarantine", *map(str, words), "--data", str(run.data.root)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return called


def counts(run) -> tuple[int, int, int, int]:
    (load,) = [load for load in run.data.loads("wb_indicators") if load.load_id not in {x.supersedes for x in run.data.loads()}]
    assert load.rows_read == load.rows_landed + load.rows_quarantined + load.rows_rejected
    return load.rows_read, load.rows_landed, load.rows_quarantined, load.rows_rejected


def objects(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_of_a_hundred_rows_seven_are_held_then_three_corrected_one_rejected_and_every_count_closes(run, given, say, tmp_path):
    load = given(answer(FLAWED))
    assert counts(run) == (100, 93, 7, 0)
    table = tmp_path / "corrections.csv"
    table.write_text("row_no;value\n11;1500\n12;1501\n13;1502\n", encoding="utf-8-sig")
    assert say("fix", load.load_id, "--file", table, "--by", "Amina", "--reason", "page de la Banque mondiale")[0] == 0
    assert counts(run) == (100, 96, 4, 0)
    assert say("reject", load.load_id, 21, "--by", "Amina", "--reason", "valeur impossible")[0] == 0
    assert counts(run) == (100, 96, 3, 1)
    taken = acts.of(run.data, "wb_indicators", load.document)
    assert [(act.verb, act.rows, act.by) for act in taken] == [("fix", (11, 12, 13), "Amina"), ("reject", (21,), "Amina")]
    assert all(act.at >= run.now for act in taken) and taken[0].reason == "page de la Banque mondiale"


def test_what_is_held_is_listed_by_rule_with_its_rows_its_reason_and_its_remedy(given, say):
    load = given(answer(FLAWED))
    status, out, _ = say("list", "--json")
    assert status == 0
    by_rule = {line["rule"]: line for line in objects(out)}
    untyped = by_rule["type(value)"]
    assert (untyped["feed"], untyped["load_id"], untyped["rows"], untyped["rows_held"]) == (
        "wb_indicators", load.load_id, list(UNTYPED), 3,
    )  # fmt: skip
    assert "« n.d. » n'est pas un nombre" in untyped["reason"] and untyped["fix"] and not untyped["can_release"]
    (negative,) = [line for rule, line in by_rule.items() if rule.startswith("expect_column_values_to_be_between")]
    assert negative["rows"] == list(NEGATIVE) and negative["can_release"]
    assert say("list", "oc_exports") == (0, "rien n'est retenu\n", "")


def test_a_held_row_is_shown_with_its_cells_as_the_publisher_wrote_them(given, say):
    load = given(answer(FLAWED))
    status, out, _ = say("show", load.load_id, 11, "--json")
    (row,) = objects(out)
    cells = {cell["column"]: cell for cell in row["cells"]}
    assert status == 0 and row["place"] == "/1/10/value" and row["row_no"] == 11
    assert cells["value"] == {"column": "value", "description": "valeur de l'indicateur", "read": "n.d.", "value": "n.d."}
    assert [fault["rule"] for fault in row["faults"]] == ["type(value)"]
    assert len(objects(say("show", load.load_id, "--json")[1])) == 7
    text = say("show", load.load_id, 11)[1]
    assert "valeur de l'indicateur" in text and "n.d." in text


def test_a_corrected_row_passes_the_same_door_and_stays_held_when_it_still_fails(run, given, say):
    load = given(answer(FLAWED))
    status, out, _ = say("fix", load.load_id, 11, "value=-3", "--by", "Amina", "--json")
    (decided,) = objects(out)
    assert status == 1
    assert [(line["row_no"], line["rule"].split("(")[0]) for line in decided["still_held"]] == [
        (11, "expect_column_values_to_be_between")
    ]
    assert counts(run) == (100, 93, 7, 0)
    shown = objects(say("show", load.load_id, 11, "--json")[1])[0]["cells"]
    assert {(cell["read"], cell["value"]) for cell in shown if cell["column"] == "value"} == {("n.d.", "-3")}
    assert say("fix", load.load_id, 11, "value=2000", "--by", "Amina")[0] == 0
    assert counts(run) == (100, 94, 6, 0)


def test_a_name_of_a_load_that_was_judged_anew_leads_to_its_latest_judgement(run, given, say):
    load = given(answer(FLAWED))
    for row in UNTYPED:
        assert say("fix", load.load_id, row, f"value={1000 + row}", "--by", "Amina")[0] == 0
        assert say("show", f"wb_indicators/{load.load_id}")[0] == 0
    assert counts(run) == (100, 96, 4, 0)


def test_a_row_is_released_despite_its_rule_unless_the_rule_is_structural(run, given, say):
    load = given(answer(FLAWED))
    assert say("release", load.load_id, 21, 22, "--by", "Amina")[0] == 0
    assert counts(run) == (100, 95, 5, 0)
    status, _, err = say("release", load.load_id, 11, 23, "--by", "Amina")
    assert status == 1 and "type(value)" in err and "ligne 11" in err
    assert counts(run) == (100, 95, 5, 0), "nothing is half decided"
    assert len(acts.of(run.data, "wb_indicators", load.document)) == 1


def test_releasing_all_that_a_load_holds_needs_a_reason_and_leaves_what_cannot_be_released(run, given, say):
    load = given(answer(FLAWED))
    status, _, err = say("release", load.load_id, "--by", "Amina")
    assert status == 2 and "motif" in err
    assert say("release", load.load_id, "--by", "Amina", "--reason", "recettes nettes, l'éditeur le confirme")[0] == 0
    assert counts(run) == (100, 97, 3, 0)


def test_a_document_held_whole_is_released_with_its_reason_or_rejected_and_forgotten(run, given, say):
    given(answer())
    collapsed = given(answer(years=30, step=1.0))
    assert (collapsed.outcome, collapsed.rows_quarantined) == ("quarantined", 30)
    (hold,) = objects(say("list", "--json")[1])
    assert hold["rows"] == [] and hold["rows_held"] == 30 and hold["rule"].startswith("expect_row_count_not_to_collapse")
    assert say("release", collapsed.load_id, "--by", "Amina", "--reason", "série raccourcie par l'éditeur")[0] == 0
    assert open_loads(run.data) == []
    again = given(answer(years=10, step=2.0))
    assert say("reject", again.load_id, "--by", "Amina", "--reason", "réponse tronquée")[0] == 0
    assert open_loads(run.data) == []
    last = run.data.loads("wb_indicators")[-1]
    assert (last.rows_read, last.rows_landed, last.rows_rejected, last.supersedes) == (10, 0, 10, again.load_id)


def test_a_document_that_cannot_be_read_can_only_be_rejected(run, given, say):
    load = given("<html>Service indisponible</html>")
    (hold,) = objects(say("list", "--json")[1])
    assert (hold["rule"], hold["rows_held"], hold["can_release"]) == ("lecture", 0, False)
    assert say("release", load.load_id, "--by", "Amina", "--reason", "je le veux")[0] == 1
    assert say("show", load.load_id)[0] == 1
    assert say("reject", load.load_id, "--by", "Amina", "--reason", "page d'erreur")[0] == 0
    assert open_loads(run.data) == []


def test_a_correction_that_would_refuse_the_whole_document_is_not_recorded(run, given, say):
    heading, lines = json.loads(answer(FLAWED))
    for number, line in enumerate(lines, start=1):
        line["country"]["id"] = "MA" if number == 11 else "SN"
    load = given(json.dumps([heading, lines]))
    assert load.rows_landed == 93
    status, _, err = say("fix", load.load_id, 11, "value=1011", "ref_area=SN", "--by", "Amina")
    assert status == 1 and "rien n'est décidé" in err and "aucune ligne pour le Maroc" in err
    assert acts.of(run.data, "wb_indicators", load.document) == []
    assert say("fix", load.load_id, 11, "value=1011", "--by", "Amina")[0] == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["show", "20260101-inconnu"], "chargements retenus : wb_indicators/"),
        (["show", "nulle_part/20260101"], "flux connus"),
        (["list", "nulle_part"], "flux connus"),
        (["fix", "LOAD", "11", "valeur=3", "--by", "A"], "colonnes de wb_indicators : indicator"),
        (["fix", "LOAD", "11", "value", "--by", "A"], "colonne=valeur"),
        (["fix", "LOAD", "--by", "A"], "nommer la ligne"),
        (["fix", "LOAD", "11", "--by", "A"], "rien à corriger"),
        (["fix", "LOAD", "11", "value=3"], "--by NOM"),
        (["fix", "LOAD", "5", "value=3", "--by", "A"], "lignes retenues ou rejetées : 11, 12, 13, 21"),
        (["release", "LOAD", "500", "--by", "A"], "lignes retenues ou rejetées : 11"),
        (["reject", "LOAD", "--by", "A"], "motif"),
        (["show", "LOAD", "500"], "le document a 100 lignes"),
        (["fix", "LOAD", "--file", "absent.csv", "--by", "A"], "ne peut être lu"),
    ],
)
def test_a_call_that_names_nothing_known_says_what_is_known(given, say, words, told):
    load = given(answer(FLAWED))
    status, _, err = say(*[load.load_id if word == "LOAD" else word for word in words])
    assert status == 2 and told in err, err


def test_a_table_of_corrections_must_name_its_rows_and_columns(given, say, tmp_path):
    load = given(answer(FLAWED))
    for text, told in (
        ("value\n3\n", "row_no"), ("row_no,valeur\n11,3\n", "colonne inconnue « valeur »"),
        ("row_no,value\nonze,3\n", "ligne 2"), ("row_no,value\n11,3,4\n", "ligne 2"), ("row_no,value\n11,\n", "rien à corriger"),
    ):  # fmt: skip
        table = tmp_path / "corrections.csv"
        table.write_text(text)
        status, _, err = say("fix", load.load_id, "--file", table, "--by", "Amina")
        assert status == 2 and told in err, (text, err)


def test_nothing_is_decided_on_an_edition_that_a_newer_one_replaced(run, given, say):
    older, newer = feed.sample_documents("operator_sites")[-2:]
    broken = older.read_text().replace(",city,400,", ",city,-4,", 1)
    held = given(broken, "operator_sites", "ancienne.csv")
    assert held.rows_quarantined == 1
    given(newer.read_text(), "operator_sites", "nouvelle.csv")
    assert open_loads(run.data) == []
    for verb, words in (("fix", ["headcount=400"]), ("release", []), ("reject", [])):
        status, _, err = say(verb, held.load_id, 1, *words, "--by", "Amina")
        assert status == 1 and "remplacée" in err
    assert acts.of(run.data, "operator_sites", held.document) == []


def test_a_decision_interrupted_before_its_judgement_is_taken_in_by_the_next_collection(run, given):
    load = given(answer(FLAWED))
    act = acts.Act("fix", (11,), {11: {"value": "1011"}}, "Amina", run.now, "")
    acts.record(run.data, "wb_indicators", load.document, act)
    again = [judged for judged in collect(run, ["wb_indicators"]).loads if judged.supersedes == load.load_id]
    assert [judged.rows_landed for judged in again] == [94]


def test_a_row_put_away_can_be_taken_back_and_the_last_word_holds(run, given, say):
    load = given(answer(FLAWED))
    assert say("reject", load.load_id, 21, "--by", "Amina")[0] == 0
    assert counts(run) == (100, 93, 6, 1)
    assert say("release", load.load_id, 21, "--by", "Brahim", "--reason", "rejetée à tort")[0] == 0
    assert counts(run) == (100, 94, 6, 0)


def test_each_held_load_is_asked_about_once_and_few_at_a_time(run, given):
    load = given(answer(FLAWED))
    (asked,) = questions.due(run, "quarantine", lambda names: 0)
    assert asked == {
        "trigger_dag_id": "quarantine", "trigger_run_id": f"held__wb_indicators__{load.load_id}",
        "conf": {"load": f"wb_indicators/{load.load_id}"},
    }  # fmt: skip
    assert questions.due(run, "quarantine", len) == []


def test_a_question_shows_what_a_document_says_as_plain_text(run, given):
    hostile = "`<script>` [x](https://mal.example) **www.mal.example**"
    load = given(answer({11: hostile}))
    subject, body = questions.text(run, f"wb_indicators/{load.load_id}")
    assert subject == "wb_indicators : 1 ligne(s) retenue(s) sur 100"
    assert f"`` {hostile} ``" in body, "in a code span longer than its back-quotes"
    assert not any(live in body.replace(f"`` {hostile} ``", "") for live in ("<script>", "https://mal", "www.mal", "[x]("))


def test_an_answer_acts_in_the_name_of_whoever_gave_it(run, given):
    load = given(answer(FLAWED))
    asked = f"wb_indicators/{load.load_id}"
    with pytest.raises(CallError, match="motif"):
        questions.answer(run, asked, questions.RELEASE, {"motif": " "}, "amina")
    assert questions.answer(run, asked, questions.LEAVE, {}, "amina") == "laissé en quarantaine"
    done = questions.answer(run, asked, questions.FIX, {"corrections": "row_no;value\n11;1011"}, "amina")
    assert (done.act.by, done.after.rows_landed) == ("amina", 94)
    assert questions.answer(run, asked, questions.REJECT, {}, "brahim").after.rows_quarantined == 0
    assert questions.answer(run, asked, questions.RELEASE, {"motif": "tard"}, "chama") == questions.ALREADY


def test_the_page_of_a_load_has_no_script_no_address_and_no_value_of_a_row(run, given):
    load = given(answer({11: "<img src=x onerror=alert(1)>", 21: -98765.4321}))
    page = run.data.data_docs(load).read_text()
    for text in ("98765", "onerror", "<script", "<link", "<img", "href", "http://", "https://"):
        assert text not in page, text
    assert "100 lignes lues : 98 chargées, 2 retenues" in page
    assert "Une recette ou un taux de change est toujours positif." in page
    assert "values must be greater than" in page, "Great Expectations' own words"
    assert "98765" not in run.data.data_docs(load).with_suffix(".json").read_text()
