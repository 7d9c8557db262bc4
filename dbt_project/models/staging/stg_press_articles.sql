select
  kind,
  link,
  title,
  body,
  author,
  outlet,
  published_at,
  published_raw,
  lang,
  load_id,
  row_no,
  place
from {{ source('landed', 'press_articles') }}
