-- Articles of the last whole week against the weeks before it, of a year at most. A week counts only if the press was
-- looked at: a document landed in it from each of the feeds that the last week was seen through, and their articles
-- alone are counted. A week without a look is no week without news.
{% set judged = "date_trunc('week', " ~ as_of() ~ ") - interval 7 day" %}
with looks as (
  select
    date_trunc('week', known_at) as week, list(distinct feed) as feeds,
    list(feed || '/' || load_id) as inputs, max(known_at) as known_at
  from {{ ref('int_loads') }}
  where produces = 'articles' and status = 'landed'
  group by date_trunc('week', known_at)
),

watching as (
  select feeds from looks where week = {{ judged }}
),

articles as (
  select
    date_trunc('week', coalesce(articles.published_at, articles.known_at)) as week,
    count(distinct {{ plain_words('articles.title') }}) as n,
    list({{ row_id('articles.feed', 'articles.load_id', 'articles.row_no') }}) as inputs,
    bool_or(articles.origin = 'invented') as is_invented, bool_or(articles.origin = 'retyped') as is_retyped,
    max(articles.published_at) as published_at, max(articles.known_at) as known_at
  from {{ ref('int_articles') }} as articles
  inner join watching on list_contains(watching.feeds, articles.feed)
  where articles.title is not null
  group by date_trunc('week', coalesce(articles.published_at, articles.known_at))
),

weeks as (
  select
    looks.week, coalesce(articles.n, 0) as n, looks.inputs || coalesce(articles.inputs, []) as inputs,
    articles.is_invented, articles.is_retyped, articles.published_at, greatest(looks.known_at, articles.known_at) as known_at
  from looks
  inner join watching on list_has_all(looks.feeds, watching.feeds)
  left join articles on looks.week = articles.week
  where looks.week <= {{ judged }} and looks.week >= {{ judged }} - interval 364 day
),

usual as (
  select median(n) as centre, count(*) as n_weeks from weeks where week < {{ judged }}
),

spread as (
  select median(abs(weeks.n - usual.centre)) as deviation
  from weeks cross join usual
  where weeks.week < {{ judged }}
),

compared as (
  select
    max(weeks.n) filter (where weeks.week = {{ judged }}) as n,
    any_value(usual.centre) as centre, any_value(spread.deviation) as deviation, any_value(usual.n_weeks) as n_weeks,
    case
      when bool_or(weeks.is_invented) then 'invented' when bool_or(weeks.is_retyped) then 'retyped' else 'recorded'
    end as origin,
    max(weeks.published_at) as published_at, max(weeks.known_at) as known_at,
    list_sort(list_distinct(flatten(list(weeks.inputs)))) as inputs
  from weeks cross join usual cross join spread
),

judged as (
  select
    *, {{ robust_z('n', 'centre', 'deviation') }} as z,
    case
      when n is null or n_weeks < {{ least_watched_weeks() }} then 'not_collected'
      when deviation = 0 then 'not_applicable'
    end as missing_reason
  from compared
)

{{ reading('news_volume_z', 'INDEX', value='z', class="'measured'", ref_area="'MA'", freq="'W'", period=judged, methodology="'_Z'",
  origin="case when missing_reason is null then origin end", obs_status="'A'", conf_status="'F'",
  published_at="case when missing_reason is null then published_at end", known_at="case when missing_reason is null then known_at end",
  missing_reason='missing_reason',
  inputs="case when missing_reason = 'not_collected' then [] else inputs end", vintage=as_of()) }}
from judged
