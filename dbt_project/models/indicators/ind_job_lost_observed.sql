-- Nobody has published the jobs actually lost: the row exists so that every screen says « inconnu », and
-- fills itself on the day a source states the figure.
with stated as (
  select * from {{ ref('int_observations_by_vintage') }}
  where indicator = 'jobs_lost' and class = 'measured' and segment = '_T'
),

asked as (
  select
    vintages.vintage, 'MA' as area,
    coalesce(stated.freq, 'A') as freq,
    coalesce(stated.period, date_trunc('year', vintages.vintage)) as period,
    stated.source, coalesce(stated.is_headline, true) as is_headline,
    stated.value, coalesce(stated.methodology, 'CRM') as methodology, stated.class,
    stated.origin, stated.obs_status, stated.conf_status, stated.published_at, stated.known_at,
    coalesce(stated.inputs, []) as inputs
  from {{ ref('int_vintages') }} as vintages
  left join stated on vintages.vintage = stated.vintage
)

{{ reading('job_lost_observed', 'PS', value='value', ref_area='area', breakdown=breakdown("'_T'"),
  missing_reason="case when value is null then 'not_published' end") }}
from asked
