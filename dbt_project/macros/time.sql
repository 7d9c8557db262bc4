{% macro as_of() -%} timestamp '{{ var("as_of") }}' {%- endmacro %}

{# The first moment that this build works out; everything before it stands as the last build left it. #}
{% macro since() -%} timestamp '{{ var("since", "0001-01-01 00:00:00") }}' {%- endmacro %}

{# When a fact becomes visible on the axis that the question is asked on. #}
{% macro visible_from(published_at, known_at) -%}
  {% if var('axis') == 'published' -%} coalesce({{ published_at }}, {{ known_at }}) {%- else -%} {{ known_at }} {%- endif %}
{%- endmacro %}

{# The calendar day in Casablanca, where laws and deadlines change at midnight. #}
{% macro local_day(moment) -%}
  cast(timezone('Africa/Casablanca', timezone('UTC', {{ moment }})) as date)
{%- endmacro %}

{# The calendar day in a time zone, where its laws change at midnight. #}
{% macro day_in(zone, moment) -%}
  cast(timezone({{ zone }}, timezone('UTC', {{ moment }})) as date)
{%- endmacro %}

{% macro months_in(freq) -%}
  case {{ freq }} when 'A' then 12 when 'S' then 6 when 'Q' then 3 when 'M' then 1 end
{%- endmacro %}

{# One period of that frequency later. #}
{% macro period_later(moment, freq) -%}
  case {{ freq }}
    when 'D' then {{ moment }} + interval 1 day
    when 'W' then {{ moment }} + interval 7 day
    else {{ moment }} + to_months({{ months_in(freq) }})
  end
{%- endmacro %}

{# Frequencies from the finest to the coarsest, to be sorted. #}
{% macro fineness(freq) -%}
  case {{ freq }} when 'D' then 1 when 'W' then 7 else 30 * {{ months_in(freq) }} end
{%- endmacro %}

{# On the axis of what publishers had released, everything that landed since may testify. #}
{% macro latest_knowledge() -%}
  {% if var('axis') == 'published' -%} timestamp '9999-12-31' {%- else -%} {{ as_of() }} {%- endif %}
{%- endmacro %}
