-- Sites of operators as each edition of the register holds them, with the time during which each row was to
-- be believed. On the axis of releases only the latest edition speaks.
select
  rows.* exclude (published_at),
  rows.scope in ('closure', 'transfer', 'planned', 'commitment') as is_event,
  {{ row_id("'operator_sites'", 'rows.load_id', 'rows.row_no') }} as row_id,
  editions.origin, editions.document, editions.known_at,
  coalesce(rows.published_at, editions.published_at) as published_at,
  {{ visible_from('coalesce(rows.published_at, editions.published_at)', 'editions.known_at') }} as known_from,
  {% if var('axis') == 'published' -%} null::timestamp {%- else -%} editions.superseded_at {%- endif %} as known_to
from {{ ref('stg_operator_sites') }} as rows
inner join {{ ref('int_register_editions') }} as editions
  on editions.feed = 'operator_sites' and rows.load_id = editions.load_id
{% if var('axis') == 'published' -%} where editions.superseded_at is null {%- endif %}
