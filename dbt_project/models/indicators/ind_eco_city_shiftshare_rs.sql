-- What a city's jobs did beyond the country's growth (NS) and its own mix of segments (IM): its own effect is what is
-- left. One source and one perimeter on both dates and both places; between the last two years that it counts.
{% set table = 'vintage, source, methodology, is_headline, freq' %}
{% set ends = ['cities.before', 'cities.after', 'country.before', 'country.after'] %}
{% set all_ends = ['country.all_before', 'country.all_after'] %}
with jobs as (
  select *
  from {{ ref('int_observations_by_vintage') }}
  where indicator = 'employment' and segment in ({{ segments() }}) and unit_measure = 'PS' and freq = 'A' and value is not null
),

dated as (
  select *, dense_rank() over (partition by {{ table }}, ref_area order by period desc) as age from jobs
  qualify age <= 2
),

changes as (
  select
    {{ table }}, ref_area, segment, max(period) as period, min(period) as since,
    sum(value) filter (where age = 2) as before,
    sum(value) filter (where age = 1) as after,
    {{ inherited() }}
  from dated
  group by {{ table }}, ref_area, segment
  having count(*) = 2
),

country as (
  select *, sum(before) over whole as all_before, sum(after) over whole as all_after
  from changes
  where ref_area = 'MA'
  window whole as (partition by {{ table }})
),

legs as (
  select
    {{ table | replace('vintage', 'cities.vintage') | replace('source', 'cities.source') | replace('methodology', 'cities.methodology') | replace('is_headline', 'cities.is_headline') | replace('freq', 'cities.freq') }},
    cities.ref_area, cities.period, cities.segment,
    {{ national_effect(ends, all_ends) }} as national,
    {{ mix_effect(ends, all_ends) }} as mix,
    {{ own_effect(ends) }} as own,
    cities.origin, cities.obs_status, cities.conf_status, cities.class,
    greatest(cities.published_at, country.published_at) as published_at,
    greatest(cities.known_at, country.known_at) as known_at,
    list_distinct(cities.inputs || country.inputs) as inputs
  from changes as cities
  inner join country using ({{ table }}, segment, period, since)
  where cities.ref_area <> 'MA'
),

effects as (
  select
    {{ table }}, ref_area, period,
    sum(national) as national, sum(mix) as mix, sum(own) as own,
    {{ inherited() }}
  from legs
  group by {{ table }}, ref_area, period
),

measures as (
  select *, '_T' as effect, own as value from effects
  union all
  select *, 'NS', national from effects
  union all
  select *, 'IM', mix from effects
)

{{ reading('eco_city_shiftshare_rs', 'PS', value='value', breakdown=breakdown('effect'),
  missing_reason="case when value is null then 'not_applicable' end") }}
from measures
