from vigie.science import site_plans


def model(dbt, session):
    dbt.config(materialized="table")
    places = dbt.ref("int_siting_places").to_arrow_table().to_pylist()
    losses = dbt.ref("indicator_values").filter("indicator = 'job_net_loss' and breakdown = '_T' and methodology = 'DECLARED'")
    by_scenario = {(scenario, area): value for scenario, area, value in losses.project("scenario, ref_area, value").fetchall()}
    found = []
    for plan in dbt.ref("int_siting_plans").to_arrow_table().to_pylist():
        found += site_plans.choices(
            plan, [place | {"loss": by_scenario.get((plan["scenario"], place["ref_area"]))} for place in places]
        )
    return site_plans.relation(found)
