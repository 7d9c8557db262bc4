-- Why the next figure of each feed is not here, and in what words: never received, held at the door, overdue, silent
-- for more than three of its rhythms, or not expected yet. A register is ours: nobody else can be silent in it.
with history as (
  select
    feed,
    max(first_known_at) filter (where status = 'landed' and rows_landed > 0) as landed_at,
    max(first_known_at) filter (where is_open and (status = 'refused' or rows_quarantined > 0)) as held_at,
    list(feed || '/' || load_id) as inputs
  from {{ ref('int_loads') }}
  group by feed
),

dated as (
  select
    feeds.feed, feeds.title, feeds.is_register, feeds.rhythm_days,
    history.landed_at, history.held_at,
    list_sort(coalesce(history.inputs, []) || coalesce(calendar.inputs, [])) as inputs,
    calendar.latest_period_ended_on, calendar.expected_by,
    {{ local_day('history.landed_at') }} as landed_on,
    {{ local_day(as_of()) }} as today
  from {{ ref('int_feeds') }} as feeds
  left join history on feeds.feed = history.feed
  left join {{ ref('int_feed_calendar') }} as calendar on feeds.feed = calendar.feed
),

judged as (
  select
    *,
    case
      when landed_at is null and held_at is not null then 'quarantined'
      when landed_at is null then 'not_collected'
      when held_at > landed_at then 'quarantined'
      when today > expected_by and not is_register and date_diff('day', landed_on, today) > 3 * rhythm_days then 'source_dead'
      when today > expected_by then 'late'
      else 'not_published'
    end as reason
  from dated
)

select
  feed, title, reason, landed_at is null as is_empty, latest_period_ended_on, expected_by, landed_on,
  case reason
    when 'quarantined' then 'en quarantaine : document retenu à la porte (' || title || ')'
    when 'not_collected' then 'non collecté : aucun document reçu (' || title || ')'
    when 'source_dead' then 'source arrêtée : plus rien depuis le ' || {{ fr_date('landed_on') }} || ' (' || title || ')'
    when 'late' then 'non publié (attendu le ' || {{ fr_date('expected_by') }} || ', en retard)'
    else coalesce('non publié (attendu d''ici le ' || {{ fr_date('expected_by') }} || ')', 'non publié')
  end as reason_fr,
  inputs
from judged
