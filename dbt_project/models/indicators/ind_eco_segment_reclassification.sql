-- Movement that cancels out between the segment that gained most and the one that lost most, as a share of
-- the total one year before: what a reclassification leaves behind, and a change of activity rarely does.
-- Where a segment's half-year was not published, it is taken as half of its year, give or take a tenth.
{% set series = 'vintage, ref_area, source, methodology, is_headline' %}
{% set facts = 'value, low, high, origin, obs_status, conf_status, class, published_at, known_at, inputs' %}
with segments as (
  select * from {{ ref('int_exports') }} where segment in ({{ segments() }})
),

assumed_halves as (
  select
    {{ series }}, segment, 'S' as freq, period + interval 1 year as period,
    value * 0.5::double as value, low * 0.4::double as low, high * 0.6::double as high,
    origin, obs_status, conf_status, 'modelled' as class, published_at, known_at, inputs, 2 as preference
  from segments
  where freq = 'A'
),

bases as (
  select {{ series }}, segment, freq, period + interval 1 year as period, {{ facts }}, 1 as preference from segments
  union all
  select {{ series }}, segment, freq, period, {{ facts }}, preference from assumed_halves
),

best_bases as (
  select * from bases
  qualify row_number() over (partition by {{ series }}, segment, freq, period order by preference) = 1
),

totals as (
  select {{ series }}, freq, period + interval 1 year as period, value as total, inputs as total_inputs
  from {{ ref('int_exports') }}
  where segment = '_T'
),

moves as (
  select
    segments.vintage, segments.ref_area, segments.source, segments.methodology, segments.is_headline,
    segments.freq, segments.period, segments.segment,
    segments.value - best_bases.value as change,
    segments.low - best_bases.high as change_low,
    segments.high - best_bases.low as change_high,
    totals.total,
    row_number() over (
      partition by segments.vintage, segments.ref_area, segments.source, segments.methodology, segments.freq, segments.period
      order by segments.value - best_bases.value
    ) as rank_down,
    row_number() over (
      partition by segments.vintage, segments.ref_area, segments.source, segments.methodology, segments.freq, segments.period
      order by segments.value - best_bases.value desc
    ) as rank_up,
    segments.origin, segments.obs_status, segments.conf_status, best_bases.class,
    greatest(segments.published_at, best_bases.published_at) as published_at,
    greatest(segments.known_at, best_bases.known_at) as known_at,
    list_distinct(segments.inputs || best_bases.inputs || totals.total_inputs) as inputs
  from segments
  inner join best_bases using ({{ series }}, segment, freq, period)
  inner join totals using ({{ series }}, freq, period)
  where not segments.is_derived
),

pairs as (
  select
    {{ series }}, freq, period,
    max(segment) filter (where rank_down = 1) || '>' || max(segment) filter (where rank_up = 1) as breakdown,
    200 * {{ ratio('least(max(-change) filter (where rank_down = 1), max(change) filter (where rank_up = 1))', 'max(total)') }} as offsetting,
    200 * {{ ratio('least(max(-change_high) filter (where rank_down = 1), max(change_low) filter (where rank_up = 1))', 'max(total)') }} as lower,
    200 * {{ ratio('least(max(-change_low) filter (where rank_down = 1), max(change_high) filter (where rank_up = 1))', 'max(total)') }} as upper,
    -- which two moved most is told by all that moved
    {{ inherited('rank_down = 1 or rank_up = 1', inputs_where='true') }}
  from moves
  group by {{ series }}, freq, period
  having count(distinct segment) >= 2
)

{{ reading('eco_segment_reclassification', 'PCT', value='greatest(offsetting, 0)', lower='greatest(lower, 0)', upper='greatest(upper, 0)',
  class="case when class = 'measured' then 'bounded' else 'modelled' end", breakdown=breakdown('breakdown'), obs_status="'E'") }}
from pairs
