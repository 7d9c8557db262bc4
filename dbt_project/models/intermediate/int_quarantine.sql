-- Rows held at the door, one line per row and rule.
select load_id, feed, row_no, place, rule, reason, fix
from {{ source('lake', 'quarantine') }}
