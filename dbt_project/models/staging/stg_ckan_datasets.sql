-- A data set is announced when its notice is created; a later change keeps that date.
select
  'dataset' as kind,
  'MA' as jurisdiction,
  local_id,
  title,
  concat_ws(' ; ', notes, tags) as subject,
  created_at as published_at,
  cast(null as timestamp) as effective_at,
  state as status,
  issuer,
  link,
  'fr' as lang,
  cast(null as varchar) as articles,
  false as is_whole,
  load_id,
  row_no,
  place
from {{ source('landed', 'ckan_datasets') }}
