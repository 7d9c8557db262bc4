-- The World Bank's ICT service exports: the one series on which Morocco and its peers compare.
with exports as (
  select * from {{ ref('int_observations_by_vintage') }} where indicator = 'BX.GSR.CCIS.CD'
)

{{ reading('eco_ict_export_usd', 'USD', value='value', breakdown=breakdown("'_T'"),
  missing_reason="case when value is null then 'not_published' end") }}
from exports
