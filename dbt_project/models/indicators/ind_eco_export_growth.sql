-- A growth is null across a break of its series: a period marked 'B' is not measured as the one a year before was.
-- Same source, same perimeter, same segment, same kind of period, one year apart: nothing else is a growth.
{% set series = 'vintage, ref_area, source, methodology, is_headline, segment, freq' %}
{% set facts = 'value, low, high, origin, obs_status, conf_status, class, published_at, known_at, inputs' %}
with exports as (
  select * from {{ ref('int_exports') }} where segment <> '_S'
),

legs as (
  select {{ series }}, period, true as is_now, {{ facts }} from exports where not is_derived
  union all
  select {{ series }}, period + interval 1 year, false, {{ facts }} from exports
),

grown as (
  select
    {{ series }}, period,
    100 * ({{ ratio('max(value) filter (where is_now)', 'max(value) filter (where not is_now)') }} - 1) as growth,
    100 * ({{ ratio('max(low) filter (where is_now)', 'max(high) filter (where not is_now)') }} - 1) as lower,
    100 * ({{ ratio('max(high) filter (where is_now)', 'max(low) filter (where not is_now)') }} - 1) as upper,
    {{ inherited() }}
  from legs
  group by {{ series }}, period
  having bool_or(is_now)
),

broken as (
  select distinct grown.vintage, grown.ref_area, grown.source, grown.segment, grown.freq, grown.methodology, grown.period
  from grown
  inner join exports
    on exports.vintage = grown.vintage and exports.ref_area = grown.ref_area and exports.source = grown.source
    and exports.segment = grown.segment and exports.freq = grown.freq and exports.methodology = grown.methodology
    and exports.period > grown.period - interval 1 year and exports.period <= grown.period
  where exports.obs_status = 'B'
),

elsewhere as (
  select distinct vintage, ref_area, segment, freq, methodology, period + interval 1 year as period from exports
)

{{ reading('eco_export_growth', 'PCT', value='growth', lower='lower', upper='upper', breakdown=breakdown('segment'),
  obs_status="case when (vintage, ref_area, source, segment, freq, methodology, period) in (
    select (vintage, ref_area, source, segment, freq, methodology, period) from broken
  ) then 'B' else obs_status end",
  missing_reason="case
    when (vintage, ref_area, source, segment, freq, methodology, period) in (
      select (vintage, ref_area, source, segment, freq, methodology, period) from broken
    ) then 'not_applicable'
    when growth is not null then null
    when exists (
      select 1 from elsewhere
      where elsewhere.vintage = grown.vintage and elsewhere.ref_area = grown.ref_area and elsewhere.segment = grown.segment
        and elsewhere.freq = grown.freq and elsewhere.period = grown.period and elsewhere.methodology <> grown.methodology
    ) then 'not_applicable'
    else 'not_published'
  end") }}
from grown
