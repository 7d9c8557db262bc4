from vigie.science import rule_tests


def model(dbt, session):
    dbt.config(materialized="table")
    history = dbt.ref("rule_judgements").project("rule, entity, said_on, is_on, reach").fetchall()
    judgements = [(rule, rule_tests.Judgement(*judgement)) for rule, *judgement in history]
    rules = [rule for (rule,) in dbt.ref("int_alert_rules").project("rule").fetchall()]
    episodes = dbt.ref("int_crisis_episodes").project("ref_area, starts_on, horizon_months").fetchall()
    (embargo,) = dbt.ref("int_episode_definitions").aggregate("max(horizon_months)").fetchone()
    (until,) = dbt.ref("int_vintages").aggregate("max(vintage)::date").fetchone()
    return rule_tests.verdicts(judgements, rules, [rule_tests.Episode(*one) for one in episodes], embargo, until)
