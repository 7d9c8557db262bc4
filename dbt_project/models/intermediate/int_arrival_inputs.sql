-- What the delays of a group rest on: all that was stated of its figures, and of the looks at its feed those that found
-- a period for the first time, with the look before. Asked for one group at a time, by receipts: never laid down.
{{ config(materialized='view') }}
with looks as (
  select
    feed, day, flatten(list(inputs)) as inputs,
    lead(day) over (partition by feed order by day) as next_day
  from {{ ref('int_coverage') }}
  where outcome in ('found', 'nothing')
  group by feed, day
)

select {{ arrival_group() }}, observation_id as input_id
from {{ ref('int_observations') }}
where conf_status = 'F' and scenario = '_Z' and not is_withdrawn and obs_value is not null
union
select {{ arrival_group() }}, unnest(looks.inputs)
from {{ ref('int_first_values') }} as figures
inner join looks using (feed)
where figures.known_on in (looks.day, looks.next_day)
