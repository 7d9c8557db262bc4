-- Every day on which a text binds, ends or must be obeyed, as it stands now: of the register with how often it was revised and
-- whether it was withdrawn, then of the gazettes and the texts themselves where the register says nothing.
with editions as (
  select
    history.event_id, said.kind, said.day,
    case when said.kind = 'commencement' then history.date_precision else 'day' end as precision, history.known_from, history.known_to,
    history.row_id,
    lag(said.day) over line as day_before,
    row_number() over line as edition, row_number() over (line_back) as from_last
  from {{ ref('int_regulations') }} as history
  cross join lateral (
    select 'commencement' as kind, history.in_force_on as day
    union all
    select 'end', history.ends_on
    union all
    select 'deadline', history.deadline_on
  ) as said
  where history.known_from <= {{ as_of() }}
  window
    line as (partition by history.event_id, said.kind order by history.known_from, history.row_id),
    line_back as (partition by history.event_id, said.kind order by history.known_from desc, history.row_id desc)
),

told as (
  select
    event_id, kind,
    arg_max(day, edition) filter (where day is not null) as day,
    coalesce(arg_max(precision, edition) filter (where day is not null), 'day') as precision,
    bool_or(from_last = 1 and (day is null or known_to <= {{ as_of() }})) as is_withdrawn,
    count(*) filter (where edition > 1 and day is distinct from day_before) + count(*) filter (where from_last = 1 and known_to <= {{ as_of() }}) as revision,
    max(case when from_last = 1 and known_to <= {{ as_of() }} then known_to when edition = 1 or day is distinct from day_before then known_from end) as revised_at,
    list_sort(list(row_id)) as inputs, arg_max(row_id, edition) as row_id
  from editions
  group by event_id, kind
  having count(day) > 0
),

registered as (
  select
    told.event_id, coalesce(rows.market || '|' || {{ legal_number('rows.instrument') }}, rows.event_id) as text_key, rows.market as jurisdiction,
    rows.instrument as title, rows.title_fr as about_fr, told.kind, rows.instrument as wording, told.day, told.precision, 'register' as source,
    case
      when told.is_withdrawn then 'CANCELLED'
      when rows.confidence in ('sourced', 'press') and rows.stage = 'enacted' then 'CONFIRMED'
      else 'TENTATIVE'
    end as status,
    told.revision, told.revised_at, null::varchar as quote, rows.source_url, rows.origin, rows.known_at, told.inputs
  from told
  inner join {{ ref('int_regulations') }} as rows on told.row_id = rows.row_id
),

-- since when the register gives a day that a text gave by itself
cited as (
  select dates.text_key, dates.scope, dates.kind, min(history.known_from) as since
  from {{ ref('int_legal_dates') }} as dates
  inner join {{ ref('int_regulations') }} as history on dates.event_id = history.event_id
  where dates.source = 'register' and dates.day is not null
  group by dates.text_key, dates.scope, dates.kind
),

looked_at as (
  select text_key, row_id from {{ ref('int_legal_texts') }}
  union
  select dates.text_key, coalesce(history.row_id, dates.row_id)
  from {{ ref('int_legal_dates') }} as dates
  left join {{ ref('int_regulations') }} as history on dates.event_id = history.event_id
),

read as (
  select
    null::varchar as event_id, dates.text_key, dates.jurisdiction, dates.title, null::varchar as about_fr, dates.kind, dates.wording, dates.day,
    dates.precision, dates.source, case when cited.since is null then 'TENTATIVE' else 'CANCELLED' end as status,
    (select count(*) - 1 from {{ ref('int_legal_texts') }} as texts where texts.text_key = dates.text_key and texts.feed = dates.feed)
    + (cited.since is not null)::integer as revision,
    coalesce(cited.since, dates.known_at) as revised_at, dates.quote, null::varchar as source_url, dates.origin, dates.known_at,
    (select list_sort(list(looked_at.row_id)) from looked_at where looked_at.text_key = dates.text_key) as inputs
  from {{ ref('int_legal_dates') }} as dates
  left join cited on dates.text_key = cited.text_key and dates.scope = cited.scope and dates.kind = cited.kind
  -- an agenda that took the date from the text is told that the register's own event replaces it
  where dates.source <> 'register' and dates.day is not null and (cited.since is null or dates.known_at < cited.since)
  qualify row_number() over (
    partition by dates.text_key, dates.scope, dates.kind order by dates.source = 'text', dates.confidence = 'low', dates.known_at desc, dates.row_id
  ) = 1
),

amended as (
  select distinct
    null::varchar as event_id, texts.text_key, texts.jurisdiction, texts.title, null::varchar as about_fr, 'amendment' as kind, 'texte modifié' as wording,
    changed.after_on as day, 'day' as precision, 'text' as source, 'TENTATIVE' as status, 0 as revision, texts.known_at as revised_at,
    null::varchar as quote, null::varchar as source_url, texts.origin, texts.known_at, [texts.row_id] as inputs
  from {{ ref('article_changes') }} as changed
  inner join {{ ref('int_legal_texts') }} as texts on changed.after_row_id = texts.row_id
  -- without the text that amends, the day is only that of a delivery
  where changed.by is not null
),

whole as (
  select * from registered
  union all
  select * from read
  union all
  select * from amended
)

select
  whole.*, coalesce(zones.zone, 'Africa/Casablanca') as time_zone,
  case whole.precision when 'month' then date_trunc('month', whole.day)::date when 'year' then date_trunc('year', whole.day)::date else whole.day end as starts_on,
  case whole.precision
    when 'month' then (date_trunc('month', whole.day) + interval 1 month)::date
    when 'year' then (date_trunc('year', whole.day) + interval 1 year)::date
    else whole.day + 1
  end as ends_before,
  coalesce({{ day_in('zones.zone', as_of()) }}, {{ local_day(as_of()) }}) as today
from whole
left join {{ ref('time_zones') }} as zones on zones.jurisdiction = whole.jurisdiction
