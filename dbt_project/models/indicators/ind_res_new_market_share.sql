-- The markets aimed at (West Africa, the Gulf, Spain, Latin America) share at most what the first market leaves; that
-- they get all of it, or nothing, is what one share alone cannot tell.
with shares as (
  select *, 1 - coalesce(lower, value) as greatest_rest
  from {{ ref('int_observations_by_vintage') }}
  where indicator = 'market_share_france'
)

{{ reading('res_new_market_share', 'RATIO', lower='0', upper='greatest_rest',
  class="case when class = 'measured' then 'bounded' else class end", breakdown=breakdown("'_T'"),
  missing_reason="case when greatest_rest is null then 'not_published' end") }}
from shares
