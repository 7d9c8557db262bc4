-- Documents of each feed that were refused, or that could not be fetched, since the last one that passed the door.
with landed as (
  select
    vintages.vintage, feeds.feed, max(loads.known_at) as landed_at,
    max_by(loads.feed || '/' || loads.load_id, loads.known_at) as landed_load, max_by(loads.origin, loads.known_at) as landed_origin
  from {{ ref('int_vintages') }} as vintages
  cross join {{ ref('int_feeds') }} as feeds
  left join {{ ref('int_loads') }} as loads
    on feeds.feed = loads.feed and loads.status = 'landed' and loads.known_at <= vintages.vintage
  group by vintages.vintage, feeds.feed
),

counted as (
  select
    landed.vintage, landed.feed,
    count(loads.load_id) as failures,
    -- what could not be fetched is nobody's document: the ledger gives it no origin
    coalesce(max_by(loads.origin, loads.known_at) filter (where loads.origin <> ''), any_value(landed.landed_origin)) as origin,
    coalesce(max(loads.known_at), any_value(landed.landed_at)) as known_at,
    list_sort(list_filter(
      list(loads.feed || '/' || loads.load_id) || [any_value(landed.landed_load)], lambda name: name is not null
    )) as inputs
  from landed
  left join {{ ref('int_loads') }} as loads
    on landed.feed = loads.feed and loads.status <> 'landed' and loads.known_at <= landed.vintage
    and loads.known_at > coalesce(landed.landed_at, timestamp '1970-01-01')
  group by landed.vintage, landed.feed
)

{{ reading('feed_failures', 'COUNT',
  value='failures', class="'measured'", ref_area="'MA'", breakdown='feed', freq="'D'", period="date_trunc('day', vintage)",
  methodology="'_Z'", obs_status="'A'", conf_status="'F'", published_at='null',
  missing_reason="case when len(inputs) = 0 then 'not_collected' end") }}
from counted
