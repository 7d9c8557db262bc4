-- A number with no input is a number from nowhere.
select readings.receipt_id, readings.indicator
from {{ ref('indicator_history') }} as readings
left join {{ ref('indicator_inputs') }} as inputs on readings.receipt_id = inputs.receipt_id
where readings.missing_reason is null and inputs.input_id is null
