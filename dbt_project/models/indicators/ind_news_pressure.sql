-- The votes of a week for a thousand articles of the same newspapers: a week in which more was read is no graver for it.
-- A city is read from the first week in which a story named it; the last whole week is always told, unknown if nobody looked.
{% set judged = "date_trunc('week', " ~ as_of() ~ ") - interval 7 day" %}
with areas as (
  select area, breakdown, min(week) as since, min(week) filter (where not is_invented) as really_since
  from {{ ref('int_news_votes') }}
  where area <> 'MA' or breakdown <> '_T'
  group by area, breakdown
  union all
  select 'MA', '_T', timestamp '0001-01-01', timestamp '0001-01-01'
),

voted as (
  select week, area, breakdown, sum(vote) as votes from {{ ref('int_news_votes') }} group by week, area, breakdown
),

weeks as (
  select * from {{ ref('int_news_weeks') }}
  union all
  select {{ judged }}, [], null, [], false, false, null, null
  where not exists (select 1 from {{ ref('int_news_weeks') }} where week = {{ judged }})
),

read as (
  select
    weeks.week as period, areas.area, areas.breakdown,
    1000 * {{ ratio('coalesce(voted.votes, 0)', 'weeks.n_articles') }} as pressure,
    weeks.n_articles, weeks.inputs, weeks.published_at, weeks.known_at,
    -- a city that illustrative articles alone have named is illustrative
    case when weeks.is_invented or coalesce(areas.really_since > weeks.week, true) then 'invented' when weeks.is_retyped then 'retyped' else 'recorded' end as origin,
    case
      when weeks.n_articles is null then 'not_collected'
      when weeks.n_articles = 0 then 'not_applicable'
    end as missing_reason
  from weeks
  inner join areas on weeks.week >= areas.since and (weeks.n_articles is not null or areas.breakdown = '_T' and areas.area = 'MA')
  left join voted on weeks.week = voted.week and areas.area = voted.area and areas.breakdown = voted.breakdown
)

{{ reading('news_pressure', 'INDEX', value='pressure', class="'measured'", ref_area='area', breakdown='breakdown', freq="'W'",
  methodology="'_Z'", origin="case when missing_reason is null then origin end", obs_status="'A'", conf_status="'F'",
  published_at="case when missing_reason is null then published_at end",
  known_at="case when missing_reason is null then known_at end", missing_reason='missing_reason', vintage=as_of()) }}
from read
