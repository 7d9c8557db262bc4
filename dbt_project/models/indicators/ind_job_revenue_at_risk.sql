-- Exposed jobs times revenue per job, both of customer relations: the number of jobs cancels, and what is left is the
-- outbound share of that activity times its export revenue. Two publishers: the perimeter names both.
with shares as (
  select
    vintage, ref_area, methodology, value, coalesce(lower, value) as least, coalesce(upper, value) as greatest,
    origin, obs_status, conf_status, class, published_at, known_at, inputs
  from {{ ref('int_observations_by_vintage') }}
  where indicator = 'outbound_share' and methodology = 'CRM' and coalesce(lower, value) is not null
  qualify row_number() over (partition by vintage, ref_area order by period desc, is_headline desc, source) = 1
),

revenues as (
  select vintage, ref_area, methodology, period, value, low, high, origin, obs_status, conf_status, class, published_at, known_at, inputs
  from {{ ref('int_exports') }}
  where segment = 'CRM' and freq = 'A' and is_headline
  qualify row_number() over (partition by vintage, ref_area order by period desc) = 1
),

legs as (
  select
    revenues.*, revenues.methodology || '/' || shares.methodology as perimeters, revenues.period as year, true as is_revenue
  from revenues inner join shares using (vintage, ref_area)
  union all
  select
    shares.vintage, shares.ref_area, shares.methodology, null, shares.value, shares.least, shares.greatest,
    shares.origin, shares.obs_status, shares.conf_status, shares.class, shares.published_at, shares.known_at, shares.inputs,
    revenues.methodology || '/' || shares.methodology, revenues.period, false
  from shares inner join revenues using (vintage, ref_area)
),

risks as (
  select
    vintage, ref_area, perimeters, year,
    1e9 * max(value) filter (where is_revenue) * max(value) filter (where not is_revenue) as value,
    1e9 * max(low) filter (where is_revenue) * max(low) filter (where not is_revenue) as lower,
    1e9 * max(high) filter (where is_revenue) * max(high) filter (where not is_revenue) as upper,
    {{ inherited() }}
  from legs
  group by vintage, ref_area, perimeters, year
)

{{ reading('job_revenue_at_risk', 'MAD', value='value', lower='lower', upper='upper', class="'modelled'", freq="'A'", period='year',
  methodology='perimeters', obs_status="'D'", missing_reason="case when lower is null then 'not_published' end") }}
from risks
union all
-- what each scenario expects to lose, by city and in all: net loss times revenue per job, both of one perimeter
{{ reading('job_revenue_at_risk', 'MAD', value='net_revenue_p50', lower='net_revenue_p05', upper='net_revenue_p95', class="'modelled'",
  scenario='scenario', freq="'D'", missing_reason="case when is_missing then 'not_collected' end") }}
from {{ ref('int_scenario_readings') }}
where minus is null
union all
-- a vintage that knows of no revenue at risk says so, whatever the scenarios suppose
{{ reading('job_revenue_at_risk', 'MAD', class="'unknown'", ref_area="'MA'", freq="'A'", period="date_trunc('year', vintage)", methodology="'_Z'",
  origin='null', obs_status="'L'", conf_status="'F'", published_at='null', known_at='null', inputs='[]', missing_reason="'not_collected'") }}
from {{ ref('int_vintages') }} as vintages
where not exists (select 1 from risks where risks.vintage = vintages.vintage)
