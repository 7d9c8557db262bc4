-- Closures that the register of sites holds, each once, by month, for each city and the country: those that somebody
-- reported and somebody reviewed. A month without a line is no month without a closure, and has no reading.
with closures as (
  select vintages.vintage, sites.*, date_trunc('month', sites.as_of) as month
  from {{ ref('int_sites') }} as sites
  inner join {{ ref('int_vintages') }} as vintages
    on vintages.vintage >= sites.known_from and (sites.known_to is null or vintages.vintage < sites.known_to)
  where sites.scope = 'closure' and sites.as_of is not null
),

placed as (
  select vintage, 'MA' as area, month, site_id, origin, published_at, known_at, row_id from closures where ref_area like 'MA%'
  union all
  select vintage, ref_area, month, site_id, origin, published_at, known_at, row_id from closures where ref_area like 'MA-%'
),

months as (
  select
    vintage, area, month, count(distinct site_id)::bigint as n,
    case when bool_or(origin = 'invented') then 'invented' else max(origin) end as origin,
    max(published_at) as published_at, max(known_at) as known_at, list_sort(list(row_id)) as inputs
  from placed
  group by vintage, area, month
)

{{ reading('news_layoff_events', 'NB', value='n', lower=garwood_lower('n'), upper=garwood_upper('n'), class="'claimed'",
  ref_area='area', freq="'M'", period='month', methodology="'_Z'", obs_status="'U'", conf_status="'F'") }}
from months
