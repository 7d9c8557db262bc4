-- The loss that each scenario expects on its horizon: median over the draws, between its 5 % and 95 % quantiles; beside
-- it the jobs hit before anyone is redeployed, those that software changes, the indirect layer, never added, and the
-- difference with each other scenario, draw by draw.
with told as (
  select *, '_T' as breakdown, net_loss_p05 as lower, net_loss_p50 as value, net_loss_p95 as upper
  from {{ ref('int_scenario_readings') }} where minus is null
  union all
  select *, 'GROSS_HIT', gross_hit_p05, gross_hit_p50, gross_hit_p95
  from {{ ref('int_scenario_readings') }} where minus is null and not is_missing
  union all
  select *, 'AUGMENTED', augmented_p05, augmented_p50, augmented_p95
  from {{ ref('int_scenario_readings') }} where minus is null and has_ai
  union all
  select *, 'INDIRECT', indirect_loss_p05, indirect_loss_p50, indirect_loss_p95
  from {{ ref('int_scenario_readings') }} where minus is null and indirect_loss_p50 is not null
  union all
  select *, 'LESS_' || minus, net_loss_p05, net_loss_p50, net_loss_p95
  from {{ ref('int_scenario_readings') }} where minus is not null
)

{{ reading('job_net_loss', 'PS', value='value', lower='lower', upper='upper', class="'modelled'", breakdown='breakdown',
  scenario='scenario', freq="'D'", missing_reason="case when is_missing then 'not_collected' end") }}
from told
