-- Legal events as the register's current edition holds them, placed in time at the date of the question.
with current_rows as (
  select *, {{ local_day(as_of()) }} as today
  from {{ ref('regulation_history') }}
  where known_to is null or known_to > {{ as_of() }}
),

placed as (
  select
    *,
    date_diff('day', today, in_force_on)::integer as days_to_effect,
    case
      when ends_on <= today then 'échu'
      when in_force_on <= today then 'en vigueur'
      when stage = 'enacted' then 'publié'
      else 'proposé'
    end as state
  from current_rows
)

select
  event_id, market, market_fr, instrument, title_fr, adopted_on, published_on, in_force_on, ends_on, deadline_on, effect_fr,
  channel, channel_fr, regime, regime_fr, severity, severity_fr, state, days_to_effect,
  case
    when in_force_on is null then 'date d''effet non publiée'
    when days_to_effect > 0
      then 'dans ' || {{ fr_number('days_to_effect') }} || chr(8239) || case when days_to_effect = 1 then 'jour' else 'jours' end
    when days_to_effect = 0 then 'aujourd''hui'
    else 'depuis ' || {{ fr_number('-days_to_effect') }} || chr(8239) || case when days_to_effect = -1 then 'jour' else 'jours' end
  end as days_text,
  is_followed, source, source_url, confidence, confidence_fr, date_precision, note,
  origin, published_at, known_at, load_id, place, receipt_id
from placed
