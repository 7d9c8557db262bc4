-- Legal events as each edition of the register holds them, with the time during which each row was to be
-- believed. On the axis of releases only the latest edition speaks, each text from the day it was public.
with editions as (
  select * from {{ ref('int_register_editions') }}
  where feed = 'regulations' {% if var('axis') == 'published' %}and superseded_at is null{% endif %}
),

dated as (
  select
    rows.* exclude (published_at),
    {{ row_id("'regulations'", 'rows.load_id', 'rows.row_no') }} as row_id,
    editions.origin, editions.document, editions.known_at, editions.superseded_at,
    least(
      coalesce(rows.published_at, rows.adopted_on::timestamp, rows.in_force_on::timestamp),
      coalesce(editions.published_at, editions.known_at)
    ) as published_at
  from {{ ref('stg_regulations') }} as rows
  inner join editions on rows.load_id = editions.load_id
)

select
  * exclude (superseded_at),
  {{ visible_from('published_at', 'known_at') }} as known_from,
  {% if var('axis') == 'published' -%} null::timestamp {%- else -%} superseded_at {%- endif %} as known_to
from dated
