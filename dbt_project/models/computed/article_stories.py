from vigie.extract import tables


def model(dbt, session):
    dbt.config(materialized="table")
    return tables.relation(tables.stories(dbt.ref("int_articles_in_order").to_arrow_table().to_pylist()), tables.STORIES)
