-- Between what and what the work that followed laws reach lies, place by place, at the date of the question, where only sums
-- are known: no more and no less than they allow. What cannot be bounded says why.
with asked as (select max(vintage) as vintage from {{ ref('int_vintages') }}),

places as (
  select ref_area, name_fr, level from {{ ref('int_places') }} where level in ('country', 'city')
),

laws as (
  select distinct event_id as breakdown, missing_reason = 'not_collected' as is_unregistered
  from {{ ref('int_legal_effects_by_vintage') }}
  where vintage = (select vintage from asked)
  union all
  select '_T', false
),

found as (
  select bounds.* from {{ ref('int_exposure_bounds_by_vintage') }} as bounds inner join asked on bounds.vintage = asked.vintage
),

rests as (
  select string_agg(name || ' (' || source || ')', ' ; ' order by city nulls first, name) as rests_on_fr, bool_or(origin = 'invented') as is_invented
  from {{ ref('int_exposure_margins_by_vintage') }} inner join asked using (vintage)
),

readings as (
  select indicator, ref_area, breakdown, receipt_id from {{ ref('indicator_values') }}
  where methodology = 'CRM' and (indicator = 'job_gross_exposed' or indicator = 'reg_exposure' and freq = 'D')
),

placed as (
  select
    laws.breakdown, laws.is_unregistered is true as is_unregistered, places.ref_area, places.name_fr as place_fr, places.level,
    own.conflict is not null or other.conflict is not null as is_contradicted, coalesce(own.conflict, other.conflict) as conflict,
    {% for name in ['lower', 'upper', 'share_lower', 'share_upper', 'hit_lower', 'hit_upper'] -%}
    case when own.vintage is not null then own.{{ name }} else other.{{ name }} end as {{ name }},
    {% endfor %}
    own.vintage is not null and places.level = 'city' as has_figure
  from laws
  cross join places
  left join found as own on laws.breakdown = own.breakdown and places.ref_area = own.ref_area
  -- a city of which nobody says anything
  left join found as other on laws.breakdown = other.breakdown and other.ref_area = '_U' and places.level = 'city'
)

select
  placed.breakdown, coalesce(texts.label_fr, 'toutes les lois suivies') as law_fr, placed.ref_area, placed.place_fr,
  {% for name in ['lower', 'upper', 'share_lower', 'share_upper', 'hit_lower', 'hit_upper'] -%}
  case when placed.upper is not null then round(placed.{{ name }}, 9) end as {{ name }},
  {% endfor -%}
  cast((select vintage from asked) as date) as on_day,
  case when placed.upper is null then 'unknown' else 'bounded' end as class,
  case when placed.upper is not null then case when rests.is_invented then 'invented' else 'retyped' end end as origin,
  case when placed.upper is not null then null when placed.is_contradicted then 'not_applicable' else 'not_collected' end as missing_reason,
  case
    when placed.upper is not null and placed.level = 'city' and not placed.has_figure then 'effectif de la ville inconnu : seul le pays la borne'
    when placed.upper is not null then null
    when placed.is_contradicted then 'inconnu : ' || placed.conflict
    when placed.is_unregistered then 'inconnu : le registre des textes ne tient pas cette loi'
    else 'inconnu : rien ne borne les emplois des centres d''appels, ou aucune loi suivie n''est au registre'
  end as why_fr,
  coalesce(rests.rests_on_fr, 'rien') as rests_on_fr,
  coalesce(
    mine.receipt_id, nation.receipt_id,
    (select min(receipt_id) from readings where indicator = 'job_gross_exposed' and ref_area = 'MA' and breakdown = '_T'),
    (select min(receipt_id) from readings where ref_area = 'MA')
  ) as receipt_id
from placed
cross join rests
left join {{ ref('int_legal_focus') }} as texts on placed.breakdown = texts.event_id
left join readings as mine on mine.indicator = 'job_gross_exposed' and placed.ref_area = mine.ref_area and placed.breakdown = mine.breakdown
left join readings as nation
  on nation.ref_area = 'MA' and placed.breakdown = nation.breakdown
  and nation.indicator = case when placed.is_unregistered then 'reg_exposure' else 'job_gross_exposed' end
