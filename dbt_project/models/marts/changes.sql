-- What each new knowledge changed in the indicators, latest first: revisions, withdrawals, and the newest period
-- of what is new from a headline source. Readings that move with the calendar alone are left out: the date is not news.
{% set key = 'indicator, ref_area, breakdown, scenario, freq, period, methodology' %}
with first_vintage as (
  select min(known_from) as vintage from {{ ref('indicator_history') }}
),

steps as (
  select
    history.*,
    lag(value) over line as old_value,
    lag(lower) over line as old_lower,
    lag(upper) over line as old_upper,
    lag(receipt_id) over line as old_receipt_id,
    lag(known_to) over line as old_known_to,
    row_number() over line as step
  from {{ ref('indicator_history') }} as history
  where indicator not in ('feed_freshness', 'feed_timing', 'reg_days_to_effect', 'reg_legal_ramp', 'job_lost_observed')
    -- what a scenario supposes is no news
    and scenario = '_Z'
  window line as (partition by {{ key }} order by known_from)
),

kept as (
  select
    steps.*,
    case
      when steps.step > 1 and steps.old_value is not null and steps.value is not null then 'révision'
      when steps.step > 1 and steps.value is null and steps.old_value is not null then 'retrait'
      else 'nouvelle valeur'
    end as kind
  from steps
  cross join first_vintage
  where steps.known_from > first_vintage.vintage
    and (steps.step = 1 or steps.value is distinct from steps.old_value
      or steps.lower is distinct from steps.old_lower or steps.upper is distinct from steps.old_upper)
    and (steps.value is not null or steps.lower is not null or steps.old_value is not null)
  qualify
    kind <> 'nouvelle valeur'
    or steps.breakdown not like '%@%' and steps.period = max(steps.period) over (
      partition by steps.indicator, steps.ref_area, steps.breakdown, steps.freq, steps.methodology, steps.known_from, kind
    )
),

worded as (
  select
    kept.*,
    catalogue.label_fr,
    coalesce(places.name_fr, areas.label_fr, kept.ref_area) as area_fr,
    coalesce(codes.label_fr, split_part(kept.breakdown, '@', 1)) as breakdown_fr,
    coalesce(', selon ' || coalesce(sources.label_fr, nullif(split_part(kept.breakdown, '@', 2), '')), '') as source_fr,
    {{ fr_reading('kept.value', 'kept.lower', 'kept.upper', 'kept.unit') }} as new_text,
    {{ fr_reading('kept.old_value', 'kept.old_lower', 'kept.old_upper', 'kept.unit') }} as old_text,
    case when kept.methodology = '_Z' then '' else ', ' || coalesce(perimeters.label_fr, kept.methodology) end as perimeter_fr,
    {{ fr_period('kept.period', 'kept.freq') }} as period_fr
  from kept
  inner join {{ ref('indicators') }} as catalogue on kept.indicator = catalogue.indicator
  left join {{ ref('int_places') }} as places on places.ref_area = kept.ref_area
  left join {{ ref('codes') }} as areas on areas.list = 'area' and areas.code = kept.ref_area and kept.ref_area <> 'MA'
  left join {{ ref('codes') }} as codes on codes.list = 'breakdown' and codes.code = split_part(kept.breakdown, '@', 1)
  left join {{ ref('codes') }} as sources on sources.list = 'source' and sources.code = split_part(kept.breakdown, '@', 2)
  left join {{ ref('codes') }} as perimeters on perimeters.list = 'methodology' and perimeters.code = kept.methodology
)

select
  row_number() over (
    order by known_from desc, ref_area <> 'MA', kind = 'nouvelle valeur', indicator, ref_area, period desc, breakdown, methodology, freq, scenario
  ) as rank,
  kind, indicator, label_fr, ref_area, breakdown, methodology, freq, period, period_fr,
  old_value, value as new_value, unit, known_from as known_at, receipt_id, old_receipt_id,
  label_fr
    || case when breakdown_fr in ('_T', 'total') then '' else ', ' || breakdown_fr end
    || case when ref_area = 'MA' then '' else ' (' || area_fr || ')' end
    || ', ' || period_fr || perimeter_fr || source_fr || chr(8239) || ': '
    || case kind
      when 'révision' then coalesce(new_text, 'sans valeur') || ' au lieu de ' || coalesce(old_text, 'sans valeur')
      when 'retrait' then coalesce(old_text, 'valeur') || ', retiré'
      else coalesce(new_text, 'sans valeur')
    end || '.' as sentence
from worded
