-- Calendar days to the day each text binds: positive before, zero on the day, negative once in force.
-- A text that leaves time to adapt binds a second time, at its ':DEADLINE'.
with events as (
  select vintages.vintage, regulations.*
  from {{ ref('int_regulations') }} as regulations
  inner join {{ ref('int_vintages') }} as vintages
    on vintages.vintage >= regulations.known_from
    and (regulations.known_to is null or vintages.vintage < regulations.known_to)
),

dates as (
  select *, event_id as binding, in_force_on as binds_on from events
  union all
  select *, event_id || ':DEADLINE', deadline_on from events where deadline_on is not null
)

{{ reading('reg_days_to_effect', 'DAYS', value="date_diff('day', " ~ local_day('vintage') ~ ", binds_on)",
  class="'measured'", ref_area='market', breakdown='binding', freq="'D'", period="date_trunc('day', vintage)",
  methodology="'_Z'", obs_status="'A'", conf_status="'F'", inputs='[row_id]',
  missing_reason="case when binds_on is null then 'not_published' end") }}
from dates
