-- Share of headcount of the four largest groups of each place.
with shares as (
  select
    *, row_number() over (partition by vintage, freq, period, ref_area order by value desc, holding_id) as rank
  from {{ ref('int_firm_tables_by_vintage') }}
  where table_name = 'cr4'
),

cells as (
  select
    vintage, freq, period, ref_area, methodology,
    sum(value) filter (where rank <= 4) as largest, sum(value) as total,
    {{ inherited() }}
  from shares
  group by vintage, freq, period, ref_area, methodology
)

{{ reading('eco_operator_cr4', 'RATIO', value=ratio('largest', 'total')) }}
from cells
