-- The register states when a fact held, not when its source printed it.
select
  site_id,
  operator,
  former_names,
  city,
  ref_area,
  region,
  scope,
  headcount,
  jobs_planned,
  is_counted,
  as_of,
  status,
  source,
  source_url,
  confidence,
  note,
  cast(null as timestamp) as published_at,
  load_id,
  row_no,
  place
from {{ source('landed', 'operator_sites') }}
