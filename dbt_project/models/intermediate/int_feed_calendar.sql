-- When each feed is next expected. A feed of figures: the end of the period after its latest, plus the lag
-- band its publisher keeps. Any other: its rhythm after its last document.
with latest as (
  -- of the periods that end last, the shortest decides which one comes next
  select feed, freq, ended_on, released_on, expected_from as window_opened_on, inputs
  from {{ ref('int_feed_arrivals') }}
  where known_at <= {{ as_of() }}
  qualify row_number() over (partition by feed order by ended_on desc, {{ fineness('freq') }}, known_at desc) = 1
),

landed as (
  select feed, max(first_known_at) as landed_at
  from {{ ref('int_loads') }}
  where status = 'landed' and rows_landed > 0
  group by feed
),

next_ones as (
  select
    feeds.feed,
    latest.ended_on as latest_period_ended_on,
    latest.released_on,
    latest.window_opened_on,
    latest.inputs,
    {{ period_later('latest.ended_on', 'latest.freq') }} as next_period_ends_on,
    {{ local_day('landed.landed_at') }} as landed_on,
    feeds.rhythm_days, feeds.lag_low_days, feeds.lag_high_days
  from {{ ref('int_feeds') }} as feeds
  left join latest on feeds.feed = latest.feed
  left join landed on feeds.feed = landed.feed
)

select
  feed, latest_period_ended_on,
  greatest(0, date_diff('day', released_on, window_opened_on)) as days_early,
  cast(case
    when next_period_ends_on is not null then next_period_ends_on + to_days(lag_low_days)
    else landed_on + to_days(rhythm_days)
  end as date) as expected_from,
  cast(case
    when next_period_ends_on is not null then next_period_ends_on + to_days(lag_high_days)
    else landed_on + to_days(rhythm_days + lag_high_days)
  end as date) as expected_by,
  inputs
from next_ones
