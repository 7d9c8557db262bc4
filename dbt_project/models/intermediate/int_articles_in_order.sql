-- Articles in the order in which they were known: what reads them one after the other gives each the same place for ever.
select article_id, title, body, published_at, first_seen_at, origin
from {{ ref('int_articles') }}
order by first_seen_at, published_at nulls last, article_id
