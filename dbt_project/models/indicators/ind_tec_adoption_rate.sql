-- Share of the groups present in each place that have an AI process in production. That all of them do, or none,
-- would tell what each one does.
with cells as (
  select
    vintage, freq, period, ref_area, methodology,
    count(*) filter (where part = 'YES') as adopters, count(*) as n,
    {{ inherited() }}
  from {{ ref('int_firm_tables_by_vintage') }}
  where table_name = 'adoption'
  group by vintage, freq, period, ref_area, methodology
)

{{ reading('tec_adoption_rate', 'RATIO', value=ratio('adopters', 'n'), lower=wilson('adopters', 'n', '-'), upper=wilson('adopters', 'n', '+'),
  conf_status="case when adopters in (0, n) then 'M' else conf_status end") }}
from cells
