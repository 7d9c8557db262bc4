-- What is known at the date of the question.
select * exclude (known_from, known_to)
from {{ ref('indicator_history') }}
where known_to is null
