from vigie.science import releases


def model(dbt, session):
    dbt.config(materialized="table")
    given = dbt.ref("int_firm_contributions").to_arrow_table().to_pylist()
    (rules,) = dbt.ref("int_disclosure_rules").to_arrow_table().to_pylist()
    return releases.relation(releases.cells(releases.contributions(given), releases.policy(rules)))
