-- How much of what ends up known of a period is known k days after its end: over the ripe periods that were followed from
-- their end on, as a share of the series, and of their amounts where amounts can be added up.
with followed as (
  select * from {{ ref('int_first_values') }} where is_followed and is_ripe
),

counted as (
  select
    {{ arrival_group() }}, count(distinct period) as n_periods, count(*) as n_values, sum(latest_value) as amount,
    count(distinct unit_measure) = 1 and min(latest_value) >= 0
      and bool_and(unit_measure in ('MAD_BN', 'USD', 'EUR_MN', 'PS', 'NB')) as is_additive
  from followed
  group by {{ arrival_group() }}
),

ages as (
  select {{ arrival_group() }}, lag_days as age_days, count(*) as n_new, sum(latest_value) as amount_new
  from followed
  group by {{ arrival_group() }}, lag_days
)

select
  {{ arrival_group() }}, ages.age_days,
  counted.n_periods::integer as n_periods,
  counted.n_values::integer as n_values,
  round(100.0 * sum(ages.n_new) over so_far / counted.n_values, 9) as known_pct,
  case when counted.is_additive then round(100 * {{ ratio('sum(ages.amount_new) over so_far', 'counted.amount') }}, 9) end
    as known_amount_pct,
  md5(concat_ws('|', 'completeness_curves', {{ arrival_group() }}, ages.age_days)) as receipt_id
from ages
inner join counted using ({{ arrival_group() }})
where counted.n_periods >= {{ least_followed_periods() }}
window so_far as (
  partition by {{ arrival_group() }} order by ages.age_days rows between unbounded preceding and current row
)
