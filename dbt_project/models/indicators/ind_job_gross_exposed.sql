-- A range and its two inputs, never one number: the least share of the least headcount, the greatest of
-- the greatest, among everything that is said of the call centres for the latest year.
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
)

{{ reading('job_gross_exposed', 'PS', lower='lower', upper='upper', class="'bounded'", freq="'A'", methodology="'CRM'",
  obs_status="'E'", missing_reason="case when lower is null then 'not_published' end") }}
from ranges
