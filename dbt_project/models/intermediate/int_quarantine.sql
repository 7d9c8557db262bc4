-- Rows held at the door, one line per row and rule; only those about which something can still be decided.
select held.load_id, held.feed, held.row_no, held.place, held.rule, held.reason, held.fix, cast(held.period as timestamp) as period
from {{ source('lake', 'quarantine') }} as held
inner join {{ ref('int_loads') }} as loads on held.feed = loads.feed and held.load_id = loads.load_id
where loads.is_open
