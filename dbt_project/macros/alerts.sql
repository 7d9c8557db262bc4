{# Every rule on the relation `readings` (columns of `indicator_history`, and `moment`, `is_closed`): the common table
   expressions that end in `leveled`, one row per rule, entity and moment with its level (0, 1 orange, 2 rouge) and its
   hysteresis. A value that is not measured is judged by the bound nearest to calm; one that is missing changes nothing.
   With `told`, a column of `readings`, each state of knowledge is judged on its own. #}
{% macro alert_levels(told='') %}
{%- set told = told ~ ',' if told else '' -%}
judged as (
  select
    rules.rule, rules.rule_version, readings.indicator, readings.ref_area, readings.breakdown, readings.methodology,
    readings.freq, readings.moment, readings.is_closed, rules.unit,
    concat_ws(
      '/', readings.ref_area, case when rules.breakdown = 'any' then '*' else readings.breakdown end, readings.methodology
    ) as entity,
    case when rules.unit = 'RHYTHM' then feeds.rhythm_days::double else 1::double end as scale,
    readings.value, readings.lower, readings.upper, readings.class, readings.obs_status, readings.origin,
    readings.missing_reason, readings.known_at, readings.known_from, readings.receipt_id, {{ told }}
    rules.turn, rules.amber_on, rules.amber_off, rules.red_on, rules.red_off, rules.applies_from, rules.for_periods,
    case
      when readings.class = 'measured' then readings.value
      when rules.turn = 1 then coalesce(readings.lower, readings.value)
      else coalesce(readings.upper, readings.value)
    end as near
  from readings
  inner join {{ ref('int_alert_rules') }} as rules
    on readings.indicator = rules.indicator and readings.freq = rules.freq and readings.scenario = rules.scenario
    and rules.ref_area in (readings.ref_area, 'each')
    and rules.breakdown in (readings.breakdown, 'each', 'any')
    and rules.methodology in (readings.methodology, 'each')
  left join {{ ref('int_feeds') }} as feeds on readings.breakdown = feeds.feed
  -- one reading per entity and moment: the headline source, then what was known last, then the most worrying
  qualify row_number() over (
    partition by {{ told }} rules.rule, entity, readings.moment
    order by readings.breakdown like '%@%', readings.known_from desc, rules.turn * near desc nulls last, readings.breakdown
  ) = 1
),

measured as (
  select
    *,
    round(turn * near / scale, 9) as reach,
    coalesce(round(near / scale, 9) < applies_from, false) as is_outside
  from judged
),

-- over the last periods that are known, did every one reach the threshold?
crossed as (
  select
    *,
    min(reach) over recent as least,
    count(*) over recent as n_recent
  from measured
  where reach is not null
  window recent as (
    partition by {{ told }} rule, entity order by moment rows between for_periods - 1 preceding and current row
  )
),

turned as (
  select
    {{ told }} rule, entity, moment,
    case
      when is_outside or reach <= turn * amber_off then 0
      when least >= turn * amber_on and n_recent = for_periods then 1
    end as amber,
    case
      when is_outside or reach <= turn * red_off then 0
      when least >= turn * red_on and n_recent = for_periods then 1
    end as red
  from crossed
),

leveled as (
  select
    measured.*,
    case
      when last_value(turned.red ignore nulls) over so_far = 1 then 2
      when last_value(turned.amber ignore nulls) over so_far = 1 then 1
      else 0
    end::integer as level
  from measured
  left join turned using ({{ told }} rule, entity, moment)
  window so_far as (partition by {{ told }} rule, entity order by moment rows between unbounded preceding and current row)
)
{%- endmacro %}
