{# The SDMX-style key of a series. Source and perimeter are part of it: two sources that disagree
   are two series, and a change of perimeter starts another one. #}
{% macro series_key() -%}
  {{ return([
    'freq', 'ref_area', 'indicator', 'activity', 'occupation', 'counterpart_area', 'unit_measure',
    'adjustment', 'segment', 'size', 'scenario', 'source', 'methodology',
  ]) }}
{%- endmacro %}

{% macro observation_columns() -%}
  {{ return(series_key() + [
    'period', 'obs_value', 'lower', 'upper', 'class', 'obs_status', 'conf_status', 'decimals',
    'published_at', 'comment', 'load_id', 'row_no', 'place',
  ]) }}
{%- endmacro %}

{# One name for a row that landed, from anywhere in the house: a load's number is unique within its feed. #}
{% macro row_id(feed, load_id='load_id', row_no='row_no') -%}
  md5(concat_ws('|', {{ feed }}, {{ load_id }}, {{ row_no }}))
{%- endmacro %}

{# Half of the last printed digit: how far a printed figure may be from the one behind it. #}
{% macro half_digit(decimals) -%}
  coalesce(0.5::double * pow(10::double, -{{ decimals }}), 0::double)
{%- endmacro %}

{# Ratio that is missing, never infinite, when there is nothing to divide by. #}
{% macro ratio(numerator, denominator) -%}
  ({{ numerator }})::double / nullif(({{ denominator }})::double, 0)
{%- endmacro %}
