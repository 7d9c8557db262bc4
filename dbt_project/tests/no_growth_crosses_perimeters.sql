-- A growth rate rests on observations of one source and one perimeter, its own; a missing one may point at another.
select readings.receipt_id, readings.methodology
from {{ ref('indicator_history') }} as readings
inner join {{ ref('indicator_inputs') }} as inputs on readings.receipt_id = inputs.receipt_id
inner join {{ ref('observations') }} as observations on inputs.input_id = observations.observation_id
where readings.indicator = 'eco_export_growth' and readings.missing_reason is null
group by readings.receipt_id, readings.methodology
having count(distinct observations.methodology || observations.source) > 1
  or max(observations.methodology) <> readings.methodology
