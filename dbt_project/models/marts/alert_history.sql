-- The level of every rule on every entity and period, with the time during which it was the one that what was then known
-- gave. A closed period is judged again each time that a reading under watch changed; a reading of the moment was judged
-- once, on its day. A threshold crossed by what then looked like a reclassification is calm, as no alert was raised.
{% set line = 'partition by rule, entity, period' %}
{% set ends_at = 'period + to_months(' ~ months_in('freq') ~ ')' %}
with closed as (
  select
    *, period as moment, true as is_closed,
    greatest(known_from, {{ ends_at }}) as seen_from
  from {{ ref('indicator_history') }}
  where {{ ends_at }} <= {{ as_of() }}
    and (known_to is null or known_to > {{ ends_at }})
    and indicator in (select indicator from {{ ref('int_alert_rules') }})
),

states as (
  select
    freq, told_at,
    row_number() over (partition by freq order by told_at) as told_no,
    lead(told_at) over (partition by freq order by told_at) as next_told_at
  from (
    select freq, seen_from as told_at from closed
    union
    select freq, known_to from closed where known_to is not null
  )
),

readings as (
  select closed.*, states.told_at
  from closed
  inner join states
    on closed.freq = states.freq
    and states.told_at >= closed.seen_from
    and (closed.known_to is null or states.told_at < closed.known_to)
),

{{ alert_levels('told_at') }},

inhibited as (
  select distinct economic.rule, economic.entity, economic.moment, economic.told_at
  from leveled as economic
  inner join {{ ref('int_alert_rules') }} as rules on economic.rule = rules.rule
  inner join leveled as data
    on data.rule = rules.inhibited_by and data.level > 0 and data.told_at = economic.told_at
    and data.ref_area = economic.ref_area and data.methodology = economic.methodology
    and data.freq = economic.freq and data.moment = economic.moment
    and list_contains(string_split(split_part(data.breakdown, '@', 1), '>'), economic.breakdown)
  where economic.level > 0
),

judged_at as (
  select
    leveled.rule, leveled.rule_version, leveled.entity, leveled.indicator, leveled.ref_area, leveled.breakdown,
    leveled.methodology, leveled.freq, leveled.moment as period, leveled.unit,
    leveled.value / leveled.scale as value, leveled.lower / leveled.scale as lower, leveled.upper / leveled.scale as upper,
    leveled.class, leveled.obs_status, leveled.origin, leveled.known_at, inhibited.rule is not null as is_inhibited,
    case when inhibited.rule is null then leveled.level else 0 end as level,
    case when inhibited.rule is null then leveled.possible_level else 0 end as possible_level,
    leveled.missing_reason, leveled.receipt_id,
    states.told_at, states.told_no, states.next_told_at
  from leveled
  inner join states
    on leveled.freq = states.freq and leveled.told_at = states.told_at
  left join inhibited
    on leveled.rule = inhibited.rule and leveled.entity = inhibited.entity
    and leveled.moment = inhibited.moment and leveled.told_at = inhibited.told_at
),

marked as (
  select
    *,
    coalesce(
      lag(told_no) over line = told_no - 1
      and lag(level) over line = level
      and lag(is_inhibited) over line = is_inhibited
      and lag(value) over line is not distinct from value
      and lag(lower) over line is not distinct from lower
      and lag(upper) over line is not distinct from upper
      and lag(missing_reason) over line is not distinct from missing_reason, false
    ) as is_same
  from judged_at
  window line as ({{ line }} order by told_no)
),

stretches as (
  select
    *,
    sum(case when is_same then 0 else 1 end) over (
      {{ line }} order by told_no rows between unbounded preceding and current row
    ) as stretch
  from marked
),

bounded as (
  select
    *,
    last_value(next_told_at) over (
      {{ line }}, stretch order by told_no rows between unbounded preceding and unbounded following
    ) as known_to
  from stretches
),

told as (
  select
    rule, rule_version, entity, indicator, ref_area, breakdown, methodology, freq, period, true as is_closed, unit,
    value, lower, upper, class, obs_status, origin, known_at, level, possible_level, is_inhibited, missing_reason, receipt_id,
    told_at as known_from, known_to
  from bounded
  where not is_same
  union all
  select
    rule, rule_version, entity, indicator, ref_area, breakdown, methodology, freq, period, false, unit,
    value, lower, upper, class, obs_status, origin, known_at, level, possible_level, false, missing_reason, receipt_id,
    period, null
  from {{ ref('alert_evaluations') }}
  where not is_closed
),

texts as (
  select event_id, arg_max(instrument, known_from) as instrument from {{ ref('int_regulations') }} group by event_id
)

select
  told.*,
  rules.title as title_fr,
  coalesce(rules.title, told.rule)
    || case
      when told.breakdown in ('_T', '_Z') or rules.breakdown in (told.breakdown, 'any') then ''
      else chr(8239) || ': ' || coalesce(texts.instrument, feeds.title, codes.label_fr, told.breakdown)
        || case when told.breakdown like '%:DEADLINE' then ' (échéance)' else '' end
    end as subject_fr,
  case when told.is_closed then {{ fr_period('told.period', 'told.freq') }} else {{ fr_date('told.period') }} end as period_fr,
  {{ fr_vintage('told.value', 'told.lower', 'told.upper', 'told.unit') }}
    || case told.unit when 'RHYTHM' then ' fois le rythme' else '' end as value_text,
  case told.level when 2 then 'rouge' when 1 then 'orange' else 'calme' end as level_fr
from told
left join {{ ref('int_alert_rules') }} as rules on told.rule = rules.rule
left join texts on split_part(told.breakdown, ':', 1) = texts.event_id
left join {{ ref('int_feeds') }} as feeds on told.breakdown = feeds.feed
left join {{ ref('codes') }} as codes on codes.list = 'breakdown' and codes.code = split_part(told.breakdown, '@', 1)
