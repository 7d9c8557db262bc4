-- Press articles that had been collected at the date of the question, once each; the page says more than the
-- feed, and a newspaper's own feed more than an aggregator that saw the article.
with articles as (
  {% for feed in var('article_feeds') %}
  select '{{ feed }}' as feed, {{ article_columns() | join(', ') }}
  from {{ ref('stg_' ~ feed) }}
  {% if not loop.last %}union all{% endif %}
  {% endfor %}
)

select
  articles.*, loads.known_at, loads.origin, loads.document
from articles
inner join {{ ref('int_loads') }} as loads on articles.feed = loads.feed and articles.load_id = loads.load_id
where {{ visible_from('articles.published_at', 'loads.known_at') }} <= {{ as_of() }}
qualify row_number() over (
  partition by coalesce(articles.link, articles.title)
  order by case articles.kind when 'page' then 1 when 'rss_item' then 2 else 3 end, loads.known_at desc, articles.row_no desc
) = 1
