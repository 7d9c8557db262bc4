-- The regions as polygons, each with what the register of sites accounts for there; unknown is not zero.
with known as (
  select region, sum(headcount) filter (where is_counted) as known_headcount, count(*) as sites_count, list_sort(list(receipt_id)) as inputs
  from {{ ref('sites') }}
  group by region
)

select
  shapes.ref_area, places.name_fr, places.level, shapes.part_no::integer as part_no, shapes.contour,
  places.lat, places.lon,
  known.known_headcount,
  coalesce(known.sites_count, 0) as sites_count,
  case
    when known.known_headcount is not null
      then {{ fr_number('known.known_headcount') }} || chr(8239) || 'emplois connus'
    when known.sites_count > 0 then 'sites connus, effectif inconnu'
    when register.is_empty then 'non collecté'
    else 'aucun site connu'
  end as known_text,
  md5(concat_ws('|', 'map_shapes', shapes.ref_area, shapes.part_no)) as receipt_id,
  coalesce(known.inputs, []) as inputs
from {{ ref('int_shapes') }} as shapes
inner join {{ ref('int_places') }} as places on shapes.ref_area = places.ref_area
left join known on shapes.ref_area = known.region
left join {{ ref('int_feed_absences') }} as register on register.feed = 'operator_sites'
