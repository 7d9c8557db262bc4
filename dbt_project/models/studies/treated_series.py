from vigie.science import histories


def model(dbt, session):
    dbt.config(materialized="table")
    readings = dbt.ref("series_histories").to_arrow_table().to_pylist()
    panels = dbt.ref("int_early_series").to_arrow_table().to_pylist()
    (asked,) = dbt.ref("int_question").to_arrow_table().to_pylist()
    return histories.relation(histories.treat(readings, panels, asked["asked_on"]))
