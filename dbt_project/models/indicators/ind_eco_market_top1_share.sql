-- The first market's share as its sources word it, « plus de 80 % » being an interval and not 0.80; in a table, the
-- greatest share, unless what the table does not name could be greater.
{% set table = 'vintage, ref_area, source, methodology, is_headline, segment, freq, period' %}
with firsts as (
  select
    {{ table }},
    max(share) as share, max(least) as least, max(greatest) as greatest,
    case when count(*) > 1 then 1 - sum(least) else 0 end as rest,
    {{ inherited() }}
  from {{ ref('int_market_shares_by_vintage') }}
  group by {{ table }}
),

stated as (
  select
    * exclude (share, class),
    case when rest <= share or rest <= 0 then share end as share,
    case when class = 'measured' and rest > share then 'bounded' else class end as class
  from firsts
)

{{ reading('eco_market_top1_share', 'RATIO', value='share', lower="case when least is distinct from share then least end",
  upper="case when greatest is distinct from share then greatest(greatest, rest) end", breakdown=breakdown('segment')) }}
from stated
