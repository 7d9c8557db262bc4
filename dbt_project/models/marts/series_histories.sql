-- What each published series has told of periods begun by the date of the question, as now known, with the treatment
-- that its sheet asks for. A modelled value is no observation; a reading of a day, or of a week, has its own screen.
select
  readings.indicator, readings.ref_area, readings.breakdown, readings.scenario, readings.freq, readings.methodology,
  catalogue.seasonality_rule, readings.period, readings.value, readings.class, readings.origin, readings.receipt_id
from {{ ref('indicator_values') }} as readings
inner join {{ ref('indicators') }} as catalogue on readings.indicator = catalogue.indicator
where readings.value is not null and readings.class in ('measured', 'claimed') and readings.freq in ('A', 'S', 'Q', 'M')
  and readings.period <= {{ as_of() }}
