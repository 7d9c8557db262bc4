-- The share is taken of the sum of the five segments, not of a total printed with fewer digits.
with segments as (
  select * from {{ ref('int_exports') }} where segment in ({{ segments() }})
),

complete as (
  select distinct vintage, source, methodology
  from {{ ref('int_exports') }}
  where segment = '_S'
),

shared as (
  select
    vintage, ref_area, source, methodology, is_headline, freq, period,
    count(distinct segment) as n_segments,
    {{ ratio('sum(value) filter (where segment in (' ~ higher_value_segments() ~ '))', 'sum(value)') }} as value,
    {{ inherited() }}
  from segments
  inner join complete using (vintage, source, methodology)
  group by vintage, ref_area, source, methodology, is_headline, freq, period
)

{{ reading('tec_value_added_share', 'RATIO', value='value', breakdown=breakdown("'_T'"),
  missing_reason="case when n_segments < 5 or value is null then 'not_published' end") }}
from shared
