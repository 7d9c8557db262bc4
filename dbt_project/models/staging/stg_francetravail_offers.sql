-- The service gives an offer no state: it lists those that are open.
select
  'offer' as kind,
  'FR' as jurisdiction,
  local_id,
  title,
  concat_ws(' ; ', trade_name, location, contract, posts || ' poste(s)') as subject,
  created_at as published_at,
  cast(null as timestamp) as effective_at,
  cast(null as varchar) as status,
  employer as issuer,
  link,
  'fr' as lang,
  cast(null as varchar) as articles,
  false as is_whole,
  load_id,
  row_no,
  place
from {{ source('landed', 'francetravail_offers') }}
