-- What a scenario bears on, at each vintage: jobs by city that groups declare, with the status that disclosure control
-- gave to them, and the jobs of the country that the sector file supposes. Two perimeters, never added.
{% set markets = scenario_markets() %}
{% set facts = ['origin', 'obs_status', 'conf_status', 'class', 'published_at', 'known_at', 'inputs'] %}
with cells as (
  select *
  from {{ ref('int_firm_tables_by_vintage') }}
  where table_name = 'scenario'
  -- the last year declared
  qualify dense_rank() over (partition by vintage order by period desc, freq) = 1
),

-- exposure to software where the trades of a city may be seen, else that of the country, else the one supposed
exposures as (
  select
    vintage, freq, period, ref_area,
    {{ ratio("sum(value) filter (where part = 'ABOVE')", "sum(value) filter (where part = 'BELOW')") }} as ai_exposure
  from {{ ref('int_firm_tables_by_vintage') }}
  where table_name = 'ai_exposure' and conf_status = 'F'
  group by vintage, freq, period, ref_area
),

supposed as (
  select
    max(mode) filter (where parameter = 'headcount' and applies_to = 'LARGE') as large,
    max(mode) filter (where parameter = 'headcount' and applies_to = 'SMALL') as small,
    max(mode) filter (where parameter = 'revenue_per_job') as revenue_per_job,
    max(mode) filter (where parameter = 'ai_exposure') as ai_exposure,
    {% for market in markets -%}
    max(mode) filter (where parameter = 'market_share' and applies_to = '{{ market }}') as "share of {{ market }}",
    max(mode) filter (where parameter = 'outbound_share' and applies_to = '{{ market }}.LARGE') as "large outbound of {{ market }}",
    max(mode) filter (where parameter = 'outbound_share' and applies_to = '{{ market }}.SMALL') as "small outbound of {{ market }}",
    {% endfor -%}
    list_sort(list('assumption:' || assumption) filter (
      where parameter in ('headcount', 'revenue_per_job', 'ai_exposure')
      or (parameter = 'market_share' and applies_to in ('{{ markets | join("', '") }}'))
      or (parameter = 'outbound_share' and split_part(applies_to, '.', 1) in ('{{ markets | join("', '") }}') and applies_to like '%.%')
    )) as inputs
  from {{ ref('int_assumptions') }}
),

declared as (
  select
    vintage, methodology, freq, period, ref_area,
    sum(value) filter (where part = 'JOBS') as headcount,
    sum(value) filter (where part = 'REVENUE') as revenue,
    coalesce(sum(value) filter (where part = 'SMALL'), 0) as small_headcount,
    {% for market in markets -%}
    coalesce(sum(value) filter (where part = 'JOBS.{{ market }}'), 0) as "jobs of {{ market }}",
    coalesce(sum(value) filter (where part = 'SMALL.{{ market }}'), 0) as "small jobs of {{ market }}",
    {% endfor -%}
    {{ inherited() }}
  from cells
  group by vintage, methodology, freq, period, ref_area
)

{% set columns = ['headcount', 'revenue', 'small_headcount'] %}
{% for market in markets %}{% do columns.append('"jobs of ' ~ market ~ '"') %}{% do columns.append('"small jobs of ' ~ market ~ '"') %}{% endfor %}
select
  declared.vintage, declared.methodology, declared.ref_area,
  {% for column in columns %}round(declared.{{ column }}, 6) as {{ column }}, {% endfor %}
  round(coalesce(mine.ai_exposure, country.ai_exposure, (select ai_exposure from supposed)), 9) as ai_exposure,
  {% for fact in facts %}declared.{{ fact }}{{ ', ' if not loop.last }}{% endfor %}
from declared
left join exposures as mine using (vintage, freq, period, ref_area)
left join exposures as country
  on declared.vintage = country.vintage and declared.freq = country.freq and declared.period = country.period
  and country.ref_area = 'MA'
union all
select
  vintages.vintage, 'CRM', 'MA', large + small, revenue_per_job * (large + small), small,
  {% for market in markets -%}
  "share of {{ market }}" * (large * "large outbound of {{ market }}" + small * "small outbound of {{ market }}"),
  "share of {{ market }}" * small * "small outbound of {{ market }}",
  {% endfor -%}
  ai_exposure, 'retyped', 'E', 'F', 'modelled', null, null, inputs
from supposed
cross join {{ ref('int_vintages') }} as vintages
where large + small > 0
