-- Each reading's indicator and unit are those of the catalogue.
select distinct readings.indicator, readings.unit
from {{ ref('indicator_vintages') }} as readings
left join {{ ref('indicators') }} as catalogue
  on readings.indicator = catalogue.indicator and readings.unit = catalogue.unit
where catalogue.indicator is null
