{# Fewer periods than this, followed from their end on, make no curve. #}
{% macro least_followed_periods() -%} 3 {%- endmacro %}

{# From this share of what usually ends up known, a period is shown as complete. #}
{% macro complete_from_pct() -%} 95 {%- endmacro %}

{# What arrives together: the series of one feed that speak of the same thing, from the same source. #}
{% macro arrival_group() -%} feed, freq, indicator, source, methodology {%- endmacro %}
