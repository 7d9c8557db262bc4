-- Of the country, a range and its two inputs, never one number: the least share of the least headcount, the greatest of
-- the greatest, among everything that is said of the call centres for the latest year.
-- Of a place, what groups declare of their markets: the jobs whose work a followed text may reach, each once however many
-- texts reach it. Of a place of which only sums are known, exact bounds.
with said as (
  select
    *,
    coalesce(lower, value) as least,
    coalesce(upper, value) as greatest,
    indicator = 'outbound_share' as is_share
  from {{ ref('int_observations_by_vintage') }}
  where methodology = 'CRM'
    and ((indicator = 'employment' and segment = '_T') or indicator = 'outbound_share')
    and coalesce(lower, value) is not null and coalesce(upper, value) is not null
  qualify year(period) = max(year(period)) over (partition by vintage, ref_area, indicator)
),

ranges as (
  select
    vintage, ref_area, date_trunc('year', max(period)) as period,
    min(least) filter (where is_share) * min(least) filter (where not is_share) as lower,
    max(greatest) filter (where is_share) * max(greatest) filter (where not is_share) as upper,
    {{ inherited() }}
  from said
  group by vintage, ref_area
),

{{ declared_works(of_text='list_filter([effects.row_id], lambda name: name is not null)') }},

by_work as (
  select
    vintage, freq, period, ref_area, methodology, market, activity, any_value(reached) as reached,
    bool_and(missing_reason = 'not_collected') is true as is_unregistered, {{ inherited() }}
  from texts
  group by vintage, freq, period, ref_area, methodology, market, activity
),

-- of a text that the register does not hold, nobody knows what it reaches
declared as (
  select
    vintage, freq, period, ref_area, methodology, event_id as breakdown, sum(reached) as value, null::double as lower, null::double as upper,
    case when bool_and(missing_reason = 'not_collected') then 'not_collected' end as missing_reason, {{ inherited() }}
  from texts
  group by vintage, freq, period, ref_area, methodology, event_id
  union all
  select
    vintage, freq, period, ref_area, methodology, '_T',
    case when not bool_or(is_unregistered) then sum(reached) end,
    case when bool_or(is_unregistered) then coalesce(sum(reached) filter (where not is_unregistered), 0) end,
    case when bool_or(is_unregistered) then sum(reached) end,
    case when bool_and(is_unregistered) then 'not_collected' end, {{ inherited() }}
  from by_work
  group by vintage, freq, period, ref_area, methodology
),

-- all the sums hold together, or the bounds do not: a place rests on each of them, and on the texts
resting as (
  select vintage, max(period) filter (where city is null and not is_share) as period, {{ inherited() }}
  from {{ ref('int_exposure_margins_by_vintage') }}
  group by vintage
),

registered as (
  select vintage, coalesce(event_id, '_T') as breakdown, list_distinct(list(row_id)) as texts, max(known_at) as known_at
  from {{ ref('int_legal_effects_by_vintage') }}
  where row_id is not null
  group by grouping sets ((vintage, event_id), (vintage))
),

bounded as (
  select
    found.vintage, resting.period, found.ref_area, found.breakdown, found.lower, found.upper,
    case when found.conflict is not null then 'not_applicable' when found.upper is null then 'not_collected' end as missing_reason,
    resting.origin, resting.conf_status, resting.published_at, greatest(resting.known_at, registered.known_at) as known_at,
    list_sort(resting.inputs || registered.texts) as inputs
  from {{ ref('int_exposure_bounds_by_vintage') }} as found
  inner join resting on found.vintage = resting.vintage
  inner join registered on found.vintage = registered.vintage and found.breakdown = registered.breakdown
  -- of the country as a whole the range above is what is known, whatever the market
  where found.ref_area <> '_U' and (found.ref_area <> 'MA' or found.breakdown <> '_T') and resting.period is not null
),

-- what nobody had yet stated, or declared
silent as (
  select vintages.vintage, kinds.methodology
  from {{ ref('int_vintages') }} as vintages
  cross join (values ('CRM'), ('DECLARED')) as kinds (methodology)
  where not exists (select 1 from ranges where ranges.vintage = vintages.vintage and kinds.methodology = 'CRM')
    and not exists (select 1 from declared where declared.vintage = vintages.vintage and kinds.methodology = 'DECLARED')
),

measures as (
  select
    vintage, 'A' as freq, period, ref_area, 'CRM' as methodology, '_T' as breakdown, null::double as value, lower, upper,
    case when lower is null then 'not_published' end as missing_reason,
    origin, 'E' as obs_status, conf_status, 'bounded' as class, published_at, known_at, inputs
  from ranges
  union all
  select
    vintage, 'A', period, ref_area, 'CRM', breakdown, null, lower, upper, missing_reason,
    origin, 'E', conf_status, 'bounded', published_at, known_at, inputs
  from bounded
  union all
  select
    vintage, 'A', date_trunc('year', vintage), 'MA', methodology, '_T', null, null, null, 'not_collected',
    null, 'E', 'F', 'unknown', null, null, []
  from silent
  union all
  select
    vintage, freq, period, ref_area, methodology, breakdown, value, lower, upper, missing_reason,
    origin, obs_status, conf_status, case when value is null then 'bounded' else class end, published_at, known_at, inputs
  from declared
)

{{ reading('job_gross_exposed', 'PS', value='value', lower='lower', upper='upper', breakdown='breakdown',
  missing_reason='missing_reason') }}
from measures
