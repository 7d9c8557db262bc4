-- The health of each feed: what came last, how that compares with its rhythm, and what went wrong since.
with history as (
  select
    feed,
    max(first_known_at) filter (where status = 'landed' and rows_landed > 0) as landed_at,
    max(first_known_at) filter (where status <> 'landed' and is_standing) as troubled_at,
    max_by(reason, first_known_at) filter (where status <> 'landed' and is_standing) as trouble,
    count(*) filter (where status = 'landed' and is_standing) as loads_landed,
    count(*) filter (where status = 'refused' and is_standing) as loads_refused,
    count(*) filter (where status = 'failed' and is_standing) as loads_failed,
    sum(rows_landed) filter (where superseded_at is null) as rows_landed,
    sum(rows_quarantined) filter (where is_open) as rows_quarantined,
    list(feed || '/' || load_id) as inputs
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
    calendar.expected_from, calendar.expected_by, calendar.days_early,
    list_sort(coalesce(history.inputs, []) || coalesce(calendar.inputs, [])) as inputs,
    case when history.troubled_at > coalesce(history.landed_at, timestamp '1970-01-01') then history.trouble end as open_trouble
  from {{ ref('int_feeds') }} as feeds
  left join history on feeds.feed = history.feed
  left join {{ ref('int_feed_calendar') }} as calendar on feeds.feed = calendar.feed
)

select
  * exclude (inputs),
  case
    when days_early > 0 then 'paru ' || days_early || ' j plus tôt que d’habitude : à vérifier'
    when {{ local_day(as_of()) }} > expected_by then 'attendu depuis le ' || {{ fr_date('expected_by') }}
    when expected_by is not null then 'attendu du ' || {{ fr_date('expected_from') }} || ' au ' || {{ fr_date('expected_by') }}
    else 'sans calendrier'
  end as timing,
  case
    when landed_at is null then 'jamais reçu'
    when open_trouble is not null then 'en défaut'
    when days_since > 2 * rhythm_days then 'silencieux'
    when days_since > rhythm_days then 'en retard'
    else 'à jour'
  end as state,
  md5('feeds|' || feed) as receipt_id,
  inputs
from dated
