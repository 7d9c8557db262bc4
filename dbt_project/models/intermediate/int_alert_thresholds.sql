-- The thresholds of each rule, and beside them those of its own that a place or a breakdown has.
with own as (
  select rules.* replace (
    coalesce(thresholds.ref_area, rules.ref_area) as ref_area, coalesce(thresholds.breakdown, rules.breakdown) as breakdown,
    thresholds.amber_on as amber_on, thresholds.amber_off as amber_off, thresholds.red_on as red_on, thresholds.red_off as red_off
  ), true as is_own
  from {{ source('sector', 'alert_thresholds') }} as thresholds
  inner join {{ ref('int_alert_rules') }} as rules on thresholds.rule = rules.rule
)

select *, false as is_own from {{ ref('int_alert_rules') }}
union all
select * from own
