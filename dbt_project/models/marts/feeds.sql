-- The health of each feed: what came last, how that compares with its rhythm, and what went wrong since.
with history as (
  select
    feed,
    max(known_at) filter (where status = 'landed') as landed_at,
    max(known_at) filter (where status <> 'landed') as troubled_at,
    max_by(reason, known_at) filter (where status <> 'landed') as trouble,
    count(*) filter (where status = 'landed') as loads_landed,
    count(*) filter (where status = 'refused') as loads_refused,
    count(*) filter (where status = 'failed') as loads_failed,
    sum(rows_landed) as rows_landed,
    sum(rows_quarantined) as rows_quarantined
  from {{ ref('int_loads') }}
  group by feed
),

dated as (
  select
    feeds.feed, feeds.title, feeds.publisher, feeds.address, feeds.licence, feeds.rhythm_days, feeds.produces,
    history.landed_at,
    date_diff('day', {{ local_day('history.landed_at') }}, {{ local_day(as_of()) }}) as days_since,
    coalesce(history.loads_landed, 0) as loads_landed,
    coalesce(history.loads_refused, 0) as loads_refused,
    coalesce(history.loads_failed, 0) as loads_failed,
    coalesce(history.rows_landed, 0) as rows_landed,
    coalesce(history.rows_quarantined, 0) as rows_quarantined,
    case when history.troubled_at > coalesce(history.landed_at, timestamp '1970-01-01') then history.trouble end as open_trouble
  from {{ ref('int_feeds') }} as feeds
  left join history on feeds.feed = history.feed
)

select
  *,
  case
    when landed_at is null then 'jamais reçu'
    when open_trouble is not null then 'en défaut'
    when days_since > 2 * rhythm_days then 'silencieux'
    when days_since > rhythm_days then 'en retard'
    else 'à jour'
  end as state
from dated
