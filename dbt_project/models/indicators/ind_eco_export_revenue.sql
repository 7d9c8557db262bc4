-- Levels as stated, plus the first halves and totals that follow from them by arithmetic.
with exports as (
  select * from {{ ref('int_exports') }} where segment <> '_S'
)

{{ reading('eco_export_revenue', 'MAD_BN', value='value',
  lower="case when class <> 'measured' then low end", upper="case when class <> 'measured' then high end",
  breakdown=breakdown('segment')) }}
from exports
