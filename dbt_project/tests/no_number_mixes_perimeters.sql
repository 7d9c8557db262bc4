-- A quantity is never read on two perimeters in one number, and two quantities of two perimeters meet only where the
-- number names them all, is modelled, and says that definitions differ. A missing reading may point elsewhere; the
-- observatory's own state is measured on the days of figures, whatever these count.
with perimeters as (
  select
    readings.receipt_id, readings.indicator, readings.methodology, readings.class, readings.obs_status,
    observations.indicator as quantity, observations.methodology as perimeter
  from {{ ref('indicator_history') }} as readings
  inner join {{ ref('indicator_inputs') }} as inputs on readings.receipt_id = inputs.receipt_id
  inner join {{ ref('observations') }} as observations on inputs.input_id = observations.observation_id
  inner join {{ ref('indicators') }} as catalogue on readings.indicator = catalogue.indicator
  where readings.missing_reason is null and catalogue.family <> 'observatory'
)

select receipt_id, indicator, methodology, 'deux périmètres pour une même grandeur' as fault
from perimeters
group by receipt_id, indicator, methodology, quantity
having count(distinct perimeter) > 1
union all
select receipt_id, indicator, methodology, 'périmètre que la lecture ne nomme pas'
from perimeters
where not list_contains(string_split(methodology, '/'), perimeter)
union all
select receipt_id, indicator, methodology, 'plusieurs périmètres sans le dire'
from perimeters
group by receipt_id, indicator, methodology, class, obs_status
having count(distinct perimeter) > 1 and (class <> 'modelled' or obs_status <> 'D')
