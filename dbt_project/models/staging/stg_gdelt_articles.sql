-- GDELT says when it saw an article, never when the article was published: that date stays unknown,
-- and the one it was seen on is told as such beside it.
select
  kind,
  link,
  title,
  cast(null as varchar) as body,
  cast(null as varchar) as author,
  outlet,
  cast(null as timestamp) as published_at,
  'vu par GDELT : ' || seen_raw as published_raw,
  lang,
  load_id,
  row_no,
  place
from {{ source('landed', 'gdelt_articles') }}
