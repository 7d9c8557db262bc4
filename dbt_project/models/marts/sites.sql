-- Sites of operators as the register's current edition holds them.
select * exclude (known_from, known_to)
from {{ ref('site_history') }}
where known_to is null or known_to > {{ as_of() }}
