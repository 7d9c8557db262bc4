-- When each period of each series first had a figure, and its figure now. Only the figures that moved are worked out again.
{{ config(
  materialized='incremental', incremental_strategy='delete+insert', unique_key=['series_id', 'period'],
  on_schema_change='fail'
) }}
select
  {% for name in arrival_group().split(', ') -%} any_value(observations.{{ name }}) as {{ name }}, {% endfor %}
  observations.series_id, observations.period,
  any_value(observations.unit_measure) as unit_measure,
  min(observations.known_from) as first_known_from,
  arg_max_null(observations.obs_value, observations.known_from) as latest_value
from {{ ref('int_observations') }} as observations
inner join {{ ref('int_moved') }} as moved on observations.series_id = moved.series_id and observations.period = moved.period
where observations.conf_status = 'F' and observations.scenario = '_Z'
  and not observations.is_withdrawn and observations.obs_value is not null
group by observations.series_id, observations.period
