-- For each source and day: looked and found, looked and nothing, blocked, failed, switched off, or did not look.
-- What people dropped, and what the samples bring, was found on the day that it became known.
with polled as (
  select
    feed, address, role, day,
    case
      when found > 0 then 'found' when blocked > 0 then 'blocked' when failed > 0 then 'failed'
      when off > 0 then 'off' else 'nothing'
    end as outcome,
    found, nothing, blocked, failed, off, sentence, []::varchar[] as inputs
  from {{ source('lake', 'coverage') }}
),

dropped as (
  select
    feed, null as address, 'drop' as role, {{ local_day('known_at') }} as day, 'found' as outcome,
    count(*) as found, 0 as nothing, 0 as blocked, 0 as failed, 0 as off, null as sentence, list_sort(list(feed || '/' || load_id))
  from {{ ref('int_loads') }}
  where status in ('landed', 'refused') and stream = '' and supersedes = ''
  group by all
),

missed as (
  select
    due.feed, due.address, 'source' as role, due.day, 'not_looked' as outcome,
    0 as found, 0 as nothing, 0 as blocked, 0 as failed, 0 as off, null as sentence, []
  from {{ source('lake', 'looks_due') }} as due
  left join polled on due.feed = polled.feed and due.day = polled.day
  where polled.feed is null
),

said as (
  select * from polled
  union all
  select * from dropped
  union all
  select * from missed
)

select * from said where day <= {{ local_day(as_of()) }}
