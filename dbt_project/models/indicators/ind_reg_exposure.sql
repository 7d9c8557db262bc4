-- Law x market x activity x ramp: the market's share, the outbound share inside it, what the text covers of that, and
-- how far its effect has come. All but the ramp are assumptions, rows of the sector file that the receipt names.
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
)

{{ reading('reg_exposure', 'RATIO', value='exposure', lower='least_exposure', upper='greatest_exposure',
  class="case when exposure is null then 'bounded' else 'modelled' end", ref_area="'MA'", breakdown='event_id', period='day',
  methodology="'CRM'", obs_status="case when day > vintage then 'F' else 'E' end", conf_status="'F'",
  missing_reason="case when least_exposure is null then 'not_collected' end") }}
from supposed
-- what is not known of a text is said once, not month by month
where freq = 'D' or least_exposure is not null
