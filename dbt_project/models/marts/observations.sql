-- Public observations with the interval during which each was the figure to believe; nothing else is published.
-- A view: the warehouse holds them once.
{{ config(materialized='view') }}
select
  observation_id, series_id, feed,
  {{ series_key() | join(', ') }},
  period, obs_value, lower, upper, class, obs_status, conf_status, decimals, comment,
  published_at, known_at, known_from, known_to, is_withdrawn, origin, document, load_id, row_no, place
from {{ ref('int_observations') }}
where conf_status = 'F'
