-- Places of the sector: country, regions, cities.
select ref_area, level, name_fr, parent, lat, lon
from {{ source('sector', 'places') }}
