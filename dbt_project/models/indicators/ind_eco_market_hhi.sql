-- All that one share says of the whole distribution: the other markets are at most one block, at least dust.
with shares as (
  select *, coalesce(lower, value) as least_share, coalesce(upper, value) as greatest_share
  from {{ ref('int_observations_by_vintage') }}
  where indicator = 'market_share_france'
)

{{ reading('eco_market_hhi', 'INDEX', lower='pow(least_share, 2)',
  upper='greatest(pow(least_share, 2) + pow(1 - least_share, 2), pow(greatest_share, 2) + pow(1 - greatest_share, 2))',
  class="case when class = 'measured' then 'bounded' else class end", breakdown=breakdown("'_T'")) }}
from shares
