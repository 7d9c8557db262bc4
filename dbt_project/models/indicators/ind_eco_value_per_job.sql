-- Revenue and jobs come from two publishers whose perimeters are not known to match: the ratio is a model,
-- flagged 'D' (definition differs), and names both perimeters.
with revenue as (
  select
    vintage, ref_area, source, methodology, period, value * 1e9 as value, low * 1e9 as low, high * 1e9 as high,
    origin, obs_status, conf_status, class, published_at, known_at, inputs
  from {{ ref('int_exports') }}
  where segment in ('_S', '_T') and freq = 'A' and is_headline
  -- the sum of the segments keeps more digits than the printed total
  qualify row_number() over (partition by vintage, ref_area, source, methodology, period order by segment) = 1
),

jobs as (
  select * from {{ ref('int_observations_by_vintage') }}
  where indicator = 'employment' and methodology = 'OFFSHORING' and freq = 'A' and segment = '_T'
    and is_headline and value is not null
),

legs as (
  select
    vintage, ref_area, methodology as perimeter, period, true as is_revenue, value, low, high,
    origin, obs_status, conf_status, class, published_at, known_at, inputs
  from revenue
  union all
  select
    jobs.vintage, jobs.ref_area, revenue.methodology, jobs.period, false, jobs.value, jobs.low, jobs.high,
    jobs.origin, jobs.obs_status, jobs.conf_status, jobs.class, jobs.published_at, jobs.known_at, jobs.inputs
  from jobs
  inner join revenue
    on jobs.vintage = revenue.vintage and jobs.ref_area = revenue.ref_area and jobs.period = revenue.period
),

per_job as (
  select
    vintage, ref_area, perimeter, period,
    {{ ratio('max(value) filter (where is_revenue)', 'max(value) filter (where not is_revenue)') }} as value,
    {{ ratio('max(low) filter (where is_revenue)', 'max(high) filter (where not is_revenue)') }} as lower,
    {{ ratio('max(high) filter (where is_revenue)', 'max(low) filter (where not is_revenue)') }} as upper,
    bool_or(not is_revenue) as has_jobs,
    {{ inherited() }}
  from legs
  group by vintage, ref_area, perimeter, period
)

{{ reading('eco_value_per_job', 'MAD', value='value', lower='lower', upper='upper', class="'modelled'", freq="'A'",
  methodology="perimeter || '/OFFSHORING'", obs_status="'D'",
  missing_reason="case when not has_jobs then 'not_published' when value is null then 'not_applicable' end") }}
from per_job
