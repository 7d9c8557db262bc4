-- Jobs at sites whose headcount somebody has stated, city by city: a floor, never the city's total.
with sites as (
  select vintages.vintage, sites.*, [sites.row_id] as inputs, 'F' as conf_status, 'A' as obs_status, 'claimed' as class
  from {{ ref('int_sites') }} as sites
  inner join {{ ref('int_vintages') }} as vintages
    on vintages.vintage >= sites.known_from and (sites.known_to is null or vintages.vintage < sites.known_to)
  where sites.is_counted
),

cities as (
  select
    vintage, ref_area, max(as_of) as latest_on,
    sum(headcount) as known,
    {{ inherited('headcount is not null', inputs_where='true') }}
  from sites
  group by vintage, ref_area
)

{{ reading('job_site_headcount', 'PS', lower='known', value='known', freq="'A'", class="'claimed'",
  period="date_trunc('year', coalesce(latest_on, vintage::date))", methodology="'_Z'", origin="coalesce(origin, 'retyped')", obs_status="'U'",
  inputs='coalesce(inputs, [])', missing_reason="case when known is null then 'not_collected' end") }}
from cities
