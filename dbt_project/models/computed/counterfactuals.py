from vigie.science import counterfactual


def model(dbt, session):
    dbt.config(materialized="table")
    return counterfactual.relation(dbt.ref("int_headcount_months").to_arrow_table().to_pylist())
