-- Sum of squared shares; three other "HHI" circulate (normalised, square root): they would be other indicators.
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
    {{ ratio('sum(value * value)', 'pow(sum(value), 2)') }} as value,
    {{ inherited() }}
  from segments
  inner join complete using (vintage, source, methodology)
  group by vintage, ref_area, source, methodology, is_headline, freq, period
)

{{ reading('eco_service_hhi', 'INDEX', value='value', breakdown=breakdown("'_T'"),
  missing_reason="case when n_segments < 5 or value is null then 'not_published' end") }}
from shared
