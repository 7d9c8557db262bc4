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
),

scenarios as (
  select
    readings.* replace (list_append(readings.inputs, 'assumption:' || markets.assumption) as inputs),
    {{ ratio('markets.mode * headcount - gross_hit_p50', 'headcount - gross_hit_p50') }} as after_shock,
    {{ ratio('markets.mode * headcount - gross_hit_p95', 'headcount - gross_hit_p95') }} as least_after,
    {{ ratio('markets.mode * headcount - gross_hit_p05', 'headcount - gross_hit_p05') }} as greatest_after
  from {{ ref('int_scenario_readings') }} as readings
  inner join {{ ref('int_assumptions') }} as markets on markets.parameter = 'market_share' and markets.applies_to = 'FR'
  -- of the perimeter whose market share is supposed
  where readings.minus is null and readings.methodology = 'CRM'
)

{{ reading('res_post_shock_share', 'RATIO', value='after_shock', lower='least_after', upper='greatest_after', class="'modelled'",
  breakdown=breakdown("'_T'"), obs_status="'E'",
  missing_reason="case when assumption is null then 'not_collected' when least_after is null then 'not_published' end",
  inputs="case when assumption is null then inputs else list_append(inputs, 'assumption:' || assumption) end") }}
from shocks
union all
-- the same once the hits of a scenario are gone, in jobs: (p J - G) / (J - G), which falls as G grows
{{ reading('res_post_shock_share', 'RATIO', value='after_shock', lower='least_after', upper='greatest_after', class="'modelled'",
  scenario='scenario', freq="'D'", missing_reason="case when is_missing then 'not_collected' end") }}
from scenarios
union all
-- a vintage that knows of no share of the first market says so, whatever the scenarios suppose
{{ reading('res_post_shock_share', 'RATIO', class="'unknown'", ref_area="'MA'", freq="'A'", period="date_trunc('year', vintage)", methodology="'_Z'",
  origin='null', obs_status="'L'", conf_status="'F'", published_at='null', known_at='null', inputs='[]', missing_reason="'not_collected'") }}
from {{ ref('int_vintages') }} as vintages
where not exists (select 1 from shocks where shocks.vintage = vintages.vintage)
