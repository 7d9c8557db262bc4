-- What each market weighs in revenue, where somebody says it: the share of the first one as it is worded, and the
-- cells of a table by market over the total that its own source prints. Cells without that total are shares of nothing.
{% set table = 'vintage, ref_area, source, methodology, is_headline, segment, freq, period' %}
{% set facts = 'origin, obs_status, conf_status, class, published_at, known_at, inputs' %}
with cells as (
  select *, counterpart_area in ('_T', '_Z', 'W1') as is_total
  from {{ ref('int_observations_by_vintage') }}
  where indicator = 'export_revenue' and value is not null
),

-- a market's cell, and the total beside it
legs as (
  select {{ table }}, counterpart_area as market, is_total, value, {{ facts }} from cells where not is_total
  union all
  select {{ table }}, markets.counterpart_area, true, totals.value, {% for fact in facts.split(', ') %}totals.{{ fact }}{% if not loop.last %}, {% endif %}{% endfor %}
  from cells as totals
  inner join (select {{ table }}, counterpart_area from cells where not is_total) as markets using ({{ table }})
  where totals.is_total
),

shares as (
  select
    {{ table }}, market,
    {{ ratio('max(value) filter (where not is_total)', 'max(value) filter (where is_total)') }} as share,
    {{ inherited() }}
  from legs
  group by {{ table }}, market
)

select {{ table }}, market, share, share as least, share as greatest, {{ facts }}
from shares
where share is not null
union all
select {{ table }}, 'FR', value, coalesce(lower, value), coalesce(upper, value), {{ facts }}
from {{ ref('int_observations_by_vintage') }}
where indicator = 'market_share_france'
