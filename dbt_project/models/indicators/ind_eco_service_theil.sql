-- ln(n) + sum of p ln p, written on the values themselves; a segment of zero adds nothing.
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
    ln(5::double) + {{ ratio('sum(case when value > 0 then value * ln(value) else 0 end)', 'sum(value)') }} - ln(nullif(sum(value), 0)) as value,
    {{ inherited() }}
  from segments
  inner join complete using (vintage, source, methodology)
  group by vintage, ref_area, source, methodology, is_headline, freq, period
)

{{ reading('eco_service_theil', 'NATS', value='value', breakdown=breakdown("'_T'"),
  missing_reason="case when n_segments < 5 or value is null then 'not_published' end") }}
from shared
