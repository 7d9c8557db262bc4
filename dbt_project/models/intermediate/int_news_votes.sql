-- The votes of a week: one for each story that tells a grave event, however often it is copied, in each city that it names
-- and in the country. It weighs as its best newspaper, more when several print it, and as its gravest event.
with told as (
  select
    date_trunc('week', coalesce(mentions.published_at, mentions.first_seen_at)) as week, mentions.ref_area, mentions.story_id,
    coalesce(mentions.outlet, mentions.feed) as outlet, severities.severity,
    coalesce(known.weight, others.weight) as weight
  from {{ ref('int_event_mentions') }} as mentions
  inner join {{ ref('int_event_severities') }} as severities on mentions.event_type = severities.event_type
  left join {{ ref('int_news_sources') }} as known on mentions.outlet = known.outlet
  left join {{ ref('int_news_sources') }} as others on others.outlet = '_O'
  where mentions.feed = 'press_articles'
),

areas as (
  select *, 'MA' as area, '_T' as breakdown from told
  union all
  select *, ref_area, '_T' from told where ref_area is not null
  union all
  -- what names no city is counted as such, and given to none
  select *, 'MA', 'UNPLACED' from told where ref_area is null
)

select
  areas.week, areas.area, areas.breakdown, areas.story_id,
  max(areas.weight) * (1 + ln(count(distinct areas.outlet))) * max(areas.severity) as vote
from areas
inner join {{ ref('int_news_weeks') }} as weeks on areas.week = weeks.week
group by areas.week, areas.area, areas.breakdown, areas.story_id
