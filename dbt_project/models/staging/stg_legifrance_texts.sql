select
  'legal_text' as kind,
  'FR' as jurisdiction,
  local_id,
  title,
  subject,
  published_at,
  effective_at,
  status,
  issuer,
  link,
  lang,
  load_id,
  row_no,
  place
from {{ source('landed', 'legifrance_texts') }}
