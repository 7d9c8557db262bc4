-- What each followed text does, on the day of each vintage, to the work that it reaches: the part of that work that it
-- covers, times how far its effect has come. Of a text that the register does not hold, or not with a day, nothing is
-- known: it may do nothing, or all. The law's own step and the supposed ramp both stand in the interval.
with {{ legal_ramps() }},

today as (
  select * from ramps where freq = 'D'
),

registered as (
  select vintages.vintage, regulations.event_id, regulations.row_id, regulations.origin, regulations.published_at, regulations.known_at
  from {{ ref('int_regulations') }} as regulations
  inner join {{ ref('int_vintages') }} as vintages
    on vintages.vintage >= regulations.known_from
    and (regulations.known_to is null or vintages.vintage < regulations.known_to)
)

select
  vintages.vintage, reach.event_id, reach.market, reach.activity,
  case when registered.row_id is null then 'not_collected' when today.row_id is null then 'not_published' end as missing_reason,
  today.ramp, today.step,
  case when today.row_id is null or coverages.low is null then 0::double else coverages.low * least(today.ramp, today.step) end as least_effect,
  case when today.row_id is not null then coverages.mode * today.ramp end as effect,
  case when today.row_id is null then 1::double else coalesce(coverages.high, 1) * greatest(today.ramp, today.step) end as greatest_effect,
  registered.row_id, registered.origin, registered.published_at, registered.known_at,
  list_filter([registered.row_id, 'assumption:' || coverages.assumption], lambda name: name is not null) as inputs
from {{ ref('int_legal_reach') }} as reach
cross join {{ ref('int_vintages') }} as vintages
left join registered on reach.event_id = registered.event_id and vintages.vintage = registered.vintage
left join today on reach.event_id = today.event_id and vintages.vintage = today.vintage
left join {{ ref('int_assumptions') }} as coverages on coverages.parameter = 'coverage' and coverages.applies_to = reach.event_id
