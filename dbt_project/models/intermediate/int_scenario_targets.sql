-- The markets where work may be won, each under its own law.
select * from {{ source('sector', 'scenario_targets') }}
