-- What each article says: figures, dates, places, organisations and reported events, one row a mention, with its article.
select
  readings.*, articles.feed, articles.load_id, articles.row_no, articles.origin,
  {{ row_id('articles.feed', 'articles.load_id', 'articles.row_no') }} as row_id
from {{ ref('readings') }} as readings
inner join {{ ref('int_articles') }} as articles on readings.article_id = articles.article_id
