from vigie.extract import law_tables, tables


def model(dbt, session):
    dbt.config(materialized="table")
    return tables.relation(law_tables.states(dbt.ref("int_legal_facts").to_arrow_table().to_pylist()), law_tables.STATES)
