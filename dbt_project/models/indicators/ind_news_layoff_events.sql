-- Closures and layoffs, each once, by month, for each city and the country: those that somebody reported and somebody
-- reviewed, in the register of sites or among the events of the press; what a reader found in both is counted once. A month
-- without a line is no month without a closure, and has no reading.
with reviewed as (
  select
    vintages.vintage, coalesce(nullif(sites.site_id, ''), sites.row_id) as event, sites.ref_area, sites.as_of::date as day,
    sites.origin, sites.published_at, sites.known_at, sites.row_id
  from {{ ref('int_sites') }} as sites
  inner join {{ ref('int_vintages') }} as vintages
    on vintages.vintage >= sites.known_from and (sites.known_to is null or vintages.vintage < sites.known_to)
  where sites.scope = 'closure' and sites.as_of is not null
  union all
  select
    vintages.vintage, coalesce(nullif(decisions.site_id, ''), decisions.event_id), decisions.ref_area, decisions.happened_on,
    decisions.origin, null, decisions.known_at, decisions.row_id
  from {{ ref('int_vintages') }} as vintages
  inner join {{ ref('int_event_decisions') }} as decisions
    on decisions.known_from <= vintages.vintage and (decisions.known_to is null or vintages.vintage < decisions.known_to)
  where decisions.decision <> 'reject' and decisions.event_type in ('closure', 'layoff') and decisions.happened_on is not null
),

counted as (
  select *, date_trunc('month', day) as month from reviewed
),

placed as (
  select vintage, 'MA' as area, month, event, origin, published_at, known_at, row_id from counted where ref_area like 'MA%'
  union all
  select vintage, ref_area, month, event, origin, published_at, known_at, row_id from counted where ref_area like 'MA-%'
),

months as (
  select
    vintage, area, month, count(distinct event)::bigint as n,
    case when bool_or(origin = 'invented') then 'invented' else max(origin) end as origin,
    max(published_at) as published_at, max(known_at) as known_at, list_sort(list(row_id)) as inputs
  from placed
  group by vintage, area, month
)

{{ reading('news_layoff_events', 'NB', value='n', lower=garwood_lower('n'), upper=garwood_upper('n'), class="'claimed'",
  ref_area='area', freq="'M'", period='month', methodology="'_Z'", obs_status="'U'", conf_status="'F'") }}
from months
