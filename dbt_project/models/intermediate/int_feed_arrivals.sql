-- For each feed of figures and each period it speaks of: when the period ended, when its first figure was
-- released and known, and the window of days in which the publisher was expected to release it.
with periods as (
  select
    feed, freq,
    {{ period_later('period', 'freq') }} - interval 1 day as ends_at,
    observation_id, load_id, origin,
    known_from,
    coalesce(published_at, known_at) as released_at
  from {{ ref('int_observations') }}
  where scenario = '_Z' and not is_withdrawn and obs_value is not null
)

select
  periods.feed, periods.freq, cast(periods.ends_at as date) as ended_on,
  min(periods.known_from) as known_at,
  min_by(periods.load_id, periods.known_from) as load_id,
  min_by(periods.origin, periods.known_from) as origin,
  list_sort(list_distinct([
    min_by(periods.observation_id, periods.known_from), min_by(periods.observation_id, periods.released_at)
  ])) as inputs,
  cast(min(periods.released_at) as date) as released_on,
  cast(cast(periods.ends_at as date) + to_days(any_value(feeds.lag_low_days)) as date) as expected_from,
  cast(cast(periods.ends_at as date) + to_days(any_value(feeds.lag_high_days)) as date) as expected_by
from periods
inner join {{ ref('int_feeds') }} as feeds on periods.feed = feeds.feed
-- a register is ours: nobody's lag binds it
where not feeds.is_register
group by periods.feed, periods.freq, periods.ends_at
