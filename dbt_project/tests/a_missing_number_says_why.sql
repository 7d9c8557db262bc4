-- No number and no interval: a reason. A number or an interval: no reason, and an interval unless it is measured.
select receipt_id, indicator, class, value, lower, upper, missing_reason
from {{ ref('indicator_history') }}
where (value is null and lower is null and upper is null) <> (missing_reason is not null)
  or (class = 'unknown') <> (missing_reason is not null)
  or (class in ('bounded', 'modelled') and (lower is null or upper is null))
  or lower > upper or value < lower - 1e-9 or value > upper + 1e-9
