-- Each complete edition of a register and the time during which it was the current one.
select
  feed, load_id, known_at, published_at, origin, document,
  next_known_at as superseded_at
from {{ ref('int_editions') }}
where produces = 'register'
