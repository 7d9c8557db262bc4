-- Every rule on every entity it watches, period after period: the level (0, 1 orange, 2 rouge) with hysteresis.
with history as (
  select
    *,
    coalesce(period + to_months({{ months_in('freq') }}) <= {{ as_of() }}, false) as is_closed
  from {{ ref('indicator_history') }}
),

-- what is about a day, or a time still to come, is read at each moment it changed; the rest once per closed period,
-- as now known
readings as (
  select *, case when is_closed then period else date_trunc('day', known_from) end as moment
  from history
  where known_to is null or not is_closed
),

{{ alert_levels() }}

select
  rule, rule_version, entity, indicator, ref_area, breakdown, methodology, freq,
  moment as period, is_closed, unit,
  value / scale as value, lower / scale as lower, upper / scale as upper, class, obs_status, origin,
  level, possible_level, is_beyond and possible_level = 0 as is_pending,
  missing_reason, known_at, receipt_id
from leveled
