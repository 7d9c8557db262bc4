-- Contours of the regions, one line per ring.
select ref_area, part_no, contour
from {{ source('sector', 'shapes') }}
