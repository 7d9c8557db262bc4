-- Sites of operators as the register's current edition holds them; a headcount nobody stated stays missing.
select
  sites.site_id, sites.operator, sites.ref_area,
  coalesce(cities.name_fr, sites.city) as city_name,
  sites.region, coalesce(regions.name_fr, sites.region) as region_name,
  cities.lat, cities.lon,
  sites.headcount, sites.is_counted, sites.is_event, sites.status, sites.as_of,
  sites.source, sites.source_url, sites.note, sites.origin, sites.known_at, sites.load_id, sites.place
from {{ ref('int_sites') }} as sites
left join {{ ref('int_places') }} as cities on sites.ref_area = cities.ref_area and cities.level = 'city'
left join {{ ref('int_places') }} as regions on sites.region = regions.ref_area and regions.level = 'region'
where sites.known_from <= {{ as_of() }} and (sites.known_to is null or sites.known_to > {{ as_of() }})
