-- Legal events as each edition of the register held them, with the time during which each row was to be believed.
select
  events.event_id, events.market, coalesce(markets.label_fr, events.market) as market_fr,
  events.instrument, events.title_fr, events.adopted_on, events.published_on, events.in_force_on, events.ends_on,
  events.deadline_on, events.stage, events.effect_fr,
  events.channel, coalesce(channels.label_fr, events.channel) as channel_fr,
  events.regime, coalesce(regimes.label_fr, events.regime) as regime_fr,
  events.severity, coalesce(severities.label_fr, events.severity) as severity_fr,
  followed.event_id is not null as is_followed,
  events.source, events.source_url, events.confidence, coalesce(certainties.label_fr, events.confidence) as confidence_fr,
  events.date_precision, events.note,
  events.origin, events.published_at, events.known_at, events.load_id, events.place,
  events.row_id as receipt_id, events.known_from, events.known_to
from {{ ref('int_regulations') }} as events
left join {{ ref('int_legal_focus') }} as followed on events.event_id = followed.event_id
left join {{ ref('codes') }} as markets on markets.list = 'market' and markets.code = events.market
left join {{ ref('codes') }} as channels on channels.list = 'channel' and channels.code = events.channel
left join {{ ref('codes') }} as regimes on regimes.list = 'regime' and regimes.code = events.regime
left join {{ ref('codes') }} as severities on severities.list = 'severity' and severities.code = events.severity
left join {{ ref('codes') }} as certainties on certainties.list = 'confidence' and certainties.code = events.confidence
where events.known_from <= {{ as_of() }}
