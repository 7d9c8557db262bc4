{# The least and the most that a number of jobs may be, by how it is said: « plus de 300 » has no most. #}
{% macro jobs_least(number, number_max, approximation) -%}
  case when {{ approximation }} in ('lt', 'max') then 0 else {{ number }} end
{%- endmacro %}

{% macro jobs_most(number, number_max, approximation) -%}
  case when {{ approximation }} not in ('gt', 'order') then coalesce({{ number_max }}, {{ number }}) end
{%- endmacro %}
