-- Share of headcount of the four largest groups of each place.
with cells as (
  select
    vintage, freq, period, ref_area, methodology,
    {{ largest_share('value', 4) }} as largest,
    {{ inherited() }}
  from {{ ref('int_firm_tables_by_vintage') }}
  where table_name = 'cr4'
  group by vintage, freq, period, ref_area, methodology
)

{{ reading('eco_operator_cr4', 'RATIO', value='largest') }}
from cells
