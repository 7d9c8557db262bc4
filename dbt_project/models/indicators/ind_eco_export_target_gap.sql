-- Growth a year that the furthest target asks for, growth last seen, and the distance between the two.
-- The target's text does not name its perimeter: the latest headline perimeter is taken, and 'D' says so.
with targets as (
  select * from {{ ref('int_targets') }} where indicator = 'eco_export_revenue' and place = 1
),

levels as (
  select
    vintage, ref_area, source, methodology, period, value, low, high,
    origin, obs_status, conf_status, class, published_at, known_at, inputs
  from {{ ref('int_exports') }}
  where segment = '_T' and freq = 'A' and is_headline
),

latest as (
  select levels.*, targets.target, targets.period as target_period, targets.value as target_value
  from levels
  inner join targets
    on (targets.stated_on is null or targets.stated_on <= {{ local_day('levels.vintage') }})
    and (coalesce(targets.methodology, '_Z') in ('', '_Z', '_T') or targets.methodology = levels.methodology)
    and levels.period < targets.period
  qualify row_number() over (partition by levels.vintage, levels.ref_area order by levels.period desc) = 1
),

legs as (
  select *, true as is_latest from latest
  union all
  select
    levels.*, latest.target, latest.target_period, latest.target_value, false
  from levels
  inner join latest
    on levels.vintage = latest.vintage and levels.ref_area = latest.ref_area and levels.source = latest.source
    and levels.methodology = latest.methodology and levels.period = latest.period - interval 1 year
    -- no growth crosses a break
    and latest.obs_status is distinct from 'B'
),

paths as (
  select
    vintage, ref_area, methodology, target, target_period,
    max(target_value) as target_value,
    year(target_period) - year(max(period)) as years,
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

rates as (
  select
    *,
    100 * ({{ compound_growth('level', 'target_value', 'years') }}) as required,
    100 * ({{ compound_growth('level_high', 'target_value', 'years') }}) as required_low,
    100 * ({{ compound_growth('level_low', 'target_value', 'years') }}) as required_high,
    100 * ({{ ratio('level', 'base') }} - 1) as observed,
    100 * ({{ ratio('level_low', 'base_high') }} - 1) as observed_low,
    100 * ({{ ratio('level_high', 'base_low') }} - 1) as observed_high
  from paths
),

measures as (
  select *, 'REQUIRED' as breakdown, required as value, required_low as lower, required_high as upper from rates
  union all
  select *, 'OBSERVED', observed, observed_low, observed_high from rates
  union all
  select *, '_T', required - observed, required_low - observed_high, required_high - observed_low from rates
)

{{ reading('eco_export_target_gap', 'PCT', value='value', lower='lower', upper='upper', class="'modelled'", freq="'A'",
  period='target_period', breakdown='breakdown', obs_status="'D'", inputs="list_append(inputs, 'target:' || target)",
  missing_reason="case when value is null then 'not_published' end") }}
from measures
