-- Episodes of crisis by city, as the definitions of the sector file find them in what is known today. An episode starts on
-- the day that its definition is met; one that is met again before it was over is the same.
with definitions as (
  select * from {{ ref('int_episode_definitions') }}
),

closures as (
  select site_id, ref_area, as_of::date as day, origin, row_id
  from {{ ref('int_sites') }}
  where scope = 'closure' and as_of is not null and ref_area like 'MA-%' and known_to is null and known_from <= {{ as_of() }}
),

clustered as (
  select
    definitions.episode, definitions.within_days, definitions.horizon_months, this.ref_area, this.day,
    list_sort(list_distinct(list(others.row_id))) as inputs, bool_or(others.origin = 'invented') as is_invented
  from definitions
  cross join closures as this
  inner join closures as others
    on this.ref_area = others.ref_area and others.day between this.day - definitions.within_days and this.day
  where definitions.kind = 'closures'
  group by definitions.episode, definitions.least, definitions.within_days, definitions.horizon_months, this.ref_area, this.day
  having count(distinct others.site_id) >= definitions.least
),

jobs as (
  select *
  from {{ ref('int_observations_by_vintage') }}
  where indicator = 'employment' and ref_area like 'MA-%' and segment in ('_T', '_Z') and activity in ('_T', '_Z', 'ISIC4_8220')
    and unit_measure = 'PS' and freq = 'Q' and value is not null
  qualify vintage = max(vintage) over ()
),

falls as (
  select
    definitions.episode, 92 as within_days, definitions.horizon_months, now.ref_area, (now.period + interval 3 month)::date as day,
    list_sort(list_distinct(now.inputs || before.inputs)) as inputs,
    now.origin = 'invented' or before.origin = 'invented' as is_invented
  from definitions
  cross join jobs as now
  inner join jobs as before
    on now.ref_area = before.ref_area and now.source = before.source and now.methodology = before.methodology
    and now.segment = before.segment and now.activity = before.activity and before.period = now.period - interval 1 year
  where definitions.kind = 'headcount_fall' and 100 * ({{ ratio('now.value', 'before.value') }} - 1) <= -definitions.least
),

met as (
  select * from clustered
  union all
  select * from falls
)

select episode, ref_area, day as starts_on, horizon_months, inputs, is_invented
from met
qualify day - lag(day) over (partition by episode, ref_area order by day) > within_days
  or lag(day) over (partition by episode, ref_area order by day) is null
