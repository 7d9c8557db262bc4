-- The first time that each period of each series had a figure, and its figure now. A register is ours: its rhythm says
-- nothing about a publisher. A period is followed when it ended after the first figure of its group was known (of the
-- others, nobody saw the beginning) and when somebody had looked not long before its figure came: two rhythms at most,
-- without which the delay is ours. It is ripe when the delay that its publisher usually keeps has passed.
{{ config(materialized='view') }}
with looks as (
  select feed, day, lag(day) over (partition by feed order by day) as previous_day
  from {{ ref('int_coverage') }}
  where outcome in ('found', 'nothing')
  group by feed, day
),

followed as (
  select {{ arrival_group() }}, {{ local_day('min(first_known_from)') }} as followed_from
  from {{ ref('int_arrivals') }}
  group by {{ arrival_group() }}
),

dated as (
  select
    *,
    cast({{ period_later('period', 'freq') }} - interval 1 day as date) as ended_on,
    {{ local_day('first_known_from') }} as known_on
  from {{ ref('int_arrivals') }}
  inner join followed using ({{ arrival_group() }})
)

select
  dated.*,
  greatest(0, date_diff('day', dated.ended_on, dated.known_on))::integer as lag_days,
  date_diff('day', dated.ended_on, {{ local_day(as_of()) }})::integer as age_days,
  dated.ended_on >= dated.followed_from
    and coalesce(date_diff('day', looks.previous_day, dated.known_on) <= 2 * feeds.rhythm_days, false) as is_followed,
  dated.ended_on + to_days(feeds.lag_high_days) <= {{ local_day(as_of()) }} as is_ripe
from dated
inner join {{ ref('int_feeds') }} as feeds on dated.feed = feeds.feed
left join looks on dated.feed = looks.feed and dated.known_on = looks.day
where not feeds.is_register
