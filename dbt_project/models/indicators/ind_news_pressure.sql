-- The votes of a week for a thousand articles of the same newspapers: a week in which more was read is no graver for it.
-- A city has a reading in the weeks in which a story names it, the country in every week that was watched; the last whole week
-- is always told, unknown if nobody looked.
{% set judged = "date_trunc('week', " ~ as_of() ~ ") - interval 7 day" %}
with weeks as (
  select * from {{ ref('int_news_weeks') }} where week >= {{ judged }} - interval 728 day
),

voted as (
  select week, area, breakdown, sum(vote) as votes from {{ ref('int_news_votes') }} group by week, area, breakdown
  union all
  select week, 'MA', '_T', 0 from weeks where week not in (select week from {{ ref('int_news_votes') }})
),

told as (
  select
    weeks.week as period, voted.area, voted.breakdown, 1000 * {{ ratio('voted.votes', 'weeks.n_articles') }} as pressure,
    weeks.inputs, weeks.published_at, weeks.known_at,
    case when weeks.is_invented then 'invented' when weeks.is_retyped then 'retyped' else 'recorded' end as origin,
    case when weeks.n_articles = 0 then 'not_applicable' end as missing_reason
  from weeks
  inner join voted on weeks.week = voted.week
  union all
  select {{ judged }}, 'MA', '_T', null, [], null, null, null, 'not_collected'
  where not exists (select 1 from weeks where week = {{ judged }})
)

{{ reading('news_pressure', 'INDEX', value='pressure', class="'claimed'", ref_area='area', breakdown='breakdown', freq="'W'",
  methodology="'_Z'", origin="case when missing_reason is null then origin end", obs_status="'U'", conf_status="'F'",
  published_at="case when missing_reason is null then published_at end",
  known_at="case when missing_reason is null then known_at end", missing_reason='missing_reason', vintage=as_of()) }}
from told
