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

{# What a statement says, and how finely: what makes it another one or the same. #}
{% macro figure() -%}
  struct_pack(
    value := obs_value, decimals := decimals,
    says := struct_pack(l := lower, u := upper, c := class, s := obs_status, f := conf_status)
  )
{%- endmacro %}

{# Whether a later statement says something else: another status or bounds, or a value that the coarser of the two
   precisions tells apart, beyond half of its last digit. #}
{% macro is_another_figure(before, after) -%}
  ({{ after }}.says is distinct from {{ before }}.says
  or ({{ after }}.value is null) <> ({{ before }}.value is null)
  or coalesce(
    abs({{ after }}.value - {{ before }}.value)
      > 0.500001::double * pow(10::double, -least(coalesce({{ before }}.decimals, 12), coalesce({{ after }}.decimals, 12))),
    false
  ))
{%- endmacro %}
