-- Headcount that groups declare, by place and segment.
with cells as (
  select vintage, freq, period, ref_area, methodology, part, sum(value) as headcount, {{ inherited() }}
  from {{ ref('int_firm_tables_by_vintage') }}
  where table_name = 'headcount'
  group by vintage, freq, period, ref_area, methodology, part
)

{{ reading('job_declared_headcount', 'PS', value='headcount', breakdown='part') }}
from cells
