-- Standard error of what is left of twenty years of exports around their log-linear trend. Only the World Bank's
-- series is long enough; a year without a figure is no year of the trend.
{% set series = 'vintage, ref_area, source, methodology, is_headline, freq' %}
with exports as (
  select * from {{ ref('int_observations_by_vintage') }}
  where indicator = 'BX.GSR.CCIS.CD' and freq = 'A' and value > 0
),

recent as (
  select *, max(period) over (partition by {{ series }}) as latest
  from exports
  qualify period > latest - interval 20 year
),

trends as (
  select
    {{ series }}, latest as period, count(*) as n_years,
    {{ trend_error('value', 'year(period)') }} as residual_error,
    {{ inherited() }}
  from recent
  group by {{ series }}, latest
)

{{ reading('eco_export_instability', 'RATIO', value='residual_error', breakdown=breakdown("'_T'"),
  missing_reason="case when n_years < " ~ least_trend_years() ~ " or residual_error is null then 'not_published' end") }}
from trends
