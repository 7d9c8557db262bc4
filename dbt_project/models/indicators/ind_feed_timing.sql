-- How far outside of its expected window each feed's latest figure came: below zero, too early to be
-- believed without a look; above zero, the days by which the next one is overdue.
with known as (
  select vintages.vintage, arrivals.*
  from {{ ref('int_vintages') }} as vintages
  inner join {{ ref('int_feed_arrivals') }} as arrivals on arrivals.known_at <= vintages.vintage
),

latest as (
  select * from known
  qualify row_number() over (
    partition by vintage, feed order by ended_on desc, {{ fineness('freq') }}, known_at desc
  ) = 1
),

compared as (
  select
    vintage, feed, known_at, origin, inputs,
    least(0, date_diff('day', expected_from, released_on)) as early,
    greatest(0, date_diff(
      'day',
      cast({{ period_later('expected_by', 'freq') }} as date),
      {{ local_day('vintage') }}
    )) as late
  from latest
)

{{ reading('feed_timing', 'DAYS',
  value="case when early < 0 then early else late end",
  class="'measured'", ref_area="'MA'", breakdown='feed', freq="'D'", period="date_trunc('day', vintage)", methodology="'_Z'",
  obs_status="'A'", conf_status="'F'", published_at='null') }}
from compared
