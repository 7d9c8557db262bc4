-- The ledger: each load that landed, was refused, or failed for a reason of ours.
select
  load_id, feed, coalesce(title, feed) as feed_title, status, document, address, file_name,
  collected_at, known_at, published_at, origin, origin_by, origin_address, origin_on,
  rows_read, rows_landed, rows_quarantined, reason, caused_by
from {{ ref('int_loads') }}
