-- Legal events as the register's current edition holds them, placed in time at the date of the question.
with current_rows as (
  select *, {{ local_day(as_of()) }} as today
  from {{ ref('int_regulations') }}
  where known_from <= {{ as_of() }} and (known_to is null or known_to > {{ as_of() }})
),

placed as (
  select
    *,
    date_diff('day', today, in_force_on) as days_to_effect,
    case
      when ends_on <= today then 'échu'
      when in_force_on <= today then 'en vigueur'
      when stage = 'enacted' then 'publié'
      else 'proposé'
    end as state
  from current_rows
)

select
  placed.event_id, placed.market, coalesce(markets.label_fr, placed.market) as market_fr,
  placed.instrument, placed.title_fr, placed.adopted_on, placed.published_on, placed.in_force_on, placed.ends_on,
  placed.deadline_on, placed.effect_fr,
  placed.channel, coalesce(channels.label_fr, placed.channel) as channel_fr,
  placed.regime, coalesce(regimes.label_fr, placed.regime) as regime_fr,
  placed.severity, coalesce(severities.label_fr, placed.severity) as severity_fr,
  placed.state,
  placed.days_to_effect::integer as days_to_effect,
  case
    when placed.in_force_on is null then 'date d''effet non publiée'
    when placed.days_to_effect > 0
      then 'dans ' || {{ fr_number('placed.days_to_effect') }} || chr(8239) || case when placed.days_to_effect = 1 then 'jour' else 'jours' end
    when placed.days_to_effect = 0 then 'aujourd''hui'
    else 'depuis ' || {{ fr_number('-placed.days_to_effect') }} || chr(8239) || case when placed.days_to_effect = -1 then 'jour' else 'jours' end
  end as days_text,
  followed.event_id is not null as is_followed,
  placed.source, placed.source_url, placed.confidence, coalesce(certainties.label_fr, placed.confidence) as confidence_fr, placed.date_precision, placed.note,
  placed.origin, placed.published_at, placed.known_at, placed.load_id, placed.place
from placed
left join {{ ref('int_legal_focus') }} as followed on placed.event_id = followed.event_id
left join {{ ref('codes') }} as markets on markets.list = 'market' and markets.code = placed.market
left join {{ ref('codes') }} as channels on channels.list = 'channel' and channels.code = placed.channel
left join {{ ref('codes') }} as regimes on regimes.list = 'regime' and regimes.code = placed.regime
left join {{ ref('codes') }} as severities on severities.list = 'severity' and severities.code = placed.severity
left join {{ ref('codes') }} as certainties on certainties.list = 'confidence' and certainties.code = placed.confidence
