-- The ledger: each load that landed, was refused, or failed for a reason of ours.
select
  load_id, feed, coalesce(title, feed) as feed_title, status, document, address, file_name,
  collected_at, known_at, published_at, origin, origin_by, origin_address, origin_on,
  rows_read, rows_landed, rows_quarantined, rows_rejected, reason, caused_by,
  acts, supersedes, is_standing,
  case when rows_read > rows_rejected and not is_confidential then '/vigie/controles/' || feed || '/' || load_id end as checks_path,
  feed || '/' || load_id as receipt_id
from {{ ref('int_loads') }}
