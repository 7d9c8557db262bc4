-- One series per source and perimeter: sources that disagree are shown side by side, never averaged.
with jobs as (
  select * from {{ ref('int_observations_by_vintage') }}
  where indicator = 'employment' and segment = '_T' and unit_measure = 'PS'
)

{{ reading('job_headcount', 'PS', value='value', lower='lower', upper='upper', breakdown=breakdown("'_T'"),
  missing_reason="case when value is null and lower is null and upper is null then 'not_published' end") }}
from jobs
