from vigie.extract import tables


def model(dbt, session):
    dbt.config(materialized="table")
    return tables.relation(tables.event_links(dbt.ref("int_reports").to_arrow_table().to_pylist()), tables.LINKS)
