-- Weeks in which the press was looked at: the feeds that brought a document, and how many articles they
-- gave of that week. A week without a look has no row: it is no week without news.
with looks as (
  select
    date_trunc('week', known_at) as week, list(distinct feed) as feeds,
    list(feed || '/' || load_id) as inputs, max(known_at) as known_at,
    bool_and(origin = 'invented') as is_invented
  from {{ ref('int_loads') }}
  where produces = 'articles' and status = 'landed'
  group by date_trunc('week', known_at)
),

articles as (
  select
    date_trunc('week', coalesce(articles.published_at, articles.first_seen_at)) as week, articles.feed,
    count(distinct articles.article_id) as n,
    list({{ row_id('articles.feed', 'articles.load_id', 'articles.row_no') }}) as inputs,
    bool_or(articles.origin = 'invented') as is_invented, bool_or(articles.origin = 'retyped') as is_retyped,
    max(articles.published_at) as published_at, max(articles.first_seen_at) as known_at
  from {{ ref('int_articles') }} as articles
  group by all
)

select
  looks.week, any_value(looks.feeds) as feeds, coalesce(sum(articles.n), 0)::double as n_articles,
  list_sort(any_value(looks.inputs) || coalesce(flatten(list(articles.inputs) filter (where articles.inputs is not null)), [])) as inputs,
  any_value(looks.is_invented) or coalesce(bool_or(articles.is_invented), false) as is_invented, coalesce(bool_or(articles.is_retyped), false) as is_retyped,
  max(articles.published_at) as published_at, greatest(any_value(looks.known_at), max(articles.known_at)) as known_at
from looks
left join articles on looks.week = articles.week and list_contains(looks.feeds, articles.feed)
where looks.week < date_trunc('week', {{ as_of() }})
group by looks.week
