select
  request,
  nullif(indicator, '') as indicator,
  figure_fr,
  ref_area,
  holder,
  holder_fr,
  reason_fr,
  requested_on,
  requested_by,
  answered_on,
  answer_fr,
  load_id,
  row_no,
  place
from {{ source('landed', 'data_requests') }}
