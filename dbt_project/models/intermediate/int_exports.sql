-- Export revenue as stated, and what follows from it by arithmetic alone: a first half that is the year
-- minus its last two quarters, and the sum of the five segments where all five are known. That sum ('_S')
-- keeps more digits than the printed total ('_T'), and stands for it where its source printed none.
{% set series = 'vintage, ref_area, source, methodology, is_headline, segment' %}
{% set facts = 'freq, period, value, low, high, is_derived, origin, obs_status, conf_status, class, published_at, known_at, inputs' %}
with stated as (
  select
    {{ series }}, freq, period, value, low, high, false as is_derived,
    origin, obs_status, conf_status, class, published_at, known_at, inputs
  from {{ ref('int_observations_by_vintage') }}
  where indicator = 'export_revenue' and value is not null and counterpart_area in ('_T', '_Z', 'W1')
),

stated_halves as (
  select {{ series }}, period from stated where freq = 'S'
),

first_halves as (
  select
    {{ series }}, 'S' as freq, date_trunc('year', period)::timestamp as period,
    sum(case when freq = 'A' then value else -value end) as value,
    sum(case when freq = 'A' then low else -high end) as low,
    sum(case when freq = 'A' then high else -low end) as high,
    true as is_derived,
    {{ inherited() }}
  from stated
  where freq = 'A' or (freq = 'Q' and quarter(period) in (3, 4))
  group by {{ series }}, date_trunc('year', period)
  having count(*) filter (where freq = 'A') = 1 and count(*) filter (where freq = 'Q') = 2
),

segment_sums as (
  select
    vintage, ref_area, source, methodology, is_headline, '_S' as segment, freq, period,
    sum(value) as value, sum(low) as low, sum(high) as high,
    true as is_derived,
    {{ inherited() }}
  from stated
  where segment in ({{ segments() }})
  group by vintage, ref_area, source, methodology, is_headline, freq, period
  having count(distinct segment) = 5
)

select {{ series }}, {{ facts }} from stated
union all
select {{ series }}, {{ facts | replace(' class,', " 'modelled' as class,") }}
from first_halves
where not exists (
  select 1 from stated_halves
  where stated_halves.vintage = first_halves.vintage and stated_halves.source = first_halves.source
    and stated_halves.methodology = first_halves.methodology and stated_halves.segment = first_halves.segment
    and stated_halves.ref_area = first_halves.ref_area and stated_halves.period = first_halves.period
)
union all
select {{ series }}, {{ facts }} from segment_sums
union all
select {{ series | replace('segment', "'_T' as segment") }}, {{ facts | replace('is_derived', 'false as is_derived') }}
from segment_sums
where not exists (
  select 1 from stated
  where stated.segment = '_T' and stated.vintage = segment_sums.vintage and stated.source = segment_sums.source
    and stated.methodology = segment_sums.methodology and stated.ref_area = segment_sums.ref_area
    and stated.freq = segment_sums.freq and stated.period = segment_sums.period
)
