-- How likely as many grave stories, or more, would be by chance: the likelier of two weeks on end. What is usual is the rate of
-- the watched weeks before both, of half a year at most, for as many articles; a city's is drawn to that of an average city,
-- and what is not known of a rate widens the law: the count of a week is negative binomial.
{% set judged = "date_trunc('week', " ~ as_of() ~ ") - interval 7 day" %}
with counted as (
  select week, area, count(*)::double as k from {{ ref('int_news_votes') }} where breakdown = '_T' group by week, area
),

-- a city is tried in the weeks in which a story names it
tried as (
  select week, area from counted where area <> 'MA'
  union all
  select week, 'MA' from {{ ref('int_news_weeks') }}
),

told as (
  select tried.week as period, tried.area, weeks.*, coalesce(counted.k, 0) as k, weeks.week < tried.week - interval 7 day as is_past
  from tried
  inner join {{ ref('int_news_weeks') }} as weeks on weeks.week <= tried.week and weeks.week >= tried.week - interval 182 day
  left join counted on weeks.week = counted.week and tried.area = counted.area
),

usual as (
  select
    period, area,
    sum(k) filter (where is_past) as past_k, sum(n_articles) filter (where is_past) as past_n, count(*) filter (where is_past) as n_weeks,
    max(k) filter (where week = period) as k, max(n_articles) filter (where week = period) as n,
    max(k) filter (where week = period - interval 7 day) as before_k,
    max(n_articles) filter (where week = period - interval 7 day) as before_n,
    case when bool_or(is_invented) then 'invented' when bool_or(is_retyped) then 'retyped' else 'recorded' end as origin,
    max(published_at) as published_at, max(known_at) as known_at, list_sort(list_distinct(flatten(list(inputs)))) as inputs
  from told
  group by period, area
),

cities as (
  select count(*)::double as n from {{ ref('int_places') }} where level = 'city'
),

drawn as (
  select
    usual.*,
    -- the country by itself (Jeffreys' law before any week); a city beside one story's worth of an average city
    usual.past_k + case when usual.area = 'MA' then 0.5 else 1 end as shape,
    usual.past_n * (1 + case when usual.area = 'MA' then 0 else cities.n / (country.past_k + 1) end) as articles
  from usual
  cross join cities
  left join usual as country on usual.period = country.period and country.area = 'MA'
),

tested as (
  select
    period, area, origin, published_at, known_at, inputs,
    greatest({{ negative_binomial_tail('k', 'shape', 'articles', 'n') }}, {{ negative_binomial_tail('before_k', 'shape', 'articles', 'before_n') }}) as chance,
    case
      when n_weeks < {{ least_watched_weeks() }} or before_n is null then 'not_collected'
      when n = 0 or before_n = 0 or articles = 0 then 'not_applicable'
    end as missing_reason
  from drawn
  where n_weeks >= {{ least_watched_weeks() }} and before_n is not null or period = {{ judged }} and area = 'MA'
  union all
  select {{ judged }}, 'MA', null, null, null, [], null, 'not_collected'
  where not exists (select 1 from {{ ref('int_news_weeks') }} where week = {{ judged }})
)

{{ reading('news_surge', 'RATIO', value='chance', class="'claimed'", ref_area='area', freq="'W'", methodology="'_Z'",
  origin="case when missing_reason is null then origin end", obs_status="'U'", conf_status="'F'",
  published_at="case when missing_reason is null then published_at end",
  known_at="case when missing_reason is null then known_at end", missing_reason='missing_reason',
  inputs="case when missing_reason = 'not_collected' then [] else inputs end", vintage=as_of()) }}
from tested
