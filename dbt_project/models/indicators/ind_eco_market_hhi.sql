-- The sum of squared shares where every market is known; else all that the known ones say of the whole distribution:
-- the other markets are at most one block, at least dust.
{% set table = 'vintage, ref_area, source, methodology, is_headline, segment, freq, period' %}
with markets as (
  select
    {{ table }},
    sum(share * share) as squares, count(share) = count(*) and abs(1 - sum(share)) < 1e-6 as is_whole,
    sum(least * least) as least_squares, greatest(0, 1 - sum(least)) as most_left,
    sum(greatest * greatest) as most_squares, greatest(0, 1 - sum(greatest)) as least_left,
    {{ inherited() }}
  from {{ ref('int_market_shares_by_vintage') }}
  group by {{ table }}
)

{{ reading('eco_market_hhi', 'INDEX', value='case when is_whole then squares end',
  lower='case when is_whole is not true then least_squares end',
  upper='case when is_whole is not true then greatest(least_squares + pow(most_left, 2), most_squares + pow(least_left, 2)) end',
  class="case when class = 'measured' and is_whole is not true then 'bounded' else class end", breakdown=breakdown('segment')) }}
from markets
