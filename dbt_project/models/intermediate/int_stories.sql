-- Articles with the story that each is of: copies and near copies of one text.
select
  stories.story_id, articles.article_id, articles.title, articles.link, articles.outlet, articles.lang, articles.published_at,
  articles.first_seen_at, articles.origin, articles.feed, articles.load_id, articles.place,
  {{ row_id('articles.feed', 'articles.load_id', 'articles.row_no') }} as row_id
from {{ ref('article_stories') }} as stories
inner join {{ ref('int_articles') }} as articles on stories.article_id = articles.article_id
