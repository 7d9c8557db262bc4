-- Every day that a legal text is said to bind from, to end on or to be obeyed by, one row a source: the register, the gazette's
-- own fields, the words of the text. Sources that differ stand side by side.
with readings as (
  select
    texts.text_key, texts.jurisdiction, texts.local_id, null::varchar as event_id, texts.title, 'text' as source, 'commencement' as kind,
    readings.scope, coalesce(readings.day, readings.month) as day, readings.precision, readings.basis, readings.confidence, readings.quote,
    texts.published_at, texts.known_at, texts.origin, texts.feed, texts.load_id, texts.place, texts.row_id
  from {{ ref('commencement_readings') }} as readings
  inner join {{ ref('int_legal_texts') }} as texts on readings.row_id = texts.row_id
  where texts.from_last = 1
  -- that one gazette does not give the words says nothing where another does
  window key as (partition by texts.text_key)
  qualify readings.basis <> 'not_kept'
    or (
      count(*) filter (where readings.basis <> 'not_kept') over key = 0
      and row_number() over (partition by texts.text_key order by texts.feed, texts.local_id) = 1
    )
),

gazettes as (
  select
    text_key, jurisdiction, local_id, null::varchar as event_id, title, 'gazette' as source, 'commencement' as kind,
    'text' as scope, cast(effective_at as date) as day, case when effective_at is null then 'unknown' else 'day' end as precision,
    'gazette' as basis, case when effective_at is null then 'none' else 'high' end as confidence, null::varchar as quote,
    published_at, known_at, origin, feed, load_id, place, row_id
  from {{ ref('int_legal_texts') }}
  where from_last = 1
),

registered as (
  select
    *, {{ legal_number('instrument') }} as number,
    case confidence when 'sourced' then 'high' when 'press' then 'medium' when 'not_found' then 'none' else 'low' end as certainty
  from {{ ref('int_regulations') }}
  where known_from <= {{ as_of() }} and (known_to is null or known_to > {{ as_of() }})
),

register_days as (
  select
    coalesce(registered.market || '|' || registered.number, registered.event_id) as text_key, registered.market as jurisdiction,
    null::varchar as local_id, registered.event_id, registered.instrument as title, 'register' as source, said.kind,
    registered.instrument as scope, said.day,
    case when said.day is null then 'unknown' when said.kind = 'commencement' then registered.date_precision else 'day' end as precision,
    'register' as basis, case when said.day is null then 'none' else registered.certainty end as confidence, null::varchar as quote,
    registered.published_at, registered.known_at, registered.origin, 'regulations' as feed, registered.load_id, registered.place, registered.row_id
  from registered
  cross join lateral (
    select 'commencement' as kind, registered.in_force_on as day
    union all
    select 'end', registered.ends_on
    union all
    select 'deadline', registered.deadline_on
  ) as said
  where said.kind = 'commencement' or said.day is not null
),

whole as (
  select * from readings
  union all
  select * from gazettes
  union all
  select * from register_days
)

select * replace ({{ legal_scope('scope') }} as scope), scope as wording
from whole
