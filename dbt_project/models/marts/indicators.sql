-- The catalogue is what the indicators' own YAML says: there is no second list.
{% if execute %}
{% set described = [] %}
{% for node in graph.nodes.values() if node.resource_type == 'model' and node.name.startswith('ind_') %}
  {% do described.append(node) %}
{% endfor %}
{% for node in described | sort(attribute='name') %}
{% set meta = node.config.meta %}
select
  '{{ node.name[4:] }}'::varchar as indicator,
  {% for key in [
    'family', 'label_fr', 'label_en', 'definition', 'question', 'formula', 'unit', 'unit_fr', 'direction', 'frequency', 'grain', 'limits',
    'missing_rule', 'revision_rule', 'seasonality_rule', 'uncertainty_rule', 'min_history', 'owner',
  ] -%}
  {{ dbt.string_literal(dbt.escape_single_quotes(meta[key])) }}::varchar as {{ key }},
  {% endfor -%}
  {% for key in ['needs', 'held_by'] -%}
  {% if meta[key] %}{{ dbt.string_literal(dbt.escape_single_quotes(meta[key])) }}{% else %}null{% endif %}::varchar as {{ key }},
  {% endfor -%}
  {{ meta['version'] }}::integer as version,
  [{% for feed in meta['feeds'] %}'{{ feed }}'{% if not loop.last %}, {% endif %}{% endfor %}]::varchar[] as feeds
{% if not loop.last %}union all{% endif %}
{% endfor %}
{% endif %}
