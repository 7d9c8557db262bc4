-- What people decided on events of the press, each decision a row, as they stood at the date of the question.
select
  decisions.*, loads.known_at,
  {{ row_id("'reviewed_events'", 'decisions.load_id', 'decisions.row_no') }} as row_id,
  row_number() over (
    partition by decisions.event_id order by decisions.decided_at desc, loads.known_at desc, decisions.row_no desc
  ) = 1 as is_last,
  row_number() over (
    partition by decisions.event_id, decisions.decided_by order by decisions.decided_at, loads.known_at, decisions.row_no
  ) = 1 as is_first_of_reader
from {{ ref('stg_reviewed_events') }} as decisions
inner join {{ ref('int_loads') }} as loads on loads.feed = 'reviewed_events' and decisions.load_id = loads.load_id
where loads.superseded_at is null and loads.known_at <= {{ as_of() }} and decisions.decided_at <= {{ as_of() }}
