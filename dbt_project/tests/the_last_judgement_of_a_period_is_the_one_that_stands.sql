-- What `alert_history` says is known now is what `alert_evaluations` says, but for what a possible reclassification calms.
with told as (
  select rule, entity, period, value, level from {{ ref('alert_history') }} where known_to is null and is_closed
),

judged as (
  select
    evaluations.rule, evaluations.entity, evaluations.period, evaluations.value,
    case when flags.rule is null then evaluations.level else 0 end as level
  from {{ ref('alert_evaluations') }} as evaluations
  left join {{ ref('alert_flags') }} as flags
    on flags.kind = 'reclassification'
    and evaluations.rule = flags.rule and evaluations.entity = flags.entity and evaluations.period = flags.period
  where evaluations.is_closed
)

(select * from told except select * from judged)
union all
(select * from judged except select * from told)
