-- A region's rate minus the country's: one source, one survey, one population, one period, or no difference at all.
{% set table = 'vintage, source, methodology, is_headline, freq, period, segment' %}
with rates as (
  select * from {{ ref('int_observations_by_vintage') }}
  where indicator = 'unemployment_rate' and unit_measure = 'PC' and value is not null
),

legs as (
  select {{ table }}, ref_area as area, true as is_region, * exclude ({{ table }}) from rates where ref_area like 'MA-%'
  union all
  select
    {{ table }}, regions.ref_area, false, country.* exclude ({{ table }})
  from rates as country
  inner join (select {{ table }}, ref_area from rates where ref_area like 'MA-%') as regions using ({{ table }})
  where country.ref_area = 'MA'
),

gaps as (
  select
    {{ table }}, area,
    max(value) filter (where is_region) - max(value) filter (where not is_region) as gap,
    max(low) filter (where is_region) - max(high) filter (where not is_region) as lower,
    max(high) filter (where is_region) - max(low) filter (where not is_region) as upper,
    {{ inherited() }}
  from legs
  group by {{ table }}, area
)

{{ reading('res_unemployment_gap', 'PCT', value='gap', lower='lower', upper='upper', ref_area='area', breakdown=breakdown('segment'),
  missing_reason="case when gap is null then 'not_published' end") }}
from gaps
