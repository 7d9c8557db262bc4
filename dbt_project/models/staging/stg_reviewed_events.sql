select
  event_id, decision, event_type, title, ref_area, operator, site_id, jobs, happened_on,
  source, source_url, quote, origin, reason, decided_by, decided_at,
  load_id, row_no, place
from {{ source('landed', 'reviewed_events') }}
