-- For each feed of figures and each period it speaks of: when the period ended, when its first figure was released, as
-- far as was known from each moment on (`known_at`), and the window of days in which its publisher was expected to
-- release it. A release that comes late but speaks of an earlier day is another line, from the day it was known.
with arrivals as (
  select
    feed, freq,
    {{ period_later('period', 'freq') }} - interval 1 day as ends_at,
    known_from,
    min(struct_pack(at := coalesce(published_at, known_at), id := observation_id, load := load_id, origin := origin)) as first_one
  from {{ ref('int_observations') }}
  where scenario = '_Z' and not is_withdrawn and obs_value is not null
  group by feed, freq, period, known_from
),

earliest as (
  select
    *,
    min(first_one.at) over (
      partition by feed, freq, ends_at order by known_from rows between unbounded preceding and 1 preceding
    ) as released_before
  from arrivals
)

select
  earliest.feed, earliest.freq, cast(earliest.ends_at as date) as ended_on,
  earliest.known_from as known_at, earliest.first_one.load as load_id, earliest.first_one.origin as origin,
  [earliest.first_one.id] as inputs,
  cast(earliest.first_one.at as date) as released_on,
  cast(cast(earliest.ends_at as date) + to_days(feeds.lag_low_days) as date) as expected_from,
  cast(cast(earliest.ends_at as date) + to_days(feeds.lag_high_days) as date) as expected_by
from earliest
inner join {{ ref('int_feeds') }} as feeds on earliest.feed = feeds.feed
-- a register is ours: nobody's lag binds it
where not feeds.is_register and (earliest.released_before is null or earliest.first_one.at < earliest.released_before)
