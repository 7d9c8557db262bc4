-- What people object to a public figure, and on what source, up to the date of the question; nothing is ever taken back.
select objection, claim, source_url, made_by, made_at, reason
from {{ source('lake', 'objections') }}
where made_at <= {{ as_of() }}
