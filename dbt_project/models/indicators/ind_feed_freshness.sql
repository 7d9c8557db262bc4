-- Days since the last document of each feed that passed the door; a feed's rhythm is in the catalogue of feeds.
with landed as (
  select
    feed, load_id, known_at, first_known_at, published_at, origin,
    struct_pack(document := first_known_at, judgement := known_at) as turn
  from {{ ref('int_loads') }}
  where status = 'landed' and rows_landed > 0
),

latest as (
  select
    vintages.vintage, feeds.feed,
    max_by(landed.load_id, landed.turn) as load_id,
    max(landed.first_known_at) as known_at,
    max_by(landed.published_at, landed.turn) as published_at,
    max_by(landed.origin, landed.turn) as origin
  from {{ ref('int_vintages') }} as vintages
  cross join {{ ref('int_feeds') }} as feeds
  left join landed on feeds.feed = landed.feed and landed.known_at <= vintages.vintage
  group by vintages.vintage, feeds.feed
)

{{ reading('feed_freshness', 'DAYS',
  value="date_diff('day', " ~ local_day('known_at') ~ ", " ~ local_day('vintage') ~ ")",
  class="'measured'", ref_area="'MA'", breakdown='feed', freq="'D'", period="date_trunc('day', vintage)", methodology="'_Z'",
  obs_status="'A'", conf_status="'F'", inputs="case when load_id is null then [] else [feed || '/' || load_id] end",
  missing_reason="case when load_id is null then 'not_collected' end") }}
from latest
