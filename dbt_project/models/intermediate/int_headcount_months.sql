-- The monthly headcounts of the sector, and the day on which the first of the followed laws starts to bear: six months
-- before it binds, as its ramp supposes.
with starts as (
  select
    vintages.vintage, min(regulations.in_force_on - interval 6 month) as starts_on, list_sort(list(distinct regulations.row_id)) as laws
  from {{ ref('int_vintages') }} as vintages
  inner join {{ ref('int_regulations') }} as regulations
    on vintages.vintage >= regulations.known_from and (regulations.known_to is null or vintages.vintage < regulations.known_to)
  where regulations.event_id in ({% for law in var('scenario_laws') %}'{{ law.code }}'{{ ', ' if not loop.last }}{% endfor %})
    and regulations.in_force_on is not null
  group by vintages.vintage
)

select jobs.*, starts.starts_on::timestamp as starts_on, starts.laws
from {{ ref('int_observations_by_vintage') }} as jobs
inner join starts using (vintage)
where jobs.indicator = 'employment' and jobs.segment = '_T' and jobs.unit_measure = 'PS' and jobs.freq = 'M' and jobs.value is not null
