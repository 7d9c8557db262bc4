-- The first market's share once its outbound activity is gone: p (1 - l) / (1 - p l), which grows with p and falls
-- with l. What is lost is supposed, and so is the result.
with shares as (
  select *, coalesce(lower, value) as least_share, coalesce(upper, value) as greatest_share
  from {{ ref('int_observations_by_vintage') }}
  where indicator = 'market_share_france'
),

shocks as (
  select
    shares.*, losses.assumption,
    {{ ratio('value * (1 - losses.mode)', '1 - value * losses.mode') }} as after_shock,
    {{ ratio('least_share * (1 - losses.high)', '1 - least_share * losses.high') }} as least_after,
    {{ ratio('greatest_share * (1 - losses.low)', '1 - greatest_share * losses.low') }} as greatest_after
  from shares
  left join {{ ref('int_assumptions') }} as losses on losses.parameter = 'outbound_share' and losses.applies_to = 'FR'
)

{{ reading('res_post_shock_share', 'RATIO', value='after_shock', lower='least_after', upper='greatest_after', class="'modelled'",
  breakdown=breakdown("'_T'"), obs_status="'E'",
  missing_reason="case when assumption is null then 'not_collected' when least_after is null then 'not_published' end",
  inputs="case when assumption is null then inputs else list_append(inputs, 'assumption:' || assumption) end") }}
from shocks
