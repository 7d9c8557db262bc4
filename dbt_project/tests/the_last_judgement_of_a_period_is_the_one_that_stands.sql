-- What `alert_history` says is known now is what `alert_evaluations` says.
(
  select rule, entity, period, value, level from {{ ref('alert_history') }} where known_to is null and is_closed
  except
  select rule, entity, period, value, level from {{ ref('alert_evaluations') }} where is_closed
)
union all
(
  select rule, entity, period, value, level from {{ ref('alert_evaluations') }} where is_closed
  except
  select rule, entity, period, value, level from {{ ref('alert_history') }} where known_to is null and is_closed
)
