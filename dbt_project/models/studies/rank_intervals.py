from vigie.science import composite

DRAWS = 1002


def model(dbt, session):
    dbt.config(materialized="table")
    readings = dbt.ref("indicator_values").filter("indicator = 'ivt' and value is not null")
    scores = {(area, node): score for area, node, score in readings.project("ref_area, breakdown, value").fetchall()}
    # a city without an index has no rank
    ranked = {key: score for key, score in scores.items() if (key[0], "_T") in scores}
    return composite.rank_intervals(dbt.ref("int_vulnerability_structure").to_arrow_table().to_pylist(), ranked, DRAWS)
