-- Observed headcount less what the months before the law alone would have forecast; the interval is that of the forecast.
-- Too few months before the law, or a hole in them, and there is no forecast: the series says so, and no less.
{% set series = 'vintage, ref_area, source, methodology' %}
with months as (
  select
    *, flatten(list(inputs) filter (where period < date_trunc('month', starts_on)) over (partition by {{ series }})) as before
  from {{ ref('int_headcount_months') }}
),

compared as (
  select
    months.* replace (list_sort(list_distinct(months.inputs || coalesce(months.before, []) || months.laws)) as inputs),
    months.value - forecasts.value as gap, coalesce(months.low, months.value) - forecasts.upper as least_gap,
    coalesce(months.high, months.value) - forecasts.lower as greatest_gap
  from months
  left join {{ ref('int_counterfactuals') }} as forecasts using (vintage, ref_area, source, methodology, period)
  where months.period >= date_trunc('month', months.starts_on)
)

{{ reading('job_realised_gap', 'PS', value='gap', lower='least_gap', upper='greatest_gap', class="'modelled'",
  breakdown=breakdown("'_T'"), obs_status="'E'", missing_reason="case when gap is null then 'not_collected' end") }}
from compared
