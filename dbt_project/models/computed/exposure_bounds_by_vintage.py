from vigie.science import exposure


def model(dbt, session):
    dbt.config(materialized="table")
    margins = dbt.ref("int_exposure_margins_by_vintage").to_arrow_table().to_pylist()
    laws = dbt.ref("int_exposure_laws_by_vintage").to_arrow_table().to_pylist()
    return exposure.relation(exposure.intervals(margins, laws), exposure.ENDS + exposure.HITS, exposure.BOUNDED)
