-- A city's share of the sector over its share of all jobs, among the cities that one source counts on one perimeter:
-- the sector and the whole are two activities of one table, never two publishers.
{% set table = 'vintage, source, methodology, is_headline, freq, period' %}
with jobs as (
  select *, activity = 'ISIC4_8220' as is_sector
  from {{ ref('int_observations_by_vintage') }}
  where indicator = 'employment' and ref_area like 'MA-%' and activity in ('ISIC4_8220', '_T') and segment in ('_T', '_Z')
    and unit_measure = 'PS' and value is not null
),

-- a city without both figures is in neither sum
paired as (
  select * from jobs
  qualify count(distinct activity) over (partition by {{ table }}, ref_area) = 2
),

cities as (
  select
    {{ table }}, ref_area,
    sum(value) filter (where is_sector) as sector,
    sum(value) filter (where not is_sector) as whole
  from paired
  group by {{ table }}, ref_area
),

counted as (
  select {{ table }}, {{ inherited() }} from paired group by {{ table }}
),

quotients as (
  select
    cities.*, counted.* exclude ({{ table }}),
    {{ location_quotient('sector', 'whole') }} as quotient
  from cities
  inner join counted using ({{ table }})
  window country as (partition by {{ table }})
)

{{ reading('eco_city_lq', 'INDEX', value='quotient', breakdown=breakdown("'_T'"),
  missing_reason="case when quotient is null then 'not_applicable' end") }}
from quotients
