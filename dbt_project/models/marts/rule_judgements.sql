-- What each rule said of each closed period the first time that it could say it: the signal that a warning is judged by.
select
  histories.rule, histories.entity, histories.period, histories.known_from::date as said_on, histories.level > 0 as is_on,
  rules.turn * case
    when histories.class = 'measured' then histories.value
    when rules.turn = 1 then coalesce(histories.lower, histories.value)
    else coalesce(histories.upper, histories.value)
  end as reach,
  histories.receipt_id
from {{ ref('alert_history') }} as histories
inner join {{ ref('int_alert_rules') }} as rules on histories.rule = rules.rule
where histories.is_closed and histories.missing_reason is null
qualify row_number() over (partition by histories.rule, histories.entity, histories.period order by histories.known_from) = 1
