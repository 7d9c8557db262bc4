-- How complete each reading of today is: as its least complete input. Readings that rest on no dated figure are not here.
with resting as (
  select
    inputs.receipt_id,
    completeness.completeness_pct, completeness.is_complete, completeness.missing_reason, completeness.completeness_fr
  from {{ ref('indicator_values') }} as readings
  inner join {{ ref('indicator_inputs') }} as inputs on readings.receipt_id = inputs.receipt_id
  inner join {{ ref('int_observations') }} as observations on inputs.input_id = observations.observation_id
  inner join {{ ref('completeness') }} as completeness
    on observations.feed = completeness.feed and observations.freq = completeness.freq
    and observations.indicator = completeness.indicator and observations.source = completeness.source
    and observations.methodology = completeness.methodology and observations.period = completeness.period
)

select receipt_id, completeness_pct, is_complete, missing_reason, completeness_fr
from resting
qualify row_number() over (
  partition by receipt_id
  order by
    case when is_complete = false then 0 when is_complete is null then 1 else 2 end,
    completeness_pct nulls last, completeness_fr
) = 1
