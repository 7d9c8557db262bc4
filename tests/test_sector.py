"""The sector file: what it declares, and how it says where it is wrong."""

import json
from itertools import pairwise

import duckdb
import pytest

from vigie import sector, shapes

TEXT = (sector.SECTORS / "morocco_offshoring" / "sector.yml").read_text()
REGIONS = {f"MA-{number:02d}" for number in range(1, 13)}
TABLES = {
    "targets": ["target", "indicator", "methodology", "period", "value", "unit", "source", "source_url", "stated_on", "note"],
    "places": ["ref_area", "level", "name_fr", "parent", "lat", "lon"],
    "shapes": ["ref_area", "part_no", "contour"],
    "headline_series": ["indicator", "methodology", "source", "reason"],
    "legal_focus": ["event_id", "label_fr", "reason"],
    "keywords": ["keyword", "lang", "reason"],
    "alert_rules": [
        "rule", "version", "title", "subject", "indicator", "ref_area", "breakdown", "methodology", "scenario", "freq",
        "direction", "applies_from", "amber_on", "amber_off", "red_on", "red_off", "for_periods", "inhibited_by", "unit",
        "threshold_owner", "threshold_basis", "action", "action_days", "caution", "clears_when", "review_by",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    return sector.load("morocco_offshoring").tables()


def wrong(tmp_path, old, new) -> str:
    """What is said of the sector file with one text changed, once."""
    assert TEXT.count(old) >= 1
    path = tmp_path / "sector.yml"
    path.write_text(TEXT.replace(old, new, 1))
    with pytest.raises(sector.SectorError) as error:
        sector.read(path)
    return str(error.value).removeprefix(str(path))


def line_of(text) -> int:
    return TEXT[: TEXT.index(text)].count("\n") + 1


def test_the_tables_are_the_agreed_ones_and_none_is_empty(tables):
    assert {name: list(frame.columns) for name, frame in tables.items()} == TABLES
    assert all(len(frame) for frame in tables.values())


def test_the_warehouse_reads_dates_numbers_and_times_as_such(tables):
    types = {}
    with duckdb.connect() as connection:
        for name, frame in tables.items():
            connection.register("incoming", frame)
            described = connection.execute("describe select * from incoming").fetchall()
            types |= {(name, column): kind for column, kind, *_ in described}
            connection.unregister("incoming")
    expected = {
        ("targets", "period"): "TIMESTAMP", ("targets", "value"): "DOUBLE", ("targets", "stated_on"): "DATE",
        ("places", "lat"): "DOUBLE", ("places", "parent"): "VARCHAR", ("shapes", "part_no"): "INTEGER",
        ("alert_rules", "amber_on"): "DOUBLE", ("alert_rules", "applies_from"): "DOUBLE",
        ("alert_rules", "for_periods"): "INTEGER", ("alert_rules", "review_by"): "DATE",
    }  # fmt: skip
    assert {key: types[key] for key in expected} == expected


def test_the_targets_carry_their_source_and_say_that_their_perimeter_is_not_said(tables):
    targets = tables["targets"].set_index("target")
    assert dict(targets["value"]) == {"jobs_2030": 270_000, "exports_2030": 40, "exports_2026": 25}
    assert targets["source_url"].str.startswith("https://").all()
    assert targets["note"].str.startswith("Périmètre non précisé").all()
    assert set(targets["methodology"]) == {"_Z"}


def test_the_twelve_present_regions_have_one_closed_contour_each_that_holds_their_cities(tables):
    contours = {row.ref_area: json.loads(row.contour) for row in tables["shapes"].itertuples()}
    assert set(contours) == REGIONS
    assert all(ring[0] == ring[-1] and 20 < len(ring) < 1000 for ring in contours.values())
    cities = tables["places"].query("level == 'city' and ref_area not in ['MA-TNG', 'MA-CAS', 'MA-MOH', 'MA-HOC', 'MA-AGD']")
    assert len(cities) >= 12
    # cities on the coast may fall a few hundred metres off a simplified shore
    for city in cities.itertuples():
        assert [area for area, ring in contours.items() if holds(ring, city.lon, city.lat)] == [city.parent], city.name_fr


def holds(ring, x, y) -> bool:
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def test_simplifying_keeps_the_ends_and_strays_no_further_than_told():
    line = [(0.0, 0.0), (1.0, 0.05), (2.0, -0.05), (3.0, 1.0), (4.0, 0.0)]
    assert shapes.simplify(line, 0.5) == [(0.0, 0.0), (2.0, -0.05), (3.0, 1.0), (4.0, 0.0)]
    assert shapes.simplify(line, 2) == [line[0], line[-1]]
    assert shapes.simplify(line, 0.001) == line


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("    amber_on: -3\n", "    amber_on: trois\n", "amber_on: -3", "un nombre est attendu"),
        ("    direction: below\n", "    direction: beside\n", "direction: below", "valeurs admises : 'above', 'below'"),
        ("    review_by: 2027-06-30\n", "    review_by: bientôt\n", "review_by: 2027-06-30", "n'est pas une date"),
        ("    action_days: 15\n", "    action_days: 1.5\n", "action_days: 15", "un nombre entier est attendu"),
        ("    title: Recul", "    titel: Recul", "title: Recul", "champ inconnu"),
        ("    version: \"1\"\n", "    version: 1\n", "version: \"1\"", "un texte est attendu"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_line(tmp_path, old, new, at, said):
    told = wrong(tmp_path, old, new)
    assert said in told and f":{line_of(at)} : alert_rules.0." in told


def test_thresholds_out_of_order_are_refused_at_their_rule(tmp_path):
    told = wrong(tmp_path, "amber_off: -1\n", "amber_off: -4\n")
    assert told.startswith(f":{line_of('  - rule: recul_exportations_crm')} : ") and "les seuils ne se suivent pas" in told


def test_a_missing_field_is_named(tmp_path):
    told = wrong(tmp_path, "    caution: >-\n      un reclassement", "    clears_whenever: >-\n      un reclassement")
    assert "alert_rules.0.caution : champ obligatoire absent" in told


def test_a_name_given_twice_or_a_parent_unknown_is_refused(tmp_path):
    assert "règle déclaré(e) deux fois : silence_flux" in wrong(tmp_path, "rule: reclassement_possible", "rule: silence_flux")
    assert "lieu parent inconnu : MA-13" in wrong(
        tmp_path, "name_fr: Casablanca, parent: MA-06", "name_fr: Casablanca, parent: MA-13"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "{keyword: Bloctel, lang: fr,",
            "{keyword: Bloctel, lang: français,",
            "keywords.1.lang : un code sans espace ni accent est attendu",
        ),
        ("{keyword: Bloctel, lang: fr,", "{keyword: '', lang: fr,", "keywords.1.keyword : un texte non vide est attendu"),
        ("{keyword: Bloctel, lang: fr,", "{keyword: '...', lang: fr,", "keywords.1.keyword : le mot-clé « ... » est trop court"),
        ("{keyword: Bloctel, lang: fr,", "{keyword: 1234, lang: fr,", "keywords.1.keyword : un texte est attendu"),
    ],
)
def test_a_keyword_that_cannot_be_searched_for_is_named_with_its_line(tmp_path, old, new, said):
    told = wrong(tmp_path, old, new)
    assert told.startswith(f":{line_of('{keyword: Bloctel')} : ") and said in told


def test_a_keyword_in_another_spelling_is_the_same_keyword(tmp_path):
    told = wrong(tmp_path, "{keyword: télévente,", "{keyword: Demarchage  Téléphonique,")
    assert "mot-clé déclaré(e) deux fois : demarchage telephonique" in told


def test_a_sector_without_keywords_is_refused(tmp_path):
    assert "keywords : champ obligatoire absent" in wrong(tmp_path, "\nkeywords:\n", "\nkey_words:\n")


def test_what_is_not_yaml_is_said_with_its_line(tmp_path):
    told = wrong(tmp_path, "name_en: Morocco's offshoring sector\n", "name_en: a: b\n")
    assert told.startswith(f":{line_of('name_en')} : ce n'est pas du YAML")


def test_a_sector_that_does_not_exist_is_said():
    with pytest.raises(sector.SectorError, match="fichier de secteur illisible"):
        sector.load("nowhere")
