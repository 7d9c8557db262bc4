-- The first market's share as its sources word it: « plus de 80 % » is an interval, not 0.80.
with shares as (
  select * from {{ ref('int_observations_by_vintage') }} where indicator = 'market_share_france'
)

{{ reading('eco_market_top1_share', 'RATIO', value='value', lower='lower', upper='upper', breakdown=breakdown("'_T'")) }}
from shares
