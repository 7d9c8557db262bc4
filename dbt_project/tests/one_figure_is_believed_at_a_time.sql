-- The intervals of one cell of one series never overlap; nor do those of one indicator reading.
select one.observation_id as id
from {{ ref('observations') }} as one
inner join {{ ref('observations') }} as other
  on one.series_id = other.series_id and one.period = other.period and one.observation_id <> other.observation_id
  and one.known_from <= other.known_from and (one.known_to is null or one.known_to > other.known_from)
union all
select one.receipt_id
from {{ ref('indicator_history') }} as one
inner join {{ ref('indicator_history') }} as other
  on one.indicator = other.indicator and one.ref_area = other.ref_area and one.breakdown = other.breakdown
  and one.scenario = other.scenario and one.freq = other.freq and one.period = other.period
  and one.methodology = other.methodology and one.receipt_id <> other.receipt_id
  and one.known_from <= other.known_from and (one.known_to is null or one.known_to > other.known_from)
