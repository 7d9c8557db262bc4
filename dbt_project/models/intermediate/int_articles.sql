-- Press articles that had been collected at the date of the question, once each; the page says more than the feed.
select
  articles.*, loads.known_at, loads.origin, loads.document
from {{ ref('stg_press_articles') }} as articles
inner join {{ ref('int_loads') }} as loads on loads.feed = 'press_articles' and articles.load_id = loads.load_id
where {{ visible_from('articles.published_at', 'loads.known_at') }} <= {{ as_of() }}
qualify row_number() over (
  partition by coalesce(articles.link, articles.title) order by articles.kind = 'page' desc, loads.known_at desc, articles.row_no desc
) = 1
