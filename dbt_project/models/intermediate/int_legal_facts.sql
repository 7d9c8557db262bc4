-- What each source tells of the life of a text: of each row of the register, and of each text that a gazette gives and the
-- register does not cite. The gazette is believed first, then the words of the text, then the register.
with subjects as (
  select distinct
    coalesce(event_id, text_key) as subject_id, text_key, jurisdiction, scope
  from {{ ref('int_legal_dates') }}
  where kind = 'commencement'
    and (source = 'register' or text_key not in (select text_key from {{ ref('int_legal_dates') }} where source = 'register'))
    and (source = 'register' or scope = 'text')
),

registered as (
  select * from {{ ref('int_regulations') }}
  where known_from <= {{ as_of() }} and (known_to is null or known_to > {{ as_of() }})
),

register_facts as (
  select registered.event_id as subject_id, said.state, said.on_day, 'registre' as source, 3 as source_rank, registered.row_id
  from registered
  cross join lateral (
    select 'proposed' as state, null::date as on_day where registered.stage in ('proposed', 'announced')
    union all
    select 'voted', registered.adopted_on where registered.adopted_on is not null
    union all
    select 'published', registered.published_on where registered.published_on is not null
    union all
    select 'in_force', registered.in_force_on where registered.in_force_on is not null
    union all
    select 'repealed', registered.ends_on where registered.ends_on is not null
  ) as said
),

gazette_facts as (
  select subjects.subject_id, said.state, said.on_day, 'journal officiel (' || texts.feed || ')' as source, 1 as source_rank, texts.row_id
  from subjects
  inner join {{ ref('int_legal_texts') }} as texts on subjects.text_key = texts.text_key and texts.from_last = 1
  cross join lateral (
    select 'published' as state, cast(texts.published_at as date) as on_day where texts.published_at is not null
    union all
    select 'repealed', cast(texts.known_at as date)
    where texts.status in ('ABROGE', 'PERIME', 'ANNULE', 'DEROGADA', 'ANULADA', 'VIGENCIA AGOTADA')
  ) as said
),

dated as (
  select
    subjects.subject_id, 'in_force' as state, dates.day as on_day,
    case dates.source when 'gazette' then 'journal officiel (' || dates.feed || ')' else 'texte lu (' || dates.feed || ')' end as source,
    case dates.source when 'gazette' then 1 else 2 end as source_rank, dates.row_id
  from subjects
  inner join {{ ref('int_legal_dates') }} as dates
    on subjects.text_key = dates.text_key and subjects.scope = dates.scope
    and dates.source <> 'register' and dates.precision = 'day' and dates.confidence in ('high', 'medium') and dates.basis <> 'latest'
),

amended as (
  select distinct subjects.subject_id, 'amended' as state, changed.after_on as on_day, 'versions comparées' as source, 1 as source_rank, changed.after_row_id as row_id
  from subjects
  inner join {{ ref('int_legal_texts') }} as texts on subjects.text_key = texts.text_key
  inner join {{ ref('article_changes') }} as changed on texts.row_id = changed.after_row_id
),

whole as (
  select * from register_facts
  union all
  select * from gazette_facts
  union all
  select * from dated
  union all
  select * from amended
)

select whole.*, subjects.jurisdiction, coalesce({{ day_in('zones.zone', as_of()) }}, {{ local_day(as_of()) }}) as today
from whole
inner join subjects on whole.subject_id = subjects.subject_id
left join {{ ref('time_zones') }} as zones on zones.jurisdiction = subjects.jurisdiction
order by whole.subject_id, whole.source_rank, whole.state, whole.on_day, whole.row_id
