-- Share of the sector's headline headcount that the register of sites accounts for.
with sites as (
  select
    vintages.vintage, sites.headcount as value, sites.origin, 'U' as obs_status, 'F' as conf_status, 'claimed' as class,
    null::timestamp as period, sites.published_at, sites.known_at, [sites.row_id] as inputs, true as is_site
  from {{ ref('int_sites') }} as sites
  inner join {{ ref('int_vintages') }} as vintages
    on vintages.vintage >= sites.known_from and (sites.known_to is null or vintages.vintage < sites.known_to)
  where sites.is_counted and sites.headcount is not null
),

jobs as (
  select vintage, value, origin, obs_status, conf_status, class, period, published_at, known_at, inputs, false as is_site
  from {{ ref('int_observations_by_vintage') }}
  where indicator = 'employment' and methodology = 'OFFSHORING' and segment = '_T' and freq = 'A' and ref_area = 'MA'
    and is_headline and value is not null
  qualify row_number() over (partition by vintage order by period desc) = 1
),

legs as (
  select * from sites
  union all
  select * from jobs
),

covered as (
  select
    vintage, coalesce(max(period), date_trunc('year', vintage)) as period,
    {{ ratio('sum(value) filter (where is_site)', 'max(value) filter (where not is_site)') }} as share,
    {{ inherited() }}
  from legs
  group by vintage
)

{{ reading('job_site_coverage', 'RATIO', value='share', lower='share', upper='share', ref_area="'MA'", freq="'A'",
  class="'modelled'", methodology="'OFFSHORING'", obs_status="'D'",
  missing_reason="case when share is null then 'not_collected' end") }}
from covered
