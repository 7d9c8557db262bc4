-- The expected net loss over the jobs of the same perimeter.
{{ reading('job_loss_rate', 'RATIO', value=ratio('net_loss_p50', 'headcount'), lower=ratio('net_loss_p05', 'headcount'),
  upper=ratio('net_loss_p95', 'headcount'), class="'modelled'", scenario='scenario', freq="'D'",
  missing_reason="case when is_missing then 'not_collected' end") }}
from {{ ref('int_scenario_readings') }}
where minus is null
