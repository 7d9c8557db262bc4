-- Mirror statistics: the reference area is the country that states the figure, a member of the Union, and
-- the counterpart is Morocco. What France imports (debit) is what Morocco exports to France, as France sees it.
-- A secret cell keeps its place and its status, never a value, and stays in the private warehouse.
select
  freq,
  case ref_area when 'EU27_2020' then 'EU' when 'EL' then 'GR' else ref_area end as ref_area,
  case flow when 'DEB' then 'services_imports' when 'CRE' then 'services_exports' else flow end as indicator,
  case item when 'S' then '_T' else item end as activity,
  '_Z' as occupation,
  counterpart_area,
  case unit when 'MIO_EUR' then 'EUR_MN' else unit end as unit_measure,
  '_Z' as adjustment,
  '_T' as segment,
  '_Z' as size,
  '_Z' as scenario,
  'ESTAT' as source,
  'BPM6' as methodology,
  cast(period as timestamp) as period,
  case when conf_status = 'F' then value end as obs_value,
  cast(null as double) as lower,
  cast(null as double) as upper,
  case when conf_status <> 'F' or value is null then 'unknown' when obs_status = 'E' then 'modelled' else 'measured' end as class,
  obs_status,
  conf_status,
  cast(null as integer) as decimals,
  published_at,
  flags as comment,
  load_id,
  row_no,
  place
from {{ source('landed', 'eurostat_services') }}
