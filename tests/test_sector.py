"""The sector file: what it declares, and how it says where it is wrong."""

import json
import re
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
    "legal_focus": ["event_id", "market", "activity", "label_fr", "reason"],
    "keywords": ["keyword", "lang", "reason"],
    "target_markets": ["ref_area", "group_fr"],
    "assumptions": [
        "assumption", "parameter", "applies_to", "low", "mode", "high", "unit", "author", "stated_on", "source",
        "source_url", "note",
    ],
    "scenario_laws": ["event_id", "market", "reason"],
    "scenario_targets": [
        "target", "group_fr", "law", "outbound_share", "risk_low", "risk_mode", "risk_high", "author", "stated_on", "source",
        "source_url", "note",
    ],
    "episode_definitions": ["episode", "kind", "least", "within_days", "horizon_months", "author", "stated_on", "basis"],
    "event_patience": ["event_type", "days", "author", "stated_on", "basis"],
    "event_severities": ["event_type", "severity", "author", "stated_on", "basis"],
    "news_sources": ["outlet", "weight", "author", "stated_on", "basis"],
    "siting_plans": ["plan", "scenario", "most_sites", "radius_km", "draws", "spread", "author", "stated_on", "basis"],
    "site_hosts": ["ref_area", "capacity_fr", "author", "stated_on", "source"],
    "pillars": ["pillar", "weight", "author", "stated_on", "basis"],
    "pillar_parts": ["indicator", "pillar", "weight", "low", "high", "is_log", "basis"],
    "early_series": [
        "indicator", "ref_area", "breakdown", "methodology", "freq", "early_indicator", "early_ref_area", "early_breakdown",
        "early_methodology", "early_freq", "early_fr", "author", "stated_on", "reason",
    ],
    "alert_rules": [
        "rule", "version", "title", "subject", "indicator", "ref_area", "breakdown", "methodology", "scenario", "freq",
        "direction", "applies_from", "amber_on", "amber_off", "red_on", "red_off", "for_periods",
        "keep_periods", "waits_for_final", "says_possible", "only_with", "inhibited_by", "group_by", "remind_days", "unit",
        "threshold_owner", "threshold_basis", "threshold_set_on", "action", "action_days", "caution", "clears_when", "review_by",
    ],
    "alert_thresholds": [
        "rule", "ref_area", "breakdown", "amber_on", "amber_off", "red_on", "red_off", "threshold_owner", "threshold_basis",
        "threshold_set_on",
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
        ("assumptions", "low"): "DOUBLE", ("assumptions", "mode"): "DOUBLE", ("assumptions", "stated_on"): "DATE",
        ("pillar_parts", "low"): "DOUBLE", ("pillar_parts", "is_log"): "BOOLEAN", ("pillars", "stated_on"): "DATE",
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


def test_the_markets_aimed_at_are_countries_each_once_and_the_first_market_is_none_of_them(tables, tmp_path):
    aimed = tables["target_markets"]
    assert set(aimed["group_fr"]) == {"Espagne", "Afrique de l'Ouest", "Golfe", "Amérique latine"}
    assert {"ES", "SN", "CI", "AE"} < set(aimed["ref_area"]) and not {"FR", "MA"} & set(aimed["ref_area"])
    told = wrong(tmp_path, "{ref_area: SN, group_fr", "{ref_area: ES, group_fr")
    assert "marché visé déclaré(e) deux fois : ES" in told


def test_an_assumption_says_who_supposes_it_and_when_and_stands_in_order(tables):
    supposed = tables["assumptions"].set_index("assumption")
    assert supposed["author"].notna().all() and supposed["stated_on"].notna().all() and supposed["note"].notna().all()
    assert (supposed["low"] <= supposed["high"]).all()
    known = supposed[supposed["mode"].notna()]
    assert ((known["low"] <= known["mode"]) & (known["mode"] <= known["high"])).all()
    # 20 000 threatened jobs, 120 000 jobs and 80 % of France agree on this share
    assert supposed.loc["outbound_share.FR", "mode"] == pytest.approx(20_000 / (120_000 * 0.80))
    assert supposed["mode"].isna().sum() == 2, "le poids et l'intensité des autres marchés ne sont dits par personne"


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("    low: 0.60\n    mode: 0.75\n", "    low: 0.80\n    mode: 0.75\n", "  - assumption: coverage", "pas dans l'ordre"),
        ("    mode: 0.90\n    high: 1\n", "    mode: 0.90\n    high: 10\n", "  - assumption: stage_prob", "dépasse 1"),
        ("    low: 0.10\n", "    low: -0.10\n", "low: 0.10", "la valeur est trop petite"),
        ("    parameter: coverage\n", "    parameter: couverture\n", "parameter: coverage", "valeurs admises : 'market_share'"),
        ("    applies_to: proposed\n", "    appliesto: proposed\n", "applies_to: proposed", "champ inconnu"),
    ],
)
def test_an_assumption_that_cannot_hold_is_refused_at_its_line(tmp_path, old, new, at, said):
    assert re.search(rf":{line_of(at)} : assumptions\.\d.*{said}", wrong(tmp_path, old, new))


def test_an_assumption_without_its_author_or_given_twice_is_refused(tmp_path):
    one = "    author: Observatoire du secteur\n    stated_on: 2026-11-23\n    source: Lecture"
    assert "assumptions.3.author : champ obligatoire absent" in wrong(tmp_path, one, one.split("\n", 1)[1])
    twice = wrong(tmp_path, "    applies_to: proposed\n", "    applies_to: announced\n")
    assert "hypothèse déclaré(e) deux fois : stage_probability pour announced" in twice


def test_a_sector_without_keywords_is_refused(tmp_path):
    assert "keywords : champ obligatoire absent" in wrong(tmp_path, "\nkeywords:\n", "\nkey_words:\n")


def test_what_is_not_yaml_is_said_with_its_line(tmp_path):
    told = wrong(tmp_path, "name_en: Morocco's offshoring sector\n", "name_en: a: b\n")
    assert told.startswith(f":{line_of('name_en')} : ce n'est pas du YAML")


def test_a_sector_that_does_not_exist_is_said():
    with pytest.raises(sector.SectorError, match="fichier de secteur illisible"):
        sector.load("nowhere")
