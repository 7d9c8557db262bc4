-- Every series: how many periods it holds, how many it lacks to be treated, and what its treatment found.
with named as (
  select
    treated.*,
    case when split_part(breakdown, '@', 1) not in ('_T', '_Z') then coalesce(parts.label_fr, split_part(breakdown, '@', 1)) end as part_fr,
    case when breakdown like '%@%' then 'selon ' || coalesce(tellers.label_fr, split_part(breakdown, '@', 2)) end as teller_fr
  from {{ ref('treated_series') }} as treated
  left join {{ ref('codes') }} as parts on parts.list = 'breakdown' and parts.code = split_part(treated.breakdown, '@', 1)
  left join {{ ref('codes') }} as tellers on tellers.list = 'source' and tellers.code = split_part(treated.breakdown, '@', 2)
)

select
  treated.indicator, catalogue.label_fr, treated.ref_area, coalesce(places.label_fr, treated.ref_area) as area_fr,
  treated.breakdown,
  concat_ws(', ', treated.part_fr, treated.teller_fr) as breakdown_fr,
  treated.scenario, treated.freq, treated.methodology,
  case when treated.methodology = '_Z' then '' else coalesce(perimeters.label_fr, treated.methodology) end as methodology_fr,
  concat_ws(', ', catalogue.label_fr, coalesce(places.label_fr, treated.ref_area),
    treated.part_fr, treated.teller_fr, case when treated.methodology <> '_Z' then coalesce(perimeters.label_fr, treated.methodology) end
  ) as series_fr,
  catalogue.unit, catalogue.unit_fr, treated.seasonality_rule, treated.treatment,
  case treated.treatment
    when 'season' then 'saison et ramadan ôtés s''il y en a' when 'year_on_year' then 'comparée à l''année précédente'
    else 'laissée brute'
  end as treatment_fr,
  treated.first_period, treated.last_period,
  {{ fr_period('treated.first_period', 'treated.freq') }} || ' à ' || {{ fr_period('treated.last_period', 'treated.freq') }} as span_fr,
  treated.n_known, treated.n_in_a_row, treated.n_needed, treated.n_missing,
  treated.is_treated, treated.is_adjusted, treated.strength, treated.ramadan_effect, treated.ramadan_error,
  treated.is_ramadan_removed, treated.reason_fr, treated.forecast_fr, treated.nowcast_fr,
  len(list_filter(treated.points, lambda point: point.is_anomaly))::integer as n_anomalies,
  len(list_filter(treated.points, lambda point: point.is_change_point))::integer as n_change_points,
  treated.origin, treated.receipt_id
from named as treated
inner join {{ ref('indicators') }} as catalogue on treated.indicator = catalogue.indicator
left join {{ ref('labels') }} as places on places.list = 'area' and places.code = treated.ref_area
left join {{ ref('codes') }} as perimeters on perimeters.list = 'methodology' and perimeters.code = treated.methodology
