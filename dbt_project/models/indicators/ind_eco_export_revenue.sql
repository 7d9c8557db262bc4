-- Levels as stated, plus the first halves and totals that follow from them by arithmetic. A cell that its publisher
-- left empty stays a cell, with the reason that its status gives.
with exports as (
  select
    vintage, ref_area, source, methodology, is_headline, segment, freq, period, value, low, high,
    origin, obs_status, conf_status, class, published_at, known_at, inputs
  from {{ ref('int_exports') }}
  where segment <> '_S'
  union all
  select
    vintage, ref_area, source, methodology, is_headline, segment, freq, period, null, null, null,
    origin, obs_status, conf_status, class, published_at, known_at, inputs
  from {{ ref('int_observations_by_vintage') }}
  where indicator = 'export_revenue' and value is null and counterpart_area in ('_T', '_Z', 'W1')
)

{{ reading('eco_export_revenue', 'MAD_BN', value='value',
  lower="case when class <> 'measured' then low end", upper="case when class <> 'measured' then high end",
  breakdown=breakdown('segment'), missing_reason="case when value is null then " ~ reason_of('obs_status') ~ " end") }}
from exports
