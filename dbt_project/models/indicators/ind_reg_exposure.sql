-- Law x market x activity x ramp. Of the country, from assumptions: the market's share, the outbound share inside it, what
-- the text covers of that, and how far its effect has come. Of a place, from what groups declare of their markets: only
-- what the text covers, and its ramp, are then assumptions, and several texts are put together (`_T`).
with {{ legal_ramps() }},

supposed as (
  select
    ramps.*,
    markets.mode * activities.mode * coverages.mode * ramps.ramp as exposure,
    markets.low * activities.low * coverages.low * least(ramps.ramp, ramps.step) as least_exposure,
    markets.high * activities.high * coverages.high * greatest(ramps.ramp, ramps.step) as greatest_exposure,
    list_filter(
      [ramps.row_id, 'assumption:' || markets.assumption, 'assumption:' || activities.assumption, 'assumption:' || coverages.assumption],
      lambda name: name is not null
    ) as inputs
  from ramps
  left join {{ ref('int_assumptions') }} as markets on markets.parameter = 'market_share' and markets.applies_to = ramps.market
  left join {{ ref('int_assumptions') }} as activities
    on activities.parameter = 'outbound_share' and activities.applies_to = ramps.market
  left join {{ ref('int_assumptions') }} as coverages
    on coverages.parameter = 'coverage' and coverages.applies_to = ramps.event_id
),

{{ declared_works() }},

-- the last period that a place declared
latest as (
  select *, reached / headcount as share
  from texts
  qualify rank() over (partition by vintage, ref_area, methodology order by period desc, freq) = 1
),

by_work as (
  select
    vintage, ref_area, methodology, market, activity, any_value(share) as share,
    {{ united_least() }} as least_effect, {{ united() }} as effect, {{ united_greatest() }} as greatest_effect,
    bool_and(missing_reason is not null) as is_unknown, {{ inherited() }}
  from latest
  group by vintage, ref_area, methodology, market, activity
),

declared as (
  select
    vintage, ref_area, methodology, event_id as breakdown,
    sum(share * least_effect) as least_exposure,
    case when count(effect) = count(*) then sum(share * effect) end as exposure,
    sum(share * greatest_effect) as greatest_exposure, min(missing_reason) as missing_reason, {{ inherited() }}
  from latest
  group by vintage, ref_area, methodology, event_id
  union all
  select
    vintage, ref_area, methodology, '_T',
    sum(share * least_effect), case when count(effect) = count(*) then sum(share * effect) end,
    sum(share * greatest_effect), case when bool_and(is_unknown) then 'not_collected' end, {{ inherited() }}
  from by_work
  group by vintage, ref_area, methodology
),

-- a text that is followed, and that the register of the moment does not hold: all that it holds is what says so
unregistered as (
  select effects.vintage, effects.event_id, effects.missing_reason, list_sort(list_distinct(list(held.row_id))) as inputs
  from {{ ref('int_legal_effects_by_vintage') }} as effects
  inner join {{ ref('int_regulations') }} as held
    on effects.vintage >= held.known_from and (held.known_to is null or effects.vintage < held.known_to)
  where effects.missing_reason is not null
  group by effects.vintage, effects.event_id, effects.missing_reason
),

measures as (
  select
    vintage, freq, day, 'MA' as ref_area, event_id as breakdown, 'CRM' as methodology, exposure, least_exposure, greatest_exposure,
    case when least_exposure is null then 'not_collected' end as missing_reason, origin, 'F' as conf_status, published_at, known_at, inputs
  from supposed
  -- what is not known of a text is said once, not month by month
  where freq = 'D' or least_exposure is not null
  union all
  select
    vintage, 'D', date_trunc('day', vintage), ref_area, breakdown, methodology, exposure, least_exposure, greatest_exposure,
    missing_reason, origin, conf_status, published_at, known_at, inputs
  from declared
  union all
  select vintage, 'D', date_trunc('day', vintage), 'MA', event_id, 'CRM', null, null, null, missing_reason, null, 'F', null, null, inputs
  from unregistered
)

{{ reading('reg_exposure', 'RATIO', value='exposure', lower='least_exposure', upper='greatest_exposure',
  class="case when exposure is null then 'bounded' else 'modelled' end", breakdown='breakdown', period='day',
  obs_status="case when day > vintage then 'F' else 'E' end",
  missing_reason='missing_reason') }}
from measures
