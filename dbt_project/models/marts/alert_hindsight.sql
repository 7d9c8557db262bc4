-- Closed periods whose alert would not be the same on what is known now: it should not have fired, it should have, or
-- not in that degree. Each judgement was right on what was known that day.
with versions as (
  select *, lead(known_from) over line as next_from, row_number() over line as version
  from {{ ref('alert_history') }}
  where is_closed
  window line as (partition by rule, entity, period order by known_from)
),

periods as (
  select
    rule, entity, period,
    arg_min(level, version) as first_level,
    min(known_from) as first_known_from,
    arg_min(value_text, version) as first_text,
    list_sort(list_distinct(list(receipt_id) filter (where receipt_id is not null))) as receipt_ids,
    max(level) filter (where known_to is not null) as told_level,
    min(known_from) filter (where level > 0 and known_to is not null) as told_from,
    coalesce(max(level) filter (where known_to is null), 0) as level,
    coalesce(max(value_text) filter (where known_to is null), 'sans valeur') as value_text,
    -- since when the level has been what it is now
    coalesce(max(coalesce(next_from, known_to)) filter (where level is distinct from current_level), max(known_from)) as changed_at,
    any_value(subject_fr) as subject_fr, any_value(period_fr) as period_fr, any_value(title_fr) as title_fr
  from (
    select *, max(level) filter (where known_to is null) over (partition by rule, entity, period) as current_level
    from versions
  )
  group by rule, entity, period
),

compared as (
  select
    *,
    case
      when told_level > 0 and level = 0 then 'n’aurait pas dû sonner'
      when first_level = 0 and level > 0 and told_level is not null then 'aurait dû sonner'
      when told_level > 0 and level <> first_level then 'aurait sonné à un autre degré'
    end as verdict_fr
  from periods
)

select
  rule, entity, period, period_fr, title_fr, subject_fr, verdict_fr,
  first_level, first_text, first_known_from, told_level, told_from, level, value_text, changed_at,
  case verdict_fr
    when 'n’aurait pas dû sonner' then 'A sonné le ' || {{ fr_date(local_day('told_from')) }} || ', n’aurait pas dû sonner'
    when 'aurait dû sonner' then 'Aurait dû sonner le ' || {{ fr_date(local_day('first_known_from')) }}
    else 'A sonné le ' || {{ fr_date(local_day('told_from')) }} || ', aurait sonné à un autre degré'
  end
    || chr(8239) || ': ' || first_text || ' alors, ' || value_text || ' aujourd’hui.' as sentence,
  receipt_ids
from compared
where verdict_fr is not null
