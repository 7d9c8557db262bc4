-- In = landed + quarantined, on every load that passed the door.
select feed, load_id, rows_read, rows_landed, rows_quarantined
from {{ ref('loads') }}
where status = 'landed' and rows_read <> rows_landed + rows_quarantined
