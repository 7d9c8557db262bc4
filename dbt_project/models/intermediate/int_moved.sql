-- The figures that this build may say otherwise than the last one: those that moved, and those whose period has closed.
with resumed as (
  select coalesce(max(make_timestamp(since_us)), timestamp '0001-01-01') as since from {{ ref('int_resumed') }}
)

select distinct observations.series_id, observations.period
from {{ ref('int_observations') }} as observations
cross join resumed
where observations.known_from >= resumed.since or observations.known_to >= resumed.since
  or {{ period_later('observations.period', 'observations.freq') }} > resumed.since
