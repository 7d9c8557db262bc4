-- How far each place is from a comparison of what happened with what would have: months of headcount known before the law,
-- of the thirty-six that a forecast asks for, and months known since. A country without a single month is told too.
with known as (
  select
    ref_area, source, methodology,
    count(*) filter (where period < date_trunc('month', starts_on))::integer as n_before,
    count(*) filter (where period >= date_trunc('month', starts_on))::integer as n_since,
    min(starts_on) as starts_on, list_sort(list_distinct(flatten(list(inputs || laws)))) as inputs
  from {{ ref('int_headcount_months') }}
  where vintage = {{ as_of() }}
  group by ref_area, source, methodology
),

told as (
  select * from known
  union all
  select 'MA', '_Z', '_Z', 0, 0, null, [] where not exists (select 1 from known where ref_area = 'MA')
)

select
  told.ref_area, coalesce(places.name_fr, told.ref_area) as name_fr, told.source, told.methodology, told.n_before, told.n_since,
  greatest(0, 36 - told.n_before)::integer as n_missing, told.starts_on,
  case
    when told.n_before < 36 then 'inconnu : il manque ' || (36 - told.n_before) || ' mois d’effectif d’avant la loi, de 36'
    when told.n_since = 0 then 'à venir : aucun mois connu depuis que la loi pèse'
    else 'comparé sur ' || told.n_since || ' mois'
  end as standing_fr,
  md5(concat_ws('|', 'counterfactual_series', told.ref_area, told.source, told.methodology)) as receipt_id, told.inputs
from told
left join {{ ref('int_places') }} as places on told.ref_area = places.ref_area
