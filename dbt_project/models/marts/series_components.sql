-- The points of every series long enough to be treated: what was told, without its season, how odd it is, and what comes
-- next. A modelled number stands with its interval.
with points as (
  select * exclude (points, receipt_id, origin), unnest(points) as point
  from {{ ref('treated_series') }}
  where is_treated
)

select
  indicator, ref_area, breakdown, scenario, freq, methodology,
  point.period, {{ fr_period('point.period', 'freq') }} as period_fr, point.kind, point.method,
  point.class, point.origin, point.observed, point.adjusted, point.adjusted_lower, point.adjusted_upper, point.trend,
  point.z, point.is_anomaly, point.is_change_point, point.forecast, point.lower, point.upper, point.receipt_id
from points
