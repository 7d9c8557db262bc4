{# Every rule on the relation `readings` (columns of `indicator_history`, and `moment`, `is_closed`): the common table
   expressions that end in `leveled`, one row per rule, entity and moment with its level (0, 1 orange, 2 rouge) and its
   hysteresis. A value that is not measured is judged twice: what its bound nearest to calm says is certain (`level`), what
   its other bound says is possible (`possible_level`). One that is missing changes nothing. A rule that waits for final
   figures takes a provisional one for missing. With `told`, a column of `readings`, each state of knowledge is judged on
   its own. #}
{% macro level_of(least, most, on, off) -%}
case
      when is_outside or ({{ most }} <= turn * {{ off }} and n_calm = keep_periods) then 0
      when {{ least }} >= turn * {{ on }} and n_recent = for_periods then 1
    end
{%- endmacro %}
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
    coalesce(rules.keep_periods, 1) as keep_periods,
    coalesce(rules.waits_for_final and readings.obs_status = 'P', false) as is_awaited,
    case
      when readings.class = 'measured' then readings.value
      when rules.turn = 1 then coalesce(readings.lower, readings.value)
      else coalesce(readings.upper, readings.value)
    end as near,
    case
      when readings.class = 'measured' then readings.value
      when rules.turn = 1 then readings.upper
      else readings.lower
    end as far
  from readings
  inner join {{ ref('int_alert_thresholds') }} as rules
    on readings.indicator = rules.indicator and readings.freq = rules.freq and readings.scenario = rules.scenario
    and rules.ref_area in (readings.ref_area, 'each')
    and rules.breakdown in (readings.breakdown, 'each', 'any')
    and rules.methodology in (readings.methodology, 'each')
  left join {{ ref('int_feeds') }} as feeds on readings.breakdown = feeds.feed
  -- one reading per entity and moment: under the threshold of its own, if it has one; the headline source, then what was
  -- known last, then the most worrying
  qualify row_number() over (
    partition by {{ told }} rules.rule, entity, readings.moment
    order by rules.is_own desc nulls last, readings.breakdown like '%@%', readings.known_from desc, rules.turn * near desc nulls last, readings.breakdown
  ) = 1
),

measured as (
  select
    *,
    round(turn * near / scale, 9) as seen,
    case when is_awaited then null else round(turn * near / scale, 9) end as reach,
    case when is_awaited then null else round(turn * coalesce(far, near) / scale, 9) end as far_reach,
    coalesce(round(near / scale, 9) < applies_from, false) as is_outside
  from judged
),

-- over the last periods that are known, did every one reach the threshold? did every one leave it?
crossed as (
  select
    *,
    min(reach) over recent as least, min(far_reach) over recent as far_least, count(*) over recent as n_recent,
    max(reach) over calm as most, max(far_reach) over calm as far_most, count(*) over calm as n_calm
  from measured
  where reach is not null
  window
    recent as (partition by {{ told }} rule, entity order by moment rows between for_periods - 1 preceding and current row),
    calm as (partition by {{ told }} rule, entity order by moment rows between keep_periods - 1 preceding and current row)
),

turned as (
  select
    {{ told }} rule, entity, moment,
    {{ level_of('least', 'most', 'amber_on', 'amber_off') }} as amber,
    {{ level_of('least', 'most', 'red_on', 'red_off') }} as red,
    {{ level_of('far_least', 'far_most', 'amber_on', 'amber_off') }} as possible_amber,
    {{ level_of('far_least', 'far_most', 'red_on', 'red_off') }} as possible_red
  from crossed
),

leveled as (
  select
    measured.*,
    case
      when last_value(turned.red ignore nulls) over so_far = 1 then 2
      when last_value(turned.amber ignore nulls) over so_far = 1 then 1
      else 0
    end::integer as level,
    case
      when last_value(turned.possible_red ignore nulls) over so_far = 1 then 2
      when last_value(turned.possible_amber ignore nulls) over so_far = 1 then 1
      else 0
    end::integer as possible_level,
    coalesce(not is_outside and seen >= turn * amber_on, false) as is_beyond
  from measured
  left join turned using ({{ told }} rule, entity, moment)
  window so_far as (partition by {{ told }} rule, entity order by moment rows between unbounded preceding and current row)
)
{%- endmacro %}
