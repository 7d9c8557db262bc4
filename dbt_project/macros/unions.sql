{# What several feeds give under the same columns, one feed after the other, each row with its feed's name. #}
{% macro union_of_feeds(feeds, columns) -%}
  {% for feed in feeds %}
  select '{{ feed }}' as feed, {{ columns | join(', ') }}
  from {{ ref('stg_' ~ feed) }}
  {% if not loop.last %}union all{% endif %}
  {% endfor %}
{%- endmacro %}
