-- Everything that a group declares is confidential: nothing of it is free before it is one of many in a sum.
select
  holding_id,
  holding,
  period as period_printed,
  freq,
  cast(starts_on as timestamp) as period,
  ref_area,
  segment,
  code,
  measure,
  value,
  'C' as conf_status,
  cast(null as timestamp) as published_at,
  load_id,
  row_no,
  place
from {{ source('landed', 'firm_returns') }}
