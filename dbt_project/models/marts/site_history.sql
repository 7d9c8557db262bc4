-- Sites of operators as each edition of the register held them; a headcount nobody stated stays missing.
select
  sites.site_id, sites.operator, sites.ref_area,
  coalesce(cities.name_fr, sites.city) as city_name,
  sites.region, coalesce(regions.name_fr, sites.region) as region_name,
  cities.lat, cities.lon,
  sites.scope, coalesce(scopes.label_fr, sites.scope) as scope_fr,
  sites.headcount, sites.jobs_planned, sites.is_counted, sites.is_event, sites.status, sites.as_of,
  sites.source, sites.source_url, sites.confidence, coalesce(certainties.label_fr, sites.confidence) as confidence_fr, sites.note, sites.origin, sites.known_at, sites.load_id, sites.place,
  sites.row_id as receipt_id,
  sites.known_from, sites.known_to
from {{ ref('int_sites') }} as sites
left join {{ ref('int_places') }} as cities on sites.ref_area = cities.ref_area and cities.level = 'city'
left join {{ ref('int_places') }} as regions on sites.region = regions.ref_area and regions.level = 'region'
left join {{ ref('codes') }} as scopes on scopes.list = 'scope' and scopes.code = sites.scope
left join {{ ref('codes') }} as certainties on certainties.list = 'confidence' and certainties.code = sites.confidence
where sites.known_from <= {{ as_of() }}
