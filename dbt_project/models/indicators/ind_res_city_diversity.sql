-- One minus the concentration of a city's jobs over the sections of the classification of activities (ISIC rev. 4).
{% set table = 'vintage, ref_area, source, methodology, is_headline, freq, period' %}
with jobs as (
  select *
  from {{ ref('int_observations_by_vintage') }}
  where indicator = 'employment' and ref_area like 'MA-%' and unit_measure = 'PS' and value is not null
    and regexp_full_match(activity, 'ISIC4_[A-U]')
),

mixes as (
  select
    {{ table }},
    1 - {{ herfindahl('value') }} as diversity,
    {{ inherited() }}
  from jobs
  group by {{ table }}
)

{{ reading('res_city_diversity', 'INDEX', value='diversity', breakdown=breakdown("'_T'"),
  missing_reason="case when diversity is null then 'not_applicable' end") }}
from mixes
