-- The calendar of what binds: each day with its precision, its countdown in the time zone of its market, its next reminder.
with placed as (
  select
    *, date_diff('day', today, starts_on)::integer as days_to,
    md5(concat_ws('|', 'legal_calendar', coalesce(event_id, text_key || '|' || {{ legal_scope('wording') }}), kind, case when kind = 'amendment' then day end)) as name
  from {{ ref('int_legal_calendar') }}
),

reminded as (
  select
    placed.name, min(placed.starts_on - reminders.days) as next_reminder_on, arg_max(reminders.days, reminders.days) as next_reminder_days
  from placed
  inner join (values (180), (90), (30), (7), (0)) as reminders (days) on placed.starts_on - reminders.days >= placed.today
  where placed.status <> 'CANCELLED'
  group by placed.name
)

select
  placed.name || '@vigie' as uid, placed.event_id, placed.text_key as text_id, placed.jurisdiction,
  coalesce(markets.label_fr, placed.jurisdiction) as jurisdiction_fr, placed.title, placed.about_fr, placed.kind,
  case placed.kind when 'commencement' then 'entrée en vigueur' when 'end' then 'fin' when 'amendment' then 'modification' else 'délai d''adaptation' end as kind_fr,
  placed.starts_on, placed.ends_before, placed.precision,
  case placed.precision when 'day' then 'jour connu' when 'month' then 'mois seul connu' else 'année seule connue' end as precision_fr,
  placed.status,
  case placed.status when 'CONFIRMED' then 'sûr' when 'CANCELLED' then case when placed.source = 'register' then 'retiré' else 'repris au registre' end else 'à confirmer' end as status_fr,
  placed.revision, placed.revised_at, placed.time_zone, placed.days_to,
  case
    when placed.precision <> 'day' and placed.today >= placed.starts_on and placed.today < placed.ends_before then 'en cours'
    when placed.days_to > 0 then 'J' || chr(8722) || placed.days_to
    when placed.days_to = 0 then 'jour J'
    else 'J+' || (-placed.days_to)
  end as countdown_fr,
  reminded.next_reminder_on, reminded.next_reminder_days::integer as next_reminder_days,
  placed.source, {{ legal_source('placed.source') }} as source_fr, placed.quote, placed.source_url,
  placed.origin, placed.known_at, md5('calendar|' || placed.name) as receipt_id, placed.inputs
from placed
left join reminded on placed.name = reminded.name
left join {{ ref('codes') }} as markets on markets.list = 'market' and markets.code = placed.jurisdiction
