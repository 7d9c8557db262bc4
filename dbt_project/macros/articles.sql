{# What every feed of articles gives, in this order. #}
{% macro article_columns() -%}
  {{ return([
    'kind', 'link', 'title', 'body', 'author', 'outlet', 'published_at', 'published_raw', 'lang',
    'load_id', 'row_no', 'place',
  ]) }}
{%- endmacro %}
