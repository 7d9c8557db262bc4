-- Jobs a year that the furthest target asks for, jobs a year last seen from the same source (over two
-- years at most), and the distance between the two.
with targets as (
  select * from {{ ref('int_targets') }} where indicator = 'job_headcount' and place = 1
),

levels as (
  select
    vintage, ref_area, source, methodology, period, value, low, high,
    origin, obs_status, conf_status, class, published_at, known_at, inputs
  from {{ ref('int_observations_by_vintage') }}
  where indicator = 'employment' and methodology = 'OFFSHORING' and segment = '_T' and freq = 'A'
    and is_headline and value is not null
),

latest as (
  select levels.*, targets.target, targets.period as target_period, targets.value as target_value
  from levels
  inner join targets
    on (targets.stated_on is null or targets.stated_on <= {{ local_day('levels.vintage') }})
    and levels.period < targets.period
  qualify row_number() over (partition by levels.vintage, levels.ref_area order by levels.period desc) = 1
),

before as (
  select levels.*, latest.target, latest.target_period, latest.target_value
  from levels
  inner join latest
    on levels.vintage = latest.vintage and levels.ref_area = latest.ref_area and levels.source = latest.source
    and levels.period < latest.period and levels.period >= latest.period - interval 2 year
  -- no pace crosses a break
  where not exists (
    select 1 from levels as broken
    where broken.obs_status = 'B' and broken.vintage = latest.vintage and broken.ref_area = latest.ref_area
      and broken.source = latest.source and broken.methodology = latest.methodology
      and broken.period > levels.period and broken.period <= latest.period
  )
  qualify row_number() over (partition by levels.vintage, levels.ref_area order by levels.period) = 1
),

legs as (
  select *, true as is_latest from latest
  union all
  select *, false from before
),

paths as (
  select
    vintage, ref_area, methodology, target, target_period,
    max(target_value) as target_value,
    year(target_period) - year(max(period)) as years_left,
    nullif(year(max(period)) - year(min(period)), 0) as years_seen,
    max(value) filter (where is_latest) as level,
    max(low) filter (where is_latest) as level_low,
    max(high) filter (where is_latest) as level_high,
    max(value) filter (where not is_latest) as base,
    max(low) filter (where not is_latest) as base_low,
    max(high) filter (where not is_latest) as base_high,
    {{ inherited() }}
  from legs
  group by vintage, ref_area, methodology, target, target_period
),

paces as (
  select
    *,
    {{ ratio('target_value - level', 'years_left') }} as required,
    {{ ratio('target_value - level_high', 'years_left') }} as required_low,
    {{ ratio('target_value - level_low', 'years_left') }} as required_high,
    {{ ratio('level - base', 'years_seen') }} as observed,
    {{ ratio('level_low - base_high', 'years_seen') }} as observed_low,
    {{ ratio('level_high - base_low', 'years_seen') }} as observed_high
  from paths
),

measures as (
  select *, 'REQUIRED' as breakdown, required as value, required_low as lower, required_high as upper from paces
  union all
  select *, 'OBSERVED', observed, observed_low, observed_high from paces
  union all
  select *, '_T', required - observed, required_low - observed_high, required_high - observed_low from paces
)

{{ reading('job_target_gap', 'PS_PER_YEAR', value='value', lower='lower', upper='upper', class="'modelled'", freq="'A'",
  period='target_period', breakdown='breakdown', inputs="list_append(inputs, 'target:' || target)",
  missing_reason="case when value is null then 'not_published' end") }}
from measures
