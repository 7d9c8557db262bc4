-- What people decided on events of the press, each decision a row, with the time during which it had the last word.
with known as (
  select
    decisions.*, loads.known_at, loads.document,
    {{ row_id("'reviewed_events'", 'decisions.load_id', 'decisions.row_no') }} as row_id
  from {{ ref('stg_reviewed_events') }} as decisions
  inner join {{ ref('int_loads') }} as loads on loads.feed = 'reviewed_events' and decisions.load_id = loads.load_id
  where loads.superseded_at is null and loads.known_at <= {{ as_of() }} and decisions.decided_at <= {{ as_of() }}
)

select
  known.*,
  known_at as known_from,
  -- of two decisions that came together, the later one alone had the last word
  lead(known_at) over said as known_to,
  lead(known_at) over said is null as is_last,
  row_number() over (partition by event_id, decided_by order by decided_at, known_at, row_no) = 1 as is_first_of_reader
from known
window said as (partition by event_id order by decided_at, known_at, row_no)
