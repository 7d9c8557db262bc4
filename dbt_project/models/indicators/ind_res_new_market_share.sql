-- The markets aimed at, as the sector file lists them: what they are known to weigh, and at most all that the known
-- markets leave. That they get all of it, or nothing, is what one share alone cannot tell.
{% set table = 'vintage, ref_area, source, methodology, is_headline, segment, freq, period' %}
with markets as (
  select shares.*, targets.market is not null as is_target
  from {{ ref('int_market_shares_by_vintage') }} as shares
  left join {{ ref('int_target_markets') }} as targets on shares.market = targets.market
),

sums as (
  select
    {{ table }},
    coalesce(sum(share) filter (where is_target), 0) as share,
    count(share) = count(*) and abs(1 - sum(share)) < 1e-6 as is_whole,
    coalesce(sum(least) filter (where is_target), 0) as least,
    coalesce(sum(greatest) filter (where is_target), 0) + greatest(0, 1 - sum(least)) as greatest,
    {{ inherited() }}
  from markets
  group by {{ table }}
)

{{ reading('res_new_market_share', 'RATIO', value='case when is_whole then share end',
  lower='case when is_whole is not true then least end', upper='case when is_whole is not true then greatest end',
  class="case when class = 'measured' and is_whole is not true then 'bounded' else class end", breakdown=breakdown('segment'),
  missing_reason="case when greatest is null then 'not_published' end") }}
from sums
