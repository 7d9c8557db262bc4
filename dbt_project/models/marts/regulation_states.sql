-- The life of each text, step by step: since when, and which source said so; what is to come, and what is refused.
with subjects as (
  select
    coalesce(event_id, text_key) as subject_id, any_value(event_id) as event_id, any_value(text_key) as text_key,
    any_value(jurisdiction) as jurisdiction, arg_min(title, (source <> 'register', known_at)) as title,
    case when bool_or(origin = 'invented') then 'invented' when bool_or(origin = 'retyped') then 'retyped' else 'recorded' end as origin,
    min(known_at) as known_at
  from {{ ref('int_legal_dates') }}
  group by coalesce(event_id, text_key)
),

told as (
  select subjects.subject_id, dates.row_id
  from subjects
  inner join {{ ref('int_legal_dates') }} as dates on subjects.text_key = dates.text_key
  union
  select subject_id, row_id from {{ ref('int_legal_facts') }}
),

made_of as (
  select subject_id, list_sort(list(row_id)) as inputs from told group by subject_id
)

select
  lives.subject_id, subjects.event_id, subjects.text_key as text_id, subjects.jurisdiction,
  coalesce(markets.label_fr, subjects.jurisdiction) as jurisdiction_fr, subjects.title, lives.rank as step,
  lives.state, states.label_fr as state_fr, lives.since, lives.source, lives.status,
  case lives.status when 'reached' then 'atteint' when 'implied' then 'déduit' when 'expected' then 'à venir' else 'écarté' end as status_fr,
  lives.reason_fr, lives.is_current, subjects.origin, subjects.known_at,
  md5(concat_ws('|', 'legal_state', lives.subject_id, lives.rank)) as receipt_id, made_of.inputs
from {{ ref('int_legal_lives') }} as lives
inner join subjects on lives.subject_id = subjects.subject_id
inner join made_of on lives.subject_id = made_of.subject_id
left join {{ ref('codes') }} as markets on markets.list = 'market' and markets.code = subjects.jurisdiction
left join {{ ref('codes') }} as states on states.list = 'legal_state' and states.code = lives.state
