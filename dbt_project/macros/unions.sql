{# What several feeds give under the same columns, one feed after the other, each row with its feed's name; of the
   loads of the relation `loads` (feed, load_id) alone, when it is given. #}
{% macro union_of_feeds(feeds, columns, loads=none) -%}
  {% for feed in feeds %}
  select '{{ feed }}' as feed, {{ columns | join(', ') }}
  from {{ ref('stg_' ~ feed) }}
  {% if loads %}where load_id in (select load_id from {{ loads }} where feed = '{{ feed }}'){% endif %}
  {% if not loop.last %}union all{% endif %}
  {% endfor %}
{%- endmacro %}
