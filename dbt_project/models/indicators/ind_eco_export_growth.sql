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
  select
    grown.vintage, grown.ref_area, grown.source, grown.segment, grown.freq, grown.methodology, grown.period,
    true as is_broken, flatten(list(exports.inputs)) as witness
  from grown
  inner join exports
    on exports.vintage = grown.vintage and exports.ref_area = grown.ref_area and exports.source = grown.source
    and exports.segment = grown.segment and exports.freq = grown.freq and exports.methodology = grown.methodology
    and exports.period > grown.period - interval 1 year and exports.period <= grown.period
  where exports.obs_status = 'B'
  group by all
),

-- what the year before was counted in, where it was on another perimeter
elsewhere as (
  select
    grown.vintage, grown.ref_area, grown.source, grown.segment, grown.freq, grown.methodology, grown.period,
    true as is_elsewhere, arg_min(exports.inputs, exports.methodology || '/' || exports.source) as witness
  from grown
  inner join exports
    on exports.vintage = grown.vintage and exports.ref_area = grown.ref_area and exports.segment = grown.segment
    and exports.freq = grown.freq and exports.period = grown.period - interval 1 year
    and exports.methodology <> grown.methodology
  group by all
),

-- a growth that is missing rests on what explains why
explained as (
  select
    grown.* exclude (inputs),
    coalesce(broken.is_broken, false) as is_broken,
    coalesce(elsewhere.is_elsewhere, false) as is_elsewhere,
    case
      when broken.is_broken or grown.growth is null
        then list_sort(list_distinct(grown.inputs || coalesce(broken.witness, []) || coalesce(elsewhere.witness, [])))
      else grown.inputs
    end as inputs
  from grown
  left join broken using (vintage, ref_area, source, segment, freq, methodology, period)
  left join elsewhere using (vintage, ref_area, source, segment, freq, methodology, period)
)

{{ reading('eco_export_growth', 'PCT', value='growth', lower='lower', upper='upper', breakdown=breakdown('segment'),
  obs_status="case when is_broken then 'B' else obs_status end",
  missing_reason="case
    when is_broken then 'not_applicable'
    when growth is not null then null
    when is_elsewhere then 'not_applicable'
    else 'not_published'
  end") }}
from explained
