{# The rate of a table of declarations: what is above the line over what is below, same groups on both sides. #}
{% macro declared_rate(indicator, unit, table, lower='null', upper='null') %}
with cells as (
  select
    vintage, freq, period, ref_area, methodology,
    coalesce(sum(value) filter (where part = 'ABOVE'), 0) as above,
    sum(value) filter (where part = 'BELOW') as below,
    {{ inherited() }}
  from {{ ref('int_firm_tables_by_vintage') }}
  where table_name = '{{ table }}'
  group by vintage, freq, period, ref_area, methodology
)

{{ reading(indicator, unit, value=ratio('above', 'below'), lower=lower, upper=upper) }}
from cells
{% endmacro %}

{# The Herfindahl-Hirschman index of the parts of a table of declarations. #}
{% macro declared_hhi(indicator, table) %}
with parts as (
  select vintage, freq, period, ref_area, methodology, part, sum(value) as value, {{ inherited() }}
  from {{ ref('int_firm_tables_by_vintage') }}
  where table_name = '{{ table }}'
  group by vintage, freq, period, ref_area, methodology, part
),

cells as (
  select
    vintage, freq, period, ref_area, methodology,
    {{ herfindahl('value') }} as hhi,
    {{ inherited() }}
  from parts
  group by vintage, freq, period, ref_area, methodology
)

{{ reading(indicator, 'INDEX', value='hhi') }}
from cells
{% endmacro %}
