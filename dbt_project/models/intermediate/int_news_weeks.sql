-- Weeks in which newspapers were read, and how many articles they gave of that week. A week without a look has no row: it is
-- no week without news. An aggregator that gives titles alone, and some of them, tells neither how much was printed nor when.
with looks as (
  select
    date_trunc('week', known_at) as week,
    list(feed || '/' || load_id) as inputs, max(known_at) as known_at,
    bool_and(origin = 'invented') as is_invented
  from {{ ref('int_loads') }}
  where feed = 'press_articles' and status = 'landed'
  group by date_trunc('week', known_at)
),

articles as (
  select
    date_trunc('week', coalesce(articles.published_at, articles.first_seen_at)) as week,
    count(distinct articles.article_id) as n,
    list({{ row_id('articles.feed', 'articles.load_id', 'articles.row_no') }}) as inputs,
    bool_or(articles.origin = 'invented') as is_invented, bool_or(articles.origin = 'retyped') as is_retyped,
    max(articles.published_at) as published_at, max(articles.first_seen_at) as known_at
  from {{ ref('int_articles') }} as articles
  where articles.feed = 'press_articles'
  group by all
)

select
  looks.week, coalesce(articles.n, 0)::double as n_articles, list_sort(looks.inputs || coalesce(articles.inputs, [])) as inputs,
  looks.is_invented or coalesce(articles.is_invented, false) as is_invented, coalesce(articles.is_retyped, false) as is_retyped,
  articles.published_at, greatest(looks.known_at, articles.known_at) as known_at
from looks
left join articles on looks.week = articles.week
where looks.week < date_trunc('week', {{ as_of() }})
