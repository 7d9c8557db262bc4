-- What was known at each vintage, with the interval that printing leaves around each figure, and whether the series
-- was then the headline one. A view: each indicator works out its own figures, not every one that is known.
{{ config(materialized='view') }}
select
  vintages.vintage,
  observations.observation_id,
  [observations.observation_id] as inputs,
  {% for column in series_key() -%} observations.{{ column }}, {% endfor %}
  observations.period,
  observations.obs_value as value,
  observations.lower,
  observations.upper,
  coalesce(observations.lower, observations.obs_value - {{ half_digit('observations.decimals') }}) as low,
  coalesce(observations.upper, observations.obs_value + {{ half_digit('observations.decimals') }}) as high,
  observations.class, observations.obs_status, observations.conf_status,
  observations.origin, observations.published_at, observations.known_at,
  headlines.source is not null as is_headline
from {{ ref('int_observations') }} as observations
inner join {{ ref('int_vintages') }} as vintages
  on vintages.vintage >= observations.known_from
  and (observations.known_to is null or vintages.vintage < observations.known_to)
left join {{ ref('int_headlines') }} as headlines
  on observations.indicator = headlines.indicator and observations.methodology = headlines.methodology
  and observations.source = headlines.source
  and vintages.vintage >= headlines.headline_from
  and (headlines.headline_to is null or vintages.vintage < headlines.headline_to)
where not observations.is_withdrawn
