-- Each complete edition of a register and the time during which it was the current one.
select
  feed, load_id, known_at, published_at, origin, document,
  lead(known_at) over (partition by feed order by known_at, load_id) as superseded_at
from {{ ref('int_loads') }}
where status = 'landed' and produces = 'register'
