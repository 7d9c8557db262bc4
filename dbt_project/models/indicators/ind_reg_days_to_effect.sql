-- Calendar days to the day each text binds: positive before, zero on the day, negative once in force.
with events as (
  select vintages.vintage, regulations.*
  from {{ ref('int_regulations') }} as regulations
  inner join {{ ref('int_vintages') }} as vintages
    on vintages.vintage >= regulations.known_from
    and (regulations.known_to is null or vintages.vintage < regulations.known_to)
)

{{ reading('reg_days_to_effect', 'DAYS', value="date_diff('day', " ~ local_day('vintage') ~ ", in_force_on)",
  class="'measured'", ref_area='market', breakdown='event_id', freq="'D'", period="date_trunc('day', vintage)",
  methodology="'_Z'", obs_status="'A'", conf_status="'F'", inputs='[row_id]',
  missing_reason="case when in_force_on is null then 'not_published' end") }}
from events
