-- Rows of each feed that the door holds, about which something can still be decided.
with standing as (
  select vintages.vintage, loads.*
  from {{ ref('int_vintages') }} as vintages
  inner join {{ ref('int_loads') }} as loads on loads.known_at <= vintages.vintage and loads.status = 'landed'
  where not exists (
    select 1 from {{ ref('int_loads') }} as later
    where later.feed = loads.feed and later.supersedes = loads.load_id and later.known_at <= vintages.vintage
  )
),

counted as (
  select
    vintages.vintage, feeds.feed,
    sum(standing.rows_quarantined) as held,
    max_by(standing.origin, standing.known_at) as origin,
    max(standing.known_at) as known_at,
    list_sort(list_distinct(list_filter(
      coalesce(list(standing.feed || '/' || standing.load_id) filter (where standing.rows_quarantined > 0), [])
      || [max_by(standing.feed || '/' || standing.load_id, standing.known_at)],
      lambda name: name is not null
    ))) as inputs
  from {{ ref('int_vintages') }} as vintages
  cross join {{ ref('int_feeds') }} as feeds
  left join standing on vintages.vintage = standing.vintage and feeds.feed = standing.feed
  group by vintages.vintage, feeds.feed
)

{{ reading('feed_held_rows', 'COUNT',
  value='held', class="'measured'", ref_area="'MA'", breakdown='feed', freq="'D'", period="date_trunc('day', vintage)",
  methodology="'_Z'", obs_status="'A'", conf_status="'F'", published_at='null',
  missing_reason="case when len(inputs) = 0 then 'not_collected' end") }}
from counted
