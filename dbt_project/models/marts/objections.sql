-- Who contests which public figure, when, and on what source.
select
  objections.objection, objections.claim, objections.made_by, objections.made_at, objections.source_url, objections.reason,
  {{ fr_date(local_day('objections.made_at')) }} as made_on_fr
from {{ ref('int_objections') }} as objections
