-- Press articles that had been collected at the date of the question, once each; the page says more than the
-- feed, and a newspaper's own feed more than an aggregator that saw the article.
with articles as (
  {{ union_of_feeds(var('article_feeds'), article_columns()) }}
),

judged as (
  select
    articles.*, loads.origin, loads.document, loads.first_known_at, loads.superseded_at,
    min(loads.known_at) over (partition by articles.feed, loads.root_id, articles.link, articles.title) as known_at,
    -- the page of an article may come after the line of a feed: the article has been known since then
    min(loads.known_at) over (partition by coalesce(articles.link, articles.title)) as first_seen_at,
    md5(coalesce(articles.link, articles.title)) as article_id
  from articles
  inner join {{ ref('int_loads') }} as loads on articles.feed = loads.feed and articles.load_id = loads.load_id
)

select * exclude (first_known_at, superseded_at)
from judged
where superseded_at is null and {{ visible_from('published_at', 'known_at') }} <= {{ as_of() }}
qualify row_number() over (
  partition by coalesce(link, title)
  order by case kind when 'page' then 1 when 'rss_item' then 2 else 3 end, first_known_at desc, row_no desc
) = 1
