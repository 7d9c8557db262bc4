-- Each load that landed rows, and what comes in its place: for a complete list the next edition, otherwise the next
-- judgement of the same document. On the axis of releases, only the last judgement of a document speaks.
-- An edition is touched when no build has read it yet, or what comes in its place.
with landed as (
  select
    *,
    coalesce((feed, superseded_by) in (select (feed, load_id) from {{ ref('int_loads') }} where is_new), false) as is_superseded_by_new,
    {% if var('axis') == 'published' -%} first_known_at {%- else -%} known_at {%- endif %} as told_at
  from {{ ref('int_loads') }}
  where status = 'landed' and rows_landed > 0 {% if var('axis') == 'published' %}and superseded_at is null{% endif %}
),

-- an edition that is judged anew once a newer one has come is no newer for that
in_turn as (
  select * from landed
  qualify not is_snapshot or first_known_at >= max(first_known_at) over (partition by feed order by told_at, load_id)
)

select
  feed, load_id, document, origin, published_at, produces, is_snapshot, first_known_at,
  told_at as known_at,
  row_number() over edition as edition_no,
  case when is_snapshot then lead(load_id) over edition else superseded_by end as next_load_id,
  case when is_snapshot then lead(told_at) over edition else superseded_at end as next_known_at,
  is_new or coalesce(case when is_snapshot then lead(is_new) over edition else is_superseded_by_new end, false) as is_touched
from in_turn
window edition as (partition by feed order by told_at, load_id)
