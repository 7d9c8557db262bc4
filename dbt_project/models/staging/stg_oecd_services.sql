-- Balanced accounts: the reference area buys, the counterpart (Morocco) sells. The editors reconcile what
-- both sides declare and fill what neither does, so that these figures are modelled, never measured.
select
  freq,
  case ref_area
    {% for three, two in [
      ('FRA', 'FR'), ('ESP', 'ES'), ('BEL', 'BE'), ('DEU', 'DE'), ('ITA', 'IT'), ('NLD', 'NL'), ('PRT', 'PT'),
      ('GBR', 'GB'), ('USA', 'US'), ('CAN', 'CA'), ('CHE', 'CH'), ('W', 'W1'),
    ] -%}
    when '{{ three }}' then '{{ two }}'
    {% endfor -%}
    else ref_area
  end as ref_area,
  case flow when 'M' then 'services_imports' when 'X' then 'services_exports' else flow end as indicator,
  case item when 'S' then '_T' else item end as activity,
  '_Z' as occupation,
  case counterpart_area when 'MAR' then 'MA' else counterpart_area end as counterpart_area,
  case unit when 'USD_EXC' then 'USD' else unit end as unit_measure,
  '_Z' as adjustment,
  '_T' as segment,
  '_Z' as size,
  '_Z' as scenario,
  'OECD' as source,
  'BATIS' as methodology,
  cast(period as timestamp) as period,
  value * pow(10, coalesce(unit_mult, 0)) as obs_value,
  cast(null as double) as lower,
  cast(null as double) as upper,
  case when value is null then 'unknown' else 'modelled' end as class,
  obs_status,
  conf_status,
  cast(decimals - coalesce(unit_mult, 0) as integer) as decimals,
  cast(null as timestamp) as published_at,
  series_key as comment,
  load_id,
  row_no,
  place
from {{ source('landed', 'oecd_services') }}
