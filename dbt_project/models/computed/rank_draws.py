from vigie.science import composite

DRAWS = 1002


def model(dbt, session):
    dbt.config(materialized="table")
    return composite.factors(dbt.ref("int_vulnerability_structure").to_arrow_table().to_pylist(), DRAWS)
