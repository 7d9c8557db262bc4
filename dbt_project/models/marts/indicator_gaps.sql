-- What ought to be here and is not, at the date of the question: an indicator that no document feeds, and the next
-- period of each headline series once it is overdue. A statement about that date, so that no vintage holds it.
with blamed as (
  select
    catalogue.indicator, catalogue.unit, absences.feed, coalesce(absences.reason, 'not_collected') as reason,
    absences.latest_period_ended_on, coalesce(absences.inputs, []) as inputs
  from {{ ref('indicators') }} as catalogue
  left join {{ ref('int_feed_absences') }} as absences on list_contains(catalogue.feeds, absences.feed)
),

readings as (
  select * from {{ ref('indicator_history') }} where known_to is null
),

-- the first of the feeds that lack, in the order in which their absence explains most
silent as (
  select
    indicator, unit, 'MA' as ref_area, '_T' as breakdown, '_Z' as scenario, 'A' as freq,
    date_trunc('year', {{ as_of() }}) as period, '_Z' as methodology,
    reason as missing_reason,
    list_sort(list_distinct(flatten(list(inputs) over (partition by indicator)))) as inputs
  from blamed
  where indicator not in (select indicator from readings)
  qualify row_number() over (
    partition by indicator
    order by list_position(['quarantined', 'not_collected', 'source_dead', 'late', 'not_published'], reason), feed
  ) = 1
),

overdue as (
  select
    readings.indicator, readings.unit, readings.ref_area, readings.breakdown, readings.scenario, readings.freq,
    cast({{ period_later('readings.period', 'readings.freq') }} as timestamp) as period,
    readings.methodology, blamed.reason as missing_reason,
    list_sort(list_append(blamed.inputs, readings.receipt_id)) as inputs
  from readings
  inner join blamed
    on readings.indicator = blamed.indicator
    and cast({{ period_later('readings.period', 'readings.freq') }} - interval 1 day as date) = blamed.latest_period_ended_on
  where blamed.reason in ('quarantined', 'source_dead', 'late') and readings.breakdown not like '%@%'
    and readings.missing_reason is null and readings.freq <> 'D'
  qualify row_number() over (
    partition by readings.indicator, readings.ref_area, readings.breakdown, readings.scenario, readings.freq, readings.methodology
    order by list_position(['quarantined', 'source_dead', 'late'], blamed.reason), blamed.feed
  ) = 1
),

missing as (
  select * from silent
  union all
  select * from overdue
  where not exists (
    select 1 from readings
    where readings.indicator = overdue.indicator and readings.ref_area = overdue.ref_area
      and readings.breakdown = overdue.breakdown and readings.scenario = overdue.scenario and readings.freq = overdue.freq
      and readings.methodology = overdue.methodology and readings.period = overdue.period
  )
)

select
  '{{ var("sector") }}'::varchar as sector,
  indicator, ref_area, breakdown, scenario, freq, period,
  null::double as value, null::double as lower, null::double as upper,
  'unknown' as class, null::varchar as origin,
  case missing_reason when 'not_collected' then 'L' else 'O' end as obs_status,
  'F' as conf_status, missing_reason, methodology, unit,
  null::timestamp as published_at, null::timestamp as known_at,
  md5(concat_ws('|', 'gap', indicator, ref_area, breakdown, scenario, freq, period, methodology, {{ as_of() }})) as receipt_id,
  inputs
from missing
