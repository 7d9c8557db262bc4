-- Targets of the sector, the furthest of each indicator first.
select
  *,
  row_number() over (partition by indicator order by period desc, stated_on desc) as place
from {{ source('sector', 'targets') }}
