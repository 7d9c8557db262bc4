-- In = landed + quarantined + rejected, on every document that was judged.
select feed, load_id, rows_read, rows_landed, rows_quarantined, rows_rejected
from {{ ref('loads') }}
where status <> 'failed' and rows_read <> rows_landed + rows_quarantined + rows_rejected
