-- The cities, and what makes some of them able to host a site.
select places.ref_area, places.name_fr, places.lat, places.lon, hosts.ref_area is not null as is_host, hosts.capacity_fr
from {{ ref('int_places') }} as places
left join {{ source('sector', 'site_hosts') }} as hosts on places.ref_area = hosts.ref_area
where places.level = 'city' and places.lat is not null
order by places.ref_area
