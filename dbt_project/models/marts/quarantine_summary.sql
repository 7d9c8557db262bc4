-- How many rows each rule holds at the door, and why; the rows themselves stay private.
select
  held.feed, held.rule, count(*) as count, min(held.reason) as reason, min(held.fix) as fix, max(loads.known_at) as latest_at,
  md5(concat_ws('|', 'quarantine_summary', held.feed, held.rule)) as receipt_id,
  list_sort(list_distinct(
    list(held.feed || '/' || held.load_id)
    || list(concat_ws('#', held.feed || '/' || held.load_id, coalesce(held.row_no, 0), held.rule))
  )) as inputs
from {{ ref('int_quarantine') }} as held
inner join {{ ref('int_loads') }} as loads on held.feed = loads.feed and held.load_id = loads.load_id
group by held.feed, held.rule
